"""``aims risk``."""

from typing import Any

import click

from aims_core import Workspace, cli_emit, cli_format, cli_workspace
from aims_risk.criteria import DIMENSIONS

_SHOWN = ["system_id", "level", "tier", "value", "likelihood", "consequence", "assessed_by"]


@click.group()
def risk() -> None:
    """Assess risks and see where they stand."""


@risk.command("list")
@click.option("--history", is_flag=True, help="Former assessments too.")
@cli_format
@cli_workspace
def list_assessments(workspace: Workspace, /, history: bool, format_: str) -> None:  # noqa: FBT001 - click passes options by name
    """List assessments, newest first."""
    cli_emit(
        workspace.risk.frame(history=history),
        format_,
        columns=_SHOWN,
        empty="No system was assessed yet. Assess one with `aims risk assess`.",
    )


@risk.command()
@click.argument("system")
@click.option("--likelihood", type=int, required=True, help="From 1 (lowest) to 5.")
@click.option("--organisation", type=int, help="Consequence for the organisation, from 1 to 5.")
@click.option("--individuals", type=int, help="Consequence for individuals, from 1 to 5.")
@click.option("--society", type=int, help="Consequence for society, from 1 to 5.")
@click.option("--applies", multiple=True, help="A circumstance that applies; may be repeated.")
@click.option("--rationale", required=True, help="Why these ratings.")
@cli_format
@cli_workspace
def assess(
    workspace: Workspace,
    /,
    system: str,
    likelihood: int,
    applies: tuple[str, ...],
    rationale: str,
    format_: str,
    **rated: Any,
) -> None:
    """Rate the risk of SYSTEM."""
    made = workspace.risk.assess(
        system,
        likelihood=likelihood,
        consequences={n: rated[n] for n in DIMENSIONS if rated[n] is not None},
        rationale=rationale,
        **dict.fromkeys(applies, True),
    )
    cli_emit(made, format_, columns=["system_id", "level", "tier", "value", "assessment_id"])


@risk.command()
@click.argument("system")
@click.option("--reason", required=True, help="Why the risk that remains can be accepted.")
@cli_workspace
def accept(workspace: Workspace, /, system: str, reason: str) -> None:
    """Accept the residual risk of SYSTEM."""
    workspace.risk.accept(system, reason=reason)
    click.echo(f"Residual risk of {system} accepted by {workspace.actor.actor_id}.")


@risk.command()
@cli_format
@cli_workspace
def matrix(workspace: Workspace, /, format_: str) -> None:
    """Count systems by likelihood and consequence."""
    counts = workspace.risk.heatmap()
    rows = [
        {"likelihood": row, "consequence": column, "systems": number}
        for (row, column), number in sorted(counts.items(), reverse=True)
    ]
    cli_emit(rows, format_, empty="No system was assessed yet.")
