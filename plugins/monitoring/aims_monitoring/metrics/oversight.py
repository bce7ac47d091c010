"""Figures of any column of a log: how people oversee a system, what it costs, how long it takes.

Logs of human oversight and of language models come as tables too: whether a person overrode the
output, how long the decision took, whether the system refused, what a call cost, how users rated it.
Such columns are declared as features; a threshold then names the figure and the column, such as
``{"true_share:overridden": {"max": 0.2}, "mean:seconds_to_decide": {"min": 5}}``.
"""

import math

from aims_core import Measurement
from aims_monitoring.columns import CategoryColumn, Column, NumericColumn
from aims_monitoring.metrics.significance import around, wilson
from aims_monitoring.profile import Profile

_TRUE = "1"
_SHARE = 0.95
_ROUNDING = 1e-9
"""What adding up may cost each row."""


def true_share(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the share of true values of each column of truth values: override rate, refusal rate.

    Formula: rows that are true (or 1) divided by rows with a value. Source: Regulation (EU) 2024/1689,
    Art. 14 (human oversight). Interval: Wilson. Range: 0 to 1. Direction: set by its threshold. Minimum
    sample: 30 rows with a value. Columns of the numbers 0 and 1 count as truth values.
    """
    return [
        _true(name, column, minimum)
        for name in window.layout.schema.watched
        if _is_truth(column := window.columns[name])
    ]


def mean(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the mean of each numeric column: time to decide, cost, latency, users' rating.

    Formula: arithmetic mean of the finite values; the interval takes it as normal. Source: ISO 3534-1.
    Range: that of the column, in its unit. Direction: set by its threshold. Minimum sample: 30 rows
    with a value.
    """
    return [
        _mean(name, column, minimum)
        for name in window.layout.schema.watched
        if isinstance(column := window.columns[name], NumericColumn)
    ]


def p95(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return a value that at least 95 % of each numeric column do not exceed: slow calls, dear calls.

    Formula: the upper edge of the profile's bin in which 95 % are reached, so at most one bin too high.
    Source: ISO 3534-1. Range: that of the column, in its unit. Direction: set by its threshold. Minimum
    sample: 30 rows.
    """
    return [
        _p95(name, column, minimum)
        for name in window.layout.schema.watched
        if isinstance(column := window.columns[name], NumericColumn)
    ]


def _is_truth(column: Column) -> bool:
    """Say whether a column held nothing but true and false where the layout was fitted."""
    if isinstance(column, CategoryColumn):
        return set(column.plan.vocabulary) <= {"0", _TRUE}
    if not isinstance(column, NumericColumn) or not len(column.plan.edges):
        return False
    alone = {math.nextafter(value, -math.inf) for value in (0.0, 1.0)}
    return set(column.plan.edges.tolist()) <= {0.0, 1.0, *alone}


def _true(name: str, column: Column, minimum: int) -> Measurement:
    if short := _too_few(column, minimum):
        return _none("true_share", name, column.n, short)
    hits, others = _hits(column)
    if others:
        reason = f"{others} row(s) hold another value than 0 and 1"
        return _none("true_share", name, column.n, reason)
    low, high = wilson(hits, column.n)
    return Measurement(
        metric="true_share",
        value=hits / column.n,
        n=column.n,
        direction="low",
        subject=name,
        low=low,
        high=high,
    )


def _hits(column: Column) -> tuple[int, int]:
    """Return the rows that are true, and those that are neither true nor false."""
    if isinstance(column, CategoryColumn):
        place = column.plan.places.get(_TRUE)
        return 0 if place is None else int(column.counts[place]), column.other
    if not isinstance(column, NumericColumn):
        return 0, 0
    low, high = column.minimum, column.maximum
    if low is None or high is None or low < 0 or high > 1:
        return 0, column.n
    # The layout keeps 0 and 1 in bins of their own, in which the sum then says which of them is held.
    counts = column.counts
    sums = column.sums + column.plan.shift * counts
    rounding = _ROUNDING * counts
    hits = int(counts[abs(sums - counts) <= rounding].sum())
    return hits, column.n - hits - int(counts[(abs(sums) <= rounding) & (counts > 0)].sum())


def _mean(name: str, column: NumericColumn, minimum: int) -> Measurement:
    value, deviation = column.mean, column.deviation
    short = _too_few(column, minimum)
    if short or value is None or deviation is None:
        return _none("mean", name, column.n, short or "the values are too large to add up")
    low, high = around(value, deviation / column.n**0.5)
    return Measurement(
        metric="mean",
        value=value,
        n=column.n,
        direction="low",
        subject=name,
        low=low,
        high=high,
    )


def _p95(name: str, column: NumericColumn, minimum: int) -> Measurement:
    if short := _too_few(column, minimum):
        return _none("p95", name, column.n, short)
    reached = column.counts.cumsum() >= _SHARE * column.n
    place = int(reached.argmax())
    edges, greatest = column.plan.edges, column.maximum
    value = float(edges[place]) if place < len(edges) else greatest
    if value is not None and greatest is not None:
        value = min(value, greatest) + column.plan.origin
    return Measurement(metric="p95", value=value, n=column.n, direction="low", subject=name)


def _too_few(column: Column, minimum: int) -> str:
    least = max(minimum, 1)
    if column.n >= least:
        return ""
    return f"the window has {column.n} row(s) with a value, {least} are needed"


def _none(metric: str, subject: str, n: int, reason: str) -> Measurement:
    return Measurement(
        metric=metric, value=None, n=n, direction="low", subject=subject, reason=reason
    )
