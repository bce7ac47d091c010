"""What happens in the incident register, besides the core's `IncidentOpened` and `IncidentClosed`."""

from dataclasses import dataclass
from typing import ClassVar

from aims_core import Event


@dataclass(frozen=True, kw_only=True)
class IncidentAnalysed(Event):
    """The cause of an incident was found (ISO/IEC 42001, 10.2)."""

    component: ClassVar[str] = "incidents"
    incident_id: str
    cause: str


@dataclass(frozen=True, kw_only=True)
class IncidentTreated(Event):
    """Something was done about the cause of an incident (ISO/IEC 42001, 10.2)."""

    component: ClassVar[str] = "incidents"
    incident_id: str
    treatment: str
