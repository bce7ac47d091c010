"""The Statement of Applicability in the report of the portfolio."""

from typing import Any

from aims_compliance.terms import UNDECIDED
from aims_core import DataTable, Figure, Paragraph, Section, Workspace, bars_svg

_SHOWN = {
    "control_id": "Control",
    "title": "Title",
    "state": "State",
    "reason": "Reason",
    "grounds": "Grounds",
    "implementation": "Implementation",
    "responsible": "Responsible",
}


def portfolio_section(workspace: Workspace, _system_id: str, as_of: int | None = None) -> Section:
    """Return progress, newest issued version and every control of the statement, now or at a checkpoint."""
    progress = workspace.compliance.progress(as_of=as_of)
    frame = workspace.compliance.statement(as_of=as_of)
    rows = tuple(
        tuple(map(_plain, row)) for row in frame[list(_SHOWN)].itertuples(index=False, name=None)
    )
    return Section(
        section_id="compliance",
        title="Statement of Applicability",
        blocks=(
            Paragraph(text=progress_words(progress)),
            Paragraph(text=_issued_words(workspace, as_of)),
            Figure(svg=progress_svg(progress), description=progress_words(progress)),
            DataTable(
                columns=tuple(_SHOWN.values()),
                rows=rows,
                caption="Controls of ISO/IEC 42001, Annex A, as they stand",
            ),
        ),
    )


def progress_words(progress: dict[str, int]) -> str:
    """Return in words how many controls are decided."""
    total = sum(progress.values())
    said = ", ".join(f"{number} {state}" for state, number in progress.items())
    return f"{total - progress[UNDECIDED]} of {total} controls are decided: {said}."


def progress_svg(progress: dict[str, int]) -> str:
    """Return how many controls are included, excluded and not decided, as bars."""
    bars = {state.capitalize(): number for state, number in progress.items()}
    return bars_svg(bars, title="Controls by decision")


def _issued_words(workspace: Workspace, as_of: int | None) -> str:
    issued = workspace.compliance.versions(as_of=as_of)
    if issued.empty:
        return "No version of the statement was issued yet; what follows is a draft."
    newest = issued.iloc[0]
    changed = len(workspace.compliance.compare(int(newest["version"]), as_of=as_of))
    since = f"{changed} entries have changed since" if changed else "nothing has changed since"
    return (
        f"Version {newest['version']} was issued by {newest['issued_by']} on "
        f"{newest['issued_at']:%Y-%m-%d}, digest {newest['digest'][:12]}; {since}."
    )


def _plain(value: Any) -> Any:
    return "" if not isinstance(value, str) else value
