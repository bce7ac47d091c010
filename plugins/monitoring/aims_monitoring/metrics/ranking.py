"""How well scores rank and how far they can be taken at their word, from the score histogram.

A score lies in one of 1,898 bins (of 1,000 in a layout of the first version): a thousandth wide in the
middle, and no wider than a thirty-second of the distance from 0 or 1 near these, down to a millionth. What is
ordered within a bin is not known. Areas are therefore given as if a bin's rows were tied, and at most ``sum
of pos x neg within bins / (2 P N)`` off; where that leaves more than 0.1 open, there is no figure.
"""

from bisect import bisect_left
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aims_core import Measurement
from aims_monitoring.metrics.significance import LEVEL, around_mean, boyd, hanley_mcneil
from aims_monitoring.profile import Profile
from aims_monitoring.scores import NEGATIVE, POSITIVE, ScoreHistogram

Figure = tuple[float, tuple[float, float] | None] | str
"""A figure with its interval, or in plain words why there is none."""
_DRAWS = 400
# In standard errors, from all gaps gone to none touched.
_DRAWN_IN = np.array([40.0, *np.linspace(4, 0, 21)])
WIDE = 0.1
"""How much of an area may be left open by the order within bins before there is no figure."""
# Sums are kept to 2e-9 of themselves.
_ROUNDING = 1e-8


def roc_auc(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the area under the ROC curve of the scores.

    Formula: ``(sum over bins of pos x (neg below + neg tied / 2)) / (P N)``. Source: Hanley and McNeil
    (1982), whose interval is given. Range: 0 to 1. Direction: high is better. Minimum sample: 30 rows
    with a label and a score, both outcomes among them. Ties: `auc_bracket` bounds them, the interval
    reaches from the low end for its lower to the high end for its upper bound, and there is a reason
    in place of a value where they are more than 0.1 apart.
    """
    return [_figure("roc_auc", "high", window, minimum, _roc)]


def pr_auc(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the average precision of the scores.

    Formula: ``sum of (R_i - R_{i-1}) P_i`` over the bins from the highest score down. Source: Boyd, Eng
    and Page (2013). Range: share of positives to 1. Direction: high is better. Minimum sample: 30
    rows as for `roc_auc`. Interval: logit-normal after the same, joined with the bounds of the order
    within bins; a reason in place of a value where those are more than 0.1 apart.
    """
    return [_figure("pr_auc", "high", window, minimum, _average_precision)]


def log_loss(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the mean negative log-likelihood of the outcomes under the scores.

    Formula: ``-mean of (y ln s + (1 - y) ln(1 - s))``, s kept away from 0 and 1 by the machine's epsilon.
    Source: Good (1952). Range: 0 to 36.04. Direction: low is better. Minimum sample: 30 rows as for
    `roc_auc`. Interval: normal, with the variance of the losses at the mean score of each bin and outcome.
    """
    return [_figure("log_loss", "low", window, minimum, _log_loss)]


def calibration_error(
    window: Profile, _reference: Profile | None, minimum: int
) -> list[Measurement]:
    """Return the expected calibration error of the scores.

    Formula: ``sum of n_b / n x |mean score - share of positives|`` over ten bins of equal width. Source:
    Naeini, Cooper and Hauskrecht (2015). Range: 0 to 1. Direction: low is better. Minimum sample: 30
    rows as for `roc_auc`. It is never quite 0 in a small window, however good the scores, and the
    interval allows for that bias (Kumar, Liang and Ma 2019). It is found by test inversion: gaps are
    drawn in by so many of their standard errors, small ones thereby to 0, that a value as large comes
    out in only 2.5 % of 400 redrawings of the outcomes; what is left of the gaps is the lower end. The
    upper end lies as far above the value as 2.5 % of the redrawings at the gaps themselves lie below
    it. The value is always within.
    """
    return [_figure("calibration_error", "low", window, minimum, _calibration)]


def auc_bracket(histogram: ScoreHistogram) -> tuple[float, float]:
    """Return the bounds between which the exact area under the ROC curve lies.

    A bin of which all rows have one score, as the means of both outcomes tell, holds ties and is exact.
    """
    negative, positive = histogram.by_outcome
    value = auc_of(positive.astype(np.float64), negative.astype(np.float64))
    unknown = (positive * negative)[~_tied(histogram)].sum()
    room = float(unknown) / 2 / (int(positive.sum()) * int(negative.sum()))
    return value - room, value + room


def _tied(histogram: ScoreHistogram) -> NDArray[np.bool_]:
    """Return by bin whether both outcomes have the same mean score there, as they have where all do.

    A model that gives few different scores, such as a small tree, has one to a bin. Where many scores
    share one, their means differ but by a chance that is too small to matter.
    """
    rows = np.column_stack(histogram.by_outcome)
    known = histogram.sums[:, [NEGATIVE, POSITIVE]]
    negative, positive = (known / np.maximum(rows, 1)).T
    tied: NDArray[np.bool_] = np.isclose(negative, positive, rtol=_ROUNDING, atol=_ROUNDING**2)
    return tied


def auc_of(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> Any:
    """Return the area under the ROC curve from masses by bin, bins in the order of the scores.

    Bins are the last axis; areas come for all axes before it, one number where there is none.
    """
    below = np.cumsum(negative, axis=-1) - negative / 2
    return (positive * below).sum(axis=-1) / (positive.sum(axis=-1) * negative.sum(axis=-1))


def reliability(histogram: ScoreHistogram) -> list[tuple[float, float, int, int]]:
    """Return by tenth of the score that holds rows: mean score, share of positives, positives, rows."""
    negative, positive, known = histogram.by_tenth
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
    value = float(auc_of(positive.astype(np.float64), negative.astype(np.float64)))
    low, high = auc_bracket(histogram)
    if high - low > WIDE:
        return too_close(low, high)
    return value, (
        hanley_mcneil(max(0.0, low), *sizes)[0],
        hanley_mcneil(min(1.0, high), *sizes)[1],
    )


def too_close(low: float, high: float) -> str:
    """Return the reason for which there is no area, but bounds only."""
    return (
        f"the scores lie too close together for their bins: the area is between {low:.3f} and "
        f"{high:.3f}; spread the scores, for example by their rank in the reference"
    )


def _average_precision(histogram: ScoreHistogram) -> Figure:
    sizes = _both(histogram)
    if isinstance(sizes, str):
        return sizes
    negative, positive = (side[::-1] for side in histogram.by_outcome)
    hits, taken = np.cumsum(positive), np.cumsum(positive + negative)
    held = taken > 0
    precision = hits[held] / taken[held]
    value = float((positive[held] * precision).sum() / sizes[0])
    # Positives first in each bin, and last: bounds of the order that is not known.
    best = np.maximum(hits / np.maximum(taken - negative, 1), 0.0)
    worst = (hits - positive + 1) / (taken - positive + 1)
    tied = _tied(histogram)[::-1] | (positive == 0) | ((negative == 0) & (positive == 1))
    exact = hits / np.maximum(taken, 1)
    high = float((positive * np.where(tied, exact, best)).sum() / sizes[0])
    low = float((positive * np.where(tied, exact, worst)).sum() / sizes[0])
    if high - low > WIDE:
        return too_close(low, high)
    return value, (boyd(low, sizes[0])[0], boyd(min(1.0, high), sizes[0])[1])


def _log_loss(histogram: ScoreHistogram) -> Figure:
    means, rows = histogram.by_mean
    value = float(-histogram.logs.sum() / int(rows.sum()))
    # Squares of logs are not kept: every row of a bin and outcome is taken at their mean score.
    tiny = np.finfo(np.float64).eps
    safe = np.clip(means, tiny, 1 - tiny)
    losses = -np.column_stack([np.log1p(-safe[:, 0]), np.log(safe[:, 1])])
    return value, around_mean(value, losses, rows)


def _calibration(histogram: ScoreHistogram) -> Figure:
    scores, shares, _, rows = (np.array(part) for part in zip(*reliability(histogram), strict=True))
    value = float((rows * np.abs(scores - shares)).sum() / rows.sum())
    gaps, errors = shares - scores, np.sqrt(np.clip(scores * (1 - scores), 0, None) / rows)

    def kept(step: int) -> NDArray[np.float64]:
        left: NDArray[np.float64] = np.maximum(np.abs(gaps) - _DRAWN_IN[step] * errors, 0)
        left *= np.sign(gaps)
        return left

    def end(step: int, level: float) -> float:
        """Where the figure comes out at this level of its law when outcomes are drawn with such gaps."""
        chances = np.clip(scores + kept(step), 0.0, 1.0)
        hits = np.random.default_rng(0).binomial(rows, chances, (_DRAWS, len(rows)))
        return float(np.quantile(np.abs(rows * scores - hits).sum(axis=1) / rows.sum(), level))

    steps = range(len(_DRAWN_IN))
    above, below = (1 + LEVEL) / 2, (1 - LEVEL) / 2
    first = bisect_left(steps, True, key=lambda step: end(step, above) >= value)
    # The last step that is too far, so that steps make the interval wider, never narrower.
    least = float((rows * np.abs(kept(max(first - 1, 0)))).sum() / rows.sum())
    return value, (min(least, value), max(value, min(1.0, 2 * value - end(steps[-1], below))))


__all__ = [
    "WIDE",
    "auc_bracket",
    "auc_of",
    "calibration_error",
    "log_loss",
    "pr_auc",
    "reliability",
    "roc_auc",
    "too_close",
]
