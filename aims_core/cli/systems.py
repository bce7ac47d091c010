"""``aims systems``: the inventory from the command line."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aims_core.cli.moments import MOMENT, as_of_option
from aims_core.cli.output import as_csv, cli_emit, cli_format, say
from aims_core.cli.progress import progress
from aims_core.cli.session import FINDINGS, cli_workspace
from aims_core.errors import InvalidRecord
from aims_core.records import ImportOutcome, Problem
from aims_core.terms import Entry, OperationalStatus, Origin, RiskCategory
from aims_core.whole_files import write_whole

if TYPE_CHECKING:
    from aims_core.workspace import Workspace

_LISTED = ("system_id", "name", "stage", "status", "tier", "unit")
_SHOWN = 20
_CHANGED = ("system_id", "field", "before", "after", "needs_review")


@click.group()
def systems() -> None:
    """Import, register, list and show AI systems."""


@systems.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File that says which column fills which field.",
)
@click.option(
    "--importer", default="", help="Importer to use, where the file's ending is not enough."
)
@click.option(
    "--dry-run", is_flag=True, help="Show what would change, field by field; write nothing."
)
@click.option(
    "--refused",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the rows that were refused, with their cells and every reason, to this new CSV file.",
)
@cli_format
@cli_workspace
@click.pass_context
def import_systems(
    context: click.Context,
    workspace: "Workspace",
    file: Path,
    mapping: Path | None,
    importer: str,
    refused: Path | None,
    dry_run: bool,  # noqa: FBT001 - click passes by keyword
    format_: str,
) -> None:
    """Register every row of FILE; rows that cannot be taken are named, with the reason.

    Importing the same file again changes nothing; a changed row revises its system. The refused rows
    are kept in the workspace's folder refused, with the cell, the reason and the remedy: correct that
    file and import it with the same mapping. Exit code 1 when rows were refused.
    """
    with progress("Importing") as tick:
        outcome = workspace.inventory.import_file(
            file, mapping=mapping, importer=importer, dry_run=dry_run, progress=tick
        )
    if format_ == "table":
        tell(outcome)
    else:
        cli_emit(outcome if format_ == "json" else outcome.frame(), format_)
    if outcome.refused_file:
        kept = workspace.settings.folder / outcome.refused_file
        say(
            f"{len(outcome.refused)} refused row(s) are in {kept}: correct and import them.",
            err=True,
        )
    if refused is not None and outcome.refused:
        _write_new(refused, as_csv(refused_cells(outcome)))
        say(f"{len(outcome.refused)} refused row(s) are in {refused}.", err=True)
    context.exit(FINDINGS if outcome.refused else 0)


def tell(outcome: ImportOutcome, limit: int = _SHOWN) -> None:
    """Print an import for people: its figures, what changes, and each refused row with every reason."""
    from aims_core.inventory.importing import change_rows, figures

    say(f"{outcome.read} rows read: {figures(outcome)}.")
    for note in outcome.notes:
        say(f"  {note}")
    changed = change_rows([c for c in outcome.changes if c.kind == "changed"])
    if changed:
        cli_emit(changed[:limit], columns=("row", "system_id", "field", "before", "after"))
    for title, rows in (
        ("Warnings", [problem_row(w.row, w) for w in outcome.warnings]),
        ("Refused", refused_rows(outcome)),
    ):
        if rows:
            say(f"{title}:")
            cli_emit(rows[:limit])
    if max(len(changed), len(outcome.refused), len(outcome.warnings)) > limit:
        say(f"… and more; --format csv or json hold all {len(outcome.refused)} refused rows.")


def refused_rows(outcome: ImportOutcome) -> list[dict[str, Any]]:
    """Return one line per problem of a refused row."""
    return [problem_row(row.row, p) for row in outcome.refused for p in row.problems]


def refused_cells(outcome: ImportOutcome) -> list[dict[str, Any]]:
    """Return each refused row with its cells as they stand in the file, and what is wrong with them."""
    return [
        {"row": r.row, "problems": " ".join(map(str, r.problems)), **r.cells}
        for r in outcome.refused
    ]


def problem_row(row: int | None, problem: Problem) -> dict[str, Any]:
    """Return a problem as one line of a table."""
    return {
        "row": row,
        "cell": problem.cell,
        "field": problem.field,
        "value": problem.value,
        "reason": problem.reason,
        "remedy": problem.remedy,
    }


def _write_new(path: Path, text: str) -> None:
    try:
        write_whole(path, text.encode("utf-8-sig"))
    except OSError as error:
        problem = Problem(
            field="file",
            reason=f"{path} cannot be written: {error.strerror}",
            remedy="make room, or name another file; one that is there is never overwritten",
        )
        raise InvalidRecord("write a file", [problem]) from error


@systems.command()
@click.argument("system_id", metavar="SYSTEM")
@click.option("--name", required=True)
@click.option("--use-case", required=True, help="What it is used for, in a sentence.")
@click.option("--owner", required=True, help="Identifier of its owner.")
@click.option("--origin", type=click.Choice([w.value for w in Origin]), required=True)
@click.option("--risk-category", type=click.Choice([w.value for w in RiskCategory]), required=True)
@click.option("--unit", default="")
@click.option("--intended-use", default="")
@click.option("--supplier", default="")
@click.option("--human-oversight", default="")
@click.option("--incident-contact", default="")
@click.option("--legacy-stage", help="For a system that runs already: the stage it stands in.")
@click.option(
    "--evidence-due",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="The day by which it makes up the evidence of the gates it never passed.",
)
@cli_workspace
def register(
    workspace: "Workspace",
    system_id: str,
    risk_category: str,
    legacy_stage: str | None,
    evidence_due: datetime | None,
    **described: str,
) -> None:
    """Register SYSTEM; the same command again finds it rather than doubling it."""
    around: dict[str, Any] = {}
    if legacy_stage:
        around = {"entry": Entry.LEGACY, "stage": legacy_stage}
    if evidence_due:
        around["evidence_due"] = evidence_due.date()
    system = workspace.inventory.register(
        system_id, declared_risk_category=risk_category, **described, **around
    )
    say(f"{system.system_id} is registered: {system.name}, in {system.stage}.")


@systems.command("list")
@click.option("--text", default="", help="Only systems whose name or use case holds these words.")
@click.option("--stage")
@click.option("--tier", type=click.Choice([w.value for w in RiskCategory]))
@click.option("--unit")
@click.option("--owner")
@click.option("--status", type=click.Choice([w.value for w in OperationalStatus]))
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--offset", type=click.IntRange(min=0), default=0)
@as_of_option
@cli_format
@cli_workspace
def list_systems(
    workspace: "Workspace", text: str, limit: int, offset: int, format_: str, **filters: Any
) -> None:
    """List systems. The table shows a page of them; JSON and CSV hold all that fit."""
    if format_ != "table":
        cli_emit(workspace.inventory.frame(text, **filters), format_)
        return
    found, total = workspace.inventory.find(text, limit=limit, offset=offset, **filters)
    cli_emit(found, columns=_LISTED, empty="No system fits.")
    if total > len(found):
        say(f"{offset + 1} to {offset + len(found)} of {total}; --offset {offset + limit} goes on.")


@systems.command()
@click.argument("a", type=MOMENT)
@click.argument("b", type=MOMENT, required=False)
@cli_format
@cli_workspace
def diff(workspace: "Workspace", a: date | int, b: date | int | None, format_: str) -> None:
    """Show what changed in the inventory between A and B (now by default): 2026-03-01, or a checkpoint."""
    cli_emit(workspace.inventory.diff_frame(a, b), format_, empty="Nothing changed in between.")


@systems.command()
@click.argument("system_id", metavar="SYSTEM")
@as_of_option
@cli_format
@cli_workspace
def show(workspace: "Workspace", system_id: str, as_of: date | int | None, format_: str) -> None:
    """Show SYSTEM, and what each of its next steps still needs; steps are shown as of now only."""
    system = workspace.inventory.get(system_id, as_of=as_of)
    cli_emit(system, format_)
    if format_ != "table":
        return
    for condition in workspace.reviews.conditions(system_id, as_of=as_of):
        if condition.name == "legacy_evidence":
            say(condition.reason)
    if as_of is not None:
        return
    for step in workspace.approvals.possible(system_id):
        unmet = [c for c in workspace.approvals.preview(system_id, step.name) if not c.met]
        say()
        say(f"{step.name}: " + ("may be asked for" if not unmet else "still needs"))
        for condition in unmet:
            say(f"  - {condition.name}: {condition.reason}")


@systems.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reason", required=True, help="Why; it is recorded.")
@cli_format
@cli_workspace
def propose(workspace: "Workspace", file: Path, reason: str, format_: str) -> None:
    """Propose the edits in FILE (CSV) as a change set, for somebody to apply.

    It has a column system_id and the fields to set. A blank cell leaves a field as it is.
    """
    from aims_core.inventory.edits import read_edits

    changes = workspace.inventory.propose(read_edits(file), reason=reason)
    cli_emit(changes.frame(), format_, columns=_CHANGED)
    say(f"{changes.change_set_id} is {changes.status}.", err=format_ != "table")


@systems.command()
@click.argument("change_set", metavar="[ID]", required=False)
@click.option("--status", type=click.Choice(["open", "applied", "withdrawn"]))
@cli_format
@cli_workspace
def changes(
    workspace: "Workspace", change_set: str | None, status: str | None, format_: str
) -> None:
    """List the change sets, or show what the one with this ID changes."""
    if change_set:
        shown = workspace.inventory.change_set(change_set)
        cli_emit(shown.frame(), format_, columns=_CHANGED)
        return
    listed = workspace.inventory.change_sets(status or "")
    columns = ("change_set_id", "status", "systems", "proposed_by", "reason")
    cli_emit(listed, format_, columns=columns, empty="No change set is on record.")


@systems.command()
@click.argument("change_set", metavar="ID")
@cli_workspace
def apply(workspace: "Workspace", change_set: str) -> None:
    """Carry out the change set with this ID, whole or not at all."""
    done = workspace.inventory.apply(change_set)
    say(f"{done.change_set_id} is applied: {len(done.changes)} system(s) were revised.")


@systems.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--text", default="", help="Only systems in which these words occur.")
@click.option("--stage")
@click.option("--unit")
@click.option("--owner")
@as_of_option
@click.option("--replace", is_flag=True, help="Write over another file that lies there.")
@cli_workspace
def export(
    workspace: "Workspace",
    file: Path,
    text: str,
    replace: bool,  # noqa: FBT001 - click passes by keyword
    **filters: Any,
) -> None:
    """Write systems to FILE (.csv, .xlsx or .json), from which import reads them back without loss."""
    number = workspace.inventory.export(file, text, replace=replace, **filters)
    say(f"{number} system(s) are in {file}.")
