"""What happens in the incident register, besides the core's `IncidentOpened` and `IncidentClosed`."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from aims_core import Event


@dataclass(frozen=True, kw_only=True)
class BreachRepeated(Event):
    """A threshold was crossed again while its incident is not closed; a treated one is open again."""

    component: ClassVar[str] = "incidents"
    incident_id: str
    cause_event: str
    severity: str
    status: str


@dataclass(frozen=True, kw_only=True)
class IncidentEscalated(Event):
    """An incident is graver than it was when it was opened."""

    component: ClassVar[str] = "incidents"
    incident_id: str
    from_severity: str
    to_severity: str
    cause_event: str


@dataclass(frozen=True, kw_only=True)
class IncidentAssigned(Event):
    """Somebody sees to an incident."""

    component: ClassVar[str] = "incidents"
    incident_id: str
    assigned_to: str


@dataclass(frozen=True, kw_only=True)
class IncidentAnalysed(Event):
    """The cause of an incident was found (ISO/IEC 42001, 10.2)."""

    component: ClassVar[str] = "incidents"
    incident_id: str
    cause: str
    cause_kind: str


@dataclass(frozen=True, kw_only=True)
class IncidentTreated(Event):
    """Something was done about the cause of an incident (ISO/IEC 42001, 10.2)."""

    component: ClassVar[str] = "incidents"
    incident_id: str
    treatment: str


@dataclass(frozen=True, kw_only=True)
class ReportabilityProposed(Event):
    """The second line proposes whether an incident must be reported (EU 2024/1689, Art. 73)."""

    component: ClassVar[str] = "incidents"
    incident_id: str
    reportable: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReportabilityDecided(Event):
    """Legal confirmed whether an incident must be reported (EU 2024/1689, Art. 73)."""

    component: ClassVar[str] = "incidents"
    incident_id: str
    reportable: bool
    reason: str
    proposed_by: str


@dataclass(frozen=True, kw_only=True)
class ReportabilityDeclined(Event):
    """Legal sent a proposal back; it is undecided whether the incident must be reported."""

    component: ClassVar[str] = "incidents"
    incident_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReportabilityOverdue(Event):
    """Nobody decided by the internal deadline whether a serious incident must be reported."""

    component: ClassVar[str] = "incidents"
    incident_id: str
    due_at: datetime
