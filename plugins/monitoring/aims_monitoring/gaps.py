"""Windows of time without a row, between others that have some: nobody knows how the system did then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from aims_core import Transaction, as_of, fixed_frame
from aims_monitoring import tables

GAP_COLUMNS: Mapping[str, str] = {
    "monitor_id": "string",
    "system_id": "string",
    "after": "string",
    "before": "string",
    "missing": "Int64",
}
"""One row a stretch of `missing` windows without a row, with the windows that lie around it."""

_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A stretch of windows without a row: the windows around it, and how many are missing."""

    after: str
    before: str
    missing: int


def find_gaps(
    windows: Iterable[tuple[str, datetime]], length: str | int, zone: str = ""
) -> list[Gap]:
    """Return the stretches that are missing between windows of a length, given by key and start.

    Days and longer windows are counted by the dates of the zone in which they were cut.

    Windows of rows have no gaps. Before the first and after the newest window nothing is missing: whether
    a newer one is due is for the schedule to say.
    """
    if isinstance(length, int):
        return []
    ordered = sorted(windows, key=lambda window: window[1])
    return [
        Gap(after=before[0], before=after[0], missing=steps - 1)
        for before, after in pairwise(ordered)
        if (steps := _steps(before[1], after[1], length, zone)) > 1
    ]


def gap_frame(tx: Transaction, system_id: str, at: datetime | None = None) -> Any:
    """Return the gaps of all active monitors, or those of one system, columns :data:`GAP_COLUMNS`."""
    monitor, window = as_of(tables.monitor, at), as_of(tables.window, at)
    query = (
        sa.select(
            monitor.c.monitor_id,
            monitor.c.system_id,
            monitor.c.window.label("length"),
            monitor.c.schema,
            window.c.window,
            window.c.starts_at,
        )
        .join(window, window.c.monitor_id == monitor.c.monitor_id)
        .where(monitor.c.active, window.c.in_force, window.c.starts_at.is_not(None))
        .order_by(monitor.c.system_id, monitor.c.monitor_id, window.c.position)
    )
    if system_id:
        query = query.where(monitor.c.system_id == system_id)
    return fixed_frame(_gap_rows(tx.connection.execute(query).all()), GAP_COLUMNS)


def _gap_rows(found: Sequence[Any]) -> list[dict[str, Any]]:
    by_monitor: dict[tuple[str, str, Any, str], list[tuple[str, datetime]]] = {}
    for row in found:
        key = (row.monitor_id, row.system_id, row.length, row.schema.get("zone", ""))
        by_monitor.setdefault(key, []).append((row.window, row.starts_at))
    return [
        {
            "monitor_id": monitor_id,
            "system_id": system_id,
            "after": gap.after,
            "before": gap.before,
            "missing": gap.missing,
        }
        for (monitor_id, system_id, length, zone), windows in by_monitor.items()
        for gap in find_gaps(windows, length, zone)
    ]


def _steps(before: datetime, after: datetime, length: str, zone: str) -> int:
    if length in _STEPS:
        # A day on which clocks change is an hour shorter or longer.
        return round((after - before) / _STEPS[length])
    first, then = (moment.astimezone(ZoneInfo(zone or "UTC")) for moment in (before, after))
    months = 12 * (then.year - first.year) + then.month - first.month
    return months // _MONTHS[length]
