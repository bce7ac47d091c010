"""What monitoring shows as DataFrames: fixed columns and types, also when there is nothing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import Transaction, as_of, fixed_frame
from aims_monitoring import tables
from aims_monitoring.records import Status
from aims_monitoring.thresholds import read_thresholds

MONITOR_COLUMNS: Mapping[str, str] = {
    "monitor_id": "string",
    "system_id": "string",
    "kind": "string",
    "thresholds": "string",
    "window": "string",
    "severity": "string",
    "owner": "string",
    "active": "boolean",
    "status": "string",
    "newest_window": "string",
    "rows": "Int64",
    "last_run_at": "datetime64[us, UTC]",
    "open_alerts": "Int64",
}
"""One row a monitor. `status` is that of its newest window, or ``never_run``."""

FIGURE_COLUMNS: Mapping[str, str] = {
    "monitor_id": "string",
    "system_id": "string",
    "window": "string",
    "starts_at": "datetime64[us, UTC]",
    "rows": "Int64",
    "metric": "string",
    "column": "string",
    "value": "Float64",
    "low": "Float64",
    "high": "Float64",
    "p": "Float64",
    "n": "Int64",
    "direction": "string",
    "minimum": "Float64",
    "maximum": "Float64",
    "centre": "Float64",
    "status": "string",
    "reason": "string",
    "run_id": "string",
}
"""One row a figure: `value` is NA where there were too few rows, and `reason` says so.

`low` and `high` are its 95 % interval, `p` the chance of such a value where nothing changed. `minimum`
and `maximum` are the limits that held in that window, `centre` the level that they were counted from.
"""

ALERT_COLUMNS: Mapping[str, str] = {
    "alert_id": "string",
    "monitor_id": "string",
    "system_id": "string",
    "metric": "string",
    "column": "string",
    "columns": "string",
    "window": "string",
    "value": "Float64",
    "side": "string",
    "limit": "Float64",
    "severity": "string",
    "opened_at": "datetime64[us, UTC]",
    "ended_window": "string",
    "ended_at": "datetime64[us, UTC]",
}
"""One row an alert: from the window that crossed a threshold to the one that was back.

`column` is the one furthest beyond its limit, `columns` names all that were in breach in that window.
"""


def monitors(tx: Transaction, system_id: str, at: datetime | None = None) -> Any:
    """Return monitors with how each stands, now or at a time."""
    monitor, newest = as_of(tables.monitor, at), _newest_windows(at)
    open_alerts, last_run = _open_alerts(at), _last_runs(at)
    query = (
        sa.select(
            monitor,
            newest.c.status,
            newest.c.window.label("newest_window"),
            newest.c.rows,
            last_run.c.last_run_at,
            sa.func.coalesce(open_alerts.c.open_alerts, 0).label("open_alerts"),
        )
        .outerjoin(newest, newest.c.monitor_id == monitor.c.monitor_id)
        .outerjoin(last_run, last_run.c.monitor_id == monitor.c.monitor_id)
        .outerjoin(open_alerts, open_alerts.c.monitor_id == monitor.c.monitor_id)
        .order_by(monitor.c.system_id, monitor.c.monitor_id)
    )
    if system_id:
        query = query.where(monitor.c.system_id == system_id)
    rows = tx.connection.execute(query).mappings()
    return fixed_frame([_monitor_row(dict(row)) for row in rows], MONITOR_COLUMNS)


def series(tx: Transaction, monitor_id: str, at: datetime | None = None) -> Any:
    """Return the figures in force of every window of a monitor, in order, now or at a time."""
    window, monitor = as_of(tables.window, at), as_of(tables.monitor, at)
    query = _figures(window, monitor).where(window.c.monitor_id == monitor_id, window.c.in_force)
    return _figure_frame(tx, query)


def newest(tx: Transaction, system_id: str, at: datetime | None = None) -> Any:
    """Return the figures of the newest window of each active monitor, now or at a time."""
    monitor, latest = as_of(tables.monitor, at), _newest_windows(at)
    query = _figures(latest, monitor).where(monitor.c.active)
    if system_id:
        query = query.where(monitor.c.system_id == system_id)
    return _figure_frame(tx, query)


def alerts(tx: Transaction, system_id: str, *, open_only: bool, at: datetime | None = None) -> Any:
    """Return alerts, newest first, now or as they stood at a time."""
    alert, monitor = as_of(tables.alert, at), as_of(tables.monitor, at)
    query = (
        sa.select(
            alert,
            monitor.c.system_id,
            alert.c.subject.label("column"),
            alert.c.crossed.label("limit"),
        )
        .join(monitor, monitor.c.monitor_id == alert.c.monitor_id)
        .order_by(alert.c.opened_at.desc(), alert.c.alert_id)
    )
    if system_id:
        query = query.where(monitor.c.system_id == system_id)
    if open_only:
        query = query.where(alert.c.ended_at.is_(None))
    found = tx.connection.execute(query).mappings().all()
    moved = _moved_columns(tx, query)
    rows = [{**row, "columns": ", ".join(moved.get(row["alert_id"], ()))} for row in found]
    return fixed_frame(rows, ALERT_COLUMNS)


def _moved_columns(tx: Transaction, alerts: sa.Select[Any]) -> dict[str, list[str]]:
    """Return the columns by alert that were in breach in its window when it opened; that never changes."""
    told, run = alerts.order_by(None).subquery(), tables.run
    window, figure = tables.window, tables.measurement
    query = (
        sa.select(told.c.alert_id, figure.c.subject)
        .distinct()
        .join(
            window,
            sa.and_(window.c.monitor_id == told.c.monitor_id, window.c.window == told.c.window),
        )
        .join(
            figure,
            sa.and_(figure.c.run_id == window.c.run_id, figure.c.window == window.c.window),
        )
        .join(run, run.c.run_id == window.c.run_id)
        .where(
            run.c.run_at <= told.c.opened_at,
            figure.c.metric == told.c.metric,
            figure.c.status == str(Status.BREACH),
            figure.c.subject != "",
        )
        .order_by(told.c.alert_id, figure.c.subject)
    )
    moved: dict[str, list[str]] = {}
    for alert_id, subject in tx.connection.execute(query):
        moved.setdefault(alert_id, []).append(subject)
    return moved


def unknown_then(tx: Transaction, system_id: str, at: datetime) -> int:
    """Return how many monitors had run by a time of which nobody kept how they were defined then.

    Those are older than their history: changed last after that time, before former states were kept.
    """
    held, run = as_of(tables.monitor, at), tables.run
    query = sa.select(sa.func.count(run.c.monitor_id.distinct())).where(
        run.c.run_at <= at, run.c.monitor_id.not_in(sa.select(held.c.monitor_id))
    )
    if system_id:
        query = query.where(run.c.system_id == system_id)
    return int(tx.connection.execute(query).scalar_one())


def _open_alerts(at: datetime | None) -> sa.Subquery:
    """Return by monitor how many alerts have not ended."""
    alert = as_of(tables.alert, at)
    return (
        sa.select(alert.c.monitor_id, sa.func.count().label("open_alerts"))
        .where(alert.c.ended_at.is_(None))
        .group_by(alert.c.monitor_id)
        .subquery()
    )


def _last_runs(at: datetime | None) -> sa.Subquery:
    """Return by monitor when it ran last."""
    run = tables.run
    query = sa.select(run.c.monitor_id, sa.func.max(run.c.run_at).label("last_run_at"))
    if at is not None:
        query = query.where(run.c.run_at <= at)
    return query.group_by(run.c.monitor_id).subquery()


def _newest_windows(at: datetime | None) -> sa.Subquery:
    """Return the newest window in force of each monitor, now or at a time."""
    table = as_of(tables.window, at)
    place = sa.func.row_number().over(
        partition_by=table.c.monitor_id, order_by=[table.c.position.desc(), table.c.window]
    )
    ranked = sa.select(table, place.label("place")).where(table.c.in_force).subquery()
    return sa.select(ranked).where(ranked.c.place == 1).subquery()


def _figures(window: sa.FromClause, monitor: sa.FromClause) -> sa.Select[Any]:
    """Return the figures of windows, both as they stand or stood; figures themselves never change."""
    figure = tables.measurement
    same = sa.and_(figure.c.run_id == window.c.run_id, figure.c.window == window.c.window)
    return (
        sa.select(
            figure,
            figure.c.subject.label("column"),
            window.c.monitor_id,
            window.c.starts_at,
            window.c.rows,
            monitor.c.system_id,
        )
        .select_from(figure)
        .join(window, same)
        .join(monitor, monitor.c.monitor_id == window.c.monitor_id)
        .order_by(monitor.c.system_id, monitor.c.monitor_id, window.c.position, figure.c.place)
    )


def _figure_frame(tx: Transaction, query: sa.Select[Any]) -> Any:
    rows = tx.connection.execute(query).mappings().all()
    return fixed_frame(rows, FIGURE_COLUMNS)


def _monitor_row(row: Mapping[str, Any]) -> dict[str, Any]:
    length = row["window"]
    return {
        **row,
        "thresholds": "; ".join(str(t) for t in read_thresholds(row["thresholds"])),
        "window": f"{length} rows" if isinstance(length, int) else length,
        "status": row["status"] or Status.NEVER_RUN,
    }
