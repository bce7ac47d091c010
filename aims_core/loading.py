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
LIMITS = "aims_limits"
"""The execution option that says how long texts may be: (place in the row, column, characters)."""
_COPIED_FROM = 20
_BY_POLICY = sa.text("SELECT row_security_active(CAST(:named AS text))")


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
        copied = len(rows) >= _COPIED_FROM and _may_copy(connection, table)
        named = tuple(columns)
        statement = _statement(table, named, connection.dialect.name, copied=copied)
        options = {LIMITS: _limits(table, named)}
        connection.exec_driver_sql(statement, list(rows), execution_options=options)


def _may_copy(connection: sa.Connection, table: sa.Table) -> bool:
    """Say whether rows can be copied into a table: PostgreSQL does not where it shows rows by policy."""
    if connection.dialect.name != "postgresql":
        return False
    return not connection.execute(_BY_POLICY, {"named": table.name}).scalar_one()


@lru_cache(maxsize=64)
def _limits(table: sa.Table, columns: tuple[str, ...]) -> tuple[tuple[int, str, int], ...]:
    kinds = [(place, name, table.c[name].type) for place, name in enumerate(columns)]
    plain = [(p, n, getattr(kind, "impl_instance", kind)) for p, n, kind in kinds]
    return tuple(
        (place, name, kind.length)
        for place, name, kind in plain
        if isinstance(kind, sa.String) and kind.length is not None
    )


@lru_cache(maxsize=64)
def _statement(table: sa.Table, columns: tuple[str, ...], dialect: str, *, copied: bool) -> str:
    named = ", ".join(f'"{table.c[name].name}"' for name in columns)
    if copied:
        return f'{COPY}"{table.name}" ({named}) FROM STDIN'
    places = ", ".join(["%s" if dialect == "postgresql" else "?"] * len(columns))
    return f'INSERT INTO "{table.name}" ({named}) VALUES ({places})'
