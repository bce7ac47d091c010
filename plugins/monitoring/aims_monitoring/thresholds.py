"""Thresholds as a person declares them: fixed, relative to the reference, or learnt from history."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aims_core import InvalidRecord, Measurement, Problem

_LONGEST_SHARE = 100.0
_DEVIATIONS = 100.0
_WORDS: Mapping[str, str] = {
    "min": "at least {:,.10g}",
    "max": "at most {:,.10g}",
    "fall": "at most {:.4g} % below the reference",
    "rise": "at most {:.4g} % above the reference",
    "deviations_below": "at most {:g} deviations below its usual level",
    "deviations_above": "at most {:g} deviations above its usual level",
}
LIMITS = tuple(_WORDS)
"""Names under which limits are declared."""
_SHARES = ("fall", "rise")
_LEARNT = ("deviations_below", "deviations_above")


@dataclass(frozen=True, kw_only=True, slots=True)
class Threshold:
    """Limits of a metric; `column` is empty when they hold for every column (or there is none).

    `minimum` and `maximum` are fixed. `fall` and `rise` are shares of the reference's own figure.
    `deviations_below` and `deviations_above` count robust standard deviations from the median of the
    monitor's earlier windows. Every limit that is declared must be kept.
    """

    metric: str
    column: str = ""
    minimum: float | None = None
    maximum: float | None = None
    fall: float | None = None
    rise: float | None = None
    deviations_below: float | None = None
    deviations_above: float | None = None

    def covers(self, measurement: Measurement) -> bool:
        """Return whether the limits hold for a figure."""
        same = not self.column or self.column == measurement.subject
        return self.metric == measurement.metric and same

    @property
    def relative(self) -> bool:
        """Whether a limit depends on the reference's figure."""
        return self.fall is not None or self.rise is not None

    @property
    def learnt(self) -> bool:
        """Whether a limit depends on earlier windows."""
        return self.deviations_below is not None or self.deviations_above is not None

    @property
    def declared(self) -> dict[str, float]:
        """The limits by the names of :data:`LIMITS`."""
        values = (
            self.minimum,
            self.maximum,
            self.fall,
            self.rise,
            self.deviations_below,
            self.deviations_above,
        )
        pairs = zip(LIMITS, values, strict=True)
        return {name: value for name, value in pairs if value is not None}

    @property
    def name(self) -> str:
        """Key under which the threshold was declared: the metric, with its column after a colon."""
        return f"{self.metric}:{self.column}" if self.column else self.metric

    def __str__(self) -> str:
        return f"{self.name} {' and '.join(_said(*limit) for limit in self.declared.items())}"


def read_thresholds(declared: Mapping[str, Any]) -> tuple[Threshold, ...]:
    """Return the thresholds of ``{"accuracy": {"min": 0.85}, "psi:income": {"max": 0.2}}``.

    Raises
    ------
    InvalidRecord
        A limit is no number, is missing, or the lower one lies above the upper one.
    """
    problems = [p for name, limits in declared.items() if (p := _problem(name, limits))]
    if problems:
        raise InvalidRecord("read thresholds", problems)
    return tuple(_threshold(name, limits) for name, limits in declared.items())


def threshold_content(thresholds: Sequence[Threshold]) -> dict[str, Any]:
    """Return thresholds in the form in which they are declared."""
    return {t.name: t.declared for t in thresholds}


def _said(name: str, limit: float) -> str:
    return _WORDS[name].format(100 * limit if name in _SHARES else limit)


def _problem(name: str, limits: Any) -> Problem | None:
    form = f'write {{"min": number}} or {{"max": number}}; the names are {", ".join(LIMITS)}'
    if not name.isprintable():
        return Problem(field=ascii(name), reason="the name of a metric or column is no plain text")
    if not name or not isinstance(limits, Mapping) or not limits or set(limits) - set(LIMITS):
        return Problem(field=name, reason="a threshold has a min, a max or both", remedy=form)
    for side, limit in limits.items():
        if (
            isinstance(limit, bool)
            or not isinstance(limit, int | float)
            or not math.isfinite(limit)
        ):
            return Problem(field=name, reason=f"the limit {limit!r} is no number", remedy=form)
        if reason := _out_of_range(side, limit):
            return Problem(field=name, reason=reason)
    if "min" in limits and "max" in limits and limits["min"] > limits["max"]:
        return Problem(field=name, reason=f"min {limits['min']} lies above max {limits['max']}")
    return None


def _out_of_range(side: str, limit: float) -> str:
    if side in _SHARES and not 0 <= limit <= _LONGEST_SHARE:
        return f"{side} is a share of the reference's figure such as 0.1, not {limit:g}"
    if side in _LEARNT and not 0 < limit <= _DEVIATIONS:
        return f"{side} is a number of deviations above 0 such as 4, not {limit:g}"
    return ""


def _threshold(name: str, limits: Mapping[str, Any]) -> Threshold:
    metric, _, column = name.partition(":")
    fields = {"min": "minimum", "max": "maximum"}
    known: dict[str, Any] = {fields.get(k, k): float(v) for k, v in limits.items()}
    return Threshold(metric=metric, column=column, **known)
