"""Concerns in the portfolio's report: how many were raised and answered, never what they say or of whom."""

from aims_core import DataTable, Paragraph, Section, Workspace
from aims_reporting.pinning import time_of
from aims_reporting.words import counted

_MOST = 1_000_000


def portfolio(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:  # noqa: ARG001 - the signature of sections
    """Return how many concerns wait for an answer, and how long, now or at a checkpoint.

    Read from the audit trail, which says of a concern only that it is there (rule R10).
    Source: ISO/IEC 42001, A.3.3.
    """
    raised, answered = (
        {
            str(event.payload["concern_id"]): event.at
            for event in workspace.audit.events(event_type=kind, limit=_MOST, as_of=as_of)
        }
        for kind in ("core.ConcernRaised", "core.ConcernAnswered")
    )
    waiting = sorted(at for concern_id, at in raised.items() if concern_id not in answered)
    said = f"{counted(len(raised), 'concern')} on record, {len(waiting)} not answered."
    blocks: list[Paragraph | DataTable] = [Paragraph(text=said[:1].upper() + said[1:])]
    if waiting:
        now = time_of(workspace, as_of)
        rows = tuple((at.date(), (now - at).days) for at in waiting)
        caption = "Concerns that wait for an answer, the oldest first"
        blocks.append(DataTable(columns=("Raised", "Days waiting"), rows=rows, caption=caption))
    return Section(section_id="concerns", title="Concerns", blocks=tuple(blocks))
