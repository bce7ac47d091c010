"""Proofs that stand on their own: with a checkpoint and the public key they need no database."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from aims_core import audit, tables
from aims_core.audit import FIELDS
from aims_core.checkpoints.keyring import Keyring
from aims_core.checkpoints.making import Checkpoints
from aims_core.errors import RecordNotFound, WorkspaceError
from aims_core.plugin_host import Desk


def prove_event(desk: Desk, event: str | int, number: int | None = None) -> Mapping[str, Any]:
    """Return the proof that an event stands in the trail that a checkpoint signs.

    Parameters
    ----------
    event : str or int
        Id or sequence of the event.
    number : int, optional
        Number of the checkpoint; the newest by default.

    Raises
    ------
    RecordNotFound
        There is no such event or checkpoint.
    WorkspaceError
        The event is younger than the checkpoint.
    """
    checkpoint = Checkpoints(desk).get(number)
    table = tables.event
    wanted = table.c.sequence == event if isinstance(event, int) else table.c.event_id == event
    with desk.reading() as tx:
        row = tx.connection.execute(sa.select(table).where(wanted)).mappings().one_or_none()
        if row is None:
            raise RecordNotFound("event", str(event))
        place = audit.place_of(tx.connection, row["sequence"])
        if place is None or place >= checkpoint.size:
            raise WorkspaceError(
                f"event {row['sequence']} came after checkpoint {checkpoint.number}, which signs the "
                f"first {checkpoint.size} events; make another with `aims audit checkpoint`"
            )
        proof = audit.prove_inclusion(tx.connection, place, checkpoint.size)
    return {
        "kind": "aims inclusion proof",
        "checkpoint": checkpoint.note,
        "number": checkpoint.number,
        "key": _key(desk),
        "place": place,
        "event": {name: str(row[name]) for name in FIELDS},
        "leaf": row["leaf"],
        "proof": [b64encode(step).decode() for step in proof],
    }


def prove_extension(desk: Desk, old: int, new: int | None = None) -> Mapping[str, Any]:
    """Return the proof that the trail of one checkpoint is the beginning of a later one's.

    Raises
    ------
    RecordNotFound
        There is no such checkpoint.
    WorkspaceError
        The later one is of fewer events.
    """
    checkpoints = Checkpoints(desk)
    first, second = checkpoints.get(old), checkpoints.get(new)
    if first.size > second.size:
        raise WorkspaceError(
            f"checkpoint {second.number} is of fewer events than checkpoint {first.number}; "
            "name the older one first"
        )
    with desk.reading() as tx:
        proof = audit.prove_consistency(tx.connection, first.size, second.size)
    return {
        "kind": "aims consistency proof",
        "old": first.note,
        "new": second.note,
        "key": _key(desk),
        "proof": [b64encode(step).decode() for step in proof],
    }


def _key(desk: Desk) -> str:
    own = Keyring(desk).in_force()
    return own.key.text if own else ""
