"""Incidents in the reports of a system and of the portfolio."""

from typing import Any

from aims_core import DataTable, Paragraph, RecordedEvent, Section, Severity, Workspace

_SHOWN = 50
_TITLES = {
    "incident_id": "Incident",
    "system_id": "System",
    "severity": "Severity",
    "status": "Status",
    "title": "What happened",
    "assigned_to": "Assigned to",
    "cause": "Cause",
    "treatment": "Treatment",
    "opened_at": "Opened",
}


def system_section(workspace: Workspace, system_id: str) -> Section:
    """Return the incidents of one system, and what happened in those that are not closed."""
    register = workspace.incidents
    frame = register.frame(system_id)
    blocks: list[Paragraph | DataTable] = [Paragraph(text=_summary(frame))]
    if len(frame):
        blocks.append(_table(frame, "Newest first", without="system_id"))
        for incident in register.of(system_id, open_only=True)[:_SHOWN]:
            events = register.timeline(incident.incident_id)
            blocks.append(_timeline(events, f"Incident {incident.incident_id}: {incident.title}"))
    return Section(section_id="incidents", title="Incidents", blocks=tuple(blocks))


def portfolio_section(workspace: Workspace, _system_id: str) -> Section:
    """Return the incidents of all systems: how many stand how, and those that are not closed."""
    frame = workspace.incidents.frame()
    blocks: list[Paragraph | DataTable] = [Paragraph(text=_summary(frame))]
    if len(frame):
        blocks.append(_counts(frame))
        waiting = frame[frame["status"] != "closed"]
        gravest = waiting.assign(rank=[Severity(s).rank for s in waiting["severity"]])
        shown = gravest.sort_values("rank", ascending=False, kind="stable").head(_SHOWN)
        if len(shown):
            blocks.append(_table(shown, "Not closed, the gravest first"))
    return Section(section_id="incidents", title="Incidents", blocks=tuple(blocks))


def _summary(frame: Any) -> str:
    if not len(frame):
        return "No incident is on record."
    waiting = int((frame["status"] != "closed").sum())
    return f"{len(frame)} incident(s) on record, {waiting} not closed."


def _counts(frame: Any) -> DataTable:
    counted = frame.groupby(["severity", "status"]).size()
    rows = tuple(
        (str(severity), str(status), int(number)) for (severity, status), number in counted.items()
    )
    ordered = sorted(rows, key=lambda row: Severity(row[0]).rank, reverse=True)
    return DataTable(
        columns=("Severity", "Status", "Incidents"), rows=tuple(ordered), caption="How they stand"
    )


def _table(frame: Any, caption: str, without: str = "") -> DataTable:
    names = [name for name in _TITLES if name != without]
    shown = frame[names].assign(opened_at=frame["opened_at"].dt.strftime("%Y-%m-%d %H:%M"))
    rows = tuple(tuple(str(v) for v in row) for row in shown.itertuples(index=False))
    return DataTable(columns=tuple(_TITLES[n] for n in names), rows=rows, caption=caption)


def _timeline(events: list[RecordedEvent], caption: str) -> DataTable:
    rows = tuple((f"{e.at:%Y-%m-%d %H:%M}", e.actor, e.type) for e in events)
    return DataTable(columns=("When", "Who", "What"), rows=rows, caption=caption)
