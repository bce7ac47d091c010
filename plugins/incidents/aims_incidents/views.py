"""Incidents as people see them: lists, the table, and the events of one of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import RecordedEvent, Transaction, as_of, fixed_frame
from aims_incidents.handling import Incident
from aims_incidents.ledger import from_row
from aims_incidents.tables import breach
from aims_incidents.tables import incident as table
from aims_incidents.terms import IncidentStatus

COLUMNS = {
    "incident_id": "string",
    "system_id": "string",
    "severity": "string",
    "status": "string",
    "title": "string",
    "assigned_to": "string",
    "kind": "string",
    "subject": "string",
    "breaches": "Int64",
    "suspends": "boolean",
    "cause": "string",
    "cause_kind": "string",
    "treatment": "string",
    "treated_by": "string",
    "occurred_at": "datetime64[us, UTC]",
    "opened_at": "datetime64[us, UTC]",
    "opened_by": "string",
    "closed_at": "datetime64[us, UTC]",
    "closed_by": "string",
    "description": "string",
}


def listed(
    tx: Transaction, system_id: str, *, open_only: bool, at: datetime | None = None
) -> list[Incident]:
    """Return the incidents of a system, newest first; now, or as they stood at a time."""
    held = as_of(table, at)
    query = _filtered(sa.select(held), held, system_id, open_only=open_only)
    return [from_row(row) for row in tx.connection.execute(query)]


def frame(tx: Transaction, system_id: str, *, open_only: bool, at: datetime | None = None) -> Any:
    """Return incidents, of all systems when none is named, with the columns of :data:`COLUMNS`."""
    held = as_of(table, at)
    counted = sa.select(breach.c.incident_id, sa.func.count().label("breaches"))
    if at is not None:
        counted = counted.where(breach.c.taken_at <= at)
    times = counted.group_by(breach.c.incident_id).subquery()
    told = sa.func.coalesce(times.c.breaches, 0).label("breaches")
    columns = [told if name == "breaches" else held.c[name] for name in COLUMNS]
    joined = held.outerjoin(times, times.c.incident_id == held.c.incident_id)
    query = _filtered(sa.select(*columns).select_from(joined), held, system_id, open_only=open_only)
    return fixed_frame(tx.connection.execute(query).mappings(), COLUMNS)


def unknown_then(tx: Transaction, system_id: str, at: datetime) -> int:
    """Return how many incidents were on record at a time of which nobody kept how they stood.

    Those are older than their history: opened by then, and last changed after it, before states were kept.
    """
    held = as_of(table, at)
    query = sa.select(sa.func.count()).where(
        table.c.opened_at <= at, table.c.incident_id.not_in(sa.select(held.c.incident_id))
    )
    if system_id:
        query = query.where(table.c.system_id == system_id)
    return int(tx.connection.execute(query).scalar_one())


def events_of(incident: Incident, history: Sequence[RecordedEvent]) -> list[RecordedEvent]:
    """Return the events of a system that are about one of its incidents, in their order."""
    breaches = {incident.cause_event} | {
        str(event.payload["cause_event"])
        for event in history
        if event.type == "incidents.BreachRepeated" and _names(event, incident.incident_id)
    }
    return [
        event
        for event in history
        if event.event_id in breaches or _names(event, incident.incident_id)
    ]


def _names(event: RecordedEvent, incident_id: str) -> bool:
    said = event.payload
    if event.type == "core.TransitionDecided":
        return incident_id in str(said.get("reason", ""))
    return incident_id in (said.get("incident_id"), said.get("subject"))


def _filtered(
    query: sa.Select[Any], held: sa.FromClause, system_id: str, *, open_only: bool
) -> sa.Select[Any]:
    if system_id:
        query = query.where(held.c.system_id == system_id)
    if open_only:
        query = query.where(held.c.status != IncidentStatus.CLOSED)
    return query.order_by(held.c.opened_at.desc(), held.c.incident_id)
