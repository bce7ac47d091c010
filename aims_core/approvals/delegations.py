"""Seats lent to others for a time: made, ended, listed, and what they let somebody decide today.

A lent seat is never more than its holder's: it counts only as long and as far as they hold it themselves,
and nobody lends on what was lent to them.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.auditors import refuse_auditing
from aims_core.errors import InvalidRecord, NotPermitted, RecordNotFound, RequestRefused
from aims_core.events import DelegationEnded, SeatDelegated
from aims_core.lifecycle import Machine
from aims_core.records import AISystem, Delegation, Grant, Problem
from aims_core.roles import covers, roles_for
from aims_core.store import Transaction
from aims_core.store.rows import delegation_from_row
from aims_core.terms import ActorKind, ScopeKind

Pair = tuple[str, str]
_MAX_SCOPE = 200


def make(tx: Transaction, machine: Machine, wanted: Delegation, asked: str) -> Delegation:
    """Keep a delegation of the actor's own seat and record it; the same one again is found.

    Raises
    ------
    InvalidRecord
        The role is no approver's, or the times are wrong.
    NotPermitted
        The actor does not hold the role that far, or one of both is no person.
    SegregationOfDuties
        Who would decide meanwhile is an auditor (rule R5).
    """
    if problems := [*_role_problems(machine, wanted), *_time_problems(tx, machine, wanted)]:
        raise InvalidRecord(asked, problems)
    _refuse_unfit(tx, wanted, asked)
    for known in read(tx, current_only=True):
        if _terms(known) == _terms(wanted):
            return known
    made = SeatDelegated(
        delegation_id=wanted.delegation_id,
        delegator=wanted.delegator,
        delegate=wanted.delegate,
        role=wanted.role,
        scope_kind=str(wanted.scope_kind),
        scope=wanted.scope,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        reason=wanted.reason,
    )
    kept = sa.insert(tables.delegation).values(**made.payload(), made_at=tx.now)
    tx.connection.execute(kept)
    tx.record(made)
    return wanted


def end(tx: Transaction, delegation_id: str, reason: str) -> Delegation:
    """End a delegation now and record it; who lent the seat, who got it, or an administrator may.

    Raises
    ------
    RecordNotFound
        No delegation has this id.
    NotPermitted
        It is neither the actor's nor are they an administrator.
    RequestRefused
        No reason is given.
    """
    asked = f"end delegation {delegation_id}"
    table = tables.delegation
    this = table.c.delegation_id == delegation_id
    row = tx.connection.execute(sa.select(table).where(this).with_for_update()).one_or_none()
    if row is None:
        known = tx.connection.execute(sa.select(table.c.delegation_id).limit(200)).scalars()
        raise RecordNotFound("delegation", delegation_id, list(known))
    mine = {tx.get_actor(key).person for key in (row.delegator, row.delegate)}
    if tx.actor.person not in mine:
        tx.require("grant", asked)
    if not reason.strip():
        raise RequestRefused(f"{asked}: say why, in a sentence")
    if row.ended_at is None:
        ended = {"ended_at": tx.now, "ended_by": tx.actor.actor_id, "end_reason": reason}
        tx.connection.execute(sa.update(table).where(this).values(**ended))
        tx.record(DelegationEnded(delegation_id=delegation_id, reason=reason))
    return delegation_from_row(tx.connection.execute(sa.select(table).where(this)).one())


def read(tx: Transaction, *, current_only: bool, at: datetime | None = None) -> list[Delegation]:
    """Return delegations, oldest first; only those not over yet, or all there ever were; now or at a time."""
    table = tables.delegation
    query = sa.select(table).order_by(table.c.made_at, table.c.delegation_id)
    if at is not None:
        query = query.where(table.c.made_at <= at)
    if current_only:
        ended = table.c.ended_at.is_(None) if at is None else _not_ended_by(at)
        query = query.where(ended, table.c.ends_at > (at or tx.now))
    return [_as_it_was(delegation_from_row(row), at) for row in tx.connection.execute(query)]


def _not_ended_by(at: datetime) -> sa.ColumnElement[bool]:
    column = tables.delegation.c.ended_at
    return sa.or_(column.is_(None), column > at)


def _as_it_was(one: Delegation, at: datetime | None) -> Delegation:
    if at is None or one.ended_at is None or one.ended_at <= at:
        return one
    return replace(one, ended_at=None, ended_by="", end_reason="")


def lent(tx: Transaction, system: AISystem, pairs: Iterable[Pair]) -> dict[Pair, frozenset[str]]:
    """Return the roles in which one actor may decide for another on a system today.

    Parameters
    ----------
    pairs : iterable of (delegate, delegator)
        Ids of actors. A pair without any such role has none.
    """
    wanted = set(pairs)
    if not wanted:
        return {}
    found: dict[Pair, set[str]] = {}
    for row in tx.connection.execute(_in_force(tx, {delegate for delegate, _ in wanted})):
        pair = (row.delegate, row.delegator)
        if pair in wanted and covers(_as_grant(row), system_id=system.system_id, unit=system.unit):
            found.setdefault(pair, set()).add(row.role)
    held = {who: roles_for(tx.grants(who), system) for who in {who for _, who in found}}
    return {pair: frozenset(roles & held[pair[1]]) for pair, roles in found.items()}


def lenders(tx: Transaction, system: AISystem, roles: Collection[str]) -> list[str]:
    """Return who lent the actor a seat in one of some roles for a system, by id."""
    query = _in_force(tx, {tx.actor.actor_id})
    pairs = [(row.delegate, row.delegator) for row in tx.connection.execute(query)]
    return sorted(who for (_, who), held in lent(tx, system, pairs).items() if held & set(roles))


def _in_force(tx: Transaction, delegates: Collection[str]) -> sa.Select[Any]:
    table = tables.delegation
    return sa.select(table).where(
        table.c.delegate.in_(sorted(delegates)),
        table.c.ended_at.is_(None),
        table.c.starts_at <= tx.now,
        table.c.ends_at > tx.now,
    )


def _as_grant(row: Any) -> Grant:
    return Grant(
        grant_id=row.delegation_id,
        actor=row.delegate,
        role=row.role,
        scope_kind=ScopeKind(row.scope_kind),
        scope=row.scope,
        granted_by=row.delegator,
        granted_at=row.made_at,
    )


def _terms(one: Delegation) -> tuple[object, ...]:
    return (one.delegator, one.delegate, one.role, one.scope_kind, one.scope, one.ends_at)


def _role_problems(machine: Machine, wanted: Delegation) -> list[Problem]:
    seats = sorted({slot.role for step in machine.transitions for slot in step.approvals})
    if len(wanted.scope) > _MAX_SCOPE:
        remedy = f"use up to {_MAX_SCOPE} characters"
        return [Problem(field="scope", reason="is too long", remedy=remedy)]
    if wanted.role in seats:
        return []
    reason = f"{wanted.role!r} decides on no request, so it has no seat to lend"
    return [Problem(field="role", reason=reason, remedy=f"use one of {', '.join(seats)}")]


def _time_problems(tx: Transaction, machine: Machine, wanted: Delegation) -> list[Problem]:
    longest = machine.longest_delegation
    if wanted.ends_at <= max(wanted.starts_at, tx.now):
        remedy = "name a later time"
        return [Problem(field="until", reason="is over before it begins", remedy=remedy)]
    if longest is not None and wanted.ends_at - wanted.starts_at > longest:
        reason = f"is longer than {longest.days} days"
        remedy = "lend the seat for less, or have the role granted"
        return [Problem(field="until", reason=reason, remedy=remedy)]
    return []


def _refuse_unfit(tx: Transaction, wanted: Delegation, asked: str) -> None:
    delegate = tx.get_actor(wanted.delegate)
    for who in (tx.actor, delegate):
        if who.kind is not ActorKind.PERSON:
            raise NotPermitted(f"{asked}: {who.actor_id} is a {who.kind}; only persons decide")
    if delegate.person == tx.actor.person:
        raise RequestRefused(f"{asked}: {delegate.actor_id} is the same person")
    refuse_auditing(tx, delegate, asked)
    unit = wanted.scope if wanted.scope_kind is ScopeKind.UNIT else ""
    system_id = wanted.scope if wanted.scope_kind is ScopeKind.SYSTEM else ""
    if system_id:
        unit = tx.get_system(system_id).unit
    held = [g for g in tx.grants() if g.role == wanted.role]
    if any(covers(grant, system_id=system_id, unit=unit) for grant in held):
        return
    if held:
        reach = ", ".join(sorted({f"{g.scope_kind} {g.scope}".strip() for g in held}))
        why = f"{tx.actor.actor_id} is {wanted.role} for {reach} only; name a unit or system of it"
    else:
        why = (
            f"{tx.actor.actor_id} is not {wanted.role}; one lends a seat of one's own, "
            "and nobody lends on what was lent to them"
        )
    raise NotPermitted(f"{asked}: {why}")
