"""``aims report``."""

from pathlib import Path

import click

from aims_core import Report, Workspace, cli_workspace
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
@click.option(
    "--as-of",
    metavar="NUMBER",
    type=int,
    help="Number of a checkpoint: what a report pinned to it said, of sections that look back.",
)
@cli_workspace
@click.pass_context
def report(
    context: click.Context,
    workspace: Workspace,
    system: str,
    format_: str,
    output: Path | None,
    as_of: int | None,
) -> None:
    """Write the report of SYSTEM, or of the whole portfolio when none is named.

    Exit code 1 means that the report was written but that sections of it could not be built.
    """
    built = workspace.reporting.build(system, as_of=as_of)
    path = workspace.reporting.save(built, format=format_, path=output)
    click.echo(f"Report {built.report_id} written to {path}")
    click.echo(f"Pinned to {_pinned(built)}")
    missing = failed(built)
    for section in missing:
        click.echo(f"  missing: {section.title}", err=True)
    context.exit(_FINDINGS if missing else 0)


def _pinned(built: Report) -> str:
    pin = built.pin
    if pin.checkpoint:
        return f"checkpoint {pin.checkpoint}: {pin.size:,} events, root {pin.root}"
    return f"the trail's head only, {built.trail_head}: {pin.reason}"
