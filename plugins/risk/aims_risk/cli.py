"""``aims risk``: assess, identify, treat and accept risk, and see where it stands."""

from datetime import UTC, datetime
from typing import Any

import click

from aims_core import Workspace, cli_emit, cli_format, cli_workspace
from aims_risk.criteria import DIMENSIONS
from aims_risk.terms import TREATMENT_OPTIONS, TREATMENT_STATUS

_ASSESSED = (
    "system_id",
    "level",
    "tier",
    "value",
    "likelihood",
    "consequence",
    "assessed_by",
    "assessed_at",
)
_RISK = ("system_id", "risk_id", "title", "level", "risk_owner", "status")
_TREATMENT = ("treatment_id", "risk_id", "measure", "option", "responsible", "status")


def _rated(command: Any) -> Any:
    """Add the options that rate likelihood and consequence."""
    for name in reversed(DIMENSIONS):
        said = f"Consequence for {name}, from 1 to 5 unless your criteria say otherwise."
        command = click.option(f"--{name}", type=int, help=said)(command)
    said = "From 1 (lowest) to 5 unless your criteria say otherwise."
    return click.option("--likelihood", type=int, required=True, help=said)(command)


@click.group()
def risk() -> None:
    """Assess risks and see where they stand."""


@risk.command("list")
@click.option("--system", "system_id", default="", help="Only this AI system.")
@click.option("--history", is_flag=True, help="Former assessments too.")
@cli_format
@cli_workspace
def list_assessments(workspace: Workspace, /, system_id: str, history: bool, format_: str) -> None:  # noqa: FBT001 - click passes options by name
    """List assessments, newest first."""
    cli_emit(
        workspace.risk.frame(system_id, history=history),
        format_,
        columns=_ASSESSED,
        empty="No system was assessed yet. Assess one with: aims risk assess",
    )


@risk.command()
@click.argument("system_id", metavar="SYSTEM")
@_rated
@click.option("--applies", multiple=True, help="A circumstance that applies; may be repeated.")
@click.option("--rationale", required=True, help="Why these ratings.")
@cli_format
@cli_workspace
def assess(
    workspace: Workspace,
    /,
    system_id: str,
    likelihood: int,
    applies: tuple[str, ...],
    rationale: str,
    format_: str,
    **rated: int | None,
) -> None:
    """Rate the risk of SYSTEM; the tier that follows becomes the system's.

    Rate at least one of --organisation, --individuals and --society.
    """
    made = workspace.risk.assess(
        system_id,
        likelihood=likelihood,
        consequences=_given(rated),
        rationale=rationale,
        **dict.fromkeys(applies, True),
    )
    cli_emit(made, format_, columns=("system_id", "level", "tier", "value", "assessment_id"))
    if format_ == "table":
        click.echo()
        cli_emit([{"points": f.contribution, "why": f.reason} for f in made.factors])


@risk.command()
@click.argument("system_id", metavar="SYSTEM")
@click.option("--reason", required=True, help="Why the risk that remains can be accepted.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    help="When it ends, at the start of that day in UTC; as late as the level allows by default.",
)
@cli_format
@cli_workspace
def accept(
    workspace: Workspace, /, system_id: str, reason: str, until: datetime | None, format_: str
) -> None:
    """Accept the residual risk of SYSTEM; who assessed it may not, and the level asks for a role."""
    ends = until.replace(tzinfo=UTC) if until is not None else None
    made = workspace.risk.accept(system_id, reason=reason, valid_until=ends)
    cli_emit(
        made, format_, columns=("system_id", "kind", "recorded_by", "recorded_at", "valid_until")
    )


@risk.command()
@click.argument("system_id", metavar="SYSTEM")
@click.argument("risk_id", metavar="RISK")
@click.option("--title", required=True, help="The risk in a few words.")
@click.option("--source", required=True, help="What gives rise to it, such as C.3.4, or words.")
@click.option("--consequence", required=True, help="What would happen, and to whom.")
@click.option("--owner", required=True, help="Who answers for it.")
@_rated
@cli_format
@cli_workspace
def identify(
    workspace: Workspace,
    /,
    system_id: str,
    risk_id: str,
    source: str,
    owner: str,
    format_: str,
    **said: Any,
) -> None:
    """Put RISK of SYSTEM on the register, or say anew what it is."""
    rated = {name: said.pop(name) for name in DIMENSIONS}
    made = workspace.risk.identify(
        system_id, risk_id, risk_source=source, risk_owner=owner, consequences=_given(rated), **said
    )
    cli_emit(made, format_, columns=_RISK)


@risk.command()
@click.option("--system", "system_id", default="", help="Only this AI system.")
@cli_format
@cli_workspace
def identified(workspace: Workspace, /, system_id: str, format_: str) -> None:
    """List identified risks."""
    cli_emit(
        workspace.risk.risks(system_id),
        format_,
        columns=_RISK,
        empty="No risk was identified yet. Put one on the register with: aims risk identify",
    )


@risk.command()
@click.argument("system_id", metavar="SYSTEM")
@click.option("--measure", required=True, help="What is done about the risk.")
@click.option("--responsible", required=True, help="Who sees to it.")
@click.option("--risk", "risk_id", default="", help="The identified risk; else the whole system's.")
@click.option("--option", type=click.Choice(TREATMENT_OPTIONS), default="reduce", show_default=True)
@click.option("--control", "controls", multiple=True, help="A control it rests on, such as A.7.4.")
@click.option("--status", type=click.Choice(TREATMENT_STATUS), default="planned", show_default=True)
@cli_format
@cli_workspace
def treat(workspace: Workspace, /, system_id: str, format_: str, **said: Any) -> None:
    """Put a treatment of the risk of SYSTEM on record, or change it."""
    cli_emit(workspace.risk.treat(system_id, **said), format_, columns=_TREATMENT)


@risk.command()
@cli_format
@cli_workspace
def heatmap(workspace: Workspace, /, format_: str) -> None:
    """Count assessed systems by likelihood and consequence."""
    criteria = workspace.risk.criteria
    rows = [
        {
            "likelihood": likelihood,
            "consequence": consequence,
            "level": criteria.level(likelihood * consequence).name,
            "systems": number,
        }
        for (likelihood, consequence), number in sorted(workspace.risk.heatmap().items())[::-1]
    ]
    cli_emit(rows, format_, empty="No system was assessed yet.")


def _given(rated: dict[str, int | None]) -> dict[str, int]:
    return {name: rating for name, rating in rated.items() if rating is not None}
