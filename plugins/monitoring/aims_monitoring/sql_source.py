"""Tables and queries of a database as prediction logs, by SQLAlchemy; SQLite and PostgreSQL are tested.

Rows are counted where they lie whenever that gives the same counts, see `aims_monitoring.push_down`;
otherwise they are streamed.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import cached_property
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from aims_core import InvalidRecord, Problem
from aims_monitoring.frame_reader import array_of_values

_BATCH = 65_536
_ARROW = (
    (sa.Boolean, pa.bool_()),
    (sa.Integer, pa.int64()),
    (sa.Float, pa.float64()),
    (sa.String, pa.string()),
    (sa.Date, pa.date32()),
)


class SqlTable:
    """A table or a query of a database, named for `open_source`.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        Where the rows lie; it is only read from, and is not the governance database.
    rows : str or sqlalchemy.Select
        Name of a table or view, with its schema before a dot where it has one, or a query.
    """

    def __init__(self, engine: sa.Engine, rows: "str | sa.Select[Any]") -> None:
        self.engine = engine
        self.rows = rows


class SqlSource:
    """The rows of a table or query. Its digest does not depend on their order.

    Raises
    ------
    InvalidRecord
        The database cannot be reached, or has no such table.
    """

    def __init__(self, table: SqlTable, *, asked: str) -> None:
        self._asked = asked
        self.engine = table.engine
        try:
            self.table = _selectable(table, asked)
        except sa.exc.SQLAlchemyError as error:
            raise self._unreadable(error) from error
        self.name = table.rows if isinstance(table.rows, str) else "query"
        self.names = tuple(column.name for column in self.table.columns)

    @cached_property
    def rows(self) -> int:
        """Number of rows, counted by the database."""
        query = sa.select(sa.func.count()).select_from(self.table)
        return int(self._answer(query)[0][0])

    def digest(self) -> str:
        """Return the SHA-256 over names, number of rows, and the sum of a 64-bit digest of each row."""
        if self.engine.dialect.name == "postgresql":
            row: Any = sa.literal_column("CAST(log_rows.* AS text)")
            summed = sa.func.sum(sa.cast(sa.func.hashtextextended(row, 0), sa.Numeric))
            named = sa.select(self.table).subquery("log_rows")
            total = int(self._answer(sa.select(summed).select_from(named))[0][0] or 0)
        else:
            rows = (row for part in self.stream(self._raw()) for row in part)
            total = sum(map(_row_digest, rows))
        said = f"{self.names!r} {self.rows} {total}"
        return hashlib.sha256(said.encode()).hexdigest()

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield Arrow tables of at most 65,536 rows; an empty table gives one empty table."""
        read = [self.table.columns[name] for name in names]
        query = sa.select(*(self.read(column) for column in read))
        given = False
        for rows in self.stream(query):
            given = True
            columns = list(zip(*rows, strict=True))
            yield self.as_arrow(names, columns)
        if not given:
            yield self.as_arrow(names, [()] * len(names))

    pieces = batches

    def read(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """Return a column as it is read: numbers with a fraction as double, times of SQLite as text."""
        if isinstance(column.type, sa.Numeric):
            return sa.cast(column, sa.Double)
        if isinstance(column.type, sa.DateTime | sa.Date) and self.engine.dialect.name == "sqlite":
            return sa.type_coerce(column, sa.String)
        return column

    def answer(self, query: "sa.Select[Any]") -> list[Any]:
        """Return the rows of a query that the caller knows to be few."""
        with self.engine.connect() as connection:
            return list(connection.execute(query))

    def _answer(self, query: "sa.Select[Any]") -> list[Any]:
        try:
            return self.answer(query)
        except sa.exc.SQLAlchemyError as error:
            raise self._unreadable(error) from error

    def _raw(self) -> "sa.Select[Any]":
        columns: list[Any] = [sa.type_coerce(c, sa.types.NullType()) for c in self.table.columns]
        query: sa.Select[Any] = sa.select(*columns)
        return query

    def stream(self, query: "sa.Select[Any]") -> Iterator[Sequence[Any]]:
        """Yield the rows of a query, at most 65,536 at a time."""
        try:
            with self.engine.connect() as connection:
                streaming = connection.execution_options(stream_results=True, yield_per=_BATCH)
                # Closed here, as whoever reads may stop half-way and leave a cursor open on the server.
                with closing(streaming.execute(query)) as result:
                    yield from result.partitions()
        except (sa.exc.SQLAlchemyError, ValueError) as error:
            raise self._unreadable(error) from error

    def as_arrow(self, names: Sequence[str], columns: Sequence[Sequence[Any]]) -> Any:
        """Return values of the named columns as an Arrow table.

        Raises
        ------
        InvalidRecord
            A column holds values that are not of its type.
        """
        kinds = [_arrow_type(self.read(self.table.columns[name]).type) for name in names]
        arrays = []
        for name, kind, values in zip(names, kinds, columns, strict=True):
            try:
                arrays.append(array_of_values(values, kind))
            except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
                reason = f"{self.name} holds values in it that are not of its type, {kind}"
                problem = Problem(
                    field=name, reason=reason, remedy="cast them in a query or a view"
                )
                raise InvalidRecord(self._asked, [problem]) from error
        return pa.Table.from_arrays(arrays, list(names))

    def _unreadable(self, error: Exception) -> InvalidRecord:
        # The first line only: what follows quotes the statement.
        lines = str(error).strip().splitlines() or [type(error).__name__]
        reason = f"the database cannot be read: {lines[0]}"
        return InvalidRecord(self._asked, [Problem(field="data", reason=reason)])


def table_at(url: str, *, asked: str) -> SqlTable:
    """Return the table that a text such as ``postgresql+psycopg://host/base#schema.table`` names.

    Raises
    ------
    InvalidRecord
        The text is no such address, names no table, or holds a password.
    """
    base, _, name = url.partition("#")
    reason = "" if name else "the address names no table"
    remedy = "end it in #table or #schema.table"
    try:
        address = sa.make_url(base)
        if address.password:
            # A schedule keeps its address on record, where everybody may read it.
            reason = "the address holds a password"
            remedy = "leave it out and use the database's own password file"
        if not reason:
            return SqlTable(sa.create_engine(address, poolclass=sa.NullPool), name)
    except (sa.exc.ArgumentError, ImportError) as error:
        reason = f"it is no address of a database that can be reached: {type(error).__name__}"
    raise InvalidRecord(asked, [Problem(field="data", reason=reason, remedy=remedy)])


def _selectable(table: SqlTable, asked: str) -> sa.FromClause:
    if not isinstance(table.rows, str):
        return table.rows.subquery("log")
    schema, _, name = table.rows.rpartition(".")
    try:
        return sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=table.engine)
    except sa.exc.NoSuchTableError:
        problem = Problem(field="data", reason=f"the database has no table {table.rows!r}")
        raise InvalidRecord(asked, [problem]) from None


def _arrow_type(kind: Any) -> Any:
    if isinstance(kind, sa.DateTime):
        return pa.timestamp("us", "UTC" if kind.timezone else None)
    return next((arrow for known, arrow in _ARROW if isinstance(kind, known)), None)


def _row_digest(row: Any) -> int:
    made = hashlib.blake2b(repr(tuple(row)).encode("utf-8", "backslashreplace"), digest_size=8)
    return int.from_bytes(made.digest())
