"""The tables of a PostgreSQL workspace as files, in the form of ``COPY``, and back into an empty database.

One snapshot covers all tables. Own copies and not ``pg_dump``: the client programs of the server's version
are rarely where a notebook runs, and the schema with its triggers and rights comes from the migrations of
this product, so that a backup may be restored on another version of PostgreSQL.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aims_core.audit.erasing import ERASED, Erasures
from aims_core.audit.leaves import FIELDS, leaf_of
from aims_core.errors import WorkspaceError
from aims_core.recovery.manifest import KeptFile, kept

FOLDER = "tables"
_EVENTS = "aims_event"
_TRIGGERS = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_UNESCAPED = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}


def tables_of(connection: sa.Connection) -> list[str]:
    """Return the tables of the core and of plugins, parents before their children."""
    found = sa.inspect(connection).get_sorted_table_and_fkc_names()
    return [name for name, _ in found if name is not None]


def copy_out(connection: sa.Connection, folder: Path) -> tuple[list[KeptFile], dict[str, int]]:
    """Write every table to a file below `folder`; return the files, and the number of rows by table.

    `connection` is in one reading transaction.

    Raises
    ------
    WorkspaceError
        Row security would leave rows out for this login, or it may not read a table.
    """
    (folder / FOLDER).mkdir()
    connection.exec_driver_sql("SET LOCAL row_security = off")
    files, rows = [], {}
    for table in sorted(tables_of(connection)):
        name = f"{FOLDER}/{table}.copy"
        columns = named(_columns(connection, table))
        with (folder / name).open("xb") as file, _copying(connection, table) as cursor:
            file.write(f"{columns}\n".encode())
            with cursor.copy(f"COPY {quoted(table)} ({columns}) TO STDOUT") as copying:
                for data in copying:
                    file.write(data)
            rows[table] = max(0, cursor.rowcount)
            file.flush()
            os.fsync(file.fileno())
        files.append(kept(folder, name))
    return files, rows


def sequences_of(connection: sa.Connection) -> dict[str, int]:
    """Return how far each sequence has counted; those that have not begun are left out."""
    query = (
        "SELECT sequencename, last_value FROM pg_sequences "
        "WHERE schemaname = current_schema() AND last_value IS NOT NULL"
    )
    return {row[0]: int(row[1]) for row in connection.exec_driver_sql(query)}


def copy_in(
    connection: sa.Connection, folder: Path, rows: Mapping[str, int], sequences: Mapping[str, int]
) -> None:
    """Fill the tables of a fresh schema from the files; what its migrations put there gives way.

    Raises
    ------
    WorkspaceError
        A table is not there, or took another number of rows than the backup names.
    """
    order = tables_of(connection)
    if unknown := sorted(set(rows) - set(order)):
        raise WorkspaceError(
            f"the backup holds tables that this installation does not make: {', '.join(unknown)}; "
            "install the plugins they belong to and restore again"
        )
    with triggers_off(connection, order):
        for table in reversed(order):
            connection.exec_driver_sql(f"DELETE FROM {quoted(table)}")
        for table in order:
            if table in rows and (found := _fill(connection, table, folder)) != rows[table]:
                raise WorkspaceError(f"{table} took {found} rows; the backup names {rows[table]}")
        for name, value in sequences.items():
            connection.exec_driver_sql("SELECT setval(%s::regclass, %s)", (quoted(name), value))


@contextmanager
def triggers_off(connection: sa.Connection, names: Sequence[str]) -> Iterator[None]:
    """Take the triggers off tables for the block; each is put back as it was, not where it fails."""
    triggers = _triggers(connection)
    for table in names:
        connection.exec_driver_sql(f"ALTER TABLE {quoted(table)} DISABLE TRIGGER USER")
    yield
    for table, trigger, state in triggers:
        if state in _TRIGGERS:
            connection.exec_driver_sql(
                f"ALTER TABLE {quoted(table)} {_TRIGGERS[state]} TRIGGER {quoted(trigger)}"
            )


def check_leaves(folder: Path) -> Iterator[str]:
    """Recompute the hash of every event in a backup and yield what does not fit.

    An event that is empty has to be one whose erasure another event of the backup tells.
    """
    erasures = Erasures()
    with (folder / FOLDER / f"{_EVENTS}.copy").open(encoding="utf-8", newline="\n") as file:
        names = [name.strip('"') for name in file.readline().rstrip("\n").split(", ")]
        wanted, at = [names.index(name) for name in FIELDS], names.index("leaf")
        for line in file:
            values = [_unescaped(value) for value in line.rstrip("\n").split("\t")]
            fields = [values[place] for place in wanted]
            event = dict(zip(FIELDS, fields, strict=True))
            if erasures.blank((0, *fields, values[at])):
                continue
            if leaf_of(fields) != values[at]:
                yield f"event {event['sequence'][:20]} does not fit its hash"
            elif event["type"] == ERASED:
                erasures.take(int(event["sequence"]), event["payload"])
    yield from erasures.faults()


def _fill(connection: sa.Connection, table: str, folder: Path) -> int:
    with (
        (folder / FOLDER / f"{table}.copy").open("rb") as file,
        _copying(connection, table) as cursor,
    ):
        given = file.readline().decode().strip().split(", ")
        have = [quoted(name) for name in _columns(connection, table)]
        if sorted(given) != sorted(have):
            raise WorkspaceError(f"{table} has other columns here than in the backup")
        with cursor.copy(f"COPY {quoted(table)} ({', '.join(given)}) FROM STDIN") as copying:
            while chunk := file.read(1 << 20):
                copying.write(chunk)
        return int(cursor.rowcount)


def _columns(connection: sa.Connection, table: str) -> list[str]:
    return [
        str(c["name"]) for c in sa.inspect(connection).get_columns(table) if not c.get("computed")
    ]


def _triggers(connection: sa.Connection) -> list[Any]:
    query = (
        "SELECT c.relname, t.tgname, t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
    )
    return [tuple(row) for row in connection.exec_driver_sql(query)]


@contextmanager
def _copying(connection: sa.Connection, table: str) -> Iterator[Any]:
    """Give a cursor of the driver, which alone knows COPY, and say in plain words what it refuses."""
    driver: Any = connection.dialect.dbapi
    opened: Any = connection.connection.cursor()
    try:
        with opened as cursor:
            yield cursor
    except driver.Error as error:
        raise WorkspaceError(
            f"{table} cannot be copied: {error}; use a login that sees and owns all of it"
        ) from error


def named(columns: Iterable[str]) -> str:
    """Return names for a list of columns, each as SQL spells it."""
    return ", ".join(map(quoted, columns))


def quoted(name: str) -> str:
    """Return a name as SQL spells it whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def _unescaped(value: str) -> str:
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda found: _UNESCAPED.get(found[1], found[1]), value)
