"""``aims audit``: verify the trail, read it, sign it, prove and export it."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aims_core.cli.moments import as_of_option
from aims_core.cli.output import cli_emit, cli_format, say, write_file
from aims_core.cli.session import FINDINGS, cli_workspace
from aims_core.events import RecordedEvent

if TYPE_CHECKING:
    from aims_core.records import Checkpoint
    from aims_core.workspace import Workspace

_BETWEEN_SEALS = 1.0


@click.group()
def audit() -> None:
    """Verify the audit trail, read, sign, prove or export it."""


@audit.command()
@click.option(
    "--expect",
    metavar="HEAD",
    default="",
    help="Head noted earlier, which must stand in the trail.",
)
@click.option(
    "--checkpoint",
    "kept",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A checkpoint kept elsewhere, or a folder of them; may be given again.",
)
@click.option(
    "--export",
    "export",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="An export made earlier; it names exactly which events differ.",
)
@cli_format
@cli_workspace
@click.pass_context
def verify(
    context: click.Context,
    workspace: "Workspace",
    *,
    expect: str,
    kept: tuple[Path, ...],
    export: Path | None,
    format_: str,
) -> None:
    """Recompute every event's hash and compare; exit code 1 when anything does not fit."""
    texts = checkpoint_texts(kept)
    outcome = workspace.audit.verify(expect_head=expect, checkpoints=texts, export=export)
    if format_ != "table":
        told = {"faults": outcome.faults, "remarks": outcome.remarks}
        cli_emit({**_as_mapping(outcome.events, outcome.head), **told}, format_)
    elif outcome.intact:
        say(f"The audit trail is intact: {outcome.events} events, head {outcome.head}.")
        if not (texts or expect or export):
            say(
                "Only a checkpoint kept outside this machine shows that it was not rewritten whole: "
                "`aims audit verify --checkpoint FILE`."
            )
    else:
        count = len(outcome.faults)
        say(f"The audit trail does not hold: {count} fault(s) in {outcome.events} events.")
        for fault in outcome.faults:
            say(f"  - {fault}")
    if format_ == "table":
        for remark in outcome.remarks:
            say(f"Note: {remark}")
    context.exit(0 if outcome.intact else FINDINGS)


@audit.command()
@click.option("--system", "system_id", default="", help="Only events about this system.")
@click.option("--type", "event_type", default="", help="Only these, e.g. core.TransitionDecided.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@as_of_option
@cli_format
@cli_workspace
def log(workspace: "Workspace", system_id: str, format_: str, **wanted: Any) -> None:
    """List the newest events."""
    events = workspace.audit.events(system_id, **wanted)
    if format_ == "table":
        cli_emit([_line(event) for event in events], empty="No events.")
    else:
        cli_emit(events, format_)


@audit.command()
@click.option("--rotate", is_flag=True, help="Make a new key; the old one signs it.")
@click.option("--lost", metavar="REASON", default="", help="Make a new key without the old one.")
@click.option("--passphrase", is_flag=True, help="Ask for a passphrase that locks the new file.")
@cli_workspace
def key(workspace: "Workspace", *, rotate: bool, lost: str, passphrase: bool) -> None:
    """Show the key that signs checkpoints, and make it where there is none.

    The file lies outside the workspace: AIMS_AUDIT_KEY, or [audit] key in aims.toml, or the user's own
    settings folder. Give the public key to whoever will verify the trail.
    """
    keys = workspace.audit.keys
    status = keys.status()
    if status is None or rotate or lost:
        new = (
            click.prompt("Passphrase", hide_input=True, confirmation_prompt=True)
            if passphrase
            else ""
        )
        status = keys.make(passphrase=new, lost=lost)
        say(f"A new key signs checkpoints from here on; its file is {status.path}.")
    else:
        say(f"Its file {'is' if status.here else 'should be'} {status.path}.")
    say(f"Public key: {status.public}")


@audit.command()
@click.option(
    "--require",
    "required",
    type=click.Choice(["E1", "E2", "E3", "E4"]),
    default="E1",
    help="End with exit code 1 below this level.",
)
@cli_format
@cli_workspace
@click.pass_context
def level(context: click.Context, workspace: "Workspace", *, required: str, format_: str) -> None:
    """Say what the records of this workspace can prove (E1 to E4), and what would raise it."""
    found = workspace.judge_evidence()
    if format_ == "table":
        say(f"{found}.")
        for title, lines in (("Holds", found.holds), ("Lacks", found.lacks)):
            for line in lines:
                say(f"  {title}: {line}.")
    else:
        cli_emit(found, format_)
    context.exit(FINDINGS if found.level < required else 0)


@audit.command()
@click.option("--list", "listed", is_flag=True, help="List the checkpoints there are instead.")
@cli_format
@cli_workspace
@click.pass_context
def checkpoint(
    context: click.Context, workspace: "Workspace", *, listed: bool, format_: str
) -> None:
    """Sign the trail as it stands and hand that to every anchor; exit code 1 when one did not keep it."""
    if listed:
        cli_emit(
            workspace.audit.checkpoints(),
            format_,
            columns=("number", "size", "root", "made_at", "made_by"),
            empty="No checkpoints.",
        )
        return
    made = workspace.audit.checkpoint()
    if format_ == "table":
        _tell(made)
    else:
        cli_emit(made, format_)
    missed = {a.anchor for a in made.anchored} - {a.anchor for a in made.anchored if a.kept}
    context.exit(FINDINGS if missed else 0)


@audit.command()
@click.argument("event", required=False)
@click.option(
    "--since", type=click.IntRange(min=1), help="Prove that nothing before was changed since."
)
@click.option("--checkpoint", "number", type=click.IntRange(min=1), help="The newest by default.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file."
)
@cli_workspace
def prove(
    workspace: "Workspace",
    event: str | None,
    since: int | None,
    number: int | None,
    out: Path | None,
) -> None:
    """Prove with a checkpoint that an event (its id or sequence) stands in the trail.

    With --since NUMBER: that the trail of that checkpoint was only added to. Whoever has the public key
    checks the proof with verify_trail.py, without this workspace.
    """
    if (event is None) == (since is None):
        raise click.UsageError("name an event, or a checkpoint with --since")
    wanted: str | int | None = int(event) if event is not None and event.isdecimal() else event
    proof = workspace.audit.prove(wanted, since=since, checkpoint=number)
    text = json.dumps(proof, indent=1)
    if out is None:
        click.echo(text)
    else:
        write_file("the proof", out, f"{text}\n")
        say(f"The proof is in {out}; `python -I verify_trail.py --proof FILE --key KEY` checks it.")


@audit.command()
@click.argument("folder", type=click.Path(path_type=Path))
@cli_workspace
def export(workspace: "Workspace", folder: Path) -> None:
    """Write the trail, its checkpoints and the offline verifier into a new FOLDER."""
    count = workspace.audit.export(folder)
    say(
        f"{count} events are in {folder}; `python -I {folder}/verify_trail.py {folder}` verifies them."
    )


@audit.command()
@click.option("--follow", is_flag=True, help="Go on, once a second, until interrupted.")
@cli_workspace
def seal(workspace: "Workspace", *, follow: bool) -> None:
    """Give committed events their place in the trail's tree (on PostgreSQL; SQLite does it at once)."""
    count = workspace.audit.seal()
    say("Another sealer is at it." if count is None else f"{count} event(s) sealed.")
    while follow:
        time.sleep(_BETWEEN_SEALS)
        if count := workspace.audit.seal():
            say(f"{count} event(s) sealed.")


@audit.command()
@click.argument("event_id")
@click.option("--reason", required=True, help="Why; it stays in the trail.")
@cli_workspace
def erase(workspace: "Workspace", event_id: str, reason: str) -> None:
    """Erase an event's content: it takes an administrator and an auditor, two people."""
    erasure = workspace.audit.erase(event_id, reason=reason)
    if erasure.done:
        say(f"The content of event {erasure.sequence} is erased; its place in the trail stays.")
    else:
        other = "auditor" if erasure.role == "administrator" else "administrator"
        say(f"Asked for as {erasure.role}; an {other} has to erase it too, within 30 days.")


def _tell(made: "Checkpoint") -> None:
    say(f"Checkpoint {made.number}: the first {made.size} events, root {made.root}.")
    for outcome in made.anchored:
        if outcome.kept:
            say(f"  {outcome.anchor}: kept at {outcome.location}")
        else:
            say(f"  {outcome.anchor}: NOT kept: {outcome.error}")
    if not any(outcome.kept for outcome in made.anchored):
        say(
            "It is kept nowhere else yet, so it proves nothing against whoever rewrites the database."
        )
        say("Configure [[audit.anchors]] in aims.toml, or keep this text yourself:")
        say(made.note)


def checkpoint_texts(kept: tuple[Path, ...]) -> list[str]:
    """Return the texts of checkpoints given as files, or as folders of them."""
    files = [f for path in kept for f in (sorted(path.rglob("*.txt")) if path.is_dir() else [path])]
    return [file.read_text(encoding="utf-8", errors="replace") for file in files]


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
