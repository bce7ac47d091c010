"""How good the data of a window is: what is missing, of another kind, or there twice."""

from aims_core import Measurement
from aims_monitoring.columns import CategoryColumn, Column, SkippedColumn
from aims_monitoring.ids import IdCounts
from aims_monitoring.kinds import NUMBER, TEXT, TIME
from aims_monitoring.metrics.significance import newcombe, two_shares, wilson
from aims_monitoring.profile import Profile

_PLURALS = {
    NUMBER: "number(s)",
    TEXT: "text(s)",
    TIME: "time(s)",
    "": "value(s) that cannot be read",
}


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


def type_change(window: Profile, reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return how much larger than in the reference the share of values is that are of another kind.

    Formula: values of another kind than most of the reference's, divided by rows with a value, less the same
    of the reference. Kinds are numbers (true and false among them), texts and times. A text that reads as a
    number counts as one in a column of numbers, and whatever has the text of one of the reference's
    categories counts as that: files differ in how they write values. Source: ISO/IEC 25012, consistency.
    Interval: Newcombe; p-value of the two-sample test of shares. Range: -1 to 1. Direction: low is better.
    Minimum sample: 100 rows with a value on either side. The reason names the other kinds.
    """
    if reference is None:
        return [_none("type_change", "", 0, "the monitor has no reference to compare with")]
    return [
        _changed(name, window.columns[name], reference.columns[name], max(minimum, 1))
        for name in window.layout.schema.watched
    ]


def duplicate_share(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the share of rows whose id came before within the window.

    Formula: ``(n - distinct) / n``, n the rows with an id. Exact up to 131,072 distinct ids in a window, and
    estimated beyond, see `aims_monitoring.ids.IdCounts`, with its 95 % interval: 0.54 % of the distinct
    ids to either side. An exact share has no interval: a row that is there twice is so by no chance.
    Source: ISO/IEC 25012, consistency; Bar-Yossef et al. (2002), Counting distinct elements in a data
    stream. Range: 0 to 1. Direction: low is better. Minimum sample: 30 rows with an id. Rows without an id
    are left out; that an id came in another window, or in the reference, is not seen.
    """
    return [_repeated(window.ids, max(minimum, 1))]


def usable_scores(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the share of rows that have a score between 0 and 1; figures of scores leave the others out.

    Formula: ``rows with such a score / rows``. Source: ISO/IEC 25012, completeness. Interval: Wilson (1927).
    Range: 0 to 1. Direction: high is better. Minimum sample: 30 rows. Offered through ``aims_metrics`` as
    ``monitoring.usable_scores``; only a threshold asks for it.
    """
    metric, n = "monitoring.usable_scores", window.rows
    if window.histogram is None or n < max(minimum, 1):
        reason = (
            "the window holds no histogram of scores"
            if window.histogram is None
            else f"{n} row(s) in the window, {minimum} are needed"
        )
        return [Measurement(metric=metric, value=None, n=n, direction="high", reason=reason)]
    usable = n - window.histogram.left_out
    low, high = wilson(usable, n)
    value = usable / n
    return [Measurement(metric=metric, value=value, n=n, direction="high", low=low, high=high)]


def _repeated(ids: IdCounts | None, least: int) -> Measurement:
    metric = "duplicate_share"
    if ids is None:
        return _none(metric, "", 0, "ids were not counted; set a limit on duplicate_share for that")
    if ids.n < least:
        odd = f" and {ids.unreadable} with a value that is none" if ids.unreadable else ""
        reason = f"the window has {ids.n} row(s) with an id{odd}; {least} are needed"
        return _none(metric, "", ids.n, reason)
    distinct, bounds = ids.distinct, ids.bounds
    if distinct is None or bounds is None:
        reason = "stored windows were added up, and ids are not stored; run the monitor on the log"
        return _none(metric, "", ids.n, reason)
    fewest, most = bounds
    return Measurement(
        metric=metric,
        value=(ids.n - distinct) / ids.n,
        n=ids.n,
        direction="low",
        low=(ids.n - most) / ids.n if ids.sample else None,
        high=(ids.n - fewest) / ids.n if ids.sample else None,
    )


def _changed(name: str, now: Column, before: Column, least: int) -> Measurement:
    metric, usual = "type_change", _usual_kind(before)
    if usual is None:
        reason = "the column is not profiled"
        if now.kind != "skipped":
            reason = "of which kind the reference's values are was not counted"
        return _none(metric, name, now.n, reason)
    found = []
    for whose, column in (("reference", before), ("window", now)):
        others = _other_kinds(column, usual)
        if others is None:
            return _none(metric, name, now.n, f"the kinds of the {whose}'s values were not counted")
        values = _with_value(column)
        if values < least:
            reason = f"the {whose} has {values} row(s) with a value, {least} are needed"
            return _none(metric, name, values, reason)
        found.append((others, values))
    (others, rows), (strange, values) = found
    was, changed = (sum(others.values()), rows), (sum(strange.values()), values)
    low, high = newcombe(changed, was)
    said = ", ".join(f"{count} {_PLURALS[kind]}" for kind, count in sorted(strange.items()))
    return Measurement(
        metric=metric,
        value=changed[0] / changed[1] - was[0] / was[1],
        n=values,
        direction="low",
        subject=name,
        reason=f"{said} where the reference has {_PLURALS[usual]}" if said else "",
        low=low,
        high=high,
        p=two_shares(changed, was),
    )


def _usual_kind(column: Column) -> str | None:
    """Return the kind of most of a column's values, None where it is not known; numbers where it has none."""
    if isinstance(column, SkippedColumn) or column.kinds is None:
        return None
    kinds = column.kinds
    return max(sorted(kinds), key=lambda kind: kinds[kind][0], default=NUMBER)


def _other_kinds(column: Column, usual: str) -> dict[str, int] | None:
    """Return how many values of a column are of each kind but the usual one, None where nobody counted."""
    if isinstance(column, SkippedColumn) or column.kinds is None:
        return None
    # What was found among the reference's categories is of its kind, however it came.
    place = 1 if isinstance(column, CategoryColumn) else 0
    held = {kind: counts[place] for kind, counts in column.kinds.items() if kind != usual}
    held[""] = column.unreadable
    return {kind: count for kind, count in held.items() if count}


def _with_value(column: Column) -> int:
    return column.rows - column.missing


def _risen(name: str, now: Column, before: Column, minimum: int) -> Measurement:
    metric, least = "unusable_rise", max(minimum, 1)
    rows, earlier = now.rows, before.rows
    if now.kind == "skipped":
        return _none(metric, name, rows, "the column is not profiled")
    for whose, held in (("reference", earlier), ("window", rows)):
        if held < least:
            reason = f"the {whose} has {held} row(s), {least} are needed"
            return _none(metric, name, rows, reason)
    gone, was = (rows - now.n, rows), (earlier - before.n, earlier)
    low, high = newcombe(gone, was)
    return Measurement(
        metric=metric,
        value=gone[0] / gone[1] - was[0] / was[1],
        n=rows,
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
