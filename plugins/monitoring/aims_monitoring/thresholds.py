"""Thresholds: what a person declares as acceptable, and whether a figure is."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aims_core import InvalidRecord, Measurement, Problem
from aims_monitoring.metrics.significance import significant
from aims_monitoring.records import Judged, Status

_FALSE_DISCOVERIES = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Threshold:
    """Limits of a metric; `column` is empty when they hold for every column (or there is none)."""

    metric: str
    column: str = ""
    minimum: float | None = None
    maximum: float | None = None

    def crossed(self, value: float) -> tuple[str, float] | None:
        """Return on which side and at which limit a value lies outside, or None."""
        if self.minimum is not None and value < self.minimum:
            return "below", self.minimum
        if self.maximum is not None and value > self.maximum:
            return "above", self.maximum
        return None

    def covers(self, measurement: Measurement) -> bool:
        """Return whether the limits hold for a figure."""
        same = not self.column or self.column == measurement.subject
        return self.metric == measurement.metric and same

    @property
    def name(self) -> str:
        """Key under which the threshold was declared: the metric, with its column after a colon."""
        return f"{self.metric}:{self.column}" if self.column else self.metric

    def __str__(self) -> str:
        low = "" if self.minimum is None else f"at least {self.minimum:g}"
        high = "" if self.maximum is None else f"at most {self.maximum:g}"
        return f"{self.name} {' and '.join(filter(None, (low, high)))}"


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
    return {
        t.name: {
            side: limit
            for side, limit in (("min", t.minimum), ("max", t.maximum))
            if limit is not None
        }
        for t in thresholds
    }


def judge(
    measurements: Sequence[Measurement], thresholds: Sequence[Threshold]
) -> tuple[Judged, ...]:
    """Return each figure with its status.

    The threshold of a column goes before one for all columns. A threshold for which there is no
    figure at all gives one without value, so that it cannot be overlooked.

    A figure beyond its limit is a breach only where chance is no explanation: its 95 % interval lies
    beyond the limit as a whole, and its p-value is among those that hold at a false discovery rate of
    1 % over all figures of the window (Benjamini and Hochberg 1995). Otherwise it is uncertain. A figure
    that has neither interval nor p-value is taken as it is.
    """
    told_by_chance = _told_by_chance(measurements)
    judged = [
        _judged(m, _threshold_for(m, thresholds), told_by_chance=m in told_by_chance)
        for m in measurements
    ]
    without = [t for t in thresholds if not any(t.covers(m) for m in measurements)]
    return (*judged, *(_judged(_absent(t), t, told_by_chance=False) for t in without))


def _told_by_chance(measurements: Sequence[Measurement]) -> set[Measurement]:
    """Return the figures whose p-value is not among the discoveries of their window."""
    tested = [m for m in measurements if m.p is not None]
    holds = significant([m.p or 0.0 for m in tested], _FALSE_DISCOVERIES)
    return {m for m, held in zip(tested, holds, strict=True) if not held}


def _threshold_for(measurement: Measurement, thresholds: Sequence[Threshold]) -> Threshold | None:
    covering = [t for t in thresholds if t.covers(measurement)]
    return max(covering, key=lambda t: bool(t.column), default=None)


def _judged(
    measurement: Measurement, threshold: Threshold | None, *, told_by_chance: bool
) -> Judged:
    crossed = None
    if threshold is None:
        status = Status.WATCHED if measurement.value is not None else Status.INSUFFICIENT
    elif measurement.value is None:
        status = Status.INSUFFICIENT
    else:
        crossed = threshold.crossed(measurement.value)
        status = Status.BREACH if crossed else Status.OK
        if crossed and (told_by_chance or _reaches_back(measurement, *crossed)):
            status, crossed = Status.UNCERTAIN, None
    return Judged(
        measurement=measurement,
        status=status,
        minimum=threshold.minimum if threshold else None,
        maximum=threshold.maximum if threshold else None,
        side=crossed[0] if crossed else "",
        limit=crossed[1] if crossed else None,
    )


def _reaches_back(measurement: Measurement, side: str, limit: float) -> bool:
    """Say whether the interval of a figure beyond a limit reaches back within it."""
    if side == "below":
        return measurement.high is not None and measurement.high >= limit
    return measurement.low is not None and measurement.low <= limit


def _absent(threshold: Threshold) -> Measurement:
    return Measurement(
        metric=threshold.metric,
        value=None,
        n=0,
        direction="low" if threshold.minimum is None else "high",
        subject=threshold.column,
        reason="the monitor gave no such figure",
    )


def _problem(name: str, limits: Any) -> Problem | None:
    form = 'write {"min": number}, {"max": number} or both'
    if not name.isprintable():
        return Problem(field=ascii(name), reason="the name of a metric or column is no plain text")
    if not name or not isinstance(limits, Mapping) or not limits or set(limits) - {"min", "max"}:
        return Problem(field=name, reason="a threshold has a min, a max or both", remedy=form)
    for limit in limits.values():
        if (
            isinstance(limit, bool)
            or not isinstance(limit, int | float)
            or not math.isfinite(limit)
        ):
            return Problem(field=name, reason=f"the limit {limit!r} is no number", remedy=form)
    if len(limits) > 1 and limits["min"] > limits["max"]:
        return Problem(field=name, reason=f"min {limits['min']} lies above max {limits['max']}")
    return None


def _threshold(name: str, limits: Mapping[str, Any]) -> Threshold:
    metric, _, column = name.partition(":")
    low, high = limits.get("min"), limits.get("max")
    return Threshold(
        metric=metric,
        column=column,
        minimum=None if low is None else float(low),
        maximum=None if high is None else float(high),
    )
