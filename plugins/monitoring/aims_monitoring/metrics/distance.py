"""Distances between a window and its reference that weigh how far, and tests of categories."""

import math

import numpy as np

from aims_core import Measurement
from aims_monitoring.columns import CategoryColumn, Column, NumericColumn
from aims_monitoring.metrics.drift import Found, NotApplicable, each_column, ks_bracket
from aims_monitoring.metrics.laws import chi_square_tail, kolmogorov_tail
from aims_monitoring.metrics.significance import homogeneity, wilson
from aims_monitoring.profile import Profile

NO_DISTANCE = NotApplicable("categories have no distance; use cramers_v or js")
"""Why a categorical column has no Wasserstein distance."""
NO_CATEGORIES = NotApplicable("numbers are compared by ks and wasserstein")
"""Why a numeric column has no Cramér's V."""


def wasserstein(window: Profile, reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the Wasserstein distance of each numeric column, in standard deviations of the reference.

    Formula: ``integral of |F - G| / sigma``, from the counts and sums of the profile; exact wherever
    F - G keeps its sign within a bin, and at most a bin's mass times its width off elsewhere. Source:
    Vallender (1974). Range: 0 upwards. Direction: low is better. Minimum sample: 100 rows with a
    value on either side. The p-value is that of the Kolmogorov-Smirnov test.
    """
    return each_column("wasserstein", window, reference, minimum, _moved)


def cramers_v(window: Profile, reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return Cramér's V of each categorical column, with the p-value of its chi-square test.

    Formula: ``sqrt(chi2 / N)`` of the two-sample contingency table (reference and window by
    category); categories with fewer than 5 expected rows are taken together. Source: Cramér (1946);
    Pearson's test of homogeneity. Range: 0 to 1. Direction: low is better. Minimum sample: 100 rows
    with a value on either side.
    """
    return each_column("cramers_v", window, reference, minimum, _associated)


def outside_share(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the share of values the reference never had: new categories, numbers beyond its range.

    Formula: rows with such a value divided by rows with a value; infinite values are beyond any
    range. Source: ISO/IEC 25012, consistency. Interval: Wilson. Range: 0 to 1. Direction: low is
    better. Minimum sample: 30 rows with a value.
    """
    return [_outside(name, window.columns[name], minimum) for name in window.layout.schema.watched]


def chi_square_of(reference: CategoryColumn, window: CategoryColumn) -> tuple[float, int, int]:
    """Return the chi-square statistic, its degrees of freedom and the rows it rests on."""
    before = np.append(reference.counts, reference.other)
    now = np.append(window.counts, window.other)
    statistic, freedom = homogeneity(before, now)
    return statistic, freedom, reference.n + window.n


def distance_of(reference: NumericColumn, window: NumericColumn) -> float:
    """Return the Wasserstein distance of two columns in their own unit, from counts and sums."""
    n, m = reference.n, window.n
    p, q = reference.counts / n, window.counts / m
    f, g = np.cumsum(p), np.cumsum(q)
    # Between two edges the integral of F - G is known exactly from counts and sums; where F and G
    # cross inside a bin its absolute value is a lower bound.
    before = np.concatenate(([0.0], (f - g)[:-1]))
    # Sums are taken around the shift, and so are the edges.
    shift, edges = reference.plan.shift, reference.plan.edges - reference.plan.shift
    low = np.concatenate(([min(_least(reference), _least(window)) - shift], edges))
    high = np.concatenate((edges, [max(_most(reference), _most(window)) - shift]))
    width = np.maximum(high - low, 0.0)
    inside = p * high - reference.sums / n - (q * high - window.sums / m)
    return float(np.abs(before * width + inside).sum())


def _moved(reference: Column, window: Column) -> Found:
    if not (isinstance(reference, NumericColumn) and isinstance(window, NumericColumn)):
        return NO_DISTANCE
    spread = reference.deviation
    if not spread:
        same = reference.mean == window.mean and not window.deviation
        return 0.0 if same else "the reference has a single value, which gives no unit; see psi"
    value = distance_of(reference, window) / spread
    if not math.isfinite(value):
        return "the values are too large to add up"
    return value, kolmogorov_tail(ks_bracket(reference, window)[0], reference.n, window.n)


def _associated(reference: Column, window: Column) -> Found:
    if not (isinstance(reference, CategoryColumn) and isinstance(window, CategoryColumn)):
        return NO_CATEGORIES
    statistic, freedom, n = chi_square_of(reference, window)
    return math.sqrt(statistic / n), chi_square_tail(statistic, freedom)


def _outside(name: str, column: Column, minimum: int) -> Measurement:
    n, beyond, reason = column.n, 0, ""
    if isinstance(column, NumericColumn):
        beyond = int(column.counts[0] + column.counts[-1])
        beyond += column.minus_infinity + column.plus_infinity
        n += column.minus_infinity + column.plus_infinity
        if not len(column.plan.edges):
            reason = "the reference has no value, so none is known as new"
    elif isinstance(column, CategoryColumn):
        beyond = column.other
        if not column.plan.complete:
            reason = "the reference has more categories than are kept, so none is known as new"
    else:
        reason = column.plan.reason
    if not reason and n < max(minimum, 1):
        reason = f"the window has {n} row(s) with a value, {max(minimum, 1)} are needed"
    low, high = (None, None) if reason else wilson(beyond, n)
    return Measurement(
        metric="outside_share",
        value=None if reason else beyond / n,
        n=n,
        direction="low",
        subject=name,
        reason=reason,
        low=low,
        high=high,
    )


def _least(column: NumericColumn) -> float:
    return math.inf if column.minimum is None else column.minimum


def _most(column: NumericColumn) -> float:
    return -math.inf if column.maximum is None else column.maximum
