"""A breach as an incident sees it: what it is about, how grave, in words. Pure, but for the settings."""

from dataclasses import dataclass

from aims_core import (
    IncidentTypeSpec,
    RecordedEvent,
    Severity,
    Workspace,
    WorkspaceError,
    plain_number,
)

BREACH = "incidents.breach"
_NEVER = "never"
_TITLE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """What a `ThresholdBreached` says."""

    event_id: str
    system_id: str
    subject: str
    title: str
    description: str
    severity: Severity


def read_breach(event: RecordedEvent) -> Breach:
    """Return what the event says; a severity that nobody knows is read as major, and said to be."""
    said = event.payload
    value, threshold = said["value"], said["threshold"]
    side = "above" if value > threshold else "below"
    known = str(said["severity"]) in list(Severity)
    remark = "" if known else f" Its severity {said['severity']!r} is not known and read as major."
    return Breach(
        event_id=event.event_id,
        system_id=event.system_id,
        subject=f"{said['monitor_id']}/{said['metric']}",
        title=f"{said['metric']} {side} its limit"[:_TITLE],
        description=(
            f"Monitor {said['monitor_id']}: {said['metric']} was {plain_number(value)}, "
            f"limit {plain_number(threshold)}, window {said['window']}.{remark}"
        ),
        severity=Severity(said["severity"]) if known else Severity.MAJOR,
    )


def suspends_at(workspace: Workspace) -> Severity | None:
    """Return the severity from which a breach suspends a system; None where none does.

    Raises
    ------
    WorkspaceError
        ``[incidents] suspends_at`` in ``aims.toml`` is neither a severity nor ``never``.
    """
    offer = workspace.host.offer("aims_incident_types", BREACH)
    spec: IncidentTypeSpec = offer.spec
    chosen = workspace.settings.section("incidents").get("suspends_at", spec.suspends_at)
    if chosen == _NEVER:
        return None
    if chosen not in list(Severity):
        raise WorkspaceError(
            f"aims.toml: incidents.suspends_at is {chosen!r}; use {', '.join(Severity)} or {_NEVER}"
        )
    return Severity(chosen)
