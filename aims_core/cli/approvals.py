"""``aims request``, ``aims decide`` and ``aims approvals``: ask for a step, decide on it, lend one's seat."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from aims_core.cli.moments import as_of_option, fact_at_option
from aims_core.cli.output import cli_emit, cli_format, say
from aims_core.cli.session import cli_workspace
from aims_core.records import Approval
from aims_core.terms import ApprovalStatus, Decision

if TYPE_CHECKING:
    from aims_core.workspace import Workspace

_LISTED = ("approval_id", "system_id", "transition", "status", "requested_by", "expires_at")
_LENT = ("delegation_id", "delegator", "delegate", "role", "scope_kind", "scope", "ends_at")
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.argument("system_id", metavar="SYSTEM")
@click.argument("transition")
@click.option("--reason", default="", help="Why; some transitions need one.")
@fact_at_option
@cli_format
@cli_workspace
def request(
    workspace: "Workspace", system_id: str, transition: str, format_: str, **asked: Any
) -> None:
    """Ask that SYSTEM takes the step TRANSITION of its lifecycle.

    A step that needs no approval is carried out at once.
    """
    _tell(workspace, workspace.approvals.request(system_id, transition, **asked), format_)


@click.command()
@click.argument("approval_id", metavar="APPROVAL")
@click.argument("decision", type=click.Choice([w.value for w in Decision]))
@click.option("--reason", default="", help="Why; a refusal needs one.")
@click.option("--role", default="", help="Role to decide in, where you hold several that fit.")
@click.option(
    "--for", "on_behalf_of", default="", help="Whose seat you decide in, where it was lent to you."
)
@fact_at_option
@cli_format
@cli_workspace
def decide(
    workspace: "Workspace", approval_id: str, decision: str, format_: str, **ballot: Any
) -> None:
    """Approve or refuse the request APPROVAL; the last approval needed carries the step out.

    While the request is open the same person may decide anew; the newest vote counts.
    """
    _tell(workspace, workspace.approvals.decide(approval_id, decision, **ballot), format_)


@click.group()
def approvals() -> None:
    """List and close requests; lend one's seat to another person."""


@approvals.command("list")
@click.option("--system", "system_id", help="Only requests for this system.")
@click.option("--open", "open_only", is_flag=True, help="Only those still to be decided.")
@as_of_option
@cli_format
@cli_workspace
def list_requests(
    workspace: "Workspace",
    system_id: str | None,
    open_only: bool,  # noqa: FBT001 - click passes by keyword
    as_of: date | int | None,
    format_: str,
) -> None:
    """List requests, newest first, and until when each can be decided or its approval is valid."""
    frame = workspace.approvals.frame(system_id, as_of=as_of)
    if open_only:
        frame = frame[frame.status == ApprovalStatus.OPEN.value]
    cli_emit(frame, format_, columns=_LISTED, empty="No request fits.")


@approvals.command()
@click.argument("approval_id", metavar="APPROVAL")
@cli_format
@cli_workspace
def show(workspace: "Workspace", approval_id: str, format_: str) -> None:
    """Show the request APPROVAL with its votes, and what still stands in its way."""
    approval = workspace.approvals.get(approval_id)
    _tell(workspace, approval, format_)
    if format_ != "table":
        return
    say(f"Asked for by {approval.requested_by}{_when(approval.requested_at, approval.fact_at)}.")
    if approval.expires_at and approval.status is ApprovalStatus.OPEN:
        say(f"It can be decided until {approval.expires_at:%Y-%m-%d %H:%M} UTC.")
    if approval.valid_until:
        say(f"The approval is valid until {approval.valid_until:%Y-%m-%d %H:%M} UTC.")
    if approval.close_reason:
        say(f"{approval.status} by {approval.closed_by}: {approval.close_reason}")
    for vote in approval.votes:
        whose = f" on behalf of {vote.on_behalf_of}" if vote.on_behalf_of else ""
        said = f"  {vote.actor}{whose}, as {vote.role}: {vote.decision}"
        said += f" ({vote.reason})" if vote.reason else ""
        say(said + _when(vote.at, vote.fact_at))
    if approval.closed_at:
        say(f"Closed{_when(approval.closed_at, approval.closed_fact_at)}.")


@approvals.command()
@click.argument("approval_id", metavar="APPROVAL")
@click.option("--reason", required=True, help="Why you take it back.")
@fact_at_option
@cli_workspace
def withdraw(workspace: "Workspace", approval_id: str, **said: Any) -> None:
    """Take the request APPROVAL back, which is your own and open."""
    _tell(workspace, workspace.approvals.withdraw(approval_id, **said), "table")


@approvals.command()
@cli_format
@cli_workspace
def expire(workspace: "Workspace", format_: str) -> None:
    """Close every request that nobody decided on in time; for a nightly job."""
    closed = workspace.approvals.expire()
    cli_emit(closed, format_, columns=_LISTED, empty="No request is overdue.")


@approvals.command()
@click.argument("delegate", metavar="ID")
@click.argument("role")
@click.option("--until", type=_DAY, required=True, help="The last day, in UTC.")
@click.option("--since", type=_DAY, help="The first day, in UTC; from now on by default.")
@click.option("--unit", default="", help="Only for systems of this unit.")
@click.option("--system", "system_id", default="", help="Only for this system.")
@click.option("--reason", default="", help="Why, such as a leave.")
@cli_workspace
def delegate(
    workspace: "Workspace",
    delegate: str,
    role: str,
    until: datetime,
    since: datetime | None,
    **terms: str,
) -> None:
    """Lend your seat as ROLE to the person ID for a time; they decide with `--for` and your id."""
    starts = since.replace(tzinfo=UTC) if since else None
    made = workspace.approvals.delegate(delegate, role, until=until.date(), since=starts, **terms)
    scope = f"{made.scope_kind} {made.scope}".strip()
    say(
        f"{made.delegate} decides as {made.role} for {made.delegator}, {scope}, "
        f"until {made.ends_at.date()} ({made.delegation_id})."
    )


@approvals.command("end-delegation")
@click.argument("delegation_id", metavar="DELEGATION")
@click.option("--reason", required=True, help="Why it ends now.")
@cli_workspace
def end_delegation(workspace: "Workspace", delegation_id: str, reason: str) -> None:
    """End DELEGATION before its time; votes given in it no longer count."""
    ended = workspace.approvals.end_delegation(delegation_id, reason=reason)
    say(f"{ended.delegate} no longer decides as {ended.role} for {ended.delegator}.")


@approvals.command("delegations")
@click.option("--all", "every", is_flag=True, help="Also those that are over.")
@as_of_option
@cli_format
@cli_workspace
def list_delegations(
    workspace: "Workspace",
    every: bool,  # noqa: FBT001 - click passes by keyword
    as_of: date | int | None,
    format_: str,
) -> None:
    """List who decides for whom, and until when."""
    found = workspace.approvals.delegations(current_only=not every, as_of=as_of)
    cli_emit(found, format_, columns=_LENT, empty="No seat is lent.")


def _when(entered: datetime, fact_at: datetime | None) -> str:
    """Say when something was entered, and when it was in fact where that differs."""
    said = f", {entered:%Y-%m-%d %H:%M} UTC"
    if fact_at is None or fact_at == entered:
        return said
    return f"{said} (in fact {fact_at:%Y-%m-%d %H:%M} UTC)"


def _tell(workspace: "Workspace", approval: Approval, format_: str) -> None:
    if format_ != "table":
        cli_emit(approval, format_)
        return
    asked = f"{approval.transition} of {approval.system_id}"
    say(f"{approval.approval_id}: {asked} is {approval.status}.")
    if approval.status is ApprovalStatus.CARRIED_OUT:
        system = workspace.inventory.get(approval.system_id)
        say(f"{system.name} is now in {system.stage}, {system.status}.")
    for condition in approval.unmet:
        say(f"  still open: {condition.name}: {condition.reason}")
