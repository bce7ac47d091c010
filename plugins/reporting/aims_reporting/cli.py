"""``aims report``."""

from pathlib import Path

import click

from aims_core import Workspace, cli_workspace
from aims_reporting.assembly import failed

_FINDINGS = 1


@click.command()
@click.argument("system", default="")
@click.option(
    "--format",
    "format_",
    metavar="FORMAT",
    default="html",
    show_default=True,
    help="html for people, json for programs, or another format that a plugin offers.",
)
@click.option(
    "--output",
    metavar="PATH",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; by default a new one in reports/ of the workspace.",
)
@cli_workspace
@click.pass_context
def report(
    context: click.Context, workspace: Workspace, system: str, format_: str, output: Path | None
) -> None:
    """Write the report of SYSTEM, or of the whole portfolio when none is named.

    Exit code 1 means that the report was written but that sections of it could not be built.
    """
    built = workspace.reporting.build(system)
    path = workspace.reporting.save(built, format=format_, path=output)
    click.echo(f"Report {built.report_id} written to {path}")
    missing = failed(built)
    for section in missing:
        click.echo(f"  missing: {section.title}", err=True)
    context.exit(_FINDINGS if missing else 0)
