"""The audit trail and the tells, as people read them; reached as ``workspace.audit`` and ``.deliveries``."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from aims_core import audit, tables
from aims_core.canonical import canonical_json
from aims_core.events import RecordedEvent
from aims_core.frames import TEXT, TIME, WHOLE, fixed_frame
from aims_core.plugin_host import Desk, parked, replay
from aims_core.records import Verification

COLUMNS = {
    "sequence": WHOLE,
    "at": TIME,
    "actor": TEXT,
    "type": TEXT,
    "system_id": TEXT,
    "payload": TEXT,
    "event_id": TEXT,
}
DELIVERY_COLUMNS = {
    "sequence": WHOLE,
    "event_id": TEXT,
    "type": TEXT,
    "system_id": TEXT,
    "listener": TEXT,
    "version": TEXT,
    "attempts": WHOLE,
    "error": TEXT,
    "at": TIME,
}


class Trail:
    """Who did what and when; every event is chained to the one before."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def verify(self, expect_head: str = "") -> Verification:
        """Recompute the whole trail and return every place that does not fit.

        Parameters
        ----------
        expect_head : str
            A head noted earlier, on a report say; the trail must still contain it.
        """
        self._settle()
        with self._desk.reading() as tx:
            return audit.verify(tx.connection, audit.Against(head=expect_head))

    def head(self) -> tuple[int, str]:
        """Return the number of events and the value that stands for all of them: keep it elsewhere.

        On SQLite that is the chain value of the last event, on PostgreSQL the root of the events' tree.
        """
        self._settle()
        with self._desk.reading() as tx:
            return audit.head(tx.connection)

    def events(
        self,
        system_id: str = "",
        *,
        event_type: str = "",
        limit: int = 100,
        before: int | None = None,
    ) -> list[RecordedEvent]:
        """Return the newest events, newest first; `before` a sequence goes further back."""
        table = tables.event
        query = sa.select(table).order_by(table.c.sequence.desc()).limit(limit)
        if system_id:
            query = query.where(table.c.system_id == system_id)
        if event_type:
            query = query.where(table.c.type == event_type)
        if before is not None:
            query = query.where(table.c.sequence < before)
        with self._desk.reading() as tx:
            return audit.read(tx.connection, query)

    def frame(self, system_id: str = "", **options: Any) -> Any:
        """Return events as a DataFrame with the columns of :data:`COLUMNS`; options as for :meth:`events`."""
        return fixed_frame(_rows(self.events(system_id, **options)), COLUMNS)

    def _settle(self) -> None:
        # On SQLite every event has its place when it is written.
        if self._desk.store.dialect == "postgresql":
            self._desk.store.seal()


class Deliveries:
    """Tells that failed: shown until somebody has them tried again."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def frame(self) -> Any:
        """Return the parked tells as a DataFrame with the columns of :data:`DELIVERY_COLUMNS`."""
        return fixed_frame(parked(self._desk.store), DELIVERY_COLUMNS)

    def replay(self) -> int:
        """Try every parked tell again and return how many were tried; what fails is parked again."""
        return replay(self._desk.store, self._desk.host, self._desk.acting)


def _rows(events: Iterable[RecordedEvent]) -> Iterable[dict[str, Any]]:
    for event in events:
        yield {
            "sequence": event.sequence,
            "at": event.at,
            "actor": event.actor,
            "type": event.type,
            "system_id": event.system_id,
            "payload": canonical_json(event.payload),
            "event_id": event.event_id,
        }
