"""Incidents in the reports of a system and of the portfolio."""

from aims_core import DataTable, Paragraph, Section, Workspace

_TITLES = ("Incident", "System", "Severity", "Status", "What", "Cause", "Treatment", "Opened")
_NAMES = (
    "incident_id",
    "system_id",
    "severity",
    "status",
    "title",
    "cause",
    "treatment",
    "opened_at",
)


def section(workspace: Workspace, system_id: str) -> Section:
    """Return the incidents of one system, or of all when none is named."""
    frame = workspace.incidents.frame()
    if system_id:
        frame = frame[frame["system_id"] == system_id]
    if frame.empty:
        said = Paragraph(text="No incident is on record.")
        return Section(section_id="incidents", title="Incidents", blocks=(said,))
    waiting = int((frame["status"] != "closed").sum())
    rows = tuple(
        tuple(
            f"{v:%Y-%m-%d %H:%M}" if n == "opened_at" else v for n, v in zip(_NAMES, r, strict=True)
        )
        for r in frame[list(_NAMES)].itertuples(index=False)
    )
    return Section(
        section_id="incidents",
        title="Incidents",
        blocks=(
            Paragraph(text=f"{len(frame)} incident(s) on record, {waiting} not closed."),
            DataTable(columns=_TITLES, rows=rows, caption="Newest first"),
        ),
    )
