"""``aims waivers``: conditions that count as met for a time."""

from typing import TYPE_CHECKING, Any

import click

from aims_core.cli.moments import as_of_option, fact_at_option
from aims_core.cli.output import cli_emit, cli_format, say
from aims_core.cli.session import cli_workspace
from aims_core.terms import Decision

if TYPE_CHECKING:
    from datetime import date, datetime

    from aims_core.workspace import Workspace

_SHOWN = ("waiver_id", "system_id", "condition", "status", "holds", "expires_on", "approved_by")


@click.group()
def waivers() -> None:
    """Propose, decide on, withdraw and list waivers of named conditions."""


@waivers.command("list")
@click.argument("system_id", metavar="[SYSTEM]", default="")
@as_of_option
@cli_format
@cli_workspace
def list_waivers(
    workspace: "Workspace", system_id: str, as_of: "date | int | None", format_: str
) -> None:
    """List waivers, of SYSTEM or of all, and whether each holds today, or held then."""
    frame = workspace.waivers.frame(system_id, as_of=as_of)
    cli_emit(frame, format_, columns=_SHOWN, empty="There are no waivers.")


@waivers.command()
@click.argument("system_id", metavar="SYSTEM")
@click.argument("check")
@click.option("--reason", required=True, help="Why it cannot be met now.")
@click.option("--measure", required=True, help="What is done meanwhile in its place.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="The last day on which it holds.",
)
@fact_at_option
@cli_workspace
def propose(
    workspace: "Workspace", system_id: str, check: str, measure: str, until: "datetime", **said: Any
) -> None:
    """Ask that CHECK counts as met for SYSTEM; two committee members decide."""
    made = workspace.waivers.propose(
        system_id,
        check,
        compensating_measure=measure,
        expires_on=until.date(),
        **said,
    )
    say(f"{made.waiver_id}: waiver of {made.condition} until {made.expires_on} is {made.status}.")


@waivers.command()
@click.argument("waiver_id", metavar="WAIVER")
@click.argument("decision", type=click.Choice([w.value for w in Decision]))
@click.option("--reason", default="", help="Why; a refusal needs one.")
@fact_at_option
@cli_workspace
def decide(workspace: "Workspace", waiver_id: str, decision: str, **said: Any) -> None:
    """Approve or refuse the waiver WAIVER; the second approval grants it."""
    waiver = workspace.waivers.decide(waiver_id, decision, **said)
    who = f", approved by {', '.join(waiver.approved_by)}" if waiver.approved_by else ""
    say(f"{waiver.waiver_id}: waiver of {waiver.condition} is {waiver.status}{who}.")


@waivers.command()
@click.argument("waiver_id", metavar="WAIVER")
@click.option("--reason", required=True, help="Why it is taken back.")
@fact_at_option
@cli_workspace
def withdraw(workspace: "Workspace", waiver_id: str, **said: Any) -> None:
    """Take the waiver WAIVER back; its condition is asked for again."""
    waiver = workspace.waivers.withdraw(waiver_id, **said)
    say(f"{waiver.waiver_id}: waiver of {waiver.condition} is {waiver.status}.")
