"""Events as records, and in the order of the trail."""

from datetime import datetime
from json import loads
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.events import RecordedEvent


def read(connection: sa.Connection, query: sa.Select[Any]) -> list[RecordedEvent]:
    """Return the events that a select over the event table finds."""
    return [recorded(row) for row in connection.execute(query)]


def recorded(row: Any) -> RecordedEvent:
    """Return a row of the event table as a record; the payload of an erased event is empty."""
    return RecordedEvent(
        sequence=row.sequence,
        event_id=row.event_id,
        type=row.type,
        at=datetime.fromisoformat(row.at),
        actor=row.actor,
        system_id=row.system_id,
        payload=loads(row.payload) if row.payload else {},
    )


def in_order(query: sa.Select[Any], dialect: str) -> sa.Select[Any]:
    """Return a select over the event table with only what has its place in the trail, in that order.

    On SQLite that is every event, by sequence. On PostgreSQL it is what was sealed, by leaf index: two
    transactions may end in another order than they took their numbers in.
    """
    if dialect != "postgresql":
        return query.order_by(tables.event.c.sequence)
    return query.join(tables.leaf, tables.leaf.c.sequence == tables.event.c.sequence).order_by(
        tables.leaf.c.leaf_index
    )
