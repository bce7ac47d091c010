"""What providers computed, readable after they are gone; reached as ``workspace.results``."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.frames import TEXT, TIME, WHOLE, YES_NO, fixed_frame
from aims_core.history import moment
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

    def of(
        self,
        system_id: str,
        kind: str | None = None,
        *,
        history: bool = False,
        as_of: date | int | None = None,
    ) -> list[Result]:
        """Return a system's results, newest first.

        Parameters
        ----------
        history : bool
            True includes those replaced since.
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: the results that stood then.
        """
        table = tables.result
        query = (
            sa.select(table, tables.result_schema.c.schema)
            .join(tables.result_schema)
            .where(table.c.system_id == system_id)
            .order_by(table.c.recorded_at.desc(), table.c.result_id)
        )
        if kind is not None:
            query = query.where(table.c.kind == kind)
        with self._desk.reading() as tx:
            tx.get_system(system_id)
            at = moment(tx.connection, as_of, tx.now)
            if at is not None:
                query = query.where(table.c.recorded_at <= at)
            elif not history:
                query = query.where(table.c.in_force)
            found = [result_from_row(row) for row in tx.connection.execute(query)]
            return found if history or at is None else _newest(found)

    def frame(self, kind: str | None = None, *, as_of: date | int | None = None) -> Any:
        """Return all results as a DataFrame with the columns of :data:`COLUMNS`, newest first.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: those
            recorded by then, and which of them were in force.

        Raises
        ------
        InvalidRecord
            `as_of` names no time up to now.
        """
        table = tables.result
        query = sa.select(*(table.c[name] for name in COLUMNS)).order_by(
            table.c.recorded_at.desc(), table.c.result_id
        )
        if kind is not None:
            query = query.where(table.c.kind == kind)
        with self._desk.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
            if at is not None:
                query = query.where(table.c.recorded_at <= at)
            rows = [dict(row) for row in tx.connection.execute(query).mappings()]
            return fixed_frame(rows if at is None else _in_force_then(rows), COLUMNS)


def _newest(results: Sequence[Result]) -> list[Result]:
    """Return of each kind and subject the newest; a result is replaced by the next of its subject."""
    stood: dict[tuple[str, str], Result] = {}
    for result in results:
        stood.setdefault((result.kind, result.subject), result)
    return list(stood.values())


def _in_force_then(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows, newest first, with what was in force at their time: the newest of its subject."""
    seen: set[tuple[str, str, str]] = set()
    then = []
    for row in rows:
        subject = (row["system_id"], row["kind"], row["subject"])
        then.append({**row, "in_force": subject not in seen})
        seen.add(subject)
    return then
