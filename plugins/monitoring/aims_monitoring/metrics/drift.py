"""How far a window's columns have moved from the reference.

Missing, infinite and unreadable values take no part in a distribution; their share is measured
apart (`aims_monitoring.metrics.quality`), so that neither hides the other.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aims_core import Measurement
from aims_monitoring.columns import CategoryColumn, Column, NumericColumn, SkippedColumn
from aims_monitoring.metrics.laws import chi_square_tail, kolmogorov_tail
from aims_monitoring.metrics.significance import homogeneity
from aims_monitoring.profile import Profile

Counts = NDArray[np.int64]
Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """Why a column has no figure of a metric, whatever it holds: it is of another kind."""

    reason: str


Found = float | tuple[float, float] | str | NotApplicable
"""A figure, a figure with its p-value, or in plain words why there is none this time, or never."""

_BINS = 10
_FLOOR = 1e-4
NO_ORDER = NotApplicable("categories have no order; use psi, js or cramers_v")
"""Why a categorical column has no Kolmogorov-Smirnov distance."""


def psi(window: Profile, reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the population stability index of each column.

    Formula: sum over bins of ``(q - p) ln(q / p)``, p the reference's and q the window's share,
    both at least 0.0001. Bins: at most ten of equal reference mass; categories as they are, those
    the reference does not have together in one. Source: Yurdakul (2018), Statistical properties
    of the population stability index. Range: 0 to about 9.2 for each bin that empties. Direction:
    low is better. Minimum sample: 100 rows with a value on either side. The p-value is that of the
    chi-square test on the same bins: the index itself is large by chance where windows are small.
    """
    return each_column("psi", window, reference, minimum, _psi_value)


def js(window: Profile, reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the Jensen-Shannon distance of each column, base 2.

    Formula: ``sqrt((KL(p, m) + KL(q, m)) / 2)`` with ``m = (p + q) / 2``, on the bins of `psi`.
    Source: Lin (1991), Divergence measures based on the Shannon entropy; Endres and Schindelin
    (2003). Range: 0 to 1. Direction: low is better. Minimum sample: 100 rows with a value on
    either side.
    """
    return each_column("js", window, reference, minimum, _js_value)


def ks(window: Profile, reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the Kolmogorov-Smirnov distance of each numeric column.

    Formula: the greatest ``|F - G|`` at the edges of the profile. The distance over all values is
    never less, and at most the upper end of `ks_bracket`: more by no more than the mass within one
    bin, about 0.01 with a hundred reference quantiles, nothing for columns of at most a hundred
    distinct values. Source: Smirnov (1939); two-sample form. Range: 0 to 1. Direction: low is
    better. Minimum sample: 100 rows with a value on either side. Categories have no order, so for
    them there is no such distance. The p-value is the asymptotic one of the two-sample test.
    """
    return each_column("ks", window, reference, minimum, _ks_value)


def ks_bracket(reference: NumericColumn, window: NumericColumn) -> tuple[float, float]:
    """Return the bounds between which the exact two-sample KS distance lies.

    The lower bound is what `ks` gives. Inside a bin the one distribution function may have risen
    fully before the other starts, which gives the upper bound; a bin that holds a single value
    leaves no such room.
    """
    p, q = shares_of(reference.counts, window.counts)
    f, g = np.cumsum(p), np.cumsum(q)
    at_edges = np.abs(f - g)
    inside = np.maximum(f - (g - q), g - (f - p))
    room = np.where(_single_valued(reference.plan.edges), at_edges, inside)
    low = float(at_edges.max())
    return low, float(min(1.0, max(low, room.max())))


def binned_counts(reference: Column, window: Column) -> tuple[Counts, Counts]:
    """Return the rows of reference and window in the bins on which PSI and JS are taken.

    Raises
    ------
    TypeError
        The columns are of different kinds, or of a kind that has no distribution.
    """
    if isinstance(reference, NumericColumn) and isinstance(window, NumericColumn):
        starts = coarse_starts(reference.counts)
        p = np.add.reduceat(reference.counts, starts)
        q = np.add.reduceat(window.counts, starts)
    elif isinstance(reference, CategoryColumn) and isinstance(window, CategoryColumn):
        p = np.append(reference.counts, reference.other)
        q = np.append(window.counts, window.other)
        held = (p + q) > 0
        p, q = p[held], q[held]
    else:
        raise TypeError("columns of these kinds have no common bins")
    return p, q


def shares_of(p: Counts, q: Counts) -> tuple[Shares, Shares]:
    """Return the shares of two rows of counts."""
    return p / p.sum(), q / q.sum()


def psi_of(p: Shares, q: Shares) -> float:
    """Return the population stability index of two lists of shares, floored at 0.0001."""
    p, q = np.maximum(p, _FLOOR), np.maximum(q, _FLOOR)
    return float(((q - p) * np.log(q / p)).sum())


def js_of(p: Shares, q: Shares) -> float:
    """Return the Jensen-Shannon distance, base 2, of two lists of shares."""
    middle = (p + q) / 2
    return float(np.sqrt(max(0.0, (_divergence(p, middle) + _divergence(q, middle)) / 2)))


def _divergence(p: Shares, q: Shares) -> float:
    held = p > 0
    return float((p[held] * np.log2(p[held] / q[held])).sum())


def coarse_starts(counts: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the first fine bin of each of at most ten coarse bins of about equal reference mass."""
    reached = np.cumsum(counts) / counts.sum()
    # The small step down keeps a bin that ends exactly at a tenth from spilling into the next.
    ends = np.searchsorted(reached, np.arange(1, _BINS) / _BINS - 1e-9) + 1
    starts = np.concatenate(([0], ends[ends < len(counts)]))
    # They ascend; np.unique imports more than all figures take.
    return starts[np.diff(starts, append=len(counts)) > 0]


def _single_valued(edges: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark the bins between an edge and the next representable number: they hold one value."""
    single = np.zeros(len(edges) + 1, dtype=bool)
    if len(edges) > 1:
        single[1:-1] = np.nextafter(edges[1:], -np.inf) == edges[:-1]
    return single


def _psi_value(reference: Column, window: Column) -> Found:
    counts = binned_counts(reference, window)
    return psi_of(*shares_of(*counts)), chi_square_tail(*homogeneity(*counts))


def _js_value(reference: Column, window: Column) -> Found:
    counts = binned_counts(reference, window)
    return js_of(*shares_of(*counts)), chi_square_tail(*homogeneity(*counts))


def _ks_value(reference: Column, window: Column) -> Found:
    if isinstance(reference, NumericColumn) and isinstance(window, NumericColumn):
        value = ks_bracket(reference, window)[0]
        return value, kolmogorov_tail(value, reference.n, window.n)
    return NO_ORDER


def each_column(
    metric: str,
    window: Profile,
    reference: Profile | None,
    minimum: int,
    measure: Callable[[Column, Column], Found],
) -> list[Measurement]:
    """Return the figure that `measure` gives for each watched column, or why there is none."""
    if reference is None:
        return [_none(metric, "", 0, "the monitor has no reference to compare with")]
    return list(_measured(metric, window, reference, minimum, measure))


def _measured(
    metric: str,
    window: Profile,
    reference: Profile,
    minimum: int,
    measure: Callable[[Column, Column], Found],
) -> Iterator[Measurement]:
    for name in window.layout.schema.watched:
        now, before = window.columns[name], reference.columns[name]
        n = now.n
        found = _obstacle(n, before, minimum) or measure(before, now)
        if isinstance(found, str):
            yield _none(metric, name, n, found)
            continue
        if isinstance(found, NotApplicable):
            yield replace(_none(metric, name, n, found.reason), applicable=False)
            continue
        value, p = found if isinstance(found, tuple) else (found, None)
        yield Measurement(metric=metric, value=value, n=n, direction="low", subject=name, p=p)


def _obstacle(n: int, before: Column, minimum: int) -> str:
    if isinstance(before, SkippedColumn):
        return before.plan.reason
    least, held = max(minimum, 1), before.n
    if held < least:
        return f"the reference has {held} row(s) with a value, {least} are needed"
    if n < least:
        return f"the window has {n} row(s) with a value, {least} are needed"
    return ""


def _none(metric: str, subject: str, n: int, reason: str) -> Measurement:
    return Measurement(
        metric=metric, value=None, n=n, direction="low", subject=subject, reason=reason
    )


__all__: Sequence[str] = [
    "NO_ORDER",
    "Found",
    "NotApplicable",
    "binned_counts",
    "coarse_starts",
    "each_column",
    "js",
    "js_of",
    "ks",
    "ks_bracket",
    "psi",
    "psi_of",
    "shares_of",
]
