"""Rows copied to PostgreSQL: `COPY` through SQLAlchemy, so that the engine's own checks see it too."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from aims_core.loading import COPY


def copy_rows(engine: sa.Engine) -> None:
    """Have a PostgreSQL engine copy the rows that are executed with a statement beginning with COPY."""

    @event.listens_for(engine, "do_executemany")
    def _copy(cursor: Any, statement: str, rows: Sequence[Any], _context: Any) -> bool:
        if not statement.startswith(COPY):
            return False
        with cursor.copy(statement) as copying:
            for row in rows:
                copying.write_row(row)
        return True
