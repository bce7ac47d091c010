"""Reads what stood on record at a time, with a fixed number of statements however many systems there are."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.auditors import states_owned
from aims_core.canonical import utc_text
from aims_core.gate.exceptions import read_exceptions
from aims_core.lifecycle import Machine
from aims_core.records import Delegation, Grant
from aims_core.role_changes import ADMINISTRATOR, listed
from aims_core.rules.auditing import AUDITOR
from aims_core.separation.breach import Answer, CastVote, Ledger, Owned, Step, Written
from aims_core.separation.reach import Reach
from aims_core.separation.reading_concerns import read_reached
from aims_core.separation.reading_evidence import read_gone, read_holds
from aims_core.separation.reading_waivers import (
    read_asked,
    read_waived,
    read_waiver_votes,
    read_waivers,
)
from aims_core.store import Transaction
from aims_core.store.rows import delegation_from_row, grant_from_row
from aims_core.terms import ActorKind, Decision, RiskCategory

_TOUCHING = (tables.transition, tables.evidence, tables.result, tables.waiver)
_KINDS = ("risk_assessment", "risk_acceptance", "incident", "reportability")


def read_ledger(
    tx: Transaction, machine: Machine, at: datetime, system_ids: Collection[str] | None
) -> Ledger:
    """Return what stood on record at a time: everything entered by then and nothing later.

    Grants and events of auditors are read whole, the rest for the systems named, or for all.
    """
    reach = Reach(None if system_ids is None else frozenset(system_ids))
    actors = tx.connection.execute(sa.select(tables.actor)).all()
    persons = {row.actor_id: row.person for row in actors}
    granted, removals = _grants(tx, at, persons)
    audit = {p for p, held in granted.items() if any(g.role == AUDITOR for g in held)}
    auditors = [actor for actor, person in persons.items() if person in audit]
    return Ledger(
        persons=persons,
        kinds={row.actor_id: ActorKind(row.kind) for row in actors},
        grants=granted,
        changes={c.grant_id: c for c in listed(tx, open_only=False) if c.grant_id},
        steps=_steps(tx, at, reach),
        revisions=_revisions(tx, at, reach),
        answers=_answers(tx, at, reach),
        waivers=read_waivers(tx, at, reach),
        waiver_votes=read_waiver_votes(tx, at, reach),
        waived=read_waived(tx, at, reach),
        asked=read_asked(tx, at, reach),
        exceptions=[e for e in read_exceptions(tx) if e.recorded_at <= at],
        acts=_acts(tx, at, reach, auditors),
        owned=_owned(tx, machine, at, reach, auditors),
        removals=removals,
        added_at={row.actor_id: row.added_at for row in actors if row.added_at <= at},
        delegations=_delegations(tx, at),
        at=at,
        gone=read_gone(tx, at, reach),
        holds=read_holds(tx, at, reach),
        reached=read_reached(tx, at),
        terminal=frozenset(s.name for s in machine.stages if s.terminal),
    )


def _grants(
    tx: Transaction, at: datetime, persons: Mapping[str, str]
) -> tuple[dict[str, list[Grant]], list[tuple[str, datetime, Grant]]]:
    table = tables.grant
    query = sa.select(table).where(table.c.granted_at <= at).order_by(table.c.granted_at)
    held: dict[str, list[Grant]] = defaultdict(list)
    removals: list[tuple[str, datetime, Grant]] = []
    for row in tx.connection.execute(query):
        person = persons.get(row.actor, row.actor)
        held[person].append(grant_from_row(row))
        if row.role == ADMINISTRATOR and row.revoked_at is not None and row.revoked_at <= at:
            by = persons.get(row.revoked_by, row.revoked_by)
            removals += [(by, row.revoked_at, held[person][-1])] if by != person else []
    return dict(held), removals


def _delegations(tx: Transaction, at: datetime) -> list[Delegation]:
    table = tables.delegation
    query = sa.select(table).where(table.c.made_at <= at).order_by(table.c.made_at)
    return [delegation_from_row(row) for row in tx.connection.execute(query)]


def _steps(tx: Transaction, at: datetime, reach: Reach) -> list[Step]:
    table, request, vote = tables.transition, tables.approval, tables.vote
    cast: dict[str, list[CastVote]] = defaultdict(list)
    approving = (
        sa.select(vote)
        .join(request, request.c.approval_id == vote.c.approval_id)
        .where(vote.c.decision == Decision.APPROVE, vote.c.at <= at)
    )
    approving = reach.within(approving, request.c.system_id)
    for row in tx.connection.execute(approving.order_by(vote.c.at, vote.c.vote_id)):
        cast[row.approval_id].append(
            CastVote(
                vote_id=row.vote_id,
                actor=row.actor,
                role=row.role,
                at=row.at,
                counted_for=row.person,
                on_behalf_of=row.on_behalf_of,
            )
        )
    query = (
        sa.select(table, request.c.requested_by)
        .outerjoin(request, request.c.approval_id == table.c.approval_id)
        .where(table.c.at <= at)
        .order_by(table.c.at, table.c.transition_id)
    )
    query = reach.within(query, table.c.system_id)
    steps, baselines = [], dict[tuple[str, str], int]()
    for row in tx.connection.execute(query):
        if not reach.wants(row.system_id):
            continue
        key = (row.system_id, row.transition)
        steps.append(
            Step(
                transition_id=row.transition_id,
                approval_id=row.approval_id,
                system_id=row.system_id,
                transition=row.transition,
                moves=row.from_stage != row.to_stage,
                to_stage=row.to_stage,
                restarts=(row.from_status, row.to_status) == ("suspended", "active"),
                revision=row.revision,
                baseline=baselines.get(key, 0),
                requested_by=row.requested_by or row.actor,
                at=row.at,
                votes=tuple(cast.get(row.approval_id, ())),
            )
        )
        baselines[key] = row.revision
    return steps


def _revisions(tx: Transaction, at: datetime, reach: Reach) -> dict[str, list[Written]]:
    """Only systems that took a step, have evidence, results or waivers can show a breach."""
    table = tables.system_revision
    columns = (t.c.system_id for t in _TOUCHING)
    touched = sa.union(*(reach.within(sa.select(column), column) for column in columns))
    query = (
        sa.select(table)
        .where(table.c.at <= at, table.c.system_id.in_(touched))
        .order_by(table.c.system_id, table.c.revision)
    )
    found: dict[str, list[Written]] = defaultdict(list)
    for row in tx.connection.execute(reach.within(query, table.c.system_id)):
        if reach.wants(row.system_id):
            said = row.content
            found[row.system_id].append(
                Written(
                    revision=row.revision,
                    author=row.author,
                    at=row.at,
                    owner=str(said.get("owner", "")),
                    unit=str(said.get("unit", "")),
                    declared=_tier(said.get("declared_risk_category")),
                )
            )
    return dict(found)


def _answers(tx: Transaction, at: datetime, reach: Reach) -> dict[str, list[Answer]]:
    table, evidence = tables.result, tables.evidence
    results = (
        sa.select(table)
        .where(
            table.c.recorded_at <= at,
            sa.or_(table.c.kind.in_(_KINDS), table.c.tier.is_not(None)),
        )
        .order_by(table.c.recorded_at, table.c.result_id)
    )
    found: dict[str, list[Answer]] = defaultdict(list)
    for row in tx.connection.execute(reach.within(results, table.c.system_id)):
        if reach.wants(row.system_id):
            found[row.system_id].append(
                Answer(
                    record_id=row.result_id,
                    system_id=row.system_id,
                    kind=row.kind,
                    subject=row.subject,
                    recorded_by=row.recorded_by,
                    at=row.recorded_at,
                    revision=row.revision,
                    tier=RiskCategory(row.tier) if row.tier else None,
                    ends=row.valid_until is not None,
                    payload=row.payload,
                )
            )
    added = sa.select(evidence).where(evidence.c.kind == "validation", evidence.c.added_at <= at)
    added = reach.within(added, evidence.c.system_id)
    for row in tx.connection.execute(added.order_by(evidence.c.added_at, evidence.c.evidence_id)):
        if reach.wants(row.system_id):
            found[row.system_id].append(
                Answer(
                    record_id=row.evidence_id,
                    system_id=row.system_id,
                    kind=row.kind,
                    subject="",
                    recorded_by=row.added_by,
                    at=row.added_at,
                    revision=row.revision,
                )
            )
    return dict(found)


def _owned(
    tx: Transaction, machine: Machine, at: datetime, reach: Reach, auditors: Sequence[str]
) -> list[Owned]:
    """Return which systems auditors owned and when, one row for each time that they came to own it."""
    if not auditors:
        return []
    states = (s.where(s.selected_columns.valid_from <= at) for s in states_owned(machine, auditors))
    query = sa.union_all(*(reach.within(s, s.selected_columns.system_id) for s in states))
    found: dict[tuple[str, str], list[Owned]] = defaultdict(list)
    for row in sorted(tx.connection.execute(query), key=lambda r: (r.system_id, r.valid_from)):
        if not reach.wants(row.system_id):
            continue
        periods = found[row.system_id, row.owner]
        if periods and periods[-1].until == row.valid_from:
            periods[-1] = replace(periods[-1], until=row.valid_to)
        else:
            periods.append(
                Owned(
                    system_id=row.system_id,
                    owner=row.owner,
                    since=row.valid_from,
                    until=row.valid_to,
                )
            )
    return [one for periods in found.values() for one in periods]


def _acts(
    tx: Transaction, at: datetime, reach: Reach, auditors: Sequence[str]
) -> list[tuple[str, str, str, datetime, str]]:
    if not auditors:
        return []
    table = tables.event
    query = (
        sa.select(table.c.event_id, table.c.type, table.c.actor, table.c.at, table.c.system_id)
        .where(table.c.actor.in_(auditors), table.c.at <= utc_text(at))
        .order_by(table.c.sequence)
    )
    query = reach.within(query, table.c.system_id)
    return [
        (row.event_id, row.type, row.actor, _time(row.at), row.system_id)
        for row in tx.connection.execute(query)
    ]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _tier(value: Any) -> RiskCategory:
    return RiskCategory(value) if value in list(RiskCategory) else RiskCategory.UNDETERMINED
