"""What providers computed, readable after they are gone; reached as ``workspace.results``."""

from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.frames import TEXT, TIME, WHOLE, YES_NO, fixed_frame
from aims_core.plugin_host import Desk
from aims_core.records import Result
from aims_core.store.rows import result_from_row

COLUMNS = {
    "result_id": TEXT,
    "kind": TEXT,
    "system_id": TEXT,
    "subject": TEXT,
    "provider": TEXT,
    "distribution": TEXT,
    "version": TEXT,
    "fingerprint": TEXT,
    "revision": WHOLE,
    "tier": TEXT,
    "recorded_by": TEXT,
    "recorded_at": TIME,
    "valid_until": TIME,
    "in_force": YES_NO,
}


class Results:
    """Results of providers, in force and former."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def of(self, system_id: str, kind: str | None = None, *, history: bool = False) -> list[Result]:
        """Return a system's results, newest first; `history` includes those replaced since."""
        table = tables.result
        query = (
            sa.select(table, tables.result_schema.c.schema)
            .join(tables.result_schema)
            .where(table.c.system_id == system_id)
            .order_by(table.c.recorded_at.desc(), table.c.result_id)
        )
        if kind is not None:
            query = query.where(table.c.kind == kind)
        if not history:
            query = query.where(table.c.in_force)
        with self._desk.reading() as tx:
            tx.get_system(system_id)
            return [result_from_row(row) for row in tx.connection.execute(query)]

    def frame(self, kind: str | None = None) -> Any:
        """Return all results as a DataFrame with the columns of :data:`COLUMNS`, newest first."""
        table = tables.result
        query = sa.select(*(table.c[name] for name in COLUMNS)).order_by(
            table.c.recorded_at.desc(), table.c.result_id
        )
        if kind is not None:
            query = query.where(table.c.kind == kind)
        with self._desk.reading() as tx:
            return fixed_frame(tx.connection.execute(query).mappings().all(), COLUMNS)
