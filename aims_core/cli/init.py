"""``aims init``: create a workspace."""

from pathlib import Path

import click

from aims_core.cli.output import say
from aims_core.cli.session import session_of, told_plainly


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--organisation", required=True, help="Name of the organisation.")
@click.option(
    "--administrator", required=True, help="Identifier of the first administrator, e.g. ada."
)
@click.option(
    "--database", metavar="URL", help="Where the records go; an SQLite file in FOLDER if omitted."
)
@click.pass_context
def init(
    context: click.Context,
    folder: Path,
    organisation: str,
    administrator: str,
    database: str | None,
) -> None:
    """Create a workspace in FOLDER, with its database and its first administrator."""
    from aims_core.workspace import create_workspace

    with told_plainly():
        session = session_of(context)
        workspace = create_workspace(
            folder,
            organisation=organisation,
            administrator=administrator,
            database=database,
            host=None if session.plugins else session.host(),
        )
        workspace.close()
    say(f"Created the workspace of {organisation} in {folder}; {administrator} administers it.")
    say(f"Next: aims --workspace {folder} people add ID NAME, then people grant ID ROLE.")
