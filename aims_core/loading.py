"""Many rows of one table inserted at once, from values in the form in which they are stored.

An ordinary ``INSERT`` through SQLAlchemy names and converts every value of every row, which costs more
than the database's own work. Here the rows are tuples already: SQLite takes them as they are, and to
PostgreSQL they are copied. Triggers, constraints and the engine's own checks work as for any insert.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

COPY = "COPY "
"""How a statement begins whose rows are copied to PostgreSQL; see :mod:`aims_core.db.copying`."""
_COPIED_FROM = 20


def load(
    connection: sa.Connection,
    table: sa.Table,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Insert rows.

    Parameters
    ----------
    columns : sequence of str
        Names of the columns that the rows give, in their order.
    rows : sequence of tuple
        Values as they are stored: times as :func:`canonical.utc_text`, JSON as
        :func:`canonical.canonical_json` spell them. No rows, no statement.
    """
    if rows:
        copied = connection.dialect.name == "postgresql" and len(rows) >= _COPIED_FROM
        statement = _statement(table, tuple(columns), connection.dialect.name, copied=copied)
        connection.exec_driver_sql(statement, list(rows))


@lru_cache(maxsize=64)
def _statement(table: sa.Table, columns: tuple[str, ...], dialect: str, *, copied: bool) -> str:
    named = ", ".join(f'"{table.c[name].name}"' for name in columns)
    if copied:
        return f'{COPY}"{table.name}" ({named}) FROM STDIN'
    places = ", ".join(["%s" if dialect == "postgresql" else "?"] * len(columns))
    return f'INSERT INTO "{table.name}" ({named}) VALUES ({places})'
