"""Told of a breach: an incident opens by itself and, when it is grave, the system is suspended."""

from aims_core import OperationalStatus, RecordedEvent, Workspace
from aims_incidents.handling import Incident
from aims_incidents.terms import IncidentStatus

_UNTREATED = (IncidentStatus.OPEN, IncidentStatus.ANALYSED)


def on_breach(event: RecordedEvent, workspace: Workspace) -> None:
    """Open an incident for a breach, once, and suspend the system where its severity asks for it.

    Raises
    ------
    AimsError
        The plugin's actor was not granted what it takes; the tell is kept and can be replayed.
    """
    incident = workspace.incidents.record_breach(event)
    # A breach that is told again, long after its incident was treated, suspends nothing.
    if incident.suspends and incident.status in _UNTREATED:
        _suspend(incident, workspace)


def _suspend(incident: Incident, workspace: Workspace) -> None:
    system = workspace.inventory.get(incident.system_id)
    if system.status is OperationalStatus.SUSPENDED:
        return
    # A system that does not run yet, or no longer, has no step to suspend it.
    if any(s.name == "suspend" for s in workspace.machine.possible(system.stage, system.status)):
        reason = f"{incident.title} (incident {incident.incident_id})"
        workspace.approvals.request(incident.system_id, "suspend", reason=reason)
