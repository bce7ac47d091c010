"""After the life: the review of everything, the reports, the audit trail."""

from typing import TYPE_CHECKING

import click

from aims_core.canonical import canonical_json
from aims_core.cli.output import as_csv, write_file
from aims_core.cli.progress import progress
from aims_core.cli.review import tell
from aims_core.cli.values import plain
from aims_core.errors import WorkspaceError

if TYPE_CHECKING:
    from aims_core.cli.demonstration.narrator import Narrator
    from aims_core.workspace import Workspace


def review(workspace: "Workspace", narrator: "Narrator") -> None:
    """Review the whole inventory, show the counts and keep every finding in files."""
    with progress("   Reviewing") as tick:
        found = workspace.act_as("aude").reviews.run(progress=tick)
    tell(found, limit=0)
    folder = workspace.settings.folder
    findings = canonical_json([plain(f) for f in found.findings])
    write_file("the review", folder / "review.json", f"{findings}\n")
    write_file("the review", folder / "review.csv", as_csv(found.findings))
    click.echo()
    narrator.did("every finding, with what would help, is in review.json and review.csv")
    narrator.did(f"`aims review` would end with exit code {1 if found.findings else 0}")
    narrator.figures["systems reviewed"] = found.reviewed
    narrator.figures["findings of the review"] = len(found.findings)


def report(workspace: "Workspace", narrator: "Narrator") -> None:
    """Write the portfolio's and the system's report as HTML, and the system's as JSON."""
    folder = workspace.settings.folder
    system_id = narrator.subject
    reporting = workspace.act_as("olga").reporting
    for subject, format_, name in (
        ("", "html", "report.html"),
        (system_id, "html", "report-system.html"),
        (system_id, "json", "report-system.json"),
    ):
        path = reporting.issue(subject, format=format_, path=folder / name)
        narrator.did(f"{name:<19} {path.stat().st_size:>9,} bytes: {subject or 'the portfolio'}")


def verify(workspace: "Workspace", narrator: "Narrator") -> None:
    """Recompute the whole trail and tell its head; a fault ends the demo."""
    outcome = workspace.act_as("aude").audit.verify()
    if not outcome.intact:
        raise WorkspaceError("the audit trail does not hold: " + "; ".join(outcome.faults))
    narrator.did(f"intact: {outcome.events:,} events, each chained to the one before")
    narrator.did(f"head {outcome.head}")
    narrator.did(workspace.evidence_level)
    narrator.figures["audit events verified"] = outcome.events
