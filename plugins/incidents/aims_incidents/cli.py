"""``aims incidents``."""

import click

from aims_core import Severity, Workspace, cli_emit, cli_format, cli_workspace
from aims_incidents.terms import CauseKind

_REPORTING = (
    "incident_id",
    "system_id",
    "severity",
    "status",
    "reportable",
    "proposed_by",
    "decided_by",
)
_SHOWN = ("incident_id", "system_id", "severity", "status", "title", "assigned_to", "opened_at")


@click.group()
def incidents() -> None:
    """Open, assign, analyse, treat and close incidents."""


@incidents.command("list")
@click.option("--system", "system_id", default="", help="Only incidents of this system.")
@click.option("--open", "open_only", is_flag=True, help="Only those that are not closed.")
@cli_format
@cli_workspace
def list_incidents(workspace: Workspace, /, system_id: str, open_only: bool, format_: str) -> None:  # noqa: FBT001 - click passes options by name
    """List incidents, newest first."""
    cli_emit(
        workspace.incidents.frame(system_id, open_only=open_only),
        format_,
        columns=_SHOWN,
        empty="No incident is on record.",
    )


@incidents.command()
@click.argument("incident")
@cli_format
@cli_workspace
def show(workspace: Workspace, /, incident: str, format_: str) -> None:
    """Show INCIDENT and, in the table, what happened in it so far."""
    cli_emit(workspace.incidents.get(incident), format_)
    if format_ == "table":
        cli_emit(workspace.incidents.timeline(incident), columns=("at", "actor", "type"))


@incidents.command("open")
@click.argument("system")
@click.option("--title", required=True, help="What happened.")
@click.option(
    "--severity", type=click.Choice([s.value for s in Severity]), required=True, help="How grave."
)
@click.option("--description", default="", help="More words.")
@cli_workspace
def open_incident(
    workspace: Workspace, /, system: str, title: str, severity: str, description: str
) -> None:
    """Open an incident of SYSTEM; the same command again finds it."""
    made = workspace.incidents.open(system, title=title, severity=severity, description=description)
    click.echo(f"Incident {made.incident_id} is {made.status}.")


@incidents.command()
@click.argument("incident")
@click.option("--to", "assigned_to", required=True, help="Who sees to it.")
@cli_workspace
def assign(workspace: Workspace, /, incident: str, assigned_to: str) -> None:
    """Say who sees to INCIDENT."""
    made = workspace.incidents.assign(incident, assigned_to)
    click.echo(f"Incident {incident} is assigned to {made.assigned_to}.")


@incidents.command()
@click.argument("incident")
@click.option("--cause", required=True, help="What caused it.")
@click.option(
    "--kind",
    type=click.Choice([k.value for k in CauseKind]),
    default="unknown",
    help="What kind of cause it is.",
)
@cli_workspace
def analyse(workspace: Workspace, /, incident: str, cause: str, kind: str) -> None:
    """Put the cause of INCIDENT on record."""
    made = workspace.incidents.analyse(incident, cause, kind=kind)
    click.echo(f"Incident {incident} is {made.status}.")


@incidents.command()
@click.argument("incident")
@click.option("--treatment", required=True, help="What was done about the cause.")
@cli_workspace
def treat(workspace: Workspace, /, incident: str, treatment: str) -> None:
    """Put on record what was done about the cause of INCIDENT."""
    click.echo(f"Incident {incident} is {workspace.incidents.treat(incident, treatment).status}.")


@incidents.command()
@click.argument("incident")
@cli_workspace
def close(workspace: Workspace, /, incident: str) -> None:
    """Close INCIDENT, once its treatment is seen to work."""
    click.echo(f"Incident {incident} is {workspace.incidents.close(incident).status}.")


@incidents.command()
@click.argument("incident")
@click.option("--yes", "reportable", flag_value="yes", help="It must be reported.")
@click.option("--no", "reportable", flag_value="no", help="It need not be reported.")
@click.option("--confirm", is_flag=True, help="Confirm what the second line proposed.")
@click.option("--decline", is_flag=True, help="Send back what was proposed.")
@click.option("--reason", default="", help="Why.")
@cli_workspace
def reportable(
    workspace: Workspace,
    /,
    incident: str,
    reportable: str | None,
    confirm: bool,  # noqa: FBT001 - same
    decline: bool,  # noqa: FBT001 - same
    reason: str,
) -> None:
    """Propose whether INCIDENT must be reported to an authority; legal counsel confirms or declines."""
    reporting = workspace.incidents.reporting
    if sum((bool(reportable), confirm, decline)) != 1:
        raise click.UsageError("say one of --yes, --no, --confirm and --decline")
    if confirm:
        made = reporting.confirm(incident)
    elif decline:
        made = reporting.decline(incident, reason=reason)
    else:
        made = reporting.propose(incident, reportable=reportable == "yes", reason=reason)
    which = "reportable" if made.reportable else "not reportable"
    click.echo(f"Incident {incident}, {which}: {made.status}.")


@incidents.command()
@cli_format
@cli_workspace
def reporting(workspace: Workspace, /, format_: str) -> None:
    """List where the decisions on reporting serious incidents stand."""
    cli_emit(
        workspace.incidents.reporting.frame(),
        format_,
        columns=_REPORTING,
        empty="No serious incident is on record.",
    )


@incidents.command()
@cli_workspace
@click.pass_context
def escalate(context: click.Context, workspace: Workspace, /) -> None:
    """Name serious incidents that nobody decided on in time; ends with exit code 1 when there are any."""
    found = workspace.incidents.reporting.escalate()
    for incident in found:
        click.echo(f"{incident}: nobody decided in time whether it must be reported.")
    if found:
        context.exit(1)
    click.echo("Every serious incident is decided on, or still in time.")
