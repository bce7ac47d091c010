"""``aims db``: the tables of the core and the plugins, and how to bring them up to date."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aims_core.cli.db_copy import copy
from aims_core.cli.db_teams import COMMANDS
from aims_core.cli.output import cli_emit, cli_format, say
from aims_core.cli.session import FINDINGS, session_of, told_plainly
from aims_core.settings import find_folder, read_settings

if TYPE_CHECKING:
    from aims_core.db.migrate import Migrator

_SOUND = ("current", "orphan")


@click.group()
def db() -> None:
    """Show, upgrade, copy and secure the database, and give logins to it."""


@db.command()
@cli_format
@click.pass_context
def status(context: click.Context, format_: str) -> None:
    """Show how the tables of each component stand; exit code 1 when an upgrade is needed."""
    with told_plainly():
        moving = _migrator(context)
        stand, journal = moving.status(), moving.journal()
    cli_emit(stand, format_)
    if journal is not None:
        note = f"; {journal.note}" if journal.note else ""
        # On stderr beside JSON and CSV, which are for programs.
        said = (
            f"Journal: {journal.mode}, synchronous {journal.synchronous}, {journal.library}{note}."
        )
        say(said, err=format_ != "table")
    context.exit(0 if all(part.state in _SOUND for part in stand) else FINDINGS)


@db.command()
@click.pass_context
def upgrade(context: click.Context) -> None:
    """Bring all tables to their newest revision; each component in a transaction of its own."""
    with told_plainly():
        moved = _migrator(context).upgrade()
    for component, (before, after) in moved.items():
        if before != after:
            say(f"{component}: {before or 'nothing'} to {after}")
    if all(before == after for before, after in moved.values()):
        say("All tables are up to date.")


for _command in (copy, *COMMANDS):
    db.add_command(_command)


def _migrator(context: click.Context) -> "Migrator":
    """Return the migrator without opening the workspace, which an outdated database refuses."""
    from aims_core.workspace import migrator

    session = session_of(context)
    folder = Path(session.folder).resolve() if session.folder else find_folder()
    return migrator(read_settings(folder), session.host())
