"""Incidents in the reports of a system and of the portfolio."""

from typing import Any

from aims_core import DataTable, Paragraph, RecordedEvent, Section, Severity, Workspace
from aims_incidents.reporting_records import KIND, from_result

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


def system_section(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:
    """Return the incidents of one system, and what happened in those not closed; now or at a checkpoint."""
    register = workspace.incidents
    frame = register.frame(system_id, as_of=as_of)
    blocks: list[Paragraph | DataTable] = [Paragraph(text=_summary(frame))]
    blocks += _unknown(workspace, system_id, as_of)
    if len(frame):
        blocks.append(_table(frame, "Newest first", without="system_id"))
        blocks += _reporting(workspace, system_id, frame, as_of)
        for incident in register.of(system_id, open_only=True, as_of=as_of)[:_SHOWN]:
            events = register.timeline(incident.incident_id, as_of=as_of)
            blocks.append(_timeline(events, f"Incident {incident.incident_id}: {incident.title}"))
    return Section(section_id="incidents", title="Incidents", blocks=tuple(blocks))


def portfolio_section(workspace: Workspace, _system_id: str, as_of: int | None = None) -> Section:
    """Return how many incidents stand how, and those that are not closed; now or at a checkpoint."""
    frame = workspace.incidents.frame(as_of=as_of)
    blocks: list[Paragraph | DataTable] = [Paragraph(text=_summary(frame))]
    blocks += _unknown(workspace, "", as_of)
    if len(frame):
        blocks.append(_counts(frame))
        waiting = frame[frame["status"] != "closed"]
        gravest = waiting.assign(rank=[Severity(s).rank for s in waiting["severity"]])
        shown = gravest.sort_values("rank", ascending=False, kind="stable").head(_SHOWN)
        if len(shown):
            blocks.append(_table(shown, "Not closed, the gravest first"))
    return Section(section_id="incidents", title="Incidents", blocks=tuple(blocks))


def _reporting(
    workspace: Workspace, system_id: str, frame: Any, as_of: int | None
) -> list[DataTable]:
    """Return how the decisions on reporting stand or stood, of serious incidents and others decided on."""
    results = workspace.results.of(system_id, KIND, as_of=as_of)
    found = {result.subject: from_result(result) for result in results}
    serious = set(frame.loc[frame["severity"] == Severity.SERIOUS, "incident_id"])
    rows = []
    for incident_id in (i for i in frame["incident_id"] if i in serious | found.keys()):
        stands = found.get(incident_id)
        if stands is None:
            rows.append((incident_id, "undecided", "", "", "", ""))
            continue
        reportable = "yes" if stands.reportable else "no"
        said = (stands.reason, stands.proposed_by, stands.decided_by)
        rows.append((incident_id, stands.status, reportable, *said))
    columns = ("Incident", "Decision", "To be reported", "Why", "Proposed by", "Decided by")
    caption = "Whether they must be reported to an authority (rule R9)"
    return [DataTable(columns=columns, rows=tuple(rows), caption=caption)] if rows else []


def _summary(frame: Any) -> str:
    if not len(frame):
        return "No incident is on record."
    waiting = int((frame["status"] != "closed").sum())
    return f"{len(frame)} incident(s) on record, {waiting} not closed."


def _unknown(workspace: Workspace, system_id: str, as_of: int | None) -> list[Paragraph]:
    """Say what the record does not hold: an incident that is missing is not one that was closed."""
    number = 0 if as_of is None else workspace.incidents.unknown(system_id, as_of=as_of)
    if not number:
        return []
    said = (
        f"{number} further incident(s) were on record then; how they stood was not kept at that time "
        "and is not known. Do not read the gap as good news."
    )
    return [Paragraph(text=said)]


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
