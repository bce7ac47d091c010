"""How complete the data of a window is."""

from aims_core import Measurement
from aims_monitoring.columns import Column
from aims_monitoring.metrics.significance import newcombe, two_shares, wilson
from aims_monitoring.profile import Profile


def missing_share(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the share of rows in which a column has no usable value.

    Formula: ``(missing + unreadable) / rows``; unreadable are values that are no numbers in a
    column of numbers. Infinite values are values. Source: ISO/IEC 25012, completeness. Interval: Wilson.
    Range: 0 to 1. Direction: low is better. Minimum sample: 30 rows.
    """
    found = [(name, window.columns[name]) for name in window.layout.schema.watched]
    return [
        _share(name, column.missing + column.unreadable, window.rows, minimum, column.kind)
        for name, column in found
    ]


def unusable_rise(window: Profile, reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return how much larger than in the reference the share of rows is that no figure can use.

    Formula: the share of rows that are missing, unreadable or infinite, less that of the reference.
    Source: ISO/IEC 25012, completeness. Interval: Newcombe; p-value of the two-sample test of shares. Range:
    -1 to 1. Direction: low is better. Minimum sample: 100 rows on either side. Distances leave such rows
    out, so that a column of which half is gone may look as it always did.
    """
    if reference is None:
        return [_none("unusable_rise", "", 0, "the monitor has no reference to compare with")]
    return [
        _risen(name, window.columns[name], reference.columns[name], minimum)
        for name in window.layout.schema.watched
    ]


def _risen(name: str, now: Column, before: Column, minimum: int) -> Measurement:
    metric, least = "unusable_rise", max(minimum, 1)
    if now.kind == "skipped":
        return _none(metric, name, now.rows, "the column is not profiled")
    for whose, column in (("reference", before), ("window", now)):
        if column.rows < least:
            reason = f"the {whose} has {column.rows} row(s), {least} are needed"
            return _none(metric, name, now.rows, reason)
    gone, was = (now.rows - now.n, now.rows), (before.rows - before.n, before.rows)
    low, high = newcombe(gone, was)
    return Measurement(
        metric=metric,
        value=gone[0] / gone[1] - was[0] / was[1],
        n=now.rows,
        direction="low",
        subject=name,
        low=low,
        high=high,
        p=two_shares(gone, was),
    )


def _share(name: str, gone: int, rows: int, minimum: int, kind: str) -> Measurement:
    if rows < max(minimum, 1):
        reason = f"the window has {rows} row(s), {max(minimum, 1)} are needed"
        return _none("missing_share", name, rows, reason)
    if kind == "skipped":
        return _none("missing_share", name, rows, "the column is not profiled")
    low, high = wilson(gone, rows)
    return Measurement(
        metric="missing_share",
        value=gone / rows,
        n=rows,
        direction="low",
        subject=name,
        low=low,
        high=high,
    )


def _none(metric: str, subject: str, n: int, reason: str) -> Measurement:
    return Measurement(
        metric=metric, value=None, n=n, direction="low", subject=subject, reason=reason
    )
