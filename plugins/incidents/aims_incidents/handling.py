"""How an incident is handled: its steps as data, and what each needs. Pure.

Source: ISO/IEC 42001, A.8.4 and 10.2; NIST AI RMF, MANAGE 4.3.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aims_core import RequestRefused, Severity


class IncidentStatus(StrEnum):
    """How far an incident is."""

    OPEN = "open"
    ANALYSED = "analysed"
    TREATED = "treated"
    CLOSED = "closed"


STEPS = {
    "analyse": (IncidentStatus.OPEN, IncidentStatus.ANALYSED),
    "treat": (IncidentStatus.ANALYSED, IncidentStatus.TREATED),
    "close": (IncidentStatus.TREATED, IncidentStatus.CLOSED),
}
_ADVICE = {
    IncidentStatus.OPEN: "analyse it first: say what caused it",
    IncidentStatus.ANALYSED: "treat it first: say what was done about the cause",
    IncidentStatus.TREATED: "it is treated; close it when the treatment is seen to work",
    IncidentStatus.CLOSED: "it is closed; open a new incident if it happens again",
}
GRAVE = (Severity.MAJOR, Severity.SERIOUS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """An incident of one system, with its cause and treatment once they are known."""

    incident_id: str
    system_id: str
    kind: str
    title: str
    description: str
    severity: Severity
    status: IncidentStatus
    cause: str
    treatment: str
    treated_by: str
    cause_event: str
    occurred_at: datetime
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None = None
    closed_by: str = ""


def next_status(incident: Incident, step: str) -> IncidentStatus:
    """Return where a step leads.

    Raises
    ------
    RequestRefused
        The incident does not stand where the step starts; the message says what is due.
    """
    source, target = STEPS[step]
    if incident.status is not source:
        raise RequestRefused(
            f"{step} {incident.incident_id}: it is {incident.status}; {_ADVICE[incident.status]}"
        )
    return target
