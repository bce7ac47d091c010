"""Reading and writing runs, their windows and figures, and alerts within one transaction of the core."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import Measurement, Transaction
from aims_monitoring import tables
from aims_monitoring.fingerprints import KnownLog
from aims_monitoring.records import Judged, Monitor, Run, Status, WindowFigures

_RUN_FIELDS = tuple(name for name in Run.__dataclass_fields__ if name != "windows")


def find_run(tx: Transaction, monitor_id: str, input_digest: str) -> Run | None:
    """Return the run of a monitor over this very input, or None."""
    table = tables.run
    query = sa.select(table).where(
        table.c.monitor_id == monitor_id, table.c.input_digest == input_digest
    )
    row = tx.connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    windows = _windows(tx, tables.window.c.run_id == row["run_id"])
    return Run(**{name: row[name] for name in _RUN_FIELDS}, windows=tuple(windows))


def next_ordinal(tx: Transaction, monitor_id: str) -> int:
    """Return the number of a monitor's next run, from 1."""
    table = tables.run
    query = sa.select(sa.func.max(table.c.ordinal)).where(table.c.monitor_id == monitor_id)
    return (tx.connection.execute(query).scalar() or 0) + 1


def known_logs(tx: Transaction, monitor: Monitor) -> list[KnownLog]:
    """Return the logs of which windows of rows are in force, as long as runs found them."""
    if not isinstance(monitor.window, int):
        return []
    run, window = tables.run, tables.window
    standing = (
        sa.select(run.c.log)
        .join(window, window.c.run_id == run.c.run_id)
        .where(window.c.monitor_id == monitor.monitor_id, window.c.in_force)
    )
    query = (
        sa.select(run.c.log, run.c.rows, run.c.fingerprint)
        .distinct()
        .where(
            run.c.monitor_id == monitor.monitor_id,
            run.c.fingerprint.is_not(None),
            run.c.log.in_(standing),
        )
    )
    return [
        KnownLog(name=row.log, rows=row.rows, fingerprint=row.fingerprint)
        for row in tx.connection.execute(query)
    ]


def first_position(tx: Transaction, monitor_id: str, log: str) -> int | None:
    """Return where the windows in force of a log of rows begin, None where it has none."""
    table = tables.window
    query = sa.select(sa.func.min(table.c.position)).where(
        table.c.monitor_id == monitor_id,
        table.c.in_force,
        table.c.window.startswith(f"{log}:", autoescape=True),
    )
    return tx.connection.execute(query).scalar()


def save_run(
    tx: Transaction,
    run: Run,
    ordinal: int,
    positions: Mapping[str, int],
    *,
    log: KnownLog | None = None,
    beside: Collection[str] = (),
) -> None:
    """Write a run with its windows and figures; it puts former figures of its windows out of force.

    Windows `beside` are written without coming into force.
    """
    values = {name: getattr(run, name) for name in _RUN_FIELDS}
    if log is not None:
        values |= {"log": log.name, "fingerprint": log.fingerprint}
    tx.connection.execute(sa.insert(tables.run).values(**values, ordinal=ordinal))
    _supersede(tx, run.monitor_id, [w.window for w in run.windows if w.window not in beside])
    windows = [
        {
            "run_id": run.run_id,
            "window": w.window,
            "monitor_id": run.monitor_id,
            "position": positions[w.window],
            "starts_at": w.starts_at,
            "rows": w.rows,
            "profile": w.profile,
            "status": w.status,
            "in_force": w.window not in beside,
        }
        for w in run.windows
    ]
    figures = [
        _figure_row(run.run_id, w.window, place, judged)
        for w in run.windows
        for place, judged in enumerate(w.figures)
    ]
    for table, rows in ((tables.window, windows), (tables.measurement, figures)):
        if rows:
            tx.connection.execute(sa.insert(table), rows)


def windows_in_force(tx: Transaction, monitor_id: str) -> list[WindowFigures]:
    """Return the newest figures of every window of a monitor, in the order of the windows."""
    table = tables.window
    return _windows(tx, sa.and_(table.c.monitor_id == monitor_id, table.c.in_force))


def window_starts(tx: Transaction, monitor_id: str) -> list[tuple[str, datetime]]:
    """Return key and start of each window in force that has a start."""
    table = tables.window
    query = sa.select(table.c.window, table.c.starts_at).where(
        table.c.monitor_id == monitor_id, table.c.in_force, table.c.starts_at.is_not(None)
    )
    return [(row.window, row.starts_at) for row in tx.connection.execute(query)]


def retire_windows(tx: Transaction, monitor_id: str) -> None:
    """Put all windows of a monitor out of force, and end its alerts: its series starts anew."""
    table, alert = tables.window, tables.alert
    tx.connection.execute(
        sa.update(table).where(table.c.monitor_id == monitor_id).values(in_force=False)
    )
    tx.connection.execute(
        sa.update(alert)
        .where(alert.c.monitor_id == monitor_id, alert.c.ended_at.is_(None))
        .values(ended_at=tx.now)
    )


def open_alerts(tx: Transaction, monitor_id: str) -> dict[str, tuple[str, str]]:
    """Return by metric the id and the window of the alert that has not ended."""
    table = tables.alert
    query = sa.select(table.c.metric, table.c.alert_id, table.c.window).where(
        table.c.monitor_id == monitor_id, table.c.ended_at.is_(None)
    )
    return {row.metric: (row.alert_id, row.window) for row in tx.connection.execute(query)}


def save_alert(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Write a new alert."""
    tx.connection.execute(sa.insert(tables.alert).values(dict(values)))


def end_alert(tx: Transaction, alert_id: str, window: str) -> None:
    """Note that an alert is over since a window."""
    table = tables.alert
    tx.connection.execute(
        sa.update(table)
        .where(table.c.alert_id == alert_id)
        .values(ended_window=window, ended_at=tx.now)
    )


def _supersede(tx: Transaction, monitor_id: str, windows: list[str]) -> None:
    table = tables.window
    statement = (
        sa.update(table)
        .where(
            table.c.monitor_id == monitor_id,
            table.c.window == sa.bindparam("of_window"),
            table.c.in_force,
        )
        .values(in_force=False)
    )
    keys = [{"of_window": window} for window in windows]
    if keys:
        tx.connection.execute(statement, keys)


def _windows(tx: Transaction, chosen: sa.ColumnElement[bool]) -> list[WindowFigures]:
    table, figure = tables.window, tables.measurement
    heads = sa.select(table).where(chosen).order_by(table.c.position, table.c.window)
    figures = (
        sa.select(figure)
        .join(table, sa.and_(table.c.run_id == figure.c.run_id, table.c.window == figure.c.window))
        .where(chosen)
        .order_by(figure.c.place)
    )
    found: dict[tuple[str, str], list[Judged]] = {}
    for row in tx.connection.execute(figures):
        found.setdefault((row.run_id, row.window), []).append(_judged(row))
    return [
        WindowFigures(
            window=row.window,
            starts_at=row.starts_at,
            rows=row.rows,
            profile=row.profile,
            figures=tuple(found.get((row.run_id, row.window), ())),
        )
        for row in tx.connection.execute(heads)
    ]


def _figure_row(run_id: str, window: str, place: int, judged: Judged) -> dict[str, Any]:
    m = judged.measurement
    return {
        "run_id": run_id,
        "window": window,
        "metric": m.metric,
        "subject": m.subject,
        "place": place,
        "value": m.value,
        "n": m.n,
        "direction": m.direction,
        "unit": m.unit,
        "reason": m.reason,
        "low": m.low,
        "high": m.high,
        "p": m.p,
        "status": judged.status,
        "minimum": judged.minimum,
        "maximum": judged.maximum,
        "centre": judged.centre,
        "side": judged.side,
        "crossed": judged.limit,
    }


def _judged(row: Any) -> Judged:
    measurement = Measurement(
        metric=row.metric,
        value=row.value,
        n=row.n,
        direction=row.direction,
        unit=row.unit,
        subject=row.subject,
        reason=row.reason,
        low=row.low,
        high=row.high,
        p=row.p,
        applicable=row.status != Status.NOT_APPLICABLE,
    )
    return Judged(
        measurement=measurement,
        status=Status(row.status),
        minimum=row.minimum,
        maximum=row.maximum,
        centre=row.centre,
        side=row.side,
        limit=row.crossed,
    )
