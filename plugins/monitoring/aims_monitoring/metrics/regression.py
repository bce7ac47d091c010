"""How far predicted quantities lie from what turned out to be true, from the sums of the residuals."""

import math
from collections.abc import Callable

from aims_core import Measurement
from aims_monitoring.metrics.significance import around
from aims_monitoring.profile import Profile
from aims_monitoring.residuals import Residuals

Figure = tuple[float, tuple[float, float] | None] | str


def mae(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the mean absolute error.

    Formula: ``mean of |prediction - label|``; the interval takes the mean as normal. Source: ISO/IEC TS
    4213. Range: 0 upwards, in the unit of the label. Direction: low is better. Minimum sample: 30 rows
    with a label and a prediction, both finite.
    """
    return [_figure("mae", "low", window, minimum, _mae)]


def rmse(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the root of the mean squared error.

    Formula: ``sqrt(mean of (prediction - label)²)``; the interval is the root of that of the mean square.
    Source: ISO/IEC TS 4213. Range: 0 upwards, in the unit of the label. Direction: low is better.
    Minimum sample: 30 rows as for `mae`.
    """
    return [_figure("rmse", "low", window, minimum, _rmse)]


def r2(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the coefficient of determination.

    Formula: ``1 - sum of squared errors / sum of squared distances of the labels from their mean``.
    Source: Wright (1921). Range: up to 1; negative when the mean would have predicted better. Direction:
    high is better. Minimum sample: 30 rows as for `mae`. No interval.
    """
    return [_figure("r2", "high", window, minimum, _determined)]


def bias(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the mean error; positive when predictions are too high.

    Formula: ``mean of (prediction - label)``. Source: ISO 5725-1, trueness. Range: any, in the unit of
    the label. Direction: low is better, in size; give both limits. Minimum sample: 30 rows as for `mae`.
    """
    return [_figure("bias", "low", window, minimum, _bias)]


def _figure(
    metric: str,
    direction: str,
    window: Profile,
    minimum: int,
    measure: Callable[[Residuals], Figure],
) -> Measurement:
    found: Figure
    residuals, least = window.residuals, max(minimum, 1)
    n = 0 if residuals is None else residuals.n
    if residuals is None:
        found = 'the schema names no label and prediction with the task "regression"'
    elif n < least:
        found = (
            f"{n} of {window.rows} row(s) have a finite label and prediction, {least} are needed"
        )
    else:
        found = measure(residuals)
        if not isinstance(found, str) and not math.isfinite(found[0]):
            found = "the values are too large to add up"
    if isinstance(found, str):
        return Measurement(metric=metric, value=None, n=n, direction=direction, reason=found)
    value, interval = found
    low, high = interval or (None, None)
    return Measurement(metric=metric, value=value, n=n, direction=direction, low=low, high=high)


def _mae(r: Residuals) -> Figure:
    value = r.distances / r.n
    return value, around(value, _error(r.squares / r.n - value * value, r.n))


def _rmse(r: Residuals) -> Figure:
    square = r.squares / r.n
    low, high = around(square, _error(r.fourths / r.n - square * square, r.n))
    return math.sqrt(square), (math.sqrt(max(low, 0.0)), math.sqrt(max(high, 0.0)))


def _bias(r: Residuals) -> Figure:
    value = r.errors / r.n
    return value, around(value, _error(r.squares / r.n - value * value, r.n))


def _determined(r: Residuals) -> Figure:
    if not r.label_spread:
        return "all labels are equal, so there is nothing to explain"
    return 1 - r.squares / r.label_spread, None


def _error(variance: float, n: int) -> float:
    return math.sqrt(max(variance, 0.0) / n)
