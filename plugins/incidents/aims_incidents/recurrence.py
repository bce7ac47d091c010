"""The first breach opens an incident; further ones are added to it, make it graver, open it again."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import Transaction
from aims_incidents import ledger
from aims_incidents.breaches import BREACH, Breach
from aims_incidents.events import BreachRepeated, IncidentEscalated
from aims_incidents.handling import Incident, next_status
from aims_incidents.tables import breach as table
from aims_incidents.terms import CauseKind, IncidentStatus


def take(tx: Transaction, said: Breach, at: datetime, *, suspends: bool) -> Incident:
    """Open an incident for a breach or add it to the one that is open, and return the incident.

    Parameters
    ----------
    at : datetime
        When the breach was recorded.
    suspends : bool
        Whether its severity reaches the level at which a system is suspended.
    """
    former = ledger.open_on(tx, said.system_id, said.subject)
    if former is None:
        incident = _begin(tx, said, at, suspends=suspends)
    else:
        incident = _repeat(tx, former, said, suspends=suspends)
    tx.connection.execute(
        sa.insert(table).values(
            event_id=said.event_id,
            incident_id=incident.incident_id,
            severity=said.severity,
            at=at,
            taken_at=tx.now,
        )
    )
    return incident


def _begin(tx: Transaction, said: Breach, at: datetime, *, suspends: bool) -> Incident:
    made = ledger.new_incident(
        tx,
        said.system_id,
        kind=BREACH,
        subject=said.subject,
        title=said.title,
        description=said.description,
        severity=said.severity,
        suspends=suspends,
        cause_event=said.event_id,
        occurred_at=at,
    )
    ledger.insert(tx, made)
    return made


def _repeat(tx: Transaction, former: Incident, said: Breach, *, suspends: bool) -> Incident:
    changes: dict[str, Any] = {"suspends": former.suspends or suspends}
    if former.status is IncidentStatus.TREATED:
        status = next_status(former, "recur")
        changes |= {"status": status, "cause": "", "treatment": "", "treated_by": ""}
        changes |= {"cause_kind": CauseKind.UNKNOWN}
    if said.severity.rank > former.severity.rank:
        changes["severity"] = said.severity
    incident = ledger.update(tx, former.incident_id, changes)
    tx.record(
        BreachRepeated(
            system_id=said.system_id,
            incident_id=former.incident_id,
            cause_event=said.event_id,
            severity=str(said.severity),
            status=str(incident.status),
        )
    )
    if incident.severity is not former.severity:
        tx.record(_escalated(former, incident, said))
    return incident


def _escalated(former: Incident, now: Incident, said: Breach) -> IncidentEscalated:
    return IncidentEscalated(
        system_id=now.system_id,
        incident_id=now.incident_id,
        from_severity=str(former.severity),
        to_severity=str(now.severity),
        cause_event=said.event_id,
    )
