"""Granting takes two administrators (rule R7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.errors import RecordNotFound, SegregationOfDuties
from aims_core.events import (
    ExceptionApproved,
    ExceptionEnded,
    ExceptionRecorded,
    ExceptionUsed,
    RoleChangeClosed,
    RoleChangeProposed,
)
from aims_core.store import Transaction
from aims_core.terms import ActorKind, ScopeKind
from aims_core.time_of_fact import Latest, in_fact, refuse_impossible, refuse_restated

ADMINISTRATOR = "administrator"
TOP_MANAGEMENT = "top_management"
_FOUNDING = {
    "rule": "R7",
    "reason": "The workspace has one administrator, who grants roles alone.",
    "compensating_control": "Every grant stands in the audit trail; a second administrator ends this.",
    "scope_kind": ScopeKind.ORGANISATION,
    "scope": "",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleChange:
    """A grant that one administrator proposed: ``proposed``, ``confirmed``, ``declined`` or ``withdrawn``.

    `fact_at` and `closed_fact_at` say when it was proposed and closed in fact, where somebody says so.
    """

    change_id: str
    actor: str
    role: str
    scope_kind: ScopeKind
    scope: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    status: str
    closed_by: str = ""
    closed_at: datetime | None = None
    grant_id: str = ""
    fact_at: datetime | None = None
    closed_fact_at: datetime | None = None


def require_two(tx: Transaction, asked: str) -> None:
    """Go on where the actor may grant alone: nobody else administers, or an exception is in force.

    Raises
    ------
    SegregationOfDuties
        There is another administrator; the message says how to go about it.

    Notes
    -----
    Writes ``ExceptionRecorded`` and ``ExceptionApproved`` for the first grant by an only administrator,
    ``ExceptionUsed`` for one that another exception lets pass.
    """
    others = other_administrators(tx)
    if not others:
        found_alone(tx)
        return
    if (exception_id := _exception(tx, "R7")) is not None:
        tx.record(ExceptionUsed(exception_id=exception_id, act=asked))
        return
    raise SegregationOfDuties(
        f"{asked}: a role is granted by two administrators; propose it (staffing.propose, or "
        f"`aims people propose`) and have it confirmed by {' or '.join(sorted(others))}"
    )


def other_administrators(tx: Transaction) -> set[str]:
    """Return the other persons who administer the whole organisation, by one of their ids."""
    return {actor for actor, person, _ in _administrators(tx) if person != tx.actor.person}


def may_take_back(tx: Transaction, role: str) -> bool:
    """Say whether the actor may take a role back as top management: an administrator's, and no other."""
    return (
        role == ADMINISTRATOR
        and tx.actor.kind is ActorKind.PERSON
        and any(
            g.role == TOP_MANAGEMENT and g.scope_kind is ScopeKind.ORGANISATION for g in tx.grants()
        )
    )


def refuse_sole_rule(tx: Transaction, grant: Any, asked: str) -> None:
    """Raise where taking an administrator's role would leave one person, who alone wants it so.

    Whoever administers alone afterwards grants alone, so this takes somebody else: who holds the role lays
    it down, or top management takes it back.

    Parameters
    ----------
    grant : sqlalchemy.Row
        The grant that is to be taken back, in force.

    Raises
    ------
    SegregationOfDuties
        The actor is neither of them.
    """
    if grant.role != ADMINISTRATOR or grant.scope_kind != ScopeKind.ORGANISATION:
        return
    before = _administrators(tx)
    left = {person for _, person, grant_id in before if grant_id != grant.grant_id}
    gone = {person for _, person, _ in before} - left
    if len(left) != 1 or not gone or tx.actor.person in gone:
        return
    if tx.actor.person not in left and may_take_back(tx, grant.role):
        return
    raise SegregationOfDuties(
        f"{asked}: it would leave {' and '.join(left)} to administer alone; let {grant.actor} lay the role "
        "down, let top management take it back, or have a third administrator first"
    )


def found_alone(tx: Transaction) -> None:
    """Put on record that an only administrator grants roles alone, once, so that it shows."""
    if _exception(tx, "R7") is not None:
        return
    exception_id = tx.new_id("exc")
    tx.connection.execute(
        sa.insert(tables.separation_exception).values(
            exception_id=exception_id,
            **_FOUNDING,
            pairs=[],
            recorded_by=tx.actor.actor_id,
            recorded_at=tx.now,
            approved_by=tx.actor.actor_id,
            approved_at=tx.now,
        )
    )
    said = {name: str(value) for name, value in _FOUNDING.items()}
    tx.record(
        ExceptionRecorded(exception_id=exception_id, **said, expires_on="", fact_at=None),
        ExceptionApproved(exception_id=exception_id, rule="R7"),
    )


def end_founding(tx: Transaction) -> None:
    """End the founding exception where a second person administers from here on."""
    if len({person for _, person, _ in _administrators(tx)}) < 2:  # noqa: PLR2004 - two administrators
        return
    table = tables.separation_exception
    founding = sa.and_(
        table.c.rule == "R7", table.c.expires_on.is_(None), table.c.ended_at.is_(None)
    )
    reason = "There is a second administrator."
    ids = list(tx.connection.execute(sa.select(table.c.exception_id).where(founding)).scalars())
    if not ids:
        return
    tx.connection.execute(
        sa.update(table)
        .where(table.c.exception_id.in_(ids))
        .values(ended_by=tx.actor.actor_id, ended_at=tx.now, end_reason=reason)
    )
    tx.record(*(ExceptionEnded(exception_id=i, rule="R7", reason=reason) for i in ids))


def propose(
    tx: Transaction,
    actor_id: str,
    role: str,
    kind: ScopeKind,
    scope: str,
    *,
    reason: str,
    fact_at: datetime | None = None,
) -> RoleChange:
    """Keep a proposed grant, record it and return it; the same one again is found while it is open.

    Raises
    ------
    InvalidRecord
        It cannot have been proposed when it is said to have been.
    RequestRefused
        It is on record already, with another time of fact.
    """
    asked = f"propose {role} for {actor_id}"
    table = tables.role_change
    same = {"actor": actor_id, "role": role, "scope_kind": str(kind), "scope": scope}
    query = sa.select(table.c.change_id).where(
        table.c.status == "proposed", *(table.c[name] == value for name, value in same.items())
    )
    known = tx.connection.execute(query.limit(1)).scalar()
    if known is not None:
        found = read(tx, known)
        refuse_restated(found.fact_at, fact_at, asked)
        return found
    refuse_impossible(asked, fact_at, now=tx.now)
    change_id = tx.new_id("rch")
    tx.connection.execute(
        sa.insert(table).values(
            change_id=change_id,
            **same,
            reason=reason,
            proposed_by=tx.actor.actor_id,
            proposed_at=tx.now,
            status="proposed",
            fact_at=fact_at,
        )
    )
    tx.record(RoleChangeProposed(change_id=change_id, **same, reason=reason, fact_at=fact_at))
    return read(tx, change_id)


def of_proposal(change: RoleChange) -> Latest:
    """Return when a grant was proposed in fact."""
    return ("the proposal", in_fact(change.fact_at, change.proposed_at))


def close(
    tx: Transaction,
    change: RoleChange,
    status: str,
    *,
    grant_id: str = "",
    reason: str = "",
    fact_at: datetime | None = None,
) -> RoleChange:
    """Close a proposed grant, record it and return it."""
    table = tables.role_change
    tx.connection.execute(
        sa.update(table)
        .where(table.c.change_id == change.change_id)
        .values(
            status=status,
            closed_by=tx.actor.actor_id,
            closed_at=tx.now,
            grant_id=grant_id or None,
            closed_fact_at=fact_at,
        )
    )
    tx.record(
        RoleChangeClosed(
            change_id=change.change_id,
            status=status,
            grant_id=grant_id,
            reason=reason,
            fact_at=fact_at,
        )
    )
    return read(tx, change.change_id)


def read(tx: Transaction, change_id: str, *, for_update: bool = False) -> RoleChange:
    """Return a proposed grant.

    Raises
    ------
    RecordNotFound
        None has this id.
    """
    table = tables.role_change
    query = sa.select(table).where(table.c.change_id == change_id)
    row = tx.connection.execute(query.with_for_update() if for_update else query).one_or_none()
    if row is None:
        known = sa.select(table.c.change_id).order_by(table.c.proposed_at.desc()).limit(200)
        raise RecordNotFound("role change", change_id, list(tx.connection.execute(known).scalars()))
    return _from_row(row)


def listed(tx: Transaction, *, open_only: bool) -> Sequence[RoleChange]:
    """Return proposed grants, newest first."""
    table = tables.role_change
    query = sa.select(table).order_by(table.c.proposed_at.desc(), table.c.change_id)
    if open_only:
        query = query.where(table.c.status == "proposed")
    return [_from_row(row) for row in tx.connection.execute(query)]


def _from_row(row: Any) -> RoleChange:
    return RoleChange(
        change_id=row.change_id,
        actor=row.actor,
        role=row.role,
        scope_kind=ScopeKind(row.scope_kind),
        scope=row.scope,
        reason=row.reason,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        status=row.status,
        closed_by=row.closed_by or "",
        closed_at=row.closed_at,
        grant_id=row.grant_id or "",
        fact_at=row.fact_at,
        closed_fact_at=row.closed_fact_at,
    )


def _administrators(tx: Transaction) -> list[tuple[str, str, str]]:
    """Return actor, person and grant of whoever administers; locked, or two could each be the only one."""
    grant, actor = tables.grant, tables.actor
    query = (
        sa.select(actor.c.actor_id, actor.c.person, grant.c.grant_id)
        .join(grant, grant.c.actor == actor.c.actor_id)
        .where(
            grant.c.role == ADMINISTRATOR,
            grant.c.scope_kind == ScopeKind.ORGANISATION,
            grant.c.revoked_at.is_(None),
            actor.c.kind == ActorKind.PERSON,
        )
        .order_by(actor.c.actor_id)
        .with_for_update(of=grant)
    )
    return [(row.actor_id, row.person, row.grant_id) for row in tx.connection.execute(query)]


def _exception(tx: Transaction, rule: str) -> str | None:
    """Return an exception to a rule that is in force for the whole organisation."""
    table = tables.separation_exception
    query = sa.select(table.c.exception_id).where(
        table.c.rule == rule,
        table.c.scope_kind == ScopeKind.ORGANISATION,
        table.c.approved_at.is_not(None),
        table.c.ended_at.is_(None),
        sa.or_(table.c.expires_on.is_(None), table.c.expires_on >= tx.now.date().isoformat()),
    )
    found = tx.connection.execute(query.order_by(table.c.recorded_at).limit(1)).scalar()
    return None if found is None else str(found)
