"""What happens in the incident register, besides the core's `IncidentOpened` and `IncidentClosed`."""

from dataclasses import dataclass
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
