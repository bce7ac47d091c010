"""``aims audit``: verify the trail, or read it."""

from typing import TYPE_CHECKING, Any

import click

from aims_core.cli.output import cli_emit, cli_format, say
from aims_core.cli.session import FINDINGS, cli_workspace
from aims_core.events import RecordedEvent

if TYPE_CHECKING:
    from aims_core.workspace import Workspace


@click.group()
def audit() -> None:
    """Verify the audit trail, or read it."""


@audit.command()
@click.option(
    "--expect",
    metavar="HEAD",
    default="",
    help="Head noted earlier, which must stand in the trail.",
)
@cli_format
@cli_workspace
@click.pass_context
def verify(context: click.Context, workspace: "Workspace", expect: str, format_: str) -> None:
    """Recompute every event's hash and compare; exit code 1 when anything does not fit."""
    outcome = workspace.audit.verify(expect_head=expect)
    if format_ != "table":
        cli_emit({**_as_mapping(outcome.events, outcome.head), "faults": outcome.faults}, format_)
    elif outcome.intact:
        say(f"The audit trail is intact: {outcome.events} events, head {outcome.head}.")
        say(
            "Note the head outside this machine; `aims audit verify --expect HEAD` checks it later."
        )
    else:
        count = len(outcome.faults)
        say(f"The audit trail does not hold: {count} fault(s) in {outcome.events} events.")
        for fault in outcome.faults:
            say(f"  - {fault}")
    context.exit(0 if outcome.intact else FINDINGS)


@audit.command()
@click.option("--system", "system_id", default="", help="Only events about this system.")
@click.option("--type", "event_type", default="", help="Only these, e.g. core.TransitionDecided.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@cli_format
@cli_workspace
def log(workspace: "Workspace", system_id: str, event_type: str, limit: int, format_: str) -> None:
    """List the newest events."""
    events = workspace.audit.events(system_id, event_type=event_type, limit=limit)
    if format_ == "table":
        cli_emit([_line(event) for event in events], empty="No events.")
    else:
        cli_emit(events, format_)


def _line(event: RecordedEvent) -> dict[str, Any]:
    """Return an event for people: digests and checked conditions are for programs."""
    told = {k: v for k, v in event.payload.items() if "digest" not in k and k != "conditions"}
    return {
        "sequence": event.sequence,
        "at": event.at,
        "actor": event.actor,
        "type": event.type,
        "system_id": event.system_id,
        "what": told,
    }


def _as_mapping(events: int, head: str) -> dict[str, object]:
    return {"events": events, "head": head}
