"""``aims evidence``: put evidence on record, list it, verify it, hand it out and take it in."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aims_core.cli.evidence_keeping import disposals, dispose, hold, holds, release
from aims_core.cli.moments import as_of_option
from aims_core.cli.output import cli_emit, cli_format, say
from aims_core.cli.progress import progress
from aims_core.cli.session import FINDINGS, cli_workspace
from aims_core.records import Evidence

if TYPE_CHECKING:
    from aims_core.workspace import Workspace

_LISTED = ("evidence_id", "kind", "title", "revision", "collected_at", "added_by", "remarks")


@click.group()
def evidence() -> None:
    """Put evidence on record, list, verify, hold, dispose of, export and import it."""


for _command in (dispose, disposals, hold, holds, release):
    evidence.add_command(_command)


@evidence.command()
@click.argument("system_id", metavar="SYSTEM")
@click.argument("kind")
@click.argument("title")
@click.option("--file", "path", type=click.Path(path_type=Path), help="The file.")
@click.option("--text", help="The statement itself, instead of a file.")
@click.option("--note", default="", help="What to know about it.")
@click.option(
    "--collected-at",
    metavar="TIME",
    default="",
    help="When it was collected, such as 2026-03-01T09:00+01:00; now by default.",
)
@cli_format
@cli_workspace
def add(  # noqa: PLR0913, PLR0917 - click passes each option by name
    workspace: "Workspace",
    system_id: str,
    kind: str,
    title: str,
    path: Path | None,
    text: str | None,
    note: str,
    collected_at: str,
    format_: str,
) -> None:
    """Put a file or a text on record about SYSTEM, as evidence of KIND (validation, documentation, …)."""
    made = workspace.evidence.add(
        system_id,
        kind,
        title,
        path=path,
        text=text,
        note=note,
        collected_at=_moment(collected_at),
    )
    _tell(made, format_)


@evidence.command()
@click.argument("system_id", metavar="SYSTEM")
@click.argument("path", metavar="NOTEBOOK", type=click.Path(path_type=Path))
@click.option(
    "--parameter",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    help="A parameter; VALUE is JSON, or else text. May be given several times.",
)
@click.option(
    "--input",
    "inputs",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A file the notebook reads. May be given several times.",
)
@click.option("--kind", default="validation", show_default=True, help="What a clean run shows.")
@click.option("--title", default="", help="The notebook's name by default.")
@click.option("--time-limit", type=float, default=600, show_default=True, help="Seconds, in all.")
@click.option("--again", is_flag=True, help="Run it even when the same clean run is on record.")
@cli_format
@cli_workspace
@click.pass_context
def run(  # noqa: PLR0913, PLR0917 - click passes each option by name
    context: click.Context,
    workspace: "Workspace",
    system_id: str,
    path: Path,
    parameters: tuple[str, ...],
    inputs: tuple[Path, ...],
    kind: str,
    title: str,
    time_limit: float,
    again: bool,  # noqa: FBT001 - click passes by keyword
    format_: str,
) -> None:
    """Run a copy of NOTEBOOK in a clean kernel and put the executed copy on record about SYSTEM.

    A run that fails is kept as a failed run; the exit code is 1 then.
    """
    made = workspace.evidence.add_notebook(
        system_id,
        path,
        parameters=dict(map(_parameter, parameters)),
        inputs=inputs,
        kind=kind,
        title=title,
        time_limit=time_limit,
        again=again,
    )
    _tell(made, format_)
    ran = made.run or {}
    if format_ == "table":
        say(f"It failed: {ran['failure']}." if ran["failure"] else "It ran clean.")
    context.exit(0 if ran["clean"] else FINDINGS)


@evidence.command("list")
@click.argument("system_id", metavar="[SYSTEM]", default="")
@click.option("--kind", default="", help="Only this kind.")
@click.option("--disposed", is_flag=True, help="Also what was disposed of.")
@click.option("--due", is_flag=True, help="Only what may be disposed of now.")
@as_of_option
@cli_format
@cli_workspace
def list_(
    workspace: "Workspace",
    system_id: str,
    kind: str,
    disposed: bool,  # noqa: FBT001 - click passes by keyword
    due: bool,  # noqa: FBT001 - same
    as_of: date | int | None,
    format_: str,
) -> None:
    """List the evidence about SYSTEM, or about all systems."""
    if due and as_of is not None:
        raise click.UsageError("--due speaks of now; leave out --as-of, or --due")
    if due:
        found = workspace.evidence.due()
    elif system_id:
        found = workspace.evidence.of(system_id, disposed=disposed, as_of=as_of)
    else:
        found = workspace.evidence.all(disposed=disposed, as_of=as_of)
    found = [e for e in found if system_id in {"", e.system_id} and kind in {"", e.kind}]
    if format_ != "table":
        cli_emit(found, format_)
        return
    columns = _LISTED if system_id else ("system_id", *_LISTED)
    cli_emit([_row(e) for e in found], columns=columns, empty="No evidence is on record.")


@evidence.command()
@cli_format
@cli_workspace
@click.pass_context
def verify(context: click.Context, workspace: "Workspace", format_: str) -> None:
    """Compare every file with its records; exit code 1 when one is missing, altered or unreferenced."""
    with progress("Verifying") as tick:
        found = workspace.evidence.verify(progress=tick)
    if format_ == "table" and found.empty:
        say("Every file is what was put on record, and there are no others.")
    else:
        cli_emit(found, format_, columns=("finding", "evidence_id", "location", "detail"))
    context.exit(0 if found.empty else FINDINGS)


@evidence.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.argument("system_ids", metavar="[SYSTEM]...", nargs=-1)
@cli_workspace
def export(workspace: "Workspace", path: Path, system_ids: tuple[str, ...]) -> None:
    """Write the evidence about all systems, or about those named, with its records to a zip FILE."""
    digest = workspace.evidence.export_bundle(path, system_ids=system_ids or None)
    say(f"{path} is written; its SHA-256 is {digest}.")


@evidence.command("import")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@cli_format
@cli_workspace
def import_(workspace: "Workspace", path: Path, format_: str) -> None:
    """Take the evidence of a bundle on record: all of it or nothing, and each record once."""
    outcome = workspace.evidence.import_bundle(path)
    if format_ != "table":
        cli_emit(outcome, format_)
        return
    say(
        f"{outcome.records} record(s): {outcome.added} added, {outcome.found} on record already, "
        f"{outcome.disposed} disposed of where they came from."
    )


def _tell(made: Evidence, format_: str) -> None:
    if format_ != "table":
        cli_emit(made, format_)
        return
    say(f"{made.evidence_id}: {made.title} ({made.kind}, {made.media_type}, {made.size:,} bytes).")
    say(f"SHA-256 {made.digest}, kept until {made.retain_until:%Y-%m-%d}.")
    for mark in made.marks.values():
        say(f"  to mind: {mark}")


def _row(one: Evidence) -> dict[str, Any]:
    remarks = list(one.marks)
    if one.outdated:
        remarks.append("of an old revision" if one.revision else "of an unknown revision")
    if one.disposed_at is not None:
        remarks.append(f"disposed of {one.disposed_at:%Y-%m-%d}")
    fields = ("system_id", *_LISTED[:-1])
    return {name: getattr(one, name) for name in fields} | {"remarks": ", ".join(remarks)}


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no time; write 2026-03-01T09:00+01:00", param_hint="--collected-at"
        ) from None


def _parameter(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--parameter")
    try:
        return name, json.loads(value)
    except (ValueError, RecursionError):
        return name, value
