"""All metrics by name: what each is called, where it is low or high, how many rows it needs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from aims_core import Measurement, Problem
from aims_monitoring.metrics import drift, performance, quality
from aims_monitoring.profile import Profile

Compute = Callable[[Profile, Profile | None, int], Sequence[Measurement]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """A metric: ``compute(window, reference, minimum) -> Sequence[Measurement]``.

    `family` is the kind of monitor that shows it unasked; `minimum` is the fewest rows it is
    computed on; `direction` is ``high`` when a higher value is better.
    """

    name: str
    title: str
    family: str
    direction: str
    minimum: int
    compute: Compute
    needs_reference: bool = False
    per_column: bool = False


_HUNDRED = 100
_THIRTY = 30


def _performance(name: str, title: str, compute: Compute, direction: str = "high") -> Metric:
    return Metric(
        name=name,
        title=title,
        family="performance",
        direction=direction,
        minimum=_THIRTY,
        compute=compute,
    )


def _drift(name: str, title: str, compute: Compute) -> Metric:
    return Metric(
        name=name,
        title=title,
        family="drift",
        direction="low",
        minimum=_HUNDRED,
        compute=compute,
        needs_reference=True,
        per_column=True,
    )


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        _performance("accuracy", "Accuracy", performance.accuracy),
        _performance("precision", "Precision", performance.precision),
        _performance("recall", "Recall", performance.recall),
        _performance("f1", "F1", performance.f1),
        _performance("brier", "Brier score", performance.brier, "low"),
        _drift("psi", "Population stability index", drift.psi),
        _drift("ks", "Kolmogorov-Smirnov distance", drift.ks),
        _drift("js", "Jensen-Shannon distance", drift.js),
        Metric(
            name="missing_share",
            title="Share of missing values",
            family="drift",
            direction="low",
            minimum=1,
            compute=quality.missing_share,
            per_column=True,
        ),
    )
}
"""Metrics by name."""


def metric_problem(name: str) -> Problem | None:
    """Return what is wrong with the name of a metric, or None when there is such a metric."""
    if name in METRICS:
        return None
    near = get_close_matches(name, METRICS, n=2)
    remedy = f"perhaps {' or '.join(near)} is meant" if near else f"use one of {', '.join(METRICS)}"
    return Problem(field="thresholds", reason=f"there is no metric {name!r}", remedy=remedy)


def compute_metrics(
    names: Sequence[str], window: Profile, reference: Profile | None, minimum: int | None = None
) -> list[Measurement]:
    """Return the figures of the named metrics; `minimum` replaces each metric's own minimum sample."""
    return [
        replace(found, direction=METRICS[name].direction)
        for name in names
        for found in METRICS[name].compute(
            window, reference, METRICS[name].minimum if minimum is None else minimum
        )
    ]
