"""The audit trail: append-only, every column hashed, every event chained to the one before.

``leaf = SHA-256(0x00 ‖ netstrings of the stored columns)`` and
``chain = SHA-256(0x01 ‖ chain before ‖ leaf)``. The nonce hides what a leaf stands for, so that a
later erasure of content can keep the proof. A chain alone shows accidents and careless hands; who
can rewrite the file can rewrite the chain. Its head, kept elsewhere, is what a verifier compares with.
"""

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from json import loads
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.canonical import canonical_json, utc_text
from aims_core.errors import InvalidRecord, WorkspaceError
from aims_core.events import Event, RecordedEvent
from aims_core.records import Problem, Verification
from aims_core.terms import Assurance

START = "0" * 64
_HEAD = "main"
_FIELDS = (
    "sequence",
    "event_id",
    "type",
    "at",
    "actor",
    "assurance",
    "system_id",
    "payload",
    "nonce",
)
_BATCH = 5_000
_MAX_FAULTS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribution:
    """Who acted, when, and how sure we are of it; the same for all events of a transaction."""

    actor: str
    at: datetime
    assurance: Assurance


def append(connection: sa.Connection, events: Sequence[tuple[str, Event]], who: Attribution) -> int:
    """Append events (with their ids) to the trail and return the sequence of the last.

    The head row is locked until the transaction ends, which puts writers in line: call this last.
    """
    head = tables.trail_head
    query = sa.select(head.c.sequence, head.c.chain).where(head.c.name == _HEAD).with_for_update()
    locked = connection.execute(query).one_or_none()
    if locked is None:
        raise WorkspaceError("the head of the audit trail is missing; see `aims audit verify`")
    sequence, chain = locked
    rows: list[dict[str, Any]] = []
    for event_id, event in events:
        sequence += 1
        row = _row(sequence, event_id, event, who)
        chain = _chained(chain, row["leaf"])
        rows.append({**row, "chain": chain})
    connection.execute(sa.insert(tables.event), rows)
    connection.execute(sa.insert(tables.outbox), [{"sequence": r["sequence"]} for r in rows])
    connection.execute(
        sa.update(head).where(head.c.name == _HEAD).values(sequence=sequence, chain=chain)
    )
    return int(sequence)


def head(connection: sa.Connection) -> tuple[int, str]:
    """Return the number of events and the chain value of the last one.

    Raises
    ------
    WorkspaceError
        The row that holds them is gone.
    """
    noted = _noted(connection)
    if noted is None:
        raise WorkspaceError("the head of the audit trail is missing; see `aims audit verify`")
    return noted


def verify(connection: sa.Connection, expected_head: str = "") -> Verification:
    """Recompute the whole trail and name what does not fit.

    Parameters
    ----------
    expected_head : str
        A chain value noted earlier (on a report, say); it must stand somewhere in the trail.
    """
    faults: list[str] = []
    place, chain, seen = 0, START, expected_head in {"", START}
    for row in _rows(connection):
        place += 1
        seen = seen or row.chain == expected_head
        if len(faults) < _MAX_FAULTS:
            faults += _faults(row, place, chain)
        place, chain = row.sequence, row.chain
    noted = _noted(connection)
    if noted is None:
        faults.append("the head of the trail is missing")
    elif noted != (place, chain):
        faults.append(f"the head names event {noted[0]}, the trail ends at event {place}")
    if not seen:
        faults.append(
            f"the expected head {expected_head[:16]}… is nowhere in the trail: it was cut or rewritten"
        )
    return Verification(events=place, head=chain, faults=tuple(faults))


def read(connection: sa.Connection, query: sa.Select[Any]) -> list[RecordedEvent]:
    """Return the events that a select over the event table finds."""
    return [recorded(row) for row in connection.execute(query)]


def recorded(row: Any) -> RecordedEvent:
    """Return a row of the event table as a record."""
    return RecordedEvent(
        sequence=row.sequence,
        event_id=row.event_id,
        type=row.type,
        at=datetime.strptime(row.at, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC),
        actor=row.actor,
        system_id=row.system_id,
        payload=loads(row.payload),
    )


def _noted(connection: sa.Connection) -> tuple[int, str] | None:
    table = tables.trail_head
    row = connection.execute(
        sa.select(table.c.sequence, table.c.chain).where(table.c.name == _HEAD)
    ).one_or_none()
    return (int(row.sequence), str(row.chain)) if row is not None else None


def _row(sequence: int, event_id: str, event: Event, who: Attribution) -> dict[str, Any]:
    row: dict[str, Any] = {
        "sequence": sequence,
        "event_id": event_id,
        "type": event.type,
        "at": utc_text(who.at),
        "actor": who.actor,
        "assurance": str(who.assurance),
        "system_id": event.system_id,
        "payload": _payload(event),
        "nonce": secrets.token_hex(16),
    }
    return {**row, "leaf": leaf(row)}


def _payload(event: Event) -> str:
    try:
        return canonical_json(event.payload())
    except ValueError as error:
        problem = Problem(field="event", reason=str(error), remedy="give a value JSON can hold")
        raise InvalidRecord(f"record {event.type}", [problem]) from error


def leaf(row: Mapping[str, Any]) -> str:
    """Return the hash of an event's stored columns, 64 hexadecimal characters."""
    digest = hashlib.sha256(b"\x00")
    for name in _FIELDS:
        part = str(row[name]).encode()
        digest.update(b"%d:%b," % (len(part), part))
    return digest.hexdigest()


def _chained(before: str, leaf_hash: str) -> str:
    return hashlib.sha256(b"\x01" + before.encode() + leaf_hash.encode()).hexdigest()


def _faults(row: Any, place: int, before: str) -> Iterator[str]:
    if row.sequence != place:
        yield f"event {place} is missing; the next one is {row.sequence}"
    if row.leaf != leaf(row._mapping):  # noqa: SLF001 - SQLAlchemy's public accessor, named with an underscore
        yield f"event {row.sequence} ({row.type}) was changed"
    if row.chain != _chained(before, row.leaf):
        yield f"event {row.sequence} ({row.type}) does not follow the one before"


def _rows(connection: sa.Connection) -> Iterator[Any]:
    query = sa.select(tables.event).order_by(tables.event.c.sequence)
    result = connection.execution_options(yield_per=_BATCH).execute(query)
    yield from result
