"""What a monitor is asked to be, checked as a whole before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from aims_core import InvalidRecord, Offer, Problem, Severity, digest
from aims_monitoring.metrics.catalogue import Metric, metric_problem
from aims_monitoring.schema import Schema
from aims_monitoring.thresholds import Threshold, threshold_content
from aims_monitoring.windows import check_window

OWN = "monitoring"
_DRIFT = "monitoring.drift"
_LONGEST_MEMORY = 100
HYSTERESIS = 0.1
"""How far back within its limits a figure must come before its alert ends, by default."""
# A month is long enough to have lasted.
_LONG = ("month", "quarter", "year")


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A monitor as a person defines it; `reference` is the digest of the reference data, or empty."""

    kind: str
    thresholds: tuple[Threshold, ...]
    schema: Schema
    window: str | int
    severity: Severity
    owner: str
    minimum_rows: int | None = None
    persistence: tuple[int, int] = (1, 1)
    hysteresis: float = HYSTERESIS
    reference: str = ""

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything that a figure or its status depends on."""
        return digest(
            {
                "kind": self.kind,
                "thresholds": threshold_content(self.thresholds),
                "schema": self.schema.content(),
                "window": self.window,
                "minimum_rows": self.minimum_rows,
                "reference": self.reference,
            }
        )


def kind_id(kind: str) -> str:
    """Return the full id of a kind: this plugin's own may be named without ``monitoring.``."""
    return kind if "." in kind else f"{OWN}.{kind}"


def check_definition(
    definition: Definition, offer: Offer, metrics: Mapping[str, Metric], *, asked: str
) -> None:
    """Refuse a definition that cannot be measured, with every reason at once.

    Parameters
    ----------
    metrics : mapping of str to Metric
        All there are, by name, those of other plugins too.

    Raises
    ------
    InvalidRecord
        A metric or column is unknown, or something that a metric needs is not declared.
    """
    check_window(definition.window)
    problems = [*_roles(definition), *_columns(definition), *_kinds_of_limit(definition, metrics)]
    problems += _metrics(definition, metrics, own=offer.plugin.name == OWN)
    if problems:
        raise InvalidRecord(asked, problems)


def usual_persistence(thresholds: Sequence[Threshold], window: str | int) -> tuple[int, int]:
    """Return how many of how many windows must be in breach before an alert opens, by default.

    Two of three, but one of one for windows of a month or longer: so long a window has lasted by itself.
    Limits that are learnt need two of three always.
    """
    lasting = window in _LONG and not any(t.learnt for t in thresholds)
    return (1, 1) if lasting else (2, 3)


def read_persistence(persistence: Sequence[int], *, asked: str) -> tuple[int, int]:
    """Return a persistence such as ``(2, 3)``: in breach in two of the last three windows.

    Raises
    ------
    InvalidRecord
        It is no pair of whole numbers, or asks for more windows in breach than it looks at.
    """
    pair = tuple(persistence) if isinstance(persistence, list | tuple) else ()
    whole = len(pair) == 2 and all(type(n) is int for n in pair)  # noqa: PLR2004 - a pair
    if not whole or not 1 <= pair[0] <= pair[1] <= _LONGEST_MEMORY:
        reason = f"{persistence!r} is none"
        remedy = f"write (2, 3) for two of the last three windows, of at most {_LONGEST_MEMORY}"
        raise InvalidRecord(asked, [Problem(field="persistence", reason=reason, remedy=remedy)])
    return pair[0], pair[1]


def read_severity(severity: str, *, asked: str) -> Severity:
    """Return the severity of this name.

    Raises
    ------
    InvalidRecord
        There is none of this name.
    """
    try:
        return Severity(severity)
    except ValueError:
        known = ", ".join(Severity)
        problem = Problem(
            field="severity", reason=f"{severity!r} is none", remedy=f"use one of {known}"
        )
        raise InvalidRecord(asked, [problem]) from None


def _roles(definition: Definition) -> Sequence[Problem]:
    found = []
    if isinstance(definition.window, str) and not definition.schema.time:
        found.append(
            Problem(
                field="schema",
                reason=f"windows of a {definition.window} need a time column",
                remedy="name one as `time`, or give the window as a number of rows",
            )
        )
    if definition.minimum_rows is not None and definition.minimum_rows < 1:
        found.append(Problem(field="minimum_rows", reason="at least one row is needed"))
    if definition.kind == _DRIFT and not definition.reference:
        found.append(
            Problem(
                field="reference",
                reason="drift is measured against a reference and none is given",
                remedy="pass the data that the system was validated on",
            )
        )
    return found


def _columns(definition: Definition) -> Sequence[Problem]:
    watched = definition.schema.watched
    found = []
    for threshold in definition.thresholds:
        if threshold.column and threshold.column not in watched:
            near = get_close_matches(threshold.column, watched, n=2) or watched[:5]
            reason = f"{threshold.name} names a column that is not watched"
            remedy = f"the schema has {', '.join(near)}"
            found.append(Problem(field="thresholds", reason=reason, remedy=remedy))
    return found


def _kinds_of_limit(definition: Definition, metrics: Mapping[str, Metric]) -> Sequence[Problem]:
    found = []
    if not 0 <= definition.hysteresis < 1:
        reason = f"{definition.hysteresis:g} is no share of at least 0 and below 1"
        found.append(Problem(field="hysteresis", reason=reason, remedy="write 0.1, or 0 for none"))
    for threshold in definition.thresholds:
        known = metrics.get(threshold.metric)
        if threshold.relative and not definition.reference:
            reason = f"{threshold.name} is relative to a reference and none is given"
            remedy = "pass the data that the system was validated on"
            found.append(Problem(field="reference", reason=reason, remedy=remedy))
        elif threshold.relative and known and known.family == "drift" and known.needs_reference:
            reason = (
                f"{threshold.name} is a distance from the reference, which has none from itself"
            )
            remedy = "give it a max, or deviations_above"
            found.append(Problem(field="thresholds", reason=reason, remedy=remedy))
    return found


def _metrics(
    definition: Definition, metrics: Mapping[str, Metric], *, own: bool
) -> Sequence[Problem]:
    """Return what is wrong with the metrics asked for; a kind of another plugin has names of its own."""
    found = []
    for name in (threshold.metric for threshold in definition.thresholds):
        if own or name in metrics:
            problem = metric_problem(name, metrics) or _need(metrics[name], definition)
            if problem is not None:
                found.append(problem)
    return found


def _need(metric: Metric, definition: Definition) -> Problem | None:
    name, schema = metric.name, definition.schema
    needs: dict[str, Any] = {need: getattr(schema, need) for need in metric.needs}
    if metric.needs_reference:
        needs["reference"] = definition.reference
    missing = [need for need, given in needs.items() if not given]
    if not missing and metric.family == "regression" and schema.task != "regression":
        remedy = 'declare task = "regression" in the schema'
        return Problem(field="schema", reason=f"{name} is about quantities", remedy=remedy)
    if not missing:
        return None
    articles = " and ".join(f"{'an' if need[0] in 'ai' else 'a'} {need}" for need in missing)
    return Problem(field="thresholds", reason=f"{name} needs {articles}")
