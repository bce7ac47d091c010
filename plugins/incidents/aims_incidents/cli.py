"""``aims incidents``."""

import click

from aims_core import Severity, Workspace, cli_emit, cli_format, cli_workspace

_SHOWN = ["incident_id", "system_id", "severity", "status", "title", "opened_at"]


@click.group()
def incidents() -> None:
    """Open, analyse, treat and close incidents."""


@incidents.command("list")
@click.option("--open", "open_only", is_flag=True, help="Only those that are not closed.")
@cli_format
@cli_workspace
def list_incidents(workspace: Workspace, /, open_only: bool, format_: str) -> None:  # noqa: FBT001 - click passes options by name
    """List incidents, newest first."""
    cli_emit(
        workspace.incidents.frame(open_only=open_only),
        format_,
        columns=_SHOWN,
        empty="No incident is on record.",
    )


@incidents.command("open")
@click.argument("system")
@click.option("--title", required=True, help="What happened.")
@click.option("--severity", type=click.Choice(list(Severity)), required=True, help="How grave.")
@click.option("--description", default="", help="More words.")
@cli_workspace
def open_incident(
    workspace: Workspace, /, system: str, title: str, severity: str, description: str
) -> None:
    """Open an incident of SYSTEM."""
    made = workspace.incidents.open(system, title=title, severity=severity, description=description)
    click.echo(f"Incident {made.incident_id} is {made.status}.")


@incidents.command()
@click.argument("incident")
@click.option("--cause", required=True, help="What caused it.")
@cli_workspace
def analyse(workspace: Workspace, /, incident: str, cause: str) -> None:
    """Put the cause of INCIDENT on record."""
    click.echo(
        f"Incident {incident} is {workspace.incidents.analyse(incident, cause=cause).status}."
    )


@incidents.command()
@click.argument("incident")
@click.option("--treatment", required=True, help="What was done about the cause.")
@cli_workspace
def treat(workspace: Workspace, /, incident: str, treatment: str) -> None:
    """Put on record what was done about the cause of INCIDENT."""
    made = workspace.incidents.treat(incident, treatment=treatment)
    click.echo(f"Incident {incident} is {made.status}.")


@incidents.command()
@click.argument("incident")
@cli_workspace
def close(workspace: Workspace, /, incident: str) -> None:
    """Close INCIDENT, once its treatment is seen to work."""
    click.echo(f"Incident {incident} is {workspace.incidents.close(incident).status}.")
