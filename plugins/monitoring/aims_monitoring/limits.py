"""The limits that hold for one figure in one window: fixed, by the reference, by history.

Source: control charts with limits estimated from earlier samples (Shewhart 1931; ISO 7870-2), with the
median and the median absolute deviation in the place of mean and standard deviation, because history may
hold outliers (Rousseeuw and Croux 1993; Leys et al. 2013).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aims_core import Measurement
from aims_monitoring.metrics.laws import student_tail
from aims_monitoring.thresholds import Threshold

LEAST_HISTORY = 14
"""Fewest earlier windows that limits are learnt from."""
MOST_HISTORY = 100
"""Windows that limits are learnt from at most, the newest ones."""
# Of normal values, the median absolute deviation times this is the standard deviation.
_CONSISTENT = 1.4826
# The same for the mean absolute deviation, which stands in where more than half of the values are equal.
_CONSISTENT_MEAN = 1.2533
# In small samples both come out too small, by this over the number of windows (Croux and Rousseeuw 1992).
_SMALL = 0.8
# Efficiency of the median absolute deviation with normal values (Rousseeuw and Croux 1993).
_EFFICIENCY = 0.37
# A learnt limit lies at least this share of the usual level away from it: an effect, not only a signal.
_LEAST_EFFECT = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """A figure of an earlier window: its value and the rows it rests on."""

    value: float
    n: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Usual:
    """The level at which a figure usually lies, its robust standard deviation, and its windows."""

    level: float
    deviation: float
    windows: int

    def tail(self, value: float) -> float:
        """Return the chance of a value at least this far away where nothing changed.

        Formula: two-sided tail of Student's law of the distance in deviations, widened for the error of
        the level, with ``0.37 (windows - 1)`` degrees of freedom, the efficiency of the deviation.
        """
        if not self.deviation:
            return 0.0 if value != self.level else 1.0
        spread = self.deviation * math.sqrt(1 + math.pi / 2 / self.windows)
        distance = abs(value - self.level) / spread
        return student_tail(distance, _EFFICIENCY * (self.windows - 1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """One side's limit. `error` is half its own 95 % interval; `usual` is given where it was learnt."""

    side: str
    value: float
    error: float = 0.0
    usual: Usual | None = None

    def crossed(self, value: float) -> bool:
        """Return whether a value lies beyond it; the limit itself is within."""
        return value < self.value if self.side == "below" else value > self.value

    def reached_back(self, figure: Measurement) -> bool:
        """Return whether the interval of a figure beyond the limit reaches back within it."""
        if figure.value is None:
            return False
        inner = figure.high if self.side == "below" else figure.low
        half = 0.0 if inner is None else inner - figure.value
        return math.hypot(half, self.error) >= abs(figure.value - self.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """All limits of a figure in a window.

    `centre` is the level that they are counted from: the median of earlier windows, else the reference's
    figure, None for fixed limits. `missing` says in words which limit could not be had.
    """

    all: tuple[Limit, ...] = ()
    centre: float | None = None
    missing: str = ""

    @property
    def minimum(self) -> float | None:
        """The narrowest lower limit."""
        return max((limit.value for limit in self.all if limit.side == "below"), default=None)

    @property
    def maximum(self) -> float | None:
        """The narrowest upper limit."""
        return min((limit.value for limit in self.all if limit.side == "above"), default=None)


def limits_of(
    threshold: Threshold,
    figure: Measurement,
    reference: Measurement | None,
    history: Sequence[Past],
) -> Limits:
    """Return the limits of a figure.

    Parameters
    ----------
    reference : Measurement or None
        The same figure of the reference.
    history : sequence of Past
        The same figure in earlier windows that were not in breach, in order.
    """
    fixed = _pair(threshold.minimum, threshold.maximum)
    relative = _relative(threshold, reference) if threshold.relative else Limits()
    # How wide learnt limits are depends on the rows of a figure; where there is none, so are they.
    measured = threshold.learnt and figure.value is not None
    learnt = _learnt(threshold, figure, history) if measured else Limits()
    centre = relative.centre if learnt.centre is None else learnt.centre
    return Limits(
        all=(*fixed, *relative.all, *learnt.all),
        centre=centre,
        missing="; ".join(filter(None, (relative.missing, learnt.missing))),
    )


def usual_level(history: Sequence[Past], n: int) -> Usual | None:
    """Return where a figure of `n` rows usually lies, None while there are too few windows.

    Formula: median of the newest hundred windows, and 1.4826 times the median absolute deviation
    (1.2533 times the mean absolute deviation where that is 0), corrected for small samples. A window with
    fewer rows than usual varies more: the deviation grows with the square root of the ratio, and never
    shrinks.
    """
    newest = history[-MOST_HISTORY:]
    if len(newest) < LEAST_HISTORY:
        return None
    import numpy as np

    values = np.array([past.value for past in newest])
    with np.errstate(over="ignore", invalid="ignore"):
        level = float(np.median(values))
        distances = np.abs(values - level)
        deviation = _CONSISTENT * float(np.median(distances))
        deviation = deviation or _CONSISTENT_MEAN * float(distances.mean())
        deviation *= len(values) / (len(values) - _SMALL)
    rows = float(np.median([past.n for past in newest]))
    widened = deviation * math.sqrt(max(1.0, rows / max(n, 1)))
    if not (math.isfinite(level) and math.isfinite(widened)):
        return None
    return Usual(level=level, deviation=widened, windows=len(newest))


def _pair(low: float | None, high: float | None, usual: Usual | None = None) -> tuple[Limit, ...]:
    sides = (("below", low), ("above", high))
    return tuple(Limit(side=side, value=v, usual=usual) for side, v in sides if v is not None)


def _relative(threshold: Threshold, reference: Measurement | None) -> Limits:
    if reference is None or reference.value is None:
        why = "" if reference is None else f": {reference.reason}"
        return Limits(missing=f"the reference has no such figure to compare with{why}")
    level = reference.value
    if not level:
        return Limits(missing="the reference's figure is 0, of which no share can be taken")
    low, high = (
        None if share is None else level + sign * share * abs(level)
        for share, sign in ((threshold.fall, -1), (threshold.rise, 1))
    )
    # The reference is a sample too, so a limit drawn from it is known only so well.
    ends = [abs(end - level) for end in (reference.low, reference.high) if end is not None]
    error = max(ends, default=0.0)
    drawn = tuple(
        replace(limit, error=error * abs(limit.value / level)) for limit in _pair(low, high)
    )
    return Limits(all=drawn, centre=level)


def _learnt(threshold: Threshold, figure: Measurement, history: Sequence[Past]) -> Limits:
    usual = usual_level(history, figure.n)
    if usual is None:
        known = len(history)
        return Limits(
            missing=f"its limits are being learnt: {known} of {LEAST_HISTORY} earlier windows"
        )
    low, high = (
        None
        if count is None
        else usual.level + sign * max(count * usual.deviation, _LEAST_EFFECT * abs(usual.level))
        for count, sign in ((threshold.deviations_below, -1), (threshold.deviations_above, 1))
    )
    return Limits(all=_pair(low, high, usual=usual), centre=usual.level)
