"""``aims compliance``: see the controls, decide on them, show and issue the statement."""

import click

from aims_compliance.terms import GROUNDS, IMPLEMENTATION
from aims_core import Workspace, cli_emit, cli_format, cli_workspace

_SHOWN = ("control_id", "title", "state", "implementation", "responsible", "reason")
_DECIDED = ("control_id", "applicable", "reason", "grounds", "implementation", "responsible")
_ISSUED = ("version", "digest", "included", "excluded", "issued_by", "issued_at")


@click.group()
def compliance() -> None:
    """Say which controls apply, and why."""


@compliance.command("list")
@cli_format
@cli_workspace
def list_controls(workspace: Workspace, /, format_: str) -> None:
    """List the controls of ISO/IEC 42001, Annex A, and what each asks, in our own words."""
    cli_emit(workspace.compliance.controls(), format_, columns=("control_id", "title", "asks"))


@compliance.command()
@click.argument("control_id", metavar="CONTROL")
@click.option(
    "--include/--exclude",
    "applicable",
    default=None,
    help="Whether it applies; say one of the two.",
)
@click.option("--reason", required=True, help="Why; needed for either.")
@click.option(
    "--ground",
    "grounds",
    multiple=True,
    help=f"What it rests on, 'KIND: WHAT'; may be repeated. Kinds: {', '.join(GROUNDS)}.",
)
@click.option(
    "--implementation", type=click.Choice(IMPLEMENTATION), default="not_started", show_default=True
)
@click.option("--responsible", default="", help="Who sees to it.")
@cli_format
@cli_workspace
def decide(
    workspace: Workspace,
    /,
    control_id: str,
    applicable: bool,  # noqa: FBT001 - click passes options by name
    reason: str,
    grounds: tuple[str, ...],
    implementation: str,
    responsible: str,
    format_: str,
) -> None:
    """Include or exclude CONTROL, such as A.6.2.6."""
    made = workspace.compliance.decide(
        control_id,
        applicable=applicable,
        reason=reason,
        grounds=grounds or None,
        implementation=implementation,
        responsible=responsible,
    )
    cli_emit(made, format_, columns=_DECIDED)


@compliance.command()
@click.option("--version", type=int, help="An issued version; else as it stands now.")
@cli_format
@cli_workspace
def statement(workspace: Workspace, /, version: int | None, format_: str) -> None:
    """Show the Statement of Applicability, every control of it."""
    cli_emit(workspace.compliance.statement(version), format_, columns=_SHOWN)


@compliance.command()
@click.option("--note", default="", help="What this version is for.")
@cli_format
@cli_workspace
def issue(workspace: Workspace, /, note: str, format_: str) -> None:
    """Issue the statement as its next version; every control must be decided."""
    cli_emit(workspace.compliance.issue(note=note), format_, columns=_ISSUED)


@compliance.command()
@cli_format
@cli_workspace
def versions(workspace: Workspace, /, format_: str) -> None:
    """List the issued versions, newest first."""
    cli_emit(
        workspace.compliance.versions(),
        format_,
        columns=_ISSUED,
        empty="No version was issued yet. Issue one with: aims compliance issue",
    )


@compliance.command()
@click.argument("earlier", type=int)
@click.argument("later", type=int, required=False)
@cli_format
@cli_workspace
def compare(workspace: Workspace, /, earlier: int, later: int | None, format_: str) -> None:
    """Show what changed from version EARLIER to version LATER, or to the statement as it stands."""
    cli_emit(workspace.compliance.compare(earlier, later), format_, empty="Nothing changed.")
