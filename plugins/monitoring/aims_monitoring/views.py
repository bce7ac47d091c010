"""What monitoring shows as DataFrames: fixed columns and types, also when there is nothing."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from aims_core import Transaction, fixed_frame
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


def monitors(tx: Transaction, system_id: str) -> Any:
    """Return monitors with how each stands."""
    monitor, newest = tables.monitor, _newest_windows()
    open_alerts = (
        sa.select(tables.alert.c.monitor_id, sa.func.count().label("open_alerts"))
        .where(tables.alert.c.ended_at.is_(None))
        .group_by(tables.alert.c.monitor_id)
        .subquery()
    )
    last_run = (
        sa.select(tables.run.c.monitor_id, sa.func.max(tables.run.c.run_at).label("last_run_at"))
        .group_by(tables.run.c.monitor_id)
        .subquery()
    )
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


def series(tx: Transaction, monitor_id: str) -> Any:
    """Return the figures in force of every window of a monitor, in order."""
    query = _figures().where(tables.window.c.monitor_id == monitor_id, tables.window.c.in_force)
    return _figure_frame(tx, query)


def newest(tx: Transaction, system_id: str) -> Any:
    """Return the figures of the newest window of each active monitor."""
    latest = _newest_windows()
    query = (
        _figures()
        .join(
            latest,
            sa.and_(
                latest.c.run_id == tables.window.c.run_id,
                latest.c.window == tables.window.c.window,
            ),
        )
        .where(tables.monitor.c.active)
    )
    if system_id:
        query = query.where(tables.monitor.c.system_id == system_id)
    return _figure_frame(tx, query)


def alerts(tx: Transaction, system_id: str, *, open_only: bool) -> Any:
    """Return alerts, newest first."""
    alert, monitor = tables.alert, tables.monitor
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
    """Return the columns by alert that were in breach in its window, in the run that told or since."""
    told, window, figure = alerts.order_by(None).subquery(), tables.window, tables.measurement
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
        .where(
            sa.or_(window.c.run_id == told.c.opened_by_run, window.c.in_force),
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


def _newest_windows() -> sa.Subquery:
    """Return the newest window in force of each monitor."""
    table = tables.window
    place = sa.func.row_number().over(
        partition_by=table.c.monitor_id, order_by=[table.c.position.desc(), table.c.window]
    )
    ranked = sa.select(table, place.label("place")).where(table.c.in_force).subquery()
    return sa.select(ranked).where(ranked.c.place == 1).subquery()


def _figures() -> sa.Select[Any]:
    window, figure, monitor = tables.window, tables.measurement, tables.monitor
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
