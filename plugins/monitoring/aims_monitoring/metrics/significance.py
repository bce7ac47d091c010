"""Whether chance could have done it: p-values and intervals of the figures."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aims_monitoring.metrics.laws import chi_square_tail, normal_quantile

LEVEL = 0.95
"""Coverage of every interval."""
_Z = 1.959963984540054
_DRAWS = 1_000
_EXPECTED = 5


def homogeneity(before: NDArray[np.int64], now: NDArray[np.int64]) -> tuple[float, int]:
    """Return the chi-square statistic of two rows of counts, and its degrees of freedom.

    Cells with fewer than five expected rows on the smaller side are taken together, where the law would
    not hold. Source: Pearson's test of homogeneity; Cochran (1954) for the five.
    """
    table = np.array([before, now], dtype=np.float64)
    table = table[:, table.sum(axis=0) > 0]
    rows, total = table.sum(axis=1), table.sum()
    rare = table.sum(axis=0) * rows.min() / total < _EXPECTED
    if rare.sum() > 1:
        table = np.column_stack([table[:, ~rare], table[:, rare].sum(axis=1)])
    if table.shape[1] < 2:  # noqa: PLR2004 - one cell on both sides cannot differ
        return 0.0, 0
    expected = np.outer(rows, table.sum(axis=0)) / total
    return float(((table - expected) ** 2 / expected).sum()), table.shape[1] - 1


def wilson(hits: int, n: int, z: float = _Z) -> tuple[float, float]:
    """Return the 95 % interval of a share of `n` rows, or that of another `z`. Source: Wilson (1927)."""
    share, z2 = hits / n, z * z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def newcombe(a: tuple[int, int], b: tuple[int, int], z: float = _Z) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two shares, each as (hits, rows).

    Source: Newcombe (1998), method 10, from the Wilson intervals of the two.
    """
    (p, (p_low, p_high)), (q, (q_low, q_high)) = ((h / n, wilson(h, n, z)) for h, n in (a, b))
    low = p - q - math.sqrt((p - p_low) ** 2 + (q_high - q) ** 2)
    high = p - q + math.sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return low, high


def katz(a: tuple[int, int], b: tuple[int, int], z: float = _Z) -> tuple[float, float]:
    """Return the 95 % interval of the ratio of two shares, each as (hits, rows).

    Source: Katz et al. (1978), normal in the logarithm; with half a hit more on either side where one has
    none (Walter 1975).
    """
    if not (a[0] and b[0]):
        return _katz_of_none(a, b, z)
    return _katz(a, b, z)


def _katz_of_none(a: tuple[int, int], b: tuple[int, int], z: float) -> tuple[float, float]:
    low, high = _katz((a[0] + 0.5, a[1] + 0.5), (b[0] + 0.5, b[1] + 0.5), z)
    # The half moves the ends, not the ratio: 0 where the first has no hit, no bound where the other has none.
    return (0.0 if not a[0] else low), (math.inf if not b[0] else high)


def _katz(a: tuple[float, float], b: tuple[float, float], z: float) -> tuple[float, float]:
    (h, n), (k, m) = a, b
    error = math.sqrt(max(1 / h - 1 / n + 1 / k - 1 / m, 0.0))
    ratio = (h / n) / (k / m)
    return ratio * math.exp(-z * error), ratio * math.exp(z * error)


def of_pairs(groups: int, rates: int) -> float:
    """Return the z of intervals that hold at 95 % for all pairs of groups and all rates at once.

    The pair that lies furthest apart was picked because it does. Source: Bonferroni.
    """
    pairs = max(1, rates * groups * (groups - 1) // 2)
    return -normal_quantile((1 - LEVEL) / 2 / pairs)


def same_shares(shares: Sequence[tuple[int, int]]) -> float:
    """Return the chance of shares, each as (hits, rows), at least as unlike where all are alike.

    Source: Pearson's test of homogeneity, groups with few expected rows together.
    """
    hits = np.array([h for h, _ in shares])
    statistic, freedom = homogeneity(hits, np.array([n for _, n in shares]) - hits)
    return chi_square_tail(statistic, freedom)


def two_shares(a: tuple[int, int], b: tuple[int, int]) -> float:
    """Return the chance of two shares, each as (hits, rows), at least this far apart.

    Source: two-sided z-test of two proportions with the pooled share.
    """
    pooled = (a[0] + b[0]) / (a[1] + b[1])
    spread = math.sqrt(pooled * (1 - pooled) * (1 / a[1] + 1 / b[1]))
    if not spread:
        return 1.0
    return math.erfc(abs(a[0] / a[1] - b[0] / b[1]) / spread / math.sqrt(2))


def around(value: float, error: float) -> tuple[float, float]:
    """Return the 95 % interval of a figure with this standard error (normal approximation)."""
    return value - _Z * error, value + _Z * error


def around_mean(
    value: float, losses: NDArray[np.float64], rows: NDArray[np.int64]
) -> tuple[float, float]:
    """Return the 95 % interval of a mean loss, none below 0, from the losses of cells and their rows."""
    n = int(rows.sum())
    variance = float((rows * (losses - value) ** 2).sum()) / max(n - 1, 1)
    low, high = around(value, math.sqrt(variance / n))
    return max(0.0, low), high


def hanley_mcneil(auc: float, positives: int, negatives: int) -> tuple[float, float]:
    """Return the 95 % interval of an area under the ROC curve. Source: Hanley and McNeil (1982)."""
    low, high = around(auc, hanley_mcneil_error(auc, positives, negatives))
    return max(0.0, low), min(1.0, high)


def hanley_mcneil_error(auc: float, positives: float, negatives: float) -> float:
    """Return the standard error of an area under the ROC curve. Source: Hanley and McNeil (1982)."""
    one = auc / (2 - auc)
    two = 2 * auc * auc / (1 + auc)
    variance = (
        auc * (1 - auc) + (positives - 1) * (one - auc * auc) + (negatives - 1) * (two - auc * auc)
    ) / (positives * negatives)
    return math.sqrt(max(variance, 0.0))


def boyd(area: float, positives: int) -> tuple[float, float]:
    """Return the 95 % interval of an average precision, normal in the logit.

    Source: Boyd, Eng and Page (2013), the error of the logit ``1 / sqrt(P a (1 - a))``. An area of 0 or
    1, where the logit has no value, is taken half a row away from it.
    """
    inner = min(max(area, 0.5 / positives), 1 - 0.5 / (positives + 1))
    low, high = around(
        math.log(inner / (1 - inner)), 1 / math.sqrt(positives * inner * (1 - inner))
    )
    return min(area, 1 / (1 + math.exp(-low))), max(area, 1 / (1 + math.exp(-high)))


def redrawn(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 1,000 redrawings of a table of counts (parametric bootstrap), the same each time."""
    n = int(counts.sum())
    chance = np.random.default_rng(0)
    return chance.multinomial(n, counts.reshape(-1) / n, size=_DRAWS).reshape(_DRAWS, *counts.shape)


def middle_of(draws: Sequence[float] | NDArray[np.float64]) -> tuple[float, float] | None:
    """Return where 95 % of the draws lie, None when most of them give no figure."""
    known = np.asarray(draws, dtype=np.float64)
    known = known[np.isfinite(known)]
    if len(known) < _DRAWS * LEVEL:
        return None
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def significant(values: Sequence[float], rate: float) -> list[bool]:
    """Return which p-values are discoveries at a false discovery rate.

    Source: Benjamini and Hochberg (1995), step-up procedure.
    """
    count = len(values)
    order = np.argsort(values)
    limits = rate * np.arange(1, count + 1) / count
    passed = np.flatnonzero(np.asarray(values)[order] <= limits)
    found = [False] * count
    for place in order[: passed[-1] + 1] if len(passed) else ():
        found[int(place)] = True
    return found
