"""``aims db copy``: the workspace's records in another database, every digest as it was."""

from typing import TYPE_CHECKING

import click

from aims_core.cli.db_teams import tell_logins
from aims_core.cli.output import cli_emit, cli_format, say
from aims_core.cli.progress import progress
from aims_core.cli.session import cli_workspace

if TYPE_CHECKING:
    from aims_core.workspace import Workspace


@click.command()
@click.argument("url")
@click.option("--switch", is_flag=True, help="Have aims.toml name the copy from now on.")
@cli_format
@cli_workspace
def copy(workspace: "Workspace", url: str, *, switch: bool, format_: str) -> None:
    """Copy all records into the empty database at URL, from SQLite to PostgreSQL or back.

    Nobody writes meanwhile. What arrived is verified before it counts; the original stays as it is.
    """
    from aims_core.recovery import copy_database

    with progress("Copying rows") as tick:
        made = copy_database(workspace, url, switch=switch, tick=tick)
    if format_ != "table":
        cli_emit(made, format_)
        return
    say(
        f"Copied and verified: {made.rows:,} rows of {len(made.tables)} tables, {made.events:,} events; "
        f"the tree of both trails is {made.root[:16]}…"
    )
    tell_logins(made.logins)
    if made.switched:
        say("aims.toml names the copy now. Keep the original until you need it no more.")
    else:
        say(
            "The workspace still uses the original: what is written there now is not in the copy. To go on "
            "with the copy, name it in aims.toml under [database] url, or copy with --switch."
        )
