"""Rows copied to PostgreSQL and out of it: `COPY` through SQLAlchemy, so that the engine's checks see it."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from aims_core.loading import COPY

_OUT = "aims_copied_out"


def copied_out(connection: sa.Connection, query: sa.Select[Any]) -> list[bytes]:
    """Return the rows of a query on PostgreSQL as CSV, as they are stored: one line each, names apart.

    A value is in quotes where it has to be, and so is empty text; what is NULL is empty without quotes.
    """
    lines: list[bytes] = []
    connection.execute(query, execution_options={_OUT: lines}).close()
    return lines


def copy_rows(engine: sa.Engine) -> None:
    """Have a PostgreSQL engine copy rows: those executed with COPY, and those that are to be copied out."""

    @event.listens_for(engine, "do_execute")
    def _copy_out(cursor: Any, statement: str, values: Any, context: Any) -> bool:
        lines = context.execution_options.get(_OUT) if context is not None else None
        if lines is None:
            return False
        # Values are written into the statement by the driver; without any it leaves %% as it is.
        query = statement if values else statement.replace("%%", "%")
        with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", values or None) as copying:
            lines.extend(copying)
        return True

    @event.listens_for(engine, "do_executemany")
    def _copy(cursor: Any, statement: str, rows: Sequence[Any], _context: Any) -> bool:
        if not statement.startswith(COPY):
            return False
        with cursor.copy(statement) as copying:
            for row in rows:
                copying.write_row(row)
        return True
