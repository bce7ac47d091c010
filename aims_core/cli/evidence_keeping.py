"""The commands of ``aims evidence`` that decide how long evidence is kept."""

from typing import TYPE_CHECKING

import click

from aims_core.cli.moments import fact_at_option
from aims_core.cli.output import cli_emit, cli_format, say
from aims_core.cli.session import cli_workspace
from aims_core.terms import DisposalStatus

if TYPE_CHECKING:
    from datetime import datetime

    from aims_core.workspace import Workspace

_REASON = click.option("--reason", required=True, help="Why.")


@click.command()
@click.argument("target", metavar="EVIDENCE|SYSTEM")
@_REASON
@fact_at_option
@cli_workspace
def hold(workspace: "Workspace", target: str, reason: str, fact_at: "datetime | None") -> None:
    """Put evidence, or all evidence about a system, under legal hold: it cannot be disposed of."""
    held = workspace.evidence.hold(target, reason, fact_at=fact_at)
    say(f"{held.hold_id}: {held.evidence_id or f'all evidence about {held.system_id}'} is held.")


@click.command()
@click.argument("hold_id", metavar="HOLD")
@click.option("--reason", default="", help="Why.")
@click.option("--confirm", is_flag=True, help="Confirm what somebody else proposed.")
@click.option("--decline", is_flag=True, help="Decline what was proposed.")
@fact_at_option
@cli_workspace
def release(
    workspace: "Workspace",
    hold_id: str,
    reason: str,
    confirm: bool,  # noqa: FBT001 - click passes by keyword
    decline: bool,  # noqa: FBT001 - same
    fact_at: "datetime | None",
) -> None:
    """Propose to end the legal hold HOLD; a second person confirms or declines.

    Others on the same evidence stay.
    """
    if confirm and decline:
        raise click.UsageError("confirm or decline, not both")
    if decline and fact_at:
        raise click.UsageError("of a release that is declined no time is kept; leave --fact-at out")
    if confirm:
        held = workspace.evidence.confirm_release(hold_id, fact_at=fact_at)
        who = f"{held.release_proposed_by} and {held.released_by} decided it"
        say(f"{held.hold_id} is released; {who}.")
    elif decline:
        say(f"{workspace.evidence.decline_release(hold_id, reason).hold_id} stays.")
    else:
        held = workspace.evidence.propose_release(hold_id, reason, fact_at=fact_at)
        said = f"proposed by {held.release_proposed_by}; somebody else confirms"
        say(f"{held.hold_id}: release {said}.")


@click.command()
@click.argument("system_id", metavar="[SYSTEM]", default="")
@click.option("--released", is_flag=True, help="Also those that were released.")
@cli_format
@cli_workspace
def holds(
    workspace: "Workspace",
    system_id: str,
    released: bool,  # noqa: FBT001 - click passes by keyword
    format_: str,
) -> None:
    """List the legal holds on evidence about SYSTEM, or about all systems."""
    found = workspace.evidence.holds(system_id or None, released=released)
    columns = (
        *("hold_id", "system_id", "evidence_id", "reason", "placed_by", "placed_at"),
        *("release_proposed_by", "release_reason"),
    )
    cli_emit(found, format_, columns=columns, empty="Nothing is held.")


@click.command()
@click.argument("evidence_id", metavar="EVIDENCE")
@click.option("--reason", default="", help="Why.")
@click.option("--confirm", is_flag=True, help="Confirm what somebody else proposed.")
@click.option("--decline", is_flag=True, help="Decline what was proposed.")
@cli_workspace
def dispose(
    workspace: "Workspace",
    evidence_id: str,
    reason: str,
    confirm: bool,  # noqa: FBT001 - click passes by keyword
    decline: bool,  # noqa: FBT001 - same
) -> None:
    """Propose to dispose of EVIDENCE whose retention has ended; a second person confirms or declines."""
    if confirm and decline:
        raise click.UsageError("confirm or decline, not both")
    if not confirm and not decline:
        made = workspace.evidence.propose_disposal(evidence_id, reason)
        say(f"{made.disposal_id}: proposed by {made.proposed_by}; somebody else confirms.")
        return
    about = [d for d in workspace.evidence.disposals() if d.evidence_id == evidence_id]
    about.sort(key=lambda d: d.status is DisposalStatus.PROPOSED)
    if not about:
        raise click.UsageError(f"nobody proposed to dispose of {evidence_id}")
    proposal = about[-1].disposal_id
    if confirm:
        done = workspace.evidence.confirm_disposal(proposal, reason)
        say(f"{evidence_id} was disposed of; {done.proposed_by} and {done.decided_by} decided it.")
    else:
        workspace.evidence.decline_disposal(proposal, reason)
        say(f"{evidence_id} stays.")


@click.command()
@click.option(
    "--status",
    type=click.Choice([s.value for s in DisposalStatus]),
    help="Only those that stand so.",
)
@cli_format
@cli_workspace
def disposals(workspace: "Workspace", status: str | None, format_: str) -> None:
    """List the proposals to dispose of evidence, and what was decided on them."""
    found = workspace.evidence.disposals(status)
    columns = ("disposal_id", "evidence_id", "status", "reason", "proposed_by", "decided_by")
    cli_emit(found, format_, columns=columns, empty="Nobody proposed to dispose of evidence.")
