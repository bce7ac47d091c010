"""The rows of one database put into another of the same schema, on SQLite or PostgreSQL, as they are stored.

Nothing is decoded on the way: every value is text, a number or a truth value, spelt alike on both. What
arrived is held against what left by a digest of each table that does not depend on the order of its rows.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from aims_core import trigrams
from aims_core.errors import WorkspaceError
from aims_core.recovery.postgresql_copy import named, quoted, tables_of, triggers_off

_PORTION = 5_000
_WIDTH = 32
_VERSIONS = "aims_alembic_"
Change = Callable[[Iterable[Sequence[Any]]], Iterable[Sequence[Any]]]
Tick = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Across:
    """A table that went across: its name, its number of rows, the digest of what they hold."""

    table: str
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Course:
    """How one table is read and what becomes of its rows on the way.

    `order` is a clause behind ``FROM table`` that joins or orders, `change` alters the rows, and
    `apart` names columns that mean something else in the other database and are not compared.
    """

    order: str = ""
    change: Change | None = None
    apart: frozenset[str] = frozenset()


def copied_tables(connection: sa.Connection) -> list[str]:
    """Return the tables with records, parents before children; versions and search indexes are none."""
    return [
        name
        for name in tables_of(connection)
        if not name.startswith(_VERSIONS) and not trigrams.is_own(name)
    ]


def columns_of(connection: sa.Connection, table: str) -> list[str]:
    """Return the names of a table's columns in the order of the alphabet."""
    return sorted(str(c["name"]) for c in sa.inspect(connection).get_columns(table))


@contextmanager
def disarmed(connection: sa.Connection) -> Iterator[None]:
    """Take the triggers off all tables for the block: what is copied is history already."""
    if connection.dialect.name == "postgresql":
        with triggers_off(connection, tables_of(connection)):
            yield
        return
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    triggers = connection.exec_driver_sql(query).all()
    for name, _ in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {quoted(name)}")
    yield
    for _, statement in triggers:
        connection.exec_driver_sql(statement)
    trigrams.refill(connection)


def copy_across(
    source: sa.Connection,
    target: sa.Connection,
    courses: dict[str, Course],
    tick: Tick,
) -> list[Across]:
    """Put every row of the source into the target, whose own rows give way, and return what went across.

    Both are in a transaction; the target's triggers are off. `courses` says of some tables how they go.

    Raises
    ------
    WorkspaceError
        The target has no such table, or other columns, or something else arrived than left.
    """
    order = copied_tables(source)
    there = set(copied_tables(target))
    if missing := sorted(set(order) - there):
        raise WorkspaceError(
            f"the database holds tables that this installation does not make: {', '.join(missing)}; "
            "install the plugins they belong to and copy again"
        )
    for name in reversed(order):
        target.exec_driver_sql(f"DELETE FROM {quoted(name)}")
    total = sum(_count(source, name) for name in order)
    done, crossed = 0, []
    for name in order:
        course = courses.get(name, Course())
        left = _copy(source, target, name, course, partial(_counted, tick, done, total))
        arrived = digest_of(target, name, course.apart)
        if left != arrived:
            raise WorkspaceError(
                f"{name}: {left.rows} rows left and {arrived.rows} arrived, or not as they were; "
                "nothing was kept"
            )
        done += left.rows
        crossed.append(left)
    return crossed


def _counted(tick: Tick, before: int, total: int, rows: int) -> None:
    tick(before + rows, total)


def digest_of(connection: sa.Connection, table: str, apart: frozenset[str] = frozenset()) -> Across:
    """Return what a table holds, apart from some columns: the sum of its rows' SHA-256 values."""
    names = [name for name in columns_of(connection, table) if name not in apart]
    summed = _Sum(range(len(names)))
    for rows in _read(connection, f"SELECT {named(names)} FROM {quoted(table)}"):
        summed.take(rows)
    return summed.across(table)


def _copy(
    source: sa.Connection,
    target: sa.Connection,
    table: str,
    course: Course,
    tick: Callable[[int], None],
) -> Across:
    names = columns_of(source, table)
    if names != columns_of(target, table):
        raise WorkspaceError(f"{table} has other columns in the other database; nothing was copied")
    summed = _Sum([place for place, name in enumerate(names) if name not in course.apart])
    listed = ", ".join(f"{quoted(table)}.{quoted(name)}" for name in names)
    for rows in _read(source, f"SELECT {listed} FROM {quoted(table)} {course.order}"):
        summed.take(rows)
        changed = course.change(rows) if course.change else rows
        _write(target, table, names, [tuple(row) for row in changed])
        tick(summed.rows)
    return summed.across(table)


def _write(
    target: sa.Connection, table: str, names: list[str], rows: list[tuple[Any, ...]]
) -> None:
    if not rows:
        return
    if target.dialect.name == "postgresql":
        driver: Any = target.connection.cursor()
        statement = f"COPY {quoted(table)} ({named(names)}) FROM STDIN"
        with driver as cursor, cursor.copy(statement) as copying:
            for row in rows:
                copying.write_row(row)
        return
    places = ", ".join("?" * len(names))
    statement = f"INSERT INTO {quoted(table)} ({named(names)}) VALUES ({places})"
    target.exec_driver_sql(statement, rows)


def _read(connection: sa.Connection, query: str) -> Iterator[Sequence[Any]]:
    result = connection.exec_driver_sql(query, execution_options={"yield_per": _PORTION})
    yield from result.partitions()


def _count(connection: sa.Connection, table: str) -> int:
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {quoted(table)}").scalar_one())


class _Sum:
    """Adds up the hashes of rows, so that their order does not matter."""

    def __init__(self, places: Sequence[int]) -> None:
        self._places, self._sum, self.rows = places, 0, 0

    def take(self, rows: Sequence[Any]) -> None:
        for row in rows:
            spelt = "".join(_spelt(row[place]) for place in self._places)
            self._sum += int.from_bytes(sha256(spelt.encode()).digest())
        self.rows += len(rows)

    def across(self, table: str) -> Across:
        summed = self._sum % (1 << 8 * _WIDTH)
        return Across(table, self.rows, summed.to_bytes(_WIDTH).hex())


def _spelt(value: Any) -> str:
    """Return a value so that no two rows of different values read the same: its length goes before it."""
    if value is None:
        return "-;"
    text = str(int(value)) if isinstance(value, bool) else str(value)
    return f"{len(text)}:{text};"
