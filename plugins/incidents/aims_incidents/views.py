"""Incidents as people see them: lists, the table, and the events of one of them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from aims_core import RecordedEvent, Transaction, fixed_frame
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


def listed(tx: Transaction, system_id: str, *, open_only: bool) -> list[Incident]:
    """Return the incidents of a system, newest first."""
    query = _filtered(sa.select(table), system_id, open_only=open_only)
    return [from_row(row) for row in tx.connection.execute(query)]


def frame(tx: Transaction, system_id: str, *, open_only: bool) -> Any:
    """Return incidents, of all systems when none is named, with the columns of :data:`COLUMNS`."""
    times = (
        sa.select(breach.c.incident_id, sa.func.count().label("breaches"))
        .group_by(breach.c.incident_id)
        .subquery()
    )
    told = sa.func.coalesce(times.c.breaches, 0).label("breaches")
    columns = [told if name == "breaches" else table.c[name] for name in COLUMNS]
    joined = table.outerjoin(times, times.c.incident_id == table.c.incident_id)
    query = _filtered(sa.select(*columns).select_from(joined), system_id, open_only=open_only)
    return fixed_frame(tx.connection.execute(query).mappings(), COLUMNS)


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


def _filtered(query: sa.Select[Any], system_id: str, *, open_only: bool) -> sa.Select[Any]:
    if system_id:
        query = query.where(table.c.system_id == system_id)
    if open_only:
        query = query.where(table.c.status != IncidentStatus.CLOSED)
    return query.order_by(table.c.opened_at.desc(), table.c.incident_id)
