"""``aims discovery``: look into a file before it is imported, import it, and see what was refused."""

from pathlib import Path

import click

from aims_core import Workspace, cli_emit, cli_format, cli_workspace

_FINDINGS = 1
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_PREVIEWED = ("row", "taken", "system_id", "stage", "declared_risk_category", "problems")
_mapping = click.option("--mapping", type=_FILE, help="TOML file: which column fills which field.")


@click.group()
def discovery() -> None:
    """Look into inventories before they are imported, and at the rows that were refused."""


@discovery.command()
@click.argument("file", type=_FILE)
@_mapping
@click.option("--rows", type=click.IntRange(min=1), default=5, show_default=True)
@cli_format
@cli_workspace
def preview(
    workspace: Workspace, /, file: Path, mapping: Path | None, rows: int, format_: str
) -> None:
    """Show what the first rows of FILE would become; nothing is written."""
    cli_emit(
        workspace.discovery.preview(file, mapping, rows),
        format_,
        columns=_PREVIEWED,
        empty="The file has a header and no rows.",
    )


@discovery.command()
@click.argument("file", type=_FILE)
@_mapping
@cli_format
@cli_workspace
def explain(workspace: Workspace, /, file: Path, mapping: Path | None, format_: str) -> None:
    """Show for each field where it comes from in FILE and how often it is stated."""
    cli_emit(workspace.discovery.explain(file, mapping), format_)


@discovery.command("import")
@click.argument("file", type=_FILE)
@_mapping
@click.option("--dry-run", is_flag=True, help="Read and check everything, write nothing.")
@cli_workspace
@click.pass_context
def import_(
    context: click.Context,
    workspace: Workspace,
    /,
    file: Path,
    mapping: Path | None,
    dry_run: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Import FILE and keep the rows that were refused; exit code 1 when there are some."""
    done = workspace.discovery.import_file(file, mapping, dry_run=dry_run)
    click.echo(
        f"{done.read} rows read, {done.registered} registered, {done.revised} revised, "
        f"{done.unchanged} unchanged, {len(done.refused)} refused."
    )
    rows = [{"row": r.row, "problems": " ".join(map(str, r.problems))} for r in done.refused]
    cli_emit(rows, empty="No row was refused.")
    if done.refused:
        context.exit(_FINDINGS)


@discovery.command()
@click.option("--run", help="A run that `aims discovery runs` lists; the newest by default.")
@click.option("--export", type=click.Path(path_type=Path), help="Write them to this CSV file too.")
@cli_format
@cli_workspace
def refused(workspace: Workspace, /, run: str | None, export: Path | None, format_: str) -> None:
    """List the rows that were refused, with everything that was wrong with them."""
    cli_emit(
        workspace.discovery.refused(run),
        format_,
        columns=("row", "field", "value", "reason", "remedy"),
        empty="No refused row is on record.",
    )
    if export is not None:
        written = workspace.discovery.export_refused(export, run)
        click.echo(f"{written} row(s) are in {export}, to be corrected.", err=True)


@discovery.command()
@cli_format
@cli_workspace
def runs(workspace: Workspace, /, format_: str) -> None:
    """List the import runs on record, newest first."""
    shown = ("run_id", "source", "read", "registered", "revised", "unchanged", "refused")
    cli_emit(workspace.discovery.runs(), format_, columns=shown, empty="No import is on record.")
