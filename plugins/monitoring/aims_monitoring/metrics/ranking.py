"""How well scores rank and how far they can be taken at their word, from the score histogram.

A score lies in one of 1,000 bins; what is ordered within a bin is not known. Areas are therefore
given as if a bin's rows were tied, and at most ``sum of pos x neg within bins / (2 P N)`` off.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from aims_core import Measurement
from aims_monitoring.metrics.significance import hanley_mcneil
from aims_monitoring.profile import Profile
from aims_monitoring.scores import NEGATIVE, POSITIVE, ScoreHistogram

Figure = tuple[float, tuple[float, float] | None] | str
"""A figure with its interval, or in plain words why there is none."""
_GROUPS = 10


def roc_auc(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the area under the ROC curve of the scores.

    Formula: ``(sum over bins of pos x (neg below + neg tied / 2)) / (P N)``. Source: Hanley and McNeil
    (1982), whose interval is given. Range: 0 to 1. Direction: high is better. Minimum sample: 30 rows
    with a label and a score, both outcomes among them. Ties: see the module; `auc_bracket` bounds them.
    """
    return [_figure("roc_auc", "high", window, minimum, _roc)]


def pr_auc(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the average precision of the scores.

    Formula: ``sum of (R_i - R_{i-1}) P_i`` over the bins from the highest score down. Source: Boyd, Eng
    and Page (2013). Range: share of positives to 1. Direction: high is better. Minimum sample: 30
    rows as for `roc_auc`. No interval.
    """
    return [_figure("pr_auc", "high", window, minimum, _average_precision)]


def log_loss(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the mean negative log-likelihood of the outcomes under the scores.

    Formula: ``-mean of (y ln s + (1 - y) ln(1 - s))``, s kept away from 0 and 1 by the machine's epsilon.
    Source: Good (1952). Range: 0 to 36.04. Direction: low is better. Minimum sample: 30 rows as for
    `roc_auc`.
    """
    return [_figure("log_loss", "low", window, minimum, _log_loss)]


def calibration_error(
    window: Profile, _reference: Profile | None, minimum: int
) -> list[Measurement]:
    """Return the expected calibration error of the scores.

    Formula: ``sum of n_b / n x |mean score - share of positives|`` over ten bins of equal width. Source:
    Naeini, Cooper and Hauskrecht (2015). Range: 0 to 1. Direction: low is better. Minimum sample: 30
    rows as for `roc_auc`. It is never quite 0 in a small window, however good the scores.
    """
    return [_figure("calibration_error", "low", window, minimum, _calibration)]


def auc_bracket(histogram: ScoreHistogram) -> tuple[float, float]:
    """Return the bounds between which the exact area under the ROC curve lies."""
    negative, positive = histogram.by_outcome
    value = auc_of(positive.astype(np.float64), negative.astype(np.float64))
    room = float((positive * negative).sum()) / 2 / (int(positive.sum()) * int(negative.sum()))
    return value - room, value + room


def auc_of(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    """Return the area under the ROC curve from masses by bin, bins in the order of the scores."""
    below = np.concatenate(([0.0], np.cumsum(negative)[:-1]))
    area = (positive * (below + negative / 2)).sum()
    return float(area / (positive.sum() * negative.sum()))


def reliability(histogram: ScoreHistogram) -> list[tuple[float, float, int, int]]:
    """Return by tenth of the score that holds rows: mean score, share of positives, positives, rows."""
    negative, positive = (side.reshape(_GROUPS, -1).sum(axis=1) for side in histogram.by_outcome)
    known = histogram.sums[:, [NEGATIVE, POSITIVE]].sum(axis=1).reshape(_GROUPS, -1).sum(axis=1)
    rows = negative + positive
    return [
        (float(total / n), float(hits / n), int(hits), int(n))
        for total, hits, n in zip(known, positive, rows, strict=True)
        if n
    ]


def _figure(
    metric: str,
    direction: str,
    window: Profile,
    minimum: int,
    measure: Callable[[ScoreHistogram], Figure],
) -> Measurement:
    histogram, least = window.histogram, max(minimum, 1)
    n = 0 if histogram is None else int(histogram.counts[:, [NEGATIVE, POSITIVE]].sum())
    if histogram is None:
        found: Figure = "the window holds no histogram of scores"
    elif n < least:
        found = f"{n} row(s) have a label and a score, {least} are needed"
    else:
        found = measure(histogram)
    if isinstance(found, str):
        return Measurement(metric=metric, value=None, n=n, direction=direction, reason=found)
    value, interval = found
    low, high = interval or (None, None)
    return Measurement(metric=metric, value=value, n=n, direction=direction, low=low, high=high)


def _both(histogram: ScoreHistogram) -> tuple[int, int] | str:
    negative, positive = (int(side.sum()) for side in histogram.by_outcome)
    if negative and positive:
        return positive, negative
    return "all labels are of one class, and ranking takes two"


def _roc(histogram: ScoreHistogram) -> Figure:
    sizes = _both(histogram)
    if isinstance(sizes, str):
        return sizes
    negative, positive = histogram.by_outcome
    value = auc_of(positive.astype(np.float64), negative.astype(np.float64))
    return value, hanley_mcneil(value, *sizes)


def _average_precision(histogram: ScoreHistogram) -> Figure:
    sizes = _both(histogram)
    if isinstance(sizes, str):
        return sizes
    negative, positive = (side[::-1] for side in histogram.by_outcome)
    hits, taken = np.cumsum(positive), np.cumsum(positive + negative)
    held = taken > 0
    precision = hits[held] / taken[held]
    return float((positive[held] * precision).sum() / sizes[0]), None


def _log_loss(histogram: ScoreHistogram) -> Figure:
    n = int(histogram.counts[:, [NEGATIVE, POSITIVE]].sum())
    return float(-histogram.logs.sum() / n), None


def _calibration(histogram: ScoreHistogram) -> Figure:
    parts = reliability(histogram)
    total = sum(n for *_, n in parts)
    return sum(n * abs(score - share) for score, share, _, n in parts) / total, None


__all__ = [
    "auc_bracket",
    "auc_of",
    "calibration_error",
    "log_loss",
    "pr_auc",
    "reliability",
    "roc_auc",
]
