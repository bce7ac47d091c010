"""Events are appended: chained in line on SQLite, queued for the sealer on PostgreSQL.

On SQLite writers come one after the other anyway, so each event is chained to the one before. On
PostgreSQL a chain would put everybody behind whoever thinks longest between two statements. There the
database numbers the events (numbers of transactions that were rolled back stay free) and the writer leaves a
row in the queue of unsealed events; :mod:`aims_core.audit.sealing` gives them their place in the tree.
Events, tells and queue go in by one statement of one shape, so that the queue costs no way to the server;
hundreds of them are copied.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.audit.leaves import FIELDS, chained, leaf_of
from aims_core.canonical import canonical_json, utc_text
from aims_core.errors import InvalidRecord, WorkspaceError
from aims_core.events import Event
from aims_core.loading import load
from aims_core.records import Problem
from aims_core.terms import Assurance

HEAD = "main"
HEAD_IS_MISSING = "the head of the audit trail is missing; see `aims audit verify`"
_NUMBERS = sa.text(
    "SELECT nextval('aims_event_sequence') FROM generate_series(1, :wanted) ORDER BY 1"
)
_NOTED = sa.select(tables.trail_head.c.sequence, tables.trail_head.c.chain).where(
    tables.trail_head.c.name == HEAD
)
_MOVE = (
    sa.update(tables.trail_head)
    .where(tables.trail_head.c.name == HEAD)
    .values(sequence=sa.bindparam("last"), chain=sa.bindparam("its_chain"))
)
_COLUMNS = (*FIELDS, "leaf")
_TELL, _TYPE = ("sequence", "type"), _COLUMNS.index("type")
_COPIED_FROM = 100
_TYPES = {"sequence": "bigint"}
_EVENTS = (
    f"INSERT INTO aims_event ({', '.join(_COLUMNS)}, chain) SELECT *, '' FROM unnest("
    + ", ".join(f"CAST(:{name} AS {_TYPES.get(name, 'text')}[])" for name in _COLUMNS)
    + ") RETURNING sequence, type"
)
_QUEUED = sa.text(
    f"WITH told AS ({_EVENTS}), "
    "tells AS (INSERT INTO aims_outbox (sequence, type) SELECT sequence, type FROM told) "
    "INSERT INTO aims_unsealed (sequence) SELECT sequence FROM told"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribution:
    """Who acted, when, and how sure we are of it; the same for all events of a transaction."""

    actor: str
    at: datetime
    assurance: Assurance


def append(connection: sa.Connection, events: Sequence[tuple[str, Event]], who: Attribution) -> int:
    """Append events (with their ids) to the trail and return the sequence of the last.

    On SQLite the head row is read and moved, so call this last in the transaction.

    Raises
    ------
    WorkspaceError
        The head of the trail is missing (SQLite).
    InvalidRecord
        An event holds what has no JSON form.
    """
    if connection.dialect.name == "postgresql":
        return _append_queued(connection, events, who)
    return _append_chained(connection, events, who)


def _append_chained(
    connection: sa.Connection, events: Sequence[tuple[str, Event]], who: Attribution
) -> int:
    noted = connection.execute(_NOTED).one_or_none()
    if noted is None:
        raise WorkspaceError(HEAD_IS_MISSING)
    sequence, chain = noted
    rows = []
    for row in _rows(range(sequence + 1, sequence + 1 + len(events)), events, who):
        chain = chained(chain, row[-1])
        rows.append((*row, chain))
    sequence += len(events)
    load(connection, tables.event, (*_COLUMNS, "chain"), rows)
    load(connection, tables.outbox, _TELL, [(row[0], row[_TYPE]) for row in rows])
    connection.execute(_MOVE, {"last": sequence, "its_chain": chain})
    return int(sequence)


def _append_queued(
    connection: sa.Connection, events: Sequence[tuple[str, Event]], who: Attribution
) -> int:
    numbers = connection.execute(_NUMBERS, {"wanted": len(events)}).scalars().all()
    rows = list(_rows(numbers, events, who))
    if len(rows) < _COPIED_FROM:
        columns = dict(zip(_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
        connection.execute(_QUEUED, columns)
    else:
        load(connection, tables.event, (*_COLUMNS, "chain"), [(*row, "") for row in rows])
        load(connection, tables.outbox, _TELL, [(row[0], row[_TYPE]) for row in rows])
        load(connection, tables.unsealed, ("sequence",), [(number,) for number in numbers])
    return int(numbers[-1])


def _rows(
    numbers: Sequence[int], events: Sequence[tuple[str, Event]], who: Attribution
) -> Iterator[tuple[Any, ...]]:
    """Yield events as they are stored, with the columns of `_COLUMNS`."""
    at, actor, assurance = utc_text(who.at), who.actor, str(who.assurance)
    for number, (event_id, event) in zip(numbers, events, strict=True):
        said = (event_id, event.type, at, actor, assurance, event.system_id, _payload(event))
        nonce = secrets.token_hex(16)
        yield (number, *said, nonce, leaf_of((str(number), *said, nonce)))


def _payload(event: Event) -> str:
    try:
        return canonical_json(event.payload())
    except ValueError as error:
        problem = Problem(field="event", reason=str(error), remedy="give a value JSON can hold")
        raise InvalidRecord(f"record {event.type}", [problem]) from error
