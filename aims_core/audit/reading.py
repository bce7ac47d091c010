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


def in_order(query: sa.Select[Any], dialect: str, *, copied: bool = False) -> sa.Select[Any]:
    """Return a select over the event table with only what has its place in the trail, in that order.

    On SQLite that is every event, by sequence. On PostgreSQL it is what was sealed, by leaf index: two
    transactions may end in another order than they took their numbers in. `copied` says that
    part of the trail on SQLite came from there (:func:`moved`), which stays in that order.
    """
    event, leaf = tables.event, tables.leaf
    if dialect == "postgresql":
        return query.join(leaf, leaf.c.sequence == event.c.sequence).order_by(leaf.c.leaf_index)
    if not copied:
        return query.order_by(event.c.sequence)
    return query.outerjoin(leaf, leaf.c.sequence == event.c.sequence).order_by(
        leaf.c.leaf_index.is_(None), leaf.c.leaf_index, event.c.sequence
    )
