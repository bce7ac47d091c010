"""Guards against writing to the core's tables by accident, past the services and so without an event.

On SQLite every core table carries triggers that call a function which only this product's connections
know: pandas, the ``sqlite3`` module and the command-line shell fail with ``no such function:
aims_service``. Within the product, a connection writes only while the store has opened a writing
transaction on it. Both stop accidents; a hand that means to get through will.
"""

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ResourceClosedError
from sqlalchemy.pool import ConnectionPoolEntry

FUNCTION = "aims_service"
LOCK_PATIENCE_MS = 30_000
"""For how long PostgreSQL has a writer wait for a row that somebody else is changing."""

_PENDING_KB = 128
"""How much PostgreSQL's index of words puts off: little, because each search looks through all of it."""
_ACTS = ("insert", "update", "delete")
_CHANGES = "aims_changes"
_WRITES = re.compile(
    r"\s*(insert|update|delete|merge|copy|with\b.*\b(insert|update|delete))\b",
    re.IGNORECASE | re.DOTALL,
)


def introduce(connection: DBAPIConnection) -> None:
    """Make a SQLite connection known to the guards of the core's tables."""
    # The triggers run for whoever writes; where a build distrusts them they could not call the function.
    connection.execute("PRAGMA trusted_schema=ON")
    connection.create_function(FUNCTION, 0, _known, deterministic=True)


def guard_tables(connection: sa.Connection) -> None:
    """Put the guards on every table of the core that has none; nothing to do on PostgreSQL.

    Called after each migration of the core, because rebuilding a table drops its triggers.
    """
    if connection.dialect.name != "sqlite":
        return
    for table in core_tables(connection):
        for act in _ACTS:
            connection.exec_driver_sql(
                f'CREATE TRIGGER IF NOT EXISTS "{table}_guard_{act}" BEFORE {act.upper()} ON "{table}" '
                f"BEGIN SELECT {FUNCTION}(); END"
            )


def core_tables(connection: sa.Connection) -> list[str]:
    """Return the core's tables in this database, the version tables of migrations left out."""
    names = sa.inspect(connection).get_table_names()
    return sorted(n for n in names if n.startswith("aims_") and not n.startswith("aims_alembic_"))


def read_by_default(engine: sa.Engine) -> None:
    """Have the connections of an engine refuse every write, except in a transaction begun for writing."""
    shut = _shut_sqlite if engine.dialect.name == "sqlite" else _shut_postgresql

    @event.listens_for(engine, "connect")
    def _fresh(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        if engine.dialect.name == "postgresql":
            connection.execute("SET default_transaction_read_only = on")
            connection.execute(f"SET lock_timeout = {LOCK_PATIENCE_MS}")
            connection.execute(f"SET gin_pending_list_limit = {_PENDING_KB}")
            # Compiling a statement takes longer than any of ours; only estimates make it look worth while.
            connection.execute("SET jit = off")
            connection.commit()
        shut(connection)

    @event.listens_for(engine, "checkin")
    def _back(connection: DBAPIConnection | None, _entry: ConnectionPoolEntry) -> None:
        if connection is not None:  # an invalidated one is gone already
            shut(connection)


def _shut_sqlite(connection: DBAPIConnection) -> None:
    connection.execute("PRAGMA query_only=ON")


def _shut_postgresql(connection: DBAPIConnection) -> None:
    connection.read_only = None  # back to the session's own setting


def allow_writing(connection: sa.Connection) -> None:
    """Let a SQLite connection write until it goes back to its pool."""
    driver = connection.connection.driver_connection
    if driver is None:
        raise ResourceClosedError("this connection is closed")
    driver.execute("PRAGMA query_only=OFF")


def count_changes(engine: sa.Engine) -> None:
    """Have the connections of a PostgreSQL engine count the rows they change; SQLite counts by itself."""

    @event.listens_for(engine, "after_cursor_execute")
    def _count(connection: sa.Connection, cursor: Any, statement: str, *call: Any) -> None:
        context = call[1]
        known = context.isinsert or context.isupdate or context.isdelete
        if (known or _WRITES.match(statement)) and cursor.rowcount:
            connection.info[_CHANGES] = connection.info.get(_CHANGES, 0) + abs(cursor.rowcount)


def changes(connection: sa.Connection) -> int:
    """Return how many rows a connection has changed since it was opened."""
    if connection.dialect.name != "sqlite":
        return int(connection.info.get(_CHANGES, 0))
    driver = connection.connection.driver_connection
    return 0 if driver is None else int(driver.total_changes)


def _known() -> int:
    return 1
