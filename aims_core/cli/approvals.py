"""``aims request`` and ``aims decide``: ask for a step, and decide on it."""

from typing import TYPE_CHECKING

import click

from aims_core.cli.output import cli_emit, cli_format, say
from aims_core.cli.session import cli_workspace
from aims_core.records import Approval
from aims_core.terms import ApprovalStatus, Decision

if TYPE_CHECKING:
    from aims_core.workspace import Workspace


@click.command()
@click.argument("system_id", metavar="SYSTEM")
@click.argument("transition")
@click.option("--reason", default="", help="Why; some transitions need one.")
@cli_format
@cli_workspace
def request(
    workspace: "Workspace", system_id: str, transition: str, reason: str, format_: str
) -> None:
    """Ask that SYSTEM takes the step TRANSITION of its lifecycle.

    A step that needs no approval is carried out at once.
    """
    _tell(workspace, workspace.approvals.request(system_id, transition, reason=reason), format_)


@click.command()
@click.argument("approval_id", metavar="APPROVAL")
@click.argument("decision", type=click.Choice([w.value for w in Decision]))
@click.option("--reason", default="", help="Why; a refusal needs one.")
@click.option("--role", default="", help="Role to decide in, where you hold several that fit.")
@cli_format
@cli_workspace
def decide(
    workspace: "Workspace", approval_id: str, decision: str, reason: str, role: str, format_: str
) -> None:
    """Approve or refuse the request APPROVAL; the last approval needed carries the step out."""
    approval = workspace.approvals.decide(approval_id, decision, role=role, reason=reason)
    _tell(workspace, approval, format_)


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
