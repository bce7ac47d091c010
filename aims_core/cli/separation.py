"""``aims separation``: the rules, their breaches, and the exceptions a small organisation records."""

from typing import TYPE_CHECKING, Any

import click

from aims_core.cli.moments import MOMENT, as_of_option, fact_at_option
from aims_core.cli.output import cli_emit, cli_format, say
from aims_core.cli.session import FINDINGS, cli_workspace

if TYPE_CHECKING:
    from datetime import date, datetime

    from aims_core.workspace import Workspace

_RULES = ("id", "title", "enforced_by", "seen_by")
_BREACHES = ("rule", "system_id", "persons", "what", "at", "exception")
_EXCEPTIONS = ("exception_id", "rule", "scope", "in_force", "expires_on", "reason", "approved_by")


@click.group()
def separation() -> None:
    """Show the rules of separation of duties, their breaches, and exceptions to them."""


@separation.command()
@cli_format
@cli_workspace
def rules(workspace: "Workspace", format_: str) -> None:
    """List the rules: what enforces each, and who sees its breaches."""
    cli_emit(workspace.separation.rules(), format_, columns=_RULES)


@separation.command()
@click.argument("system_ids", metavar="[SYSTEM]...", nargs=-1)
@click.option(
    "--as-of",
    type=MOMENT,
    help="Only what was entered by the end of a day, by a time, or by a checkpoint's number.",
)
@click.option("--all", "everything", is_flag=True, help="List those that an exception covers too.")
@cli_format
@cli_workspace
@click.pass_context
def breaches(
    context: click.Context,
    workspace: "Workspace",
    system_ids: tuple[str, ...],
    as_of: "date | int | None",
    everything: bool,  # noqa: FBT001 - click passes by keyword
    format_: str,
) -> None:
    """List breaches of the rules, of all systems or those named.

    Ends with exit code 1 when one is not covered by an exception.
    """
    found = workspace.separation.breaches(as_of=as_of, system_ids=list(system_ids) or None)
    open_ones = [b for b in found if not b.exception]
    shown = found if everything or format_ != "table" else open_ones
    cli_emit(
        shown, format_, columns=_BREACHES, empty="No breach without an exception is on record."
    )
    if format_ == "table" and len(found) > len(shown):
        say(f"{len(found) - len(shown)} more are covered by exceptions; --all lists them.")
    context.exit(FINDINGS if open_ones else 0)


@separation.command()
@as_of_option
@cli_format
@cli_workspace
def exceptions(workspace: "Workspace", as_of: "date | int | None", format_: str) -> None:
    """List the exceptions on record, in force or not."""
    frame = workspace.separation.exceptions_frame(as_of=as_of)
    cli_emit(frame, format_, columns=_EXCEPTIONS, empty="There are no exceptions.")


@separation.command("except")
@click.argument("rule")
@click.option("--reason", required=True, help="Why the rule cannot be kept.")
@click.option("--control", required=True, help="What is done in its place.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="The last day on which it holds.",
)
@click.option("--unit", default="", help="Only for systems of this unit.")
@click.option("--system", "system_id", default="", help="Only for this system.")
@fact_at_option
@cli_workspace
def record(workspace: "Workspace", rule: str, control: str, until: "datetime", **said: Any) -> None:
    """Record an exception to RULE, which somebody else must approve."""
    made = workspace.separation.record_exception(
        rule, compensating_control=control, expires_on=until.date(), **said
    )
    say(
        f"{made.exception_id}: exception to {made.rule} until {made.expires_on} waits for approval."
    )


@separation.command()
@click.argument("exception_id", metavar="EXCEPTION")
@fact_at_option
@cli_workspace
def approve(workspace: "Workspace", exception_id: str, **said: Any) -> None:
    """Let EXCEPTION take effect, as administrator or top management."""
    made = workspace.separation.approve_exception(exception_id, **said)
    say(f"{made.exception_id}: exception to {made.rule} holds until {made.expires_on}.")


@separation.command()
@click.argument("exception_id", metavar="EXCEPTION")
@click.option("--reason", required=True, help="Why it ends.")
@fact_at_option
@cli_workspace
def end(workspace: "Workspace", exception_id: str, **said: Any) -> None:
    """End EXCEPTION."""
    made = workspace.separation.end_exception(exception_id, **said)
    say(f"{made.exception_id}: exception to {made.rule} is ended.")
