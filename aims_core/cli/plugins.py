"""``aims plugins``: what is installed, what failed and why, and what was left behind."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aims_core.cli.output import cli_emit, cli_format, say
from aims_core.cli.session import FINDINGS, Session, cli_workspace, session_of, told_plainly
from aims_core.contributions import Ref
from aims_core.errors import AimsError

if TYPE_CHECKING:
    from aims_core.plugin_host import PluginHost
    from aims_core.workspace import Workspace

# A reference, as for the workbench: the template is another door of the same house.
_NEW_PLUGIN = Ref("aims_core.scaffold:new_plugin")
_LISTED = ("name", "status", "distribution", "version", "reason")


@click.group()
def plugins() -> None:
    """List plugins, the failed ones included, and start new ones."""


@plugins.command("list")
@cli_format
@click.pass_context
def list_plugins(context: click.Context, format_: str) -> None:
    """List plugins: active, failed, blocked, and orphan (uninstalled, its records are kept).

    Works without a workspace, too. Exit code 1 when a plugin failed.
    """
    from aims_core.plugin_host.host import KINDS

    session = session_of(context)
    host = session.host()
    for hook in KINDS:
        host.contributions(hook)  # a plugin may load and still fail when it is asked
    rows = [asdict(info) for info in host.plugins()]
    cli_emit([*rows, *_orphans(session, host)], format_, columns=_LISTED)
    context.exit(FINDINGS if any(row["status"] == "failed" for row in rows) else 0)


def _orphans(session: Session, host: "PluginHost") -> list[dict[str, Any]]:
    settings = session.settings()
    if settings is None:
        return []
    from aims_core.workspace import migrator

    try:
        stand = migrator(settings, host).status()
    except AimsError as error:
        say(f"The database was not asked for orphans: {error}", err=True)
        return []
    installed = {info.name for info in host.plugins()}
    return [
        {
            "name": part.component,
            "distribution": part.distribution,
            "version": part.version,
            "fingerprint": "",
            "status": "orphan",
            "reason": part.note,
            "hooks": (),
        }
        for part in stand
        if part.state == "orphan" and part.component not in installed
    ]


@plugins.command()
@cli_workspace
def admit(workspace: "Workspace") -> None:
    """Let plugins act that were installed after the workspace was made."""
    admitted = workspace.admit_plugins()
    for actor_id in admitted:
        roles = ", ".join(g.role for g in workspace.staffing.roles_of(actor_id)) or "no role"
        say(f"{actor_id} may act, as {roles}.")
    if not admitted:
        say("Every plugin that acts by itself is known already.")


@plugins.command()
@click.argument("title")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="Folder in which the plugin's folder is made; here by default.",
)
def new(title: str, into: Path) -> None:
    """Start a plugin called TITLE from the template: a check, its test, ready to install."""
    with told_plainly():
        folder = _NEW_PLUGIN.load()(title, into)
    say(f"Wrote {folder}. Next: pip install -e {folder}, then pytest {folder}.")
