"""What a command is run with: which workspace, as whom, with or without plugins."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from aims_core.errors import AimsError, WorkspaceError
from aims_core.settings import Settings, find_folder, read_settings

if TYPE_CHECKING:  # `aims --help` must not load what these stand on
    from aims_core.plugin_host import PluginHost
    from aims_core.workspace import Workspace

R = TypeVar("R")

FINDINGS = 1
BAD_INPUT = 2


class Refusal(click.ClickException):
    """An error that a user may meet: its message on stderr, no traceback, exit code 2."""

    exit_code = BAD_INPUT

    def __init__(self, error: Exception) -> None:
        from aims_core.cli.text import visible_lines

        super().__init__(visible_lines(str(error)))


@dataclass(slots=True)
class Session:
    """Global options of one run; `plugins` is settled before click parses anything."""

    folder: str = ""
    actor: str = ""
    plugins: bool = True

    def settings(self) -> Settings | None:
        """Return the settings of the workspace, None where there is none to be read."""
        try:
            return read_settings(Path(self.folder).resolve() if self.folder else find_folder())
        except WorkspaceError:
            return None

    def host(self) -> "PluginHost":
        """Return the plugins of this run, without opening a database."""
        from aims_core.plugin_host.host import PluginHost

        settings = self.settings()
        if settings is None:
            return PluginHost(discover=self.plugins)
        return PluginHost(
            blocked=settings.blocked, providers=settings.providers, discover=self.plugins
        )

    @contextmanager
    def workspace(self) -> Iterator["Workspace"]:
        """Open the workspace for one command and close it afterwards.

        Raises
        ------
        Refusal
            The workspace cannot be opened, or what the command asked for was refused.
        """
        from aims_core.workspace import open_workspace

        with told_plainly():
            host = None if self.plugins else self.host()
            workspace = open_workspace(self.folder or None, actor=self.actor or None, host=host)
            try:
                yield workspace
            finally:
                workspace.close()


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn an error of the product into a message with exit code 2.

    Raises
    ------
    Refusal
        An `AimsError` was raised inside.
    """
    try:
        yield
    except AimsError as error:
        raise Refusal(error) from error


def cli_workspace(command: Callable[..., R]) -> Callable[..., R]:
    """Pass the opened workspace to a click command as its first argument.

    The workspace is that of ``--workspace``, the actor that of ``--as``; it is closed afterwards.
    An `AimsError` becomes a message on stderr and exit code 2.

    Example::

        @click.command()
        @click.argument("system")
        @cli_format
        @cli_workspace
        def levels(workspace, system, format_):
            cli_emit(workspace.risk.frame(system), format_)
    """

    @functools.wraps(command)
    def opened(*args: Any, **kwargs: Any) -> R:
        with session_of(click.get_current_context()).workspace() as workspace:
            return command(workspace, *args, **kwargs)

    return opened


def session_of(context: click.Context) -> Session:
    """Return the session of a run, or a fresh one where a command is run on its own."""
    found: Any = context.find_object(Session)
    return found if isinstance(found, Session) else Session()
