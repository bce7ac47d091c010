"""One column, reference beside window: the shares on which its drift is measured, and what has no value."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from aims_monitoring.columns import CategoryColumn, Column, NumericColumn, SkippedColumn
from aims_monitoring.metrics.drift import coarse_starts
from aims_monitoring.plots.drawing import (
    BLUE,
    GREY,
    PALE,
    Plot,
    bars_canvas,
    drawn,
    elided,
    empty,
    legend_below,
    said_window,
    short,
)

_MOST_CATEGORIES = 20
_LONGEST_LABEL = 30
_FEWEST_DIGITS, _MOST_DIGITS = 4, 17


@dataclass(frozen=True, slots=True)
class Row:
    """A pair of bars: what they count, and the share of all rows in reference and window, in percent."""

    label: str
    before: float
    now: float


def plot_column(
    monitor_id: str, column: str, window: str, reference: Column | None, current: Column | None
) -> Plot:
    """Draw one column of the reference beside the same of a window.

    Numbers are cut into at most ten bins of equal reference mass. Categories are those of the reference;
    of more than twenty the most frequent of either side stand first, and the others are one bar. Missing,
    unreadable and infinite values have bars of their own, so that the bars of a side add up to 100 %.
    """
    title = f"{short(column)}: reference and {said_window(window) or 'newest window'}"
    if reference is None:
        return empty(title, "the monitor has no reference", monitor_id)
    if current is None:
        return empty(title, "it has not run yet", monitor_id)
    if isinstance(reference, SkippedColumn) or isinstance(current, SkippedColumn):
        why = getattr(reference.plan, "reason", "the column is not profiled")
        return empty(title, str(why), monitor_id)
    if not (reference.rows and current.rows):
        return empty(title, "there are no rows to compare", monitor_id)
    rows = column_rows(reference, current)
    words = _words(monitor_id, title, rows, reference, current)
    return drawn(
        lambda: _figure(title, monitor_id, rows, reference, current),
        title=title,
        words=words,
        salt=f"{monitor_id} {column} {window} column",
    )


def column_rows(reference: Column, current: Column) -> list[Row]:
    """Return the pairs of bars of a column: its values first, then what is no value."""
    rows: list[Row] = []
    if isinstance(reference, NumericColumn) and isinstance(current, NumericColumn):
        rows = _number_rows(reference, current)
    elif isinstance(reference, CategoryColumn) and isinstance(current, CategoryColumn):
        rows = _category_rows(reference, current)
    return [*rows, *_valueless(reference, current)]


def _number_rows(reference: NumericColumn, current: NumericColumn) -> list[Row]:
    if not len(reference.plan.edges):
        return [_row("a value", reference, current, reference.n, current.n)]
    starts = coarse_starts(reference.counts) if reference.n else np.array([0])
    before, now = (np.add.reduceat(c.counts, starts) for c in (reference, current))
    labels = _ranges(
        reference.plan.edges + reference.plan.origin, starts, reference.counts + current.counts
    )
    return [
        _row(label, reference, current, int(b), int(n))
        for label, b, n in zip(labels, before, now, strict=True)
        if b or n
    ]


def _ranges(edges: Any, starts: Any, held: Any) -> list[str]:
    """Return the name of each coarse bin, whose first fine bins are given; `held` are the rows of those.

    A coarse bin in which all rows have one value is named by it.
    """
    ends = [float(edges[start - 1]) for start in starts if start]
    alone = [_only_value(edges, held, *fine) for fine in pairwise([*starts, len(held)])]
    said = _numbers([*ends, *(value for value in alone if value is not None)])
    found = []
    for (low, high), value in zip(pairwise([None, *ends, None]), alone, strict=True):
        if value is not None:
            found.append(said[value])
        elif low is None:
            found.append("all values" if high is None else f"up to {said[high]}")
        elif high is None:
            found.append(f"above {said[low]}")
        else:
            found.append(f"{said[low]} to {said[high]}")
    return found


def _only_value(edges: Any, held: Any, start: int, end: int) -> float | None:
    """Return the one value that all rows of some fine bins have, None where they may have several."""
    filled = [place for place in range(start, end) if held[place]]
    if len(filled) != 1 or not 0 < filled[0] < len(edges):
        return None
    low, high = float(edges[filled[0] - 1]), float(edges[filled[0]])
    return high if np.nextafter(low, np.inf) == high else None


def _numbers(values: Sequence[float]) -> dict[float, str]:
    """Return numbers as text, with as few digits as tell them apart; neighbours need none."""
    ordered = sorted(set(values))
    apart = sum(np.nextafter(low, np.inf) < high for low, high in pairwise(ordered)) + 1
    for digits in range(_FEWEST_DIGITS, _MOST_DIGITS):
        said = {value: f"{value:.{digits}g}" for value in values}
        if len(set(said.values())) >= apart:
            break
    return said


def _category_rows(reference: CategoryColumn, current: CategoryColumn) -> list[Row]:
    rows = [
        _row(elided(text or "(empty)", _LONGEST_LABEL), reference, current, int(b), int(n))
        for text, b, n in zip(
            reference.plan.vocabulary, reference.counts, current.counts, strict=True
        )
    ]
    # A bar for one other category would take as much room as that category.
    if len(rows) > _MOST_CATEGORIES + 1:
        # One that is rare in the reference and frequent in the window is what one looks for.
        frequent = sorted(rows, key=lambda row: max(row.before, row.now), reverse=True)
        rows, rest = frequent[:_MOST_CATEGORIES], frequent[_MOST_CATEGORIES:]
        before, now = sum(row.before for row in rest), sum(row.now for row in rest)
        rows.append(Row(f"{len(rest)} others", before, now))
    if reference.other or current.other:
        rows.append(
            _row("not in the reference's list", reference, current, reference.other, current.other)
        )
    return rows


def _valueless(reference: Column, current: Column) -> list[Row]:
    kinds = (
        ("missing", "missing"),
        ("unreadable", "unreadable"),
        ("minus_infinity", "-∞"),
        ("plus_infinity", "+∞"),
    )
    found = []
    for name, label in kinds:
        before, now = (getattr(column, name, 0) for column in (reference, current))
        if before or now:
            found.append(_row(label, reference, current, before, now))
    return found


def _row(label: str, reference: Column, current: Column, before: int, now: int) -> Row:
    return Row(label, 100 * before / reference.rows, 100 * now / current.rows)


def _figure(
    title: str, monitor_id: str, rows: Sequence[Row], reference: Column, current: Column
) -> Any:
    figure, axes = bars_canvas(title, monitor_id, len(rows), per_row=0.34)
    sides = (
        (-0.2, [row.before for row in rows], PALE, f"reference, {reference.rows:,} rows", ""),
        (0.2, [row.now for row in rows], BLUE, f"window, {current.rows:,} rows", "//"),
    )
    for offset, shares, colour, label, hatch in sides:
        places = [place + offset for place in range(len(rows))]
        edge = "white" if hatch else GREY
        axes.barh(
            places, shares, 0.4, color=colour, label=label, hatch=hatch, edgecolor=edge, lw=0.6
        )
    axes.set_yticks(range(len(rows)), [row.label for row in rows])
    most = max((max(row.before, row.now) for row in rows), default=1.0)
    axes.set_xlim(0, min(100.0, 1.1 * most) or 1.0)
    axes.set_xlabel("share of rows, %", loc="left")
    legend_below(axes, columns=2, drop=-0.3 / (1.25 + 0.34 * len(rows)))
    return figure


def _words(
    monitor_id: str, title: str, rows: Sequence[Row], reference: Column, current: Column
) -> str:
    moved = sorted(rows, key=lambda row: abs(row.now - row.before), reverse=True)[:3]
    said = ", ".join(f"{r.label} from {r.before:.1f} % to {r.now:.1f} %" for r in moved)
    return (
        f"{title} of monitor {monitor_id}, {reference.rows:,} and {current.rows:,} rows; "
        f"greatest differences: {said}."
    )
