"""What defining a monitor needs besides its definition: identity, the record of it, its reference."""

from typing import Any

from aims_core import InvalidRecord, Problem, Transaction
from aims_monitoring.definition import Definition
from aims_monitoring.events import MonitorDefined
from aims_monitoring.layout import Layout, fit_layout
from aims_monitoring.profile import Profile
from aims_monitoring.records import Monitor
from aims_monitoring.scan import profile_log
from aims_monitoring.schema import POSITIVE, Schema
from aims_monitoring.source import Source, require_columns
from aims_monitoring.thresholds import threshold_content


def check_identity(monitor_id: str, system_id: str, former: Monitor | None, asked: str) -> None:
    """Refuse an id that cannot be kept, and one that watches another system.

    Raises
    ------
    InvalidRecord
        The id is empty, too long or not printable, or belongs to a monitor of another system.
    """
    problems = []
    if not monitor_id.strip() or len(monitor_id) > 64 or not monitor_id.isprintable():  # noqa: PLR2004 - width of the column
        reason = "an id is 1 to 64 printable characters"
        problems.append(Problem(field="monitor_id", reason=reason, value=monitor_id[:64]))
    if former is not None and former.system_id != system_id:
        reason = f"it already watches {former.system_id}"
        problems.append(Problem(field="monitor_id", reason=reason, remedy="choose another id"))
    if problems:
        raise InvalidRecord(asked, problems)


def _values(system_id: str, definition: Definition) -> dict[str, Any]:
    return {
        "system_id": system_id,
        "kind": definition.kind,
        "thresholds": threshold_content(definition.thresholds),
        "schema": definition.schema.content(),
        "window": definition.window,
        "severity": str(definition.severity),
        "owner": definition.owner,
        "minimum_rows": definition.minimum_rows,
        "persistence": list(definition.persistence),
        "hysteresis": definition.hysteresis,
        "reference": definition.reference,
        "definition": definition.digest,
        "active": True,
    }


def is_same(former: Monitor, system_id: str, definition: Definition) -> bool:
    """Return whether a monitor stands as it is defined now."""
    values = _values(system_id, definition)
    return all(getattr(former, name) == value for name, value in values.items())


def monitor_of(
    tx: Transaction,
    monitor_id: str,
    system_id: str,
    definition: Definition,
    former: Monitor | None,
) -> Monitor:
    """Return the monitor of a definition: the first revision, or the next of a former one."""
    return Monitor(
        monitor_id=monitor_id,
        revision=1 if former is None else former.revision + 1,
        defined_at=tx.now,
        **_values(system_id, definition),
    )


def cut_otherwise(former: Monitor, monitor: Monitor) -> bool:
    """Return whether former windows and new ones would not belong in one series."""
    kept = ("kind", "schema", "window")
    return any(getattr(former, name) != getattr(monitor, name) for name in kept)


def read_reference(
    source: Source | None, schema: Schema, asked: str, *, ids: bool = False
) -> tuple[Layout | None, Profile | None]:
    """Return the layout that fits a reference and its profile, None and None without a reference.

    `ids` says whether its ids are to be counted as well.

    Raises
    ------
    InvalidRecord
        The reference lacks a declared column, or a positive class that was named.
    """
    if source is None:
        return None, None
    require_columns(source, schema, asked=asked, time=False)
    layout = fit_layout(source, schema)
    if schema.positive != POSITIVE and layout.classes:
        _check_positive(layout, asked)
    return layout, profile_log(source, layout, ids=ids)


def _check_positive(layout: Layout, asked: str) -> None:
    """Refuse a positive class that somebody named and that does not occur."""
    positive = layout.schema.positive
    if positive not in layout.classes:
        problem = Problem(
            field="positive",
            reason=f"the reference has no row of the class {positive!r}",
            remedy=f"its classes are {', '.join(layout.classes[:10])}",
        )
        raise InvalidRecord(asked, [problem])


def defined_event(monitor: Monitor) -> MonitorDefined:
    """Return the event that says how a monitor is defined."""
    return MonitorDefined(
        system_id=monitor.system_id,
        monitor_id=monitor.monitor_id,
        revision=monitor.revision,
        kind=monitor.kind,
        thresholds=monitor.thresholds,
        severity=monitor.severity,
        owner=monitor.owner,
        definition=monitor.definition,
        persistence=tuple(monitor.persistence),
        hysteresis=monitor.hysteresis,
    )
