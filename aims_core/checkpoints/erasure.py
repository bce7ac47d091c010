"""An event's content is erased when an administrator and an auditor, two people, both ask for it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.audit.erasing import ERASED, LEFT
from aims_core.audit.marks import KEY_ADDED
from aims_core.db.teams import calls
from aims_core.errors import InvalidRecord, NotPermitted, RecordNotFound, SegregationOfDuties
from aims_core.events import ErasureRequested, EventErased
from aims_core.plugin_host import Desk
from aims_core.records import Erasure, Problem
from aims_core.roles import covers
from aims_core.store import Transaction

PARTS = ("administrator", "auditor")
VALID_FOR = timedelta(days=30)
_NEVER = {
    ERASED: "it says what was erased",
    KEY_ADDED: "without it no checkpoint can be verified",
}


def erase(desk: Desk, event_id: str, reason: str) -> Erasure:
    """Ask for an event's content to be erased, or, as the second of two, have it erased.

    Parameters
    ----------
    reason : str
        Why; it stays in the trail.

    Returns
    -------
    Erasure
        ``done`` says whether the content is gone.

    Raises
    ------
    RecordNotFound
        No event has this id.
    InvalidRecord
        There is no reason, or this kind of event must stay, or it is erased already.
    NotPermitted
        It takes an administrator or an auditor of the organisation.
    SegregationOfDuties
        The other one who asked is the same person, or in the same role only.

    Notes
    -----
    Writes ``ErasureRequested`` for the first, ``EventErased`` for the second, who has 30 days. Payload
    and nonce are emptied; the leaf stays, so every proof holds.
    """
    with desk.writing() as tx:
        act = f"erase event {event_id}"
        roles = _roles(tx, act)
        row = _event(tx, event_id, reason, act)
        first = _first_consent(tx, event_id)
        if first is None or (first["person"] == tx.actor.person and first["role"] in roles):
            role = str(first["role"]) if first else roles[0]
            return _asked(tx, row, role, reason, known=first)
        if first["person"] == tx.actor.person:
            raise SegregationOfDuties(
                f"{act}: {tx.actor.person} asked for it; another person decides"
            )
        parts = _parts(tx, first, roles)
        if parts is None:
            needed = PARTS[1 - PARTS.index(first["role"])]
            raise SegregationOfDuties(
                f"{act}: {first['actor']} asked for it as {first['role']}; it takes an {needed} besides"
            )
        return _carried_out(tx, row, first, parts, reason)


def _roles(tx: Transaction, act: str) -> list[str]:
    held = {g.role for g in tx.grants() if covers(g)}
    roles = [part for part in PARTS if part in held]
    tx.attempt(act)
    if not roles:
        raise NotPermitted(
            f"{act}: {tx.actor.actor_id} is neither an administrator nor an auditor of the "
            "organisation; it takes one of each"
        )
    return roles


def _event(tx: Transaction, event_id: str, reason: str, act: str) -> Mapping[str, Any]:
    table = tables.event
    query = sa.select(table).where(table.c.event_id == event_id)
    row = tx.connection.execute(query).mappings().one_or_none()
    if row is None:
        raise RecordNotFound("event", event_id)
    problems = []
    if not reason.strip():
        problems.append(Problem(field="reason", reason="is missing", remedy="say why"))
    if row["type"] in _NEVER:
        why = f"{row['type']} cannot be erased: {_NEVER[row['type']]}"
        problems.append(Problem(field="event_id", reason=why, remedy="leave it"))
    if not row["nonce"]:
        problems.append(Problem(field="event_id", reason="is erased already", remedy="leave it"))
    if problems:
        raise InvalidRecord(act, problems)
    return dict(row)


def _first_consent(tx: Transaction, event_id: str) -> Mapping[str, Any] | None:
    table = tables.erasure
    query = (
        sa.select(table)
        .where(table.c.event_id == event_id, table.c.at >= tx.now - VALID_FOR)
        .order_by(table.c.at, table.c.erasure_id)
        .limit(1)
    )
    row = tx.connection.execute(query).mappings().one_or_none()
    return dict(row) if row is not None else None


def _parts(tx: Transaction, first: Mapping[str, Any], roles: list[str]) -> tuple[str, str] | None:
    """Return the roles of the first and the second, both as they hold them now."""
    theirs = {g.role for g in tx.grants(first["actor"]) if covers(g)}
    if first["role"] not in theirs:
        return None
    second = PARTS[1 - PARTS.index(first["role"])]
    return (first["role"], second) if second in roles else None


def _asked(
    tx: Transaction,
    row: Mapping[str, Any],
    role: str,
    reason: str,
    known: Mapping[str, Any] | None,
) -> Erasure:
    if known is None:
        _consent(tx, row, role, reason)
        tx.record(ErasureRequested(event_id=row["event_id"], role=role, reason=reason))
    return Erasure(
        event_id=row["event_id"],
        sequence=row["sequence"],
        asked_by=tx.actor.actor_id,
        role=role,
        reason=str(known["reason"]) if known else reason,
        at=known["at"] if known else tx.now,
        done=False,
    )


def _carried_out(
    tx: Transaction,
    row: Mapping[str, Any],
    first: Mapping[str, Any],
    parts: tuple[str, str],
    reason: str,
) -> Erasure:
    _consent(tx, row, parts[1], reason)
    if calls.enforces(tx.connection):
        calls.erase(tx.connection, row["event_id"])
    else:
        _empty(tx, row["event_id"])
    left = {name: str(row[name]) for name in LEFT}
    tx.record(
        EventErased(
            system_id=row["system_id"],
            left=left,
            requested_by=first["actor"],
            role=parts[1],
            reason=reason,
        )
    )
    return Erasure(
        event_id=row["event_id"],
        sequence=row["sequence"],
        asked_by=first["actor"],
        role=first["role"],
        reason=reason,
        at=tx.now,
        done=True,
    )


def _empty(tx: Transaction, event_id: str) -> None:
    if tx.connection.dialect.name == "sqlite":
        tx.connection.exec_driver_sql("PRAGMA secure_delete=ON")  # the freed bytes are overwritten
    table = tables.event
    tx.connection.execute(
        sa.update(table).where(table.c.event_id == event_id).values(payload="", nonce="")
    )


def _consent(tx: Transaction, row: Mapping[str, Any], role: str, reason: str) -> None:
    values = {
        "erasure_id": tx.new_id("ers"),
        "event_id": row["event_id"],
        "actor": tx.actor.actor_id,
        "person": tx.actor.person,
        "role": role,
        "reason": reason,
        "at": tx.now,
    }
    tx.connection.execute(sa.insert(tables.erasure), values)
