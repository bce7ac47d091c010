"""``aims backup`` and ``aims restore``: copies that are verified, and restores that are never silent."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aims_core.cli.db_teams import tell_logins
from aims_core.cli.output import cli_emit, cli_format, say
from aims_core.cli.session import FINDINGS, cli_workspace, session_of, told_plainly

if TYPE_CHECKING:
    from aims_core.recovery import Drill, Restored
    from aims_core.workspace import Workspace


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--database", metavar="URL", default="", help="A login that sees all rows (PostgreSQL)."
)
@cli_format
@cli_workspace
@click.pass_context
def backup(
    context: click.Context, workspace: "Workspace", target: Path, database: str, format_: str
) -> None:
    """Back the workspace up to TARGET, a new folder or a file ending in .zip, while others work.

    Database, evidence, reports and settings are copied and read again. Exit code 1 when the copy is good
    but the workspace is not: evidence is missing, or the audit trail does not hold.
    """
    from aims_core.recovery import back_up

    made = back_up(workspace, target, database=database)
    if format_ == "table":
        say(
            f"Backed up and verified: {made.path} ({made.files} files, {made.size:,} bytes, "
            f"{made.events} events)."
        )
        say(f"Keep this digest elsewhere; it proves the backup: {made.digest}")
        for digest in made.missing:
            say(f"  - evidence on record was not there to be copied: {digest}")
        for fault in made.faults:
            say(f"  - the audit trail does not hold: {fault}")
    else:
        cli_emit(made, format_)
    context.exit(FINDINGS if made.missing or made.faults else 0)


@click.command()
@click.argument("source", metavar="BACKUP", type=click.Path(exists=True, path_type=Path))
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--database", metavar="URL", default="", help="An empty PostgreSQL database.")
@click.option("--replace", is_flag=True, help="The workspace in FOLDER gives way (SQLite).")
@click.option(
    "--checkpoint",
    "kept",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A checkpoint kept elsewhere, or a folder of them: tells whether the backup is older.",
)
@click.option("--drill", "only_try", is_flag=True, help="Restore, look through it, throw it away.")
@click.option("--check", is_flag=True, help="Only compare the backup with its manifest.")
@click.pass_context
def restore(
    context: click.Context,
    source: Path,
    folder: Path | None,
    database: str,
    replace: bool,  # noqa: FBT001 - same
    kept: tuple[Path, ...],
    only_try: bool,  # noqa: FBT001 - same
    check: bool,  # noqa: FBT001 - same
) -> None:
    """Restore BACKUP as the workspace in FOLDER, acting as an administrator (--as).

    The restored trail says that it was restored, from what, and whether later events are known of; exit
    code 1 when they are, or when a drill fails.
    """
    from aims_core import recovery
    from aims_core.cli.audit import checkpoint_texts
    from aims_core.settings import FILE, read_settings

    with told_plainly():
        if check:
            manifest = recovery.check_backup(source)
            say(
                f"The backup is what it was: {len(manifest.files)} files; digest {manifest.digest}."
            )
            return
        session = session_of(context)
        host = session.host()
        actor = session.actor
        if not actor and folder is not None and (folder / FILE).exists():
            actor = read_settings(folder).actor
        if not actor:
            raise click.UsageError("who restores? Name an administrator with --as.", context)
        if only_try:
            _tell_drill(context, recovery.drill(source, actor=actor, database=database, host=host))
            return
        if folder is None:
            raise click.UsageError("name the FOLDER to restore into, or --drill.", context)
        restored = recovery.restore(
            source,
            folder,
            actor=actor,
            database=database,
            replace=replace,
            checkpoints=checkpoint_texts(kept),
            host=host,
        )
    _tell(restored)
    context.exit(FINDINGS if restored.lost else 0)


def _tell(restored: "Restored") -> None:
    say(
        f"Restored into {restored.folder}: the backup of {restored.made_at}, {restored.events} events. "
        "The audit trail says so."
    )
    tell_logins(restored.logins)
    if restored.before is not None:
        say(f"The database that gave way lies in {restored.before}.")
    if restored.lost:
        say(
            f"{restored.lost} later event(s) are known of and are not in this backup: they are lost."
        )
    elif not restored.known:
        say(
            "Nothing was given to tell whether later events existed: "
            "`aims audit verify --checkpoint FILE` with the newest checkpoint kept elsewhere tells it."
        )


def _tell_drill(context: click.Context, outcome: "Drill") -> None:
    if outcome.passed:
        say(
            f"The drill passed in {outcome.seconds:.1f} s: {outcome.events} events and "
            f"{outcome.evidence} pieces of evidence came back whole."
        )
        return
    say(f"The drill failed after {outcome.seconds:.1f} s:")
    for fault in outcome.faults:
        say(f"  - {fault}")
    context.exit(FINDINGS)
