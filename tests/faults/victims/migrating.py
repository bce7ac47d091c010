"""Forks migrations that kill themselves at a given moment: before a statement, or before a commit.

Each line on stdin is a URL and a moment; the answer is ``killed``, or ``done`` with the number of moments
that there were.
"""

import os
import signal
import sys
from contextlib import contextmanager, suppress

import sqlalchemy as sa
from alembic.script import ScriptDirectory

from aims_core import PluginHost, Settings, WorkspaceError
from aims_core.db import migrate
from aims_core.workspace import migrator

made, seen = migrate.make_engine, 0
# The files of migrations are read once, before the first fork, and not seven times in each.
read, scripts = ScriptDirectory.from_config, {}


def once(config):
    folder = config.get_main_option("version_locations")
    if folder not in scripts:
        scripts[folder] = read(config)
    return scripts[folder]


ScriptDirectory.from_config = staticmethod(once)
host = PluginHost()


@contextmanager
def killing(at):
    """Have every engine of the migrator end this process at the moment."""

    def moment(*_call):
        global seen  # noqa: PLW0603 - a process counts its own moments
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def make(*arguments, **options):
        engine = made(*arguments, **options)
        sa.event.listen(engine, "before_cursor_execute", moment)
        sa.event.listen(engine, "commit", moment)
        return engine

    migrate.make_engine = make
    yield


def work(url, at):
    settings = Settings(folder=None, organisation="x", database_url=url)
    with killing(at):
        migrator(settings, host).upgrade()
    os.write(1, f"done {seen}\n".encode())


# All that a migration imports is imported here, too.
migrator(Settings(folder=None, organisation="x", database_url="sqlite://"), host).upgrade()
with suppress(WorkspaceError):
    made("postgresql://").dispose()
os.write(1, b"ready\n")
for line in sys.stdin:
    url, at = line.split()
    child = os.fork()
    if child == 0:
        try:
            work(url, int(at))
        except BaseException as error:  # noqa: BLE001 - it is told, and the process ends
            os.write(
                1, f"failed {type(error).__name__} {error}\n".replace("\n", " ").encode() + b"\n"
            )
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        os.write(1, b"killed\n")
