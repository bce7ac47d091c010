"""Incidents in the database: read, found again, written, and made known to the lifecycle's checks."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from aims_core import (
    IncidentOpened,
    Offer,
    RecordNotFound,
    RevisionConflict,
    Severity,
    Transaction,
    Workspace,
    digest,
    utc_text,
)
from aims_incidents.handling import Incident
from aims_incidents.tables import breach
from aims_incidents.tables import incident as table
from aims_incidents.terms import CauseKind, IncidentStatus

_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["incident_id", "status", "severity", "cause", "treatment", "title"],
    "additionalProperties": {"type": "string"},
}


def new_incident(tx: Transaction, system_id: str, **given: Any) -> Incident:
    """Return an incident that opens now; what is not given is empty."""
    return Incident(
        **{
            "incident_id": tx.new_id("inc"),
            "system_id": system_id,
            "status": IncidentStatus.OPEN,
            "suspends": False,
            "assigned_to": "",
            "cause": "",
            "cause_kind": CauseKind.UNKNOWN,
            "treatment": "",
            "treated_by": "",
            "treaters": (),
            "cause_event": "",
            "opened_at": tx.now,
            "opened_by": tx.actor.actor_id,
            **given,
        }
    )


def read(tx: Transaction, incident_id: str, *, for_update: bool = False) -> Incident:
    """Return an incident.

    Raises
    ------
    RecordNotFound
        No incident has this id; near ones are suggested.
    """
    query = sa.select(table).where(table.c.incident_id == incident_id)
    row = tx.connection.execute(query.with_for_update() if for_update else query).one_or_none()
    if row is None:
        known = sa.select(table.c.incident_id).order_by(table.c.opened_at.desc()).limit(200)
        raise RecordNotFound(
            "incident",
            incident_id,
            list(tx.connection.execute(known).scalars()),
            remedy="list them with `aims incidents list`",
        )
    return from_row(row)


def open_on(tx: Transaction, system_id: str, subject: str) -> Incident | None:
    """Return the incident of a system that is not closed and about this subject."""
    query = sa.select(table).where(table.c.open_key == open_key(system_id, subject))
    row = tx.connection.execute(query.with_for_update()).one_or_none()
    return from_row(row) if row is not None else None


def reported(tx: Transaction, like: Incident, *, at: datetime | None) -> Incident | None:
    """Return the incident that the same report opened before, also when it is closed by now.

    `at` is the time of occurrence that the report names; without one, any time is the same.
    """
    names = (
        "system_id",
        "subject",
        "description",
        "cause_event",
        *(("occurred_at",) if at else ()),
    )
    query = sa.select(table).where(*(table.c[name] == getattr(like, name) for name in names))
    newest = query.order_by(table.c.opened_at.desc(), table.c.incident_id).limit(1)
    row = tx.connection.execute(newest).one_or_none()
    return from_row(row) if row is not None else None


def of_breach(tx: Transaction, event_id: str) -> Incident | None:
    """Return the incident that an event opened or repeated."""
    query = sa.select(table).join(breach).where(breach.c.event_id == event_id)
    row = tx.connection.execute(query).one_or_none()
    return from_row(row) if row is not None else None


def insert(tx: Transaction, made: Incident) -> None:
    """Write a new incident and record that it was opened."""
    values = {f.name: getattr(made, f.name) for f in fields(made)}
    key = open_key(made.system_id, made.subject)
    tx.connection.execute(sa.insert(table).values(**values, open_key=key))
    tx.record(
        IncidentOpened(
            system_id=made.system_id,
            incident_id=made.incident_id,
            severity=str(made.severity),
            title=made.title,
            cause_event=made.cause_event,
            occurred_at=made.occurred_at,
        )
    )


def update(tx: Transaction, incident_id: str, changes: Mapping[str, Any]) -> Incident:
    """Change an incident and return it."""
    values = dict(changes)
    if values.get("status") is IncidentStatus.CLOSED:
        values["open_key"] = None
    tx.connection.execute(
        sa.update(table).where(table.c.incident_id == incident_id).values(**values)
    )
    return read(tx, incident_id)


def publish(tx: Transaction, incident: Incident, offer: Offer) -> None:
    """Make an incident known to the lifecycle's checks."""
    payload = {
        "incident_id": incident.incident_id,
        "status": str(incident.status),
        "severity": str(incident.severity),
        "title": incident.title,
        "cause": incident.cause,
        "treatment": incident.treatment,
        "suspends": "yes" if incident.suspends else "no",
        "opened_at": utc_text(incident.opened_at),
    }
    tx.add_result(
        kind="incident",
        system_id=incident.system_id,
        subject=incident.incident_id,
        offer=offer,
        input_digest=digest(payload),
        payload=payload,
        schema=_SCHEMA,
    )


def from_row(row: Any) -> Incident:
    """Return an incident from its row."""
    values = {f.name: getattr(row, f.name) for f in fields(Incident)}
    values |= {
        "severity": Severity(row.severity),
        "status": IncidentStatus(row.status),
        "cause_kind": CauseKind(row.cause_kind),
        "treaters": tuple(row.treaters),
    }
    return Incident(**values)


def open_key(system_id: str, subject: str) -> str:
    """Return what no two incidents that are not closed may share."""
    return digest([system_id, subject])


@contextmanager
def racing(workspace: Workspace, asked: str) -> Iterator[Transaction]:
    """Open a writing transaction in which somebody else may open the same incident first.

    Raises
    ------
    RevisionConflict
        Somebody did; repeated, the act finds it.
    """
    try:
        with workspace.writing() as tx:
            yield tx
    except IntegrityError as error:
        raise RevisionConflict(
            f"{asked}: somebody opened it at this very moment; repeat, and it is found"
        ) from error
