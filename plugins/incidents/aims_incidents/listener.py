"""Told of a breach: an incident opens by itself and, when it is grave, the system is suspended."""

from aims_core import IncidentTypeSpec, OperationalStatus, RecordedEvent, Severity, Workspace


def on_breach(event: RecordedEvent, workspace: Workspace) -> None:
    """Open an incident for a breach, once, and suspend the system where its severity asks for it.

    Raises
    ------
    AimsError
        The plugin's actor was not granted what it takes; the tell is kept and can be replayed.
    """
    said = event.payload
    severity = Severity(said["severity"])
    side = "above" if said["value"] > said["threshold"] else "below"
    workspace.incidents.open(
        event.system_id,
        title=f"{said['metric']} {side} its limit",
        description=(
            f"Monitor {said['monitor_id']}: {said['metric']} was {said['value']:.4g}, "
            f"limit {said['threshold']:.4g}, window {said['window']}."
        ),
        severity=severity,
        subject=f"{said['monitor_id']}/{said['metric']}",
        cause_event=event.event_id,
        occurred_at=event.at,
    )
    if severity.rank >= _suspends_at(workspace).rank:
        _suspend(event, workspace)


def _suspend(event: RecordedEvent, workspace: Workspace) -> None:
    system = workspace.inventory.get(event.system_id)
    possible = workspace.machine.possible(system.stage, system.status)
    if system.status is OperationalStatus.SUSPENDED:
        return
    if any(step.name == "suspend" for step in possible):
        reason = f"breach of {event.payload['metric']} (event {event.sequence})"
        workspace.approvals.request(event.system_id, "suspend", reason=reason)


def _suspends_at(workspace: Workspace) -> Severity:
    offer = workspace.host.offer("aims_incident_types", "incidents.breach")
    spec: IncidentTypeSpec = offer.spec
    return Severity(workspace.settings.section("incidents").get("suspends_at", spec.suspends_at))
