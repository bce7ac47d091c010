"""How far predicted quantities lie from what turned out to be true, from the sums of the residuals."""

import math
from collections.abc import Callable

import numpy as np

from aims_core import Measurement
from aims_monitoring.metrics.significance import around
from aims_monitoring.numeric_column import NumericColumn
from aims_monitoring.profile import Profile
from aims_monitoring.residuals import Residuals

Figure = tuple[float, tuple[float, float] | None] | str
_NORMAL = 3.0


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


def r2(window: Profile, reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the coefficient of determination.

    Formula: ``1 - sum of squared errors / sum of squared distances of the labels from their mean``.
    Source: Wright (1921). Range: up to 1; negative when the mean would have predicted better. Direction:
    high is better. Minimum sample: 30 rows as for `mae`. Interval: normal in ``ln(1 - r2)``, the variance
    by the delta method ``((k_e - 1) + (k_y - 1) - 2 c) / n`` with ``k_e`` the mean fourth power of the
    residuals over the square of their mean square, and ``k_y`` the kurtosis of the labels, from the bins of
    their column, 3 as of normal labels where those are not numbers. What squared residuals and squared
    distances of labels share is not summed up, and is taken as ``c = (min(k_e, k_y) - 1) rho²``, rho their
    correlation, of which the variance of the predictions tells: exact where either is the other's share
    plus what is independent of it, as noise is of what was predicted. c is 0 where some rows lack a label.
    Assumption: residuals are not larger near the mean than far from it; where they are larger far from it
    the interval is too wide.
    """
    kurtosis = max(_kurtosis(each) for each in (window, reference) if each is not None)
    return [_figure("r2", "high", window, minimum, lambda r: _determined(r, kurtosis, window))]


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


def _determined(r: Residuals, kurtosis: float, window: Profile) -> Figure:
    if not r.label_spread:
        return "all labels are equal, so there is nothing to explain"
    left = r.squares / r.label_spread
    if not (left and math.isfinite(left)):
        return 1 - left, (1 - left, 1 - left)
    own, of_labels = max(r.n * r.fourths / r.squares**2 - 1, 0.0), max(kurtosis - 1, 0.0)
    variance = own + of_labels - 2 * min(own, of_labels) * _correlation(r, window) ** 2
    if not math.isfinite(variance):
        return 1 - left, None
    factor = math.exp(around(0.0, math.sqrt(variance / r.n))[1])
    return 1 - left, (1 - left * factor, 1 - left / factor)


def _correlation(r: Residuals, window: Profile) -> float:
    """Return how residuals and labels go together, 0 where predictions without a label hide it."""
    column = window.columns.get(window.layout.schema.prediction)
    deviation = column.deviation if isinstance(column, NumericColumn) else None
    if deviation is None or column is None or column.n != r.n:
        return 0.0
    errors = r.squares / r.n - (r.errors / r.n) ** 2
    # The variance of label + residual, the prediction, is that of both and twice what they share.
    shared = (deviation**2 - r.label_spread / r.n - errors) / 2
    found = shared / math.sqrt(r.squares / r.n * r.label_spread / r.n)
    return min(max(found, -1.0), 1.0) if math.isfinite(found) else 0.0


def _kurtosis(window: Profile) -> float:
    """Return the kurtosis of the labels, every one taken at the mean of its bin."""
    column = window.columns.get(window.layout.schema.label)
    if not isinstance(column, NumericColumn) or not column.counts.sum():
        return _NORMAL
    counts = column.counts
    with np.errstate(over="ignore", invalid="ignore"):
        means = column.sums / np.maximum(counts, 1)
        apart = means - (counts * means).sum() / counts.sum()
        spread = float((counts * apart**2).sum())
        fourth = float((counts * apart**4).sum())
    found = counts.sum() * fourth / spread**2 if spread and math.isfinite(spread) else math.nan
    return found if math.isfinite(found) else _NORMAL


def _error(variance: float, n: int) -> float:
    return math.sqrt(max(variance, 0.0) / n)
