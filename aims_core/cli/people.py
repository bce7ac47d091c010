"""``aims people``: who acts, and in which roles."""

from typing import TYPE_CHECKING, Any

import click

from aims_core.cli.moments import as_of_option, fact_at_option
from aims_core.cli.output import cli_emit, cli_format, say
from aims_core.cli.session import cli_workspace
from aims_core.roles import ROLES
from aims_core.terms import ActorKind

if TYPE_CHECKING:
    from datetime import date

    from aims_core.workspace import Workspace


@click.group()
def people() -> None:
    """Add people, grant and revoke their roles, list both."""


@people.command()
@click.argument("actor_id", metavar="ID")
@click.argument("name")
@click.option(
    "--kind", type=click.Choice([w.value for w in ActorKind]), default=ActorKind.PERSON.value
)
@click.option(
    "--person", default="", help="The human being behind it, where that is not ID; known already."
)
@cli_workspace
def add(workspace: "Workspace", actor_id: str, name: str, kind: str, person: str) -> None:
    """Add the person (or service, or unit) ID, called NAME."""
    actor = workspace.staffing.add(actor_id, name, kind=kind, person=person)
    say(f"{actor.actor_id} is {actor.name} ({actor.kind}).")


@people.command()
@click.argument("actor_id", metavar="ID")
@click.argument("role", type=click.Choice(list(ROLES)))
@click.option("--unit", default="", help="Only for systems of this unit.")
@click.option("--system", "system_id", default="", help="Only for this system.")
@fact_at_option
@cli_workspace
def grant(workspace: "Workspace", actor_id: str, role: str, **terms: Any) -> None:
    """Grant ROLE to ID, for the whole organisation unless a unit or system is named."""
    held = workspace.staffing.grant(actor_id, role, **terms)
    scope = f"{held.scope_kind} {held.scope}".strip()
    say(f"{held.actor} holds {held.role} for the {scope} ({held.grant_id}).")


@people.command()
@click.argument("actor_id", metavar="ID")
@click.argument("role", type=click.Choice(list(ROLES)))
@click.option("--unit", default="", help="Only for systems of this unit.")
@click.option("--system", "system_id", default="", help="Only for this system.")
@click.option("--reason", default="", help="Why, for who confirms it.")
@fact_at_option
@cli_workspace
def propose(workspace: "Workspace", actor_id: str, role: str, **terms: Any) -> None:
    """Propose ROLE for ID; another administrator confirms it."""
    change = workspace.staffing.propose(actor_id, role, **terms)
    say(f"{change.change_id}: {change.role} for {change.actor} waits for another administrator.")


@people.command()
@click.argument("change_id", metavar="CHANGE")
@fact_at_option
@cli_workspace
def confirm(workspace: "Workspace", change_id: str, **said: Any) -> None:
    """Confirm a role that another administrator proposed; CHANGE stands in `aims people changes`."""
    held = workspace.staffing.confirm(change_id, **said)
    scope = f"{held.scope_kind} {held.scope}".strip()
    say(f"{held.actor} holds {held.role} for the {scope} ({held.grant_id}).")


@people.command()
@click.argument("change_id", metavar="CHANGE")
@click.option("--reason", required=True, help="Why it is not granted.")
@fact_at_option
@cli_workspace
def decline(workspace: "Workspace", change_id: str, **said: Any) -> None:
    """Close a proposed role without granting it."""
    change = workspace.staffing.decline(change_id, **said)
    say(f"{change.change_id}: {change.role} for {change.actor} is {change.status}.")


@people.command()
@click.option("--all", "everything", is_flag=True, help="Those that are closed too.")
@cli_format
@cli_workspace
def changes(workspace: "Workspace", everything: bool, format_: str) -> None:  # noqa: FBT001 - click passes by keyword
    """List proposed roles that wait for another administrator."""
    found = workspace.staffing.changes(open_only=not everything)
    shown = ("change_id", "actor", "role", "scope_kind", "scope", "status", "proposed_by", "reason")
    cli_emit(found, format_, columns=shown, empty="No proposed role waits.")


@people.command()
@click.argument("grant_id", metavar="GRANT")
@click.option("--reason", required=True, help="Why the role is taken back.")
@fact_at_option
@cli_workspace
def revoke(workspace: "Workspace", grant_id: str, **said: Any) -> None:
    """Take a role back; GRANT is its id in `aims people list`."""
    held = workspace.staffing.revoke(grant_id, **said)
    say(f"{held.actor} no longer holds {held.role}.")


@people.command("list")
@as_of_option
@cli_format
@cli_workspace
def list_people(workspace: "Workspace", as_of: "date | int | None", format_: str) -> None:
    """List people with their roles."""
    shown = ("actor_id", "name", "kind", "role", "scope_kind", "scope", "grant_id")
    cli_emit(workspace.staffing.frame(as_of=as_of), format_, columns=shown)
