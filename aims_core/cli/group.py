"""The group behind ``aims``: help from tables, commands loaded when run."""

import io
import os
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from difflib import get_close_matches
from typing import Any

import click

from aims_core.cli.commands import CORE
from aims_core.cli.logs import plain_logs
from aims_core.cli.plugin_commands import PluginCommand, plugin_commands
from aims_core.cli.session import BAD_INPUT, Refusal, Session, session_of
from aims_core.cli.text import visible_lines
from aims_core.errors import AimsError

_INTERRUPTED = 130
_EPILOG = (
    "Exit codes: 0 fine; 1 there are findings (unmet conditions, a broken audit trail, breaches); "
    "2 bad input, or the request was refused."
)


class AimsGroup(click.Group):
    """A click group that knows its commands by name and help before it imports any of them."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - click's signature
        **extra: Any,
    ) -> Any:
        """Run the command line; every outcome ends in one of the documented exit codes."""
        given = list(sys.argv[1:] if args is None else args)
        # --no-plugins must be known before click parses: --help is answered while parsing.
        extra.setdefault("obj", Session(plugins=not without_plugins(given, os.environ)))
        if not standalone_mode:
            return super().main(given, prog_name, complete_var, standalone_mode=False, **extra)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # a captured stream need not be one
                stream.reconfigure(errors="backslashreplace")
        sys.exit(self._run(given, prog_name, complete_var, extra))

    def _run(
        self,
        given: list[str],
        prog_name: str | None,
        complete_var: str | None,
        extra: MutableMapping[str, Any],
    ) -> int:
        try:
            with plain_logs():
                code = super().main(given, prog_name, complete_var, standalone_mode=False, **extra)
        except click.ClickException as error:
            error.show()
            return BAD_INPUT
        except AimsError as error:
            Refusal(error).show()
            return BAD_INPUT
        except (click.Abort, KeyboardInterrupt) as stop:
            # click puts its own exception in the place of the interrupt, which may say what was committed.
            interrupt = stop.__cause__ if isinstance(stop, click.Abort) else stop
            said = str(interrupt or "") if isinstance(interrupt, KeyboardInterrupt) else ""
            click.echo(visible_lines(f"Stopped: {said}." if said else "Stopped."), err=True)
            return _INTERRUPTED
        except Exception as error:
            # Python would end with 1 here, which a script reads as "there are findings".
            if os.environ.get("AIMS_TRACEBACK"):
                raise
            _unexpected(error)
            return BAD_INPUT
        return code if isinstance(code, int) else 0

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the core's commands, then those of plugins."""
        return [*CORE, *(name for name in _plugins(ctx) if name not in CORE)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; the core's names win over plugins'."""
        if cmd_name in CORE:
            found: click.Command = CORE[cmd_name].command.load()
            return found
        offered = _plugins(ctx).get(cmd_name)
        return offered.load() if offered else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that was named, or say which names come close."""
        name = args[0]
        if name.startswith("-") or self.get_command(ctx, name) is not None:
            return super().resolve_command(ctx, args)
        near = get_close_matches(name, self.list_commands(ctx), n=3)
        hint = f" Did you mean {' or '.join(near)}?" if near else " `aims --help` lists them."
        if not session_of(ctx).plugins:
            hint += " Plugins are left out in this run (--no-plugins)."
        raise click.UsageError(visible_lines(f"There is no command {name!r}.{hint}"), ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by their tables, so that nothing is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, CORE[name].help) for name in CORE])
        offered = {n: p for n, p in _plugins(ctx).items() if n not in CORE}
        if offered:
            with formatter.section("Commands of plugins"):
                formatter.write_dl([(name, p.help) for name, p in sorted(offered.items())])


def without_plugins(args: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Return whether plugins are to be left out, from the raw arguments and the environment."""
    if environ.get("AIMS_NO_PLUGINS", "").lower() not in ("", "0", "false", "no"):
        return True
    own = args[: args.index("--")] if "--" in args else args
    return "--no-plugins" in own


def _plugins(ctx: click.Context) -> Mapping[str, PluginCommand]:
    found: dict[str, PluginCommand] | None = ctx.meta.get("aims_core.cli.plugins")
    if found is None:
        root = ctx.find_root()
        session = session_of(root)
        session.folder = root.params.get("workspace") or session.folder
        found = plugin_commands(session.host()) if session.plugins else {}
        ctx.meta["aims_core.cli.plugins"] = found
    return found


def _unexpected(error: Exception) -> None:
    click.echo(
        visible_lines(
            f"Error: aims failed unexpectedly: {type(error).__name__}: {error}\n"
            "This is a fault in aims or in a plugin, not in what you asked. "
            "Run again with AIMS_TRACEBACK=1 to see where, and report it."
        ),
        err=True,
    )


@click.group(cls=AimsGroup, epilog=_EPILOG)
@click.option(
    "--workspace",
    metavar="FOLDER",
    envvar="AIMS_WORKSPACE",
    default="",
    help="Folder of the workspace (or AIMS_WORKSPACE); otherwise the nearest aims.toml upward.",
)
@click.option(
    "--as",
    "actor",
    metavar="ACTOR",
    envvar="AIMS_ACTOR",
    default="",
    help="Who acts (or AIMS_ACTOR); otherwise the actor named in aims.toml.",
)
@click.option(
    "--no-plugins",
    is_flag=True,
    expose_value=False,
    help="Leave all plugins out (or AIMS_NO_PLUGINS=1), for instance to repair a workspace.",
)
@click.version_option(package_name="aims-core", prog_name="aims")
@click.pass_context
def main(context: click.Context, workspace: str, actor: str) -> None:
    """Run an AI management system: inventory, approvals, reviews, audit trail.

    Start with `aims demo`, or with `aims init FOLDER`. `aims COMMAND --help` explains a command.
    """
    session = session_of(context)
    session.folder, session.actor = workspace, actor
    context.obj = session
