"""Reading and writing the plugin's tables within one transaction of the core; runs by `run_ledger`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from aims_core import RecordNotFound, Transaction, as_of
from aims_monitoring import tables
from aims_monitoring.layout import Layout
from aims_monitoring.packing import pack, unpack
from aims_monitoring.profile import Profile
from aims_monitoring.records import Monitor
from aims_monitoring.run_ledger import (
    end_alert,
    find_run,
    first_position,
    known_logs,
    next_ordinal,
    open_alerts,
    retire_windows,
    save_alert,
    save_run,
    window_starts,
    windows_in_force,
)

_MONITOR_FIELDS = tuple(Monitor.__dataclass_fields__)


def find_monitor(tx: Transaction, monitor_id: str, at: datetime | None = None) -> Monitor | None:
    """Return a monitor as it is or was at a time, or None when there is none of this id."""
    table = as_of(tables.monitor, at)
    query = sa.select(table).where(table.c.monitor_id == monitor_id)
    row = tx.connection.execute(query).mappings().one_or_none()
    return None if row is None else _monitor(dict(row))


def get_monitor(tx: Transaction, monitor_id: str, at: datetime | None = None) -> Monitor:
    """Return a monitor, as it is or was at a time.

    Raises
    ------
    RecordNotFound
        There is none of this id; near ones are suggested.
    """
    found = find_monitor(tx, monitor_id, at)
    if found is None:
        known = tx.connection.execute(sa.select(tables.monitor.c.monitor_id)).scalars()
        remedy = "list them with `aims monitor list`"
        raise RecordNotFound("monitor", monitor_id, list(known), remedy=remedy)
    return found


def save_monitor(
    tx: Transaction, monitor: Monitor, layout: Layout | None, reference: Profile | None
) -> None:
    """Write a monitor, new or revised, with the layout and profile of its reference."""
    if layout is not None:
        keep_layout(tx, layout)
    if reference is not None:
        keep_profiles(tx, [reference])
    values = {
        **{name: getattr(monitor, name) for name in _MONITOR_FIELDS},
        "reference_profile": None if reference is None else reference.digest,
        "layout": None if layout is None else layout.digest,
        "defined_by": tx.actor.actor_id,
    }
    if monitor.revision == 1:
        tx.connection.execute(sa.insert(tables.monitor).values(values))
    else:
        update_monitor(tx, monitor.monitor_id, values)


def update_monitor(tx: Transaction, monitor_id: str, values: Mapping[str, Any]) -> None:
    """Change columns of a monitor."""
    table = tables.monitor
    tx.connection.execute(
        sa.update(table).where(table.c.monitor_id == monitor_id).values(dict(values))
    )


def reference_of(tx: Transaction, monitor_id: str) -> tuple[Layout | None, Profile | None]:
    """Return the layout of a monitor's profiles and the profile of its reference."""
    table = tables.monitor
    query = (
        sa.select(
            tables.layout.c.content.label("layout"),
            tables.profile.c.content.label("profile"),
            tables.profile.c.packed,
        )
        .select_from(table)
        .outerjoin(tables.layout, tables.layout.c.digest == table.c.layout)
        .outerjoin(tables.profile, tables.profile.c.digest == table.c.reference_profile)
        .where(table.c.monitor_id == monitor_id)
    )
    row = tx.connection.execute(query).one()
    if row.layout is None:
        return None, None
    layout = Layout.read(row.layout)
    return layout, None if row.profile is None else _profile(layout, row)


def reference_profile(tx: Transaction, monitor_id: str) -> Profile:
    """Return the profile of a monitor's reference.

    Raises
    ------
    RecordNotFound
        The monitor has no reference.
    """
    _, profile = reference_of(tx, monitor_id)
    if profile is None:
        raise RecordNotFound("reference of monitor", monitor_id)
    return profile


def keep_layout(tx: Transaction, layout: Layout) -> None:
    """Store a layout unless it is there."""
    _keep(tx, tables.layout, [{"digest": layout.digest, "content": layout.content()}])


def keep_profiles(tx: Transaction, profiles: Sequence[Profile]) -> None:
    """Store profiles unless they are there."""
    rows = [
        {
            "digest": profile.digest,
            "layout": profile.layout.digest,
            "rows": profile.rows,
            "content": {},
            "packed": pack(profile.content()),
        }
        for profile in profiles
    ]
    _keep(tx, tables.profile, rows)


def profile_of_window(
    tx: Transaction, monitor_id: str, window: str, at: datetime | None = None
) -> Profile:
    """Return the profile of the window in force, now or at a time.

    Raises
    ------
    RecordNotFound
        The monitor has no such window.
    """
    table = as_of(tables.window, at)
    query = (
        sa.select(
            tables.profile.c.content.label("profile"),
            tables.profile.c.packed,
            tables.layout.c.content.label("layout"),
        )
        .select_from(table)
        .join(tables.profile, tables.profile.c.digest == table.c.profile)
        .join(tables.layout, tables.layout.c.digest == tables.profile.c.layout)
        .where(table.c.monitor_id == monitor_id, table.c.window == window, table.c.in_force)
    )
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        known = sa.select(table.c.window).where(table.c.monitor_id == monitor_id, table.c.in_force)
        raise RecordNotFound("window", window, list(tx.connection.execute(known).scalars()))
    return _profile(Layout.read(row.layout), row)


def newest_window(tx: Transaction, monitor_id: str, at: datetime | None = None) -> str:
    """Return the key of a monitor's newest window in force, empty before its first run."""
    table = as_of(tables.window, at)
    query = (
        sa.select(table.c.window)
        .where(table.c.monitor_id == monitor_id, table.c.in_force)
        .order_by(table.c.position.desc(), table.c.window)
        .limit(1)
    )
    return tx.connection.execute(query).scalar() or ""


def _profile(layout: Layout, row: Any) -> Profile:
    return Profile.read(layout, row.profile if row.packed is None else unpack(row.packed))


def _monitor(row: Mapping[str, Any]) -> Monitor:
    return Monitor(**{name: row[name] for name in _MONITOR_FIELDS})


def _keep(tx: Transaction, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows whose key is the digest of their content; those already there are the same."""
    if rows:
        own = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
        tx.connection.execute(own(table).on_conflict_do_nothing(), [dict(row) for row in rows])


__all__ = [
    "end_alert",
    "find_monitor",
    "find_run",
    "first_position",
    "get_monitor",
    "keep_layout",
    "keep_profiles",
    "known_logs",
    "newest_window",
    "next_ordinal",
    "open_alerts",
    "profile_of_window",
    "reference_of",
    "reference_profile",
    "retire_windows",
    "save_alert",
    "save_monitor",
    "save_run",
    "update_monitor",
    "window_starts",
    "windows_in_force",
]
