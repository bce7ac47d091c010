"""Engines for SQLite and PostgreSQL, with transactions that mean what they say."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from aims_core.db import guards, journal, places
from aims_core.db.copying import copy_rows
from aims_core.db.library import sqlite_library
from aims_core.db.refusals import speak_plainly
from aims_core.db.statements import compile_once
from aims_core.errors import WorkspaceError
from aims_core.history import NOW

WRITE = "aims_write"
_BUSY_MS = 30_000
_CACHE_KB = 32_768


def make_engine(url: str, *, migrating: bool = False, alone: bool = False) -> sa.Engine:
    """Return an engine whose transactions are serial on SQLite and row-locked on PostgreSQL.

    Parameters
    ----------
    url : str
        ``sqlite:///path`` or ``postgresql+psycopg://…``; other databases are refused.
    migrating : bool
        True for schema changes: SQLite then keeps foreign keys off, because rebuilding a parent
        table with them on deletes its children without a word. Otherwise connections only read,
        until a transaction is begun with the execution options of :func:`for_writing`.
    alone : bool
        True to allow a SQLite file on a network folder, which then one process at a time may use.

    Raises
    ------
    WorkspaceError
        The URL cannot be read, names another database, or its driver is not installed; or the file lies
        on a network folder.
    """
    try:
        parsed = sa.make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise WorkspaceError(
                f"database {parsed.get_backend_name()!r} is not supported; use SQLite or PostgreSQL"
            )
        engine = sa.create_engine(parsed, **_options(parsed))
    except ArgumentError as error:
        raise WorkspaceError(f"the database URL cannot be read: {error}") from error
    except ModuleNotFoundError as error:
        raise WorkspaceError(
            f"the database driver {error.name} is missing; install aims-core[postgresql]"
        ) from error
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, migrating=migrating, networked=_settle_down(engine, alone=alone))
    else:
        guards.count_changes(engine)
        copy_rows(engine)
    if not migrating:
        guards.read_by_default(engine)
    speak_plainly(engine)
    compile_once(engine)
    return engine


@contextmanager
def reading_only(connection: sa.Connection) -> Iterator[None]:
    """Keep one consistent view for the block; what tries to write in it fails, on both databases."""
    if connection.dialect.name != "sqlite":
        connection.execution_options(isolation_level="REPEATABLE READ")
    with connection.begin() as transaction:
        try:
            yield
        finally:
            transaction.rollback()


@contextmanager
def telling_time(connection: sa.Connection, now: str) -> Iterator[None]:
    """Have the database know the time of a transaction, which its triggers write down."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT set_config('aims.now', %s, true)", (now,))
        yield
        return
    connection.info[NOW] = now
    try:
        yield
    finally:
        del connection.info[NOW]


def for_writing(connection: sa.Connection) -> sa.Connection:
    """Return the connection, of which the next transaction may write."""
    if connection.dialect.name == "sqlite":
        return connection.execution_options(**{WRITE: True})
    return connection.execution_options(**{WRITE: True}, postgresql_readonly=False)


def waits_for_readers(connection: sa.Connection) -> bool:
    """Say whether a commit on this connection has to wait for everybody who reads."""
    if sqlite_file(connection.engine.url) is None:
        return False
    return journal.mode_of(connection.connection.driver_connection) != journal.WAL


def journal_of(engine: sa.Engine) -> journal.Journal | None:
    """Return how the file of an engine keeps its transactions, None for PostgreSQL and for memory."""
    if sqlite_file(engine.url) is None:
        return None
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        try:
            return journal.describe(cursor, sqlite_library())
        finally:
            cursor.close()


def sqlite_file(url: sa.URL) -> Path | None:
    """Return the file of a SQLite database, None for PostgreSQL and for memory."""
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return Path(str(url.database))


def _options(url: sa.URL) -> dict[str, Any]:
    return {"module": sqlite_library().module} if url.get_backend_name() == "sqlite" else {}


def _settle_down(engine: sa.Engine, *, alone: bool) -> bool:
    """Refuse or guard a file that lies on a network folder; say whether it does."""
    file = sqlite_file(engine.url)
    if file is None:
        return False
    place = places.place_of(file)
    places.refuse_network(file, place, alone=alone)
    if place.kind != "network":
        return False
    places.occupy(file)
    event.listen(engine, "engine_disposed", lambda _: places.vacate(file), once=True)
    return True


def _prepare_sqlite(engine: sa.Engine, *, migrating: bool, networked: bool) -> None:
    library, on_disk = sqlite_library(), sqlite_file(engine.url) is not None

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        # The driver's own transaction handling commits before DDL; we begin and end ourselves.
        connection.isolation_level = None
        # What triggers ask for the time: known within a transaction of the store alone.
        connection.create_function(NOW, 0, lambda: record.info[NOW])
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA foreign_keys={'OFF' if migrating else 'ON'}")
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        # A page of a large register touches more than the two megabytes that SQLite keeps by itself.
        cursor.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
        if on_disk:
            journal.settle(cursor, library, choose=migrating, shared_memory=not networked)
        guards.introduce(connection)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        if not migrating and not connection.get_execution_options().get(WRITE, False):
            connection.exec_driver_sql("BEGIN")
            return
        if not migrating:
            guards.allow_writing(connection)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        if on_disk:
            journal.refuse_wal(connection.connection.driver_connection, library)
