"""Votes on a waiver: who may give one, which count, and what becomes of the waiver."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.among import among
from aims_core.auditors import refuse_auditing
from aims_core.errors import NotPermitted, RecordNotFound, RequestRefused, SegregationOfDuties
from aims_core.events import WaiverClosed, WaiverGranted, WaiverVoteCast
from aims_core.gate.duties import Baseline, developers_since
from aims_core.gate.waivers import (
    Waiver,
    WaiverPolicy,
    as_it_stood,
    waiver_from_row,
    why_ended,
)
from aims_core.records import AISystem
from aims_core.roles import roles_for
from aims_core.store import Transaction
from aims_core.terms import ActorKind, ApprovalStatus, Decision, WaiverStatus
from aims_core.time_of_fact import Latest, in_fact, refuse_impossible, refuse_restated


@dataclass(frozen=True, kw_only=True, slots=True)
class Ballot:
    """What somebody decides, and why; `fact_at` is when in fact, None where that is now."""

    choice: Decision
    reason: str
    fact_at: datetime | None


def decide(
    tx: Transaction, waiver: Waiver, system: AISystem, ballot: Ballot, policy: WaiverPolicy
) -> Waiver:
    """Take the actor's vote and return the waiver as it stands then."""
    choice, reason = ballot.choice, ballot.reason
    asked = f"{choice} waiver {waiver.waiver_id} of {waiver.system_id}"
    tx.attempt(asked, waiver.system_id)
    votes = _votes(tx, waiver.waiver_id)
    mine = votes.get(tx.actor.person)
    if mine is not None and mine.decision == choice:
        refuse_restated(mine.fact_at, ballot.fact_at, asked)
        return waiver
    _refuse_closed(tx, waiver, system, policy, asked)
    if choice is Decision.REFUSE and not reason:
        raise RequestRefused(f"{asked}: a refusal needs a reason; say why, in a sentence")
    conflicts = _conflicts(tx, waiver, system)
    _refuse_unentitled(tx, system, policy, conflicts, asked)
    if mine is not None:
        raise SegregationOfDuties(
            f"{asked}: {mine.actor}, the same person, already decided on it ({mine.decision}), "
            "and a vote stands; let another committee member decide"
        )
    refuse_impossible(asked, ballot.fact_at, now=tx.now, after=_of_proposal(waiver))
    _cast(tx, waiver, ballot)
    if choice is Decision.REFUSE:
        return close(tx, waiver, WaiverStatus.REFUSED, reason, ballot.fact_at)
    counted = _counted(tx, system, policy, _votes(tx, waiver.waiver_id), conflicts)
    if len(counted) >= policy.persons:
        _grant(tx, waiver, counted)
    return read(tx, waiver.waiver_id)


def before_end(waiver: Waiver) -> Latest:
    """Return what the end of a waiver comes after: its grant, or its proposal."""
    if waiver.granted_at is None:
        return _of_proposal(waiver)
    return ("its grant", in_fact(waiver.granted_fact_at, waiver.granted_at))


def _of_proposal(waiver: Waiver) -> Latest:
    return ("the proposal", in_fact(waiver.fact_at, waiver.proposed_at))


def close(
    tx: Transaction,
    waiver: Waiver,
    status: WaiverStatus,
    reason: str,
    fact_at: datetime | None,
) -> Waiver:
    """Close a waiver as refused or withdrawn, record it and return it."""
    _update(
        tx,
        waiver,
        status=status,
        closed_by=tx.actor.actor_id,
        closed_at=tx.now,
        close_reason=reason,
        closed_fact_at=fact_at,
    )
    tx.record(
        WaiverClosed(
            system_id=waiver.system_id,
            waiver_id=waiver.waiver_id,
            condition=waiver.condition,
            status=str(status),
            reason=reason,
            fact_at=fact_at,
        )
    )
    return read(tx, waiver.waiver_id)


def lock(tx: Transaction, waiver_id: str) -> tuple[Waiver, AISystem]:
    """Return a waiver and its system, which nobody else changes until the transaction ends."""
    tx.attempt(f"act on waiver {waiver_id}")
    system = tx.get_system(read(tx, waiver_id).system_id, for_update=True)
    return read(tx, waiver_id), system


def read(tx: Transaction, waiver_id: str) -> Waiver:
    """Return a waiver.

    Raises
    ------
    RecordNotFound
        No waiver has this id.
    """
    table = tables.waiver
    query = sa.select(table).where(table.c.waiver_id == waiver_id)
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        known = sa.select(table.c.waiver_id).order_by(table.c.proposed_at.desc()).limit(200)
        raise RecordNotFound("waiver", waiver_id, list(tx.connection.execute(known).scalars()))
    return _with_votes(tx, [row])[0]


def listed(tx: Transaction, system_id: str = "", at: datetime | None = None) -> list[Waiver]:
    """Return the waivers of one system, or of all, newest first; now, or as they stood at a time."""
    table = tables.waiver
    query = sa.select(table).order_by(table.c.proposed_at.desc(), table.c.waiver_id)
    if system_id:
        query = query.where(table.c.system_id == system_id)
    if at is not None:
        query = query.where(table.c.proposed_at <= at)
    found = _with_votes(tx, tx.connection.execute(query).all(), at)
    return found if at is None else [as_it_stood(waiver, at) for waiver in found]


def _with_votes(tx: Transaction, rows: Sequence[Any], at: datetime | None = None) -> list[Waiver]:
    vote = tables.waiver_vote
    query = sa.select(vote.c.waiver_id, vote.c.actor).where(vote.c.decision == Decision.APPROVE)
    if at is not None:
        query = query.where(vote.c.at <= at)
    if len(rows) == 1:
        query = query.where(vote.c.waiver_id == rows[0].waiver_id)
    elif rows:
        query = query.where(among(tx.connection, vote.c.waiver_id, [r.waiver_id for r in rows]))
    else:
        return []
    approved: dict[str, list[str]] = {}
    for row in tx.connection.execute(query.order_by(vote.c.at, vote.c.actor)):
        approved.setdefault(row.waiver_id, []).append(row.actor)
    return [waiver_from_row(row, approved.get(row.waiver_id, ())) for row in rows]


def _refuse_closed(
    tx: Transaction, waiver: Waiver, system: AISystem, policy: WaiverPolicy, asked: str
) -> None:
    if waiver.status is not WaiverStatus.PROPOSED:
        raise RequestRefused(
            f"{asked}: it is {waiver.status}; propose another one where it is needed"
        )
    if waiver.condition in policy.never:
        raise RequestRefused(f"{asked}: {waiver.condition} can never be waived")
    if why := why_ended(waiver, system.governing_tier, tx.now.date()):
        raise RequestRefused(f"{asked}: {why}; propose it again")


def _refuse_unentitled(
    tx: Transaction,
    system: AISystem,
    policy: WaiverPolicy,
    conflicts: Mapping[str, str],
    asked: str,
) -> None:
    if tx.actor.kind is not ActorKind.PERSON:
        raise NotPermitted(
            f"{asked}: {tx.actor.actor_id} is a {tx.actor.kind}; only persons decide"
        )
    if policy.role not in roles_for(tx.grants(), system):
        raise NotPermitted(
            f"{asked}: {tx.actor.actor_id} is not {policy.role} of this system; "
            "let somebody decide who holds the role"
        )
    refuse_auditing(tx, tx.actor, asked, system.system_id)
    if duty := conflicts.get(tx.actor.person):
        raise SegregationOfDuties(
            f"{asked}: {tx.actor.actor_id} {duty} and so may not decide on it; "
            f"let another {policy.role} decide"
        )


def _conflicts(tx: Transaction, waiver: Waiver, system: AISystem) -> dict[str, str]:
    """Return what keeps persons from deciding: they have an interest in it, or proposed it.

    Who wrote or developed the system since the last such waiver has one, its owner, and who waits for a
    step of it.
    """
    since = _baseline(tx, waiver, system)
    revision, approval = tables.system_revision, tables.approval
    requesters = sa.select(approval.c.requested_by).where(
        approval.c.system_id == waiver.system_id,
        approval.c.status == ApprovalStatus.OPEN,
        sa.or_(approval.c.expires_at.is_(None), approval.c.expires_at > tx.now),
    )
    authors = sa.select(revision.c.author).where(
        revision.c.system_id == waiver.system_id, revision.c.revision > since.revision
    )
    return {
        **dict.fromkeys(_persons(tx, requesters), "waits for a step of this system"),
        **dict.fromkeys(developers_since(tx, system, since), "acted as developer of this system"),
        **dict.fromkeys(_persons(tx, [system.owner]), "is the owner of this system"),
        **dict.fromkeys(_persons(tx, authors), "acted as editor of this system"),
        tx.get_actor(waiver.proposed_by).person: "proposed it",
    }


def _baseline(tx: Transaction, waiver: Waiver, system: AISystem) -> Baseline:
    """Return up to where the last waiver of the same condition was granted: what was done then is done."""
    table = tables.waiver
    last = (
        sa.select(table.c.revision, table.c.granted_at)
        .where(
            table.c.system_id == waiver.system_id,
            table.c.condition == waiver.condition,
            table.c.granted_at.is_not(None),
            table.c.waiver_id != waiver.waiver_id,
        )
        .order_by(table.c.revision.desc(), table.c.granted_at.desc())
        .limit(1)
    )
    row = tx.connection.execute(last).one_or_none()
    if row is None:
        return Baseline(revision=0, at=system.registered_at)
    return Baseline(revision=row.revision, at=row.granted_at)


def _persons(tx: Transaction, actors: sa.Select[Any] | Sequence[str]) -> set[str]:
    query = sa.select(tables.actor.c.person).where(tables.actor.c.actor_id.in_(actors))
    return set(tx.connection.execute(query).scalars())


def _votes(tx: Transaction, waiver_id: str) -> dict[str, Any]:
    table = tables.waiver_vote
    query = sa.select(table).where(table.c.waiver_id == waiver_id).order_by(table.c.at)
    return {row.person: row for row in tx.connection.execute(query)}


def _counted(
    tx: Transaction,
    system: AISystem,
    policy: WaiverPolicy,
    votes: Mapping[str, Any],
    conflicts: Mapping[str, str],
) -> list[Any]:
    """Return the approvals that count today: role still held, nothing against the person."""
    return [
        row
        for person, row in votes.items()
        if row.decision == Decision.APPROVE
        and person not in conflicts
        and policy.role in roles_for(tx.grants(row.actor), system)
    ]


def _cast(tx: Transaction, waiver: Waiver, ballot: Ballot) -> None:
    tx.connection.execute(
        sa.insert(tables.waiver_vote).values(
            waiver_id=waiver.waiver_id,
            person=tx.actor.person,
            actor=tx.actor.actor_id,
            decision=ballot.choice,
            reason=ballot.reason,
            at=tx.now,
            fact_at=ballot.fact_at,
        )
    )
    tx.record(
        WaiverVoteCast(
            system_id=waiver.system_id,
            waiver_id=waiver.waiver_id,
            decision=str(ballot.choice),
            reason=ballot.reason,
            fact_at=ballot.fact_at,
        )
    )


def _grant(tx: Transaction, waiver: Waiver, approvals: Sequence[Any]) -> None:
    # Granted by the last of the votes that count, whichever was entered last: as a step is.
    last = max(in_fact(row.fact_at, row.at) for row in approvals)
    fact_at = last if last < tx.now else None
    _update(tx, waiver, status=WaiverStatus.GRANTED, granted_at=tx.now, granted_fact_at=fact_at)
    tx.record(
        WaiverGranted(
            system_id=waiver.system_id,
            waiver_id=waiver.waiver_id,
            condition=waiver.condition,
            expires_on=waiver.expires_on.isoformat(),
            approvers=tuple(row.actor for row in approvals),
            fact_at=fact_at,
        )
    )


def _update(tx: Transaction, waiver: Waiver, **values: Any) -> None:
    table = tables.waiver
    tx.connection.execute(
        sa.update(table).where(table.c.waiver_id == waiver.waiver_id).values(**values)
    )
