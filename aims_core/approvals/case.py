"""One request as the rule sees it: the system's facts, the answers of the checks, the claim, the verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from aims_core import tables
from aims_core.approvals.delegations import lent
from aims_core.errors import NotPermitted, RecordNotFound, TransitionRefused
from aims_core.gate import NONE, answer, asked_again, find, gather, waivers_of
from aims_core.lifecycle import Claim, Transition, evaluate, relaxed
from aims_core.plugin_host import Desk
from aims_core.records import Actor, AISystem, Approval, Condition, SystemFacts, Vote
from aims_core.roles import roles_for
from aims_core.store import Transaction
from aims_core.store.rows import approval_from_row, vote_from_row
from aims_core.terms import ApprovalStatus

VOTING = "approved_by_"
_PORTION = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A request under examination."""

    step: Transition
    claim: Claim
    facts: SystemFacts
    conditions: tuple[Condition, ...]

    @property
    def unmet(self) -> tuple[Condition, ...]:
        """Conditions not met."""
        return tuple(c for c in self.conditions if not c.met)

    @property
    def unmet_before_votes(self) -> tuple[Condition, ...]:
        """Conditions not met that no vote can meet."""
        return tuple(c for c in self.unmet if not c.name.startswith(VOTING))


def examine(
    tx: Transaction,
    desk: Desk,
    system: AISystem,
    transition: str,
    *,
    requester: Actor,
    reason: str,
    approval: Approval | None = None,
) -> Case:
    """Return the verdict on a request as things stand in this transaction."""
    step = desk.machine.transition(transition)
    waivers = waivers_of(tx, [system])
    again = asked_again(desk.machine, step, waivers.get(system.system_id, NONE))
    names = tuple(dict.fromkeys((*step.checks_for(system.governing_tier), *again)))
    asked = find(desk.host, names)
    facts = gather(tx, [system], asked.wanted(step=step.name))[0]
    needed = {system.system_id: names}
    checked = answer(desk.host, asked, [facts], needed, waivers)[system.system_id]
    votes = approval.votes if approval else ()
    claim = Claim(
        transition=step.name,
        person=requester.person,
        roles=roles_for(tx.grants(requester.actor_id), system),
        digest=approval.digest if approval else system.digest,
        reason=reason,
        expires_at=approval.expires_at if approval else None,
        votes=votes,
        voter_roles={v.actor: roles_for(tx.grants(v.actor), system) for v in votes},
        lent=lent(tx, system, ((v.actor, v.on_behalf_of) for v in votes if v.on_behalf_of)),
    )
    return Case(
        step=relaxed(step, facts),
        claim=claim,
        facts=facts,
        conditions=evaluate(desk.machine, claim, facts, checked),
    )


def examine_request(tx: Transaction, desk: Desk, system: AISystem, approval: Approval) -> Case:
    """Return the verdict on a request that was made, as things stand in this transaction."""
    requester = tx.get_actor(approval.requested_by)
    return examine(
        tx,
        desk,
        system,
        approval.transition,
        requester=requester,
        reason=approval.reason,
        approval=approval,
    )


def refuse_misplaced(case: Case, asked: str) -> None:
    """Raise the plain errors: a step that does not exist from here, a person who may not ask for it."""
    for condition in case.conditions:
        if condition.met:
            continue
        if condition.name == "right_stage":
            raise TransitionRefused(f"{asked}: {condition.reason}")
        if condition.name == "requester_entitled":
            raise NotPermitted(f"{asked}: {condition.reason}; {condition.remedy}")


def read_approval(tx: Transaction, approval_id: str) -> Approval:
    """Return a request with its votes.

    Raises
    ------
    RecordNotFound
        No request has this id.
    """
    table = tables.approval
    query = sa.select(table).where(table.c.approval_id == approval_id)
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        known = sa.select(table.c.approval_id).order_by(table.c.requested_at.desc()).limit(200)
        raise RecordNotFound("request", approval_id, list(tx.connection.execute(known).scalars()))
    return with_votes(tx, [row])[0]


def read_approvals(tx: Transaction, approval_ids: Sequence[str]) -> list[Approval]:
    """Return requests with their votes, oldest first."""
    table, found = tables.approval, []
    for start in range(0, len(approval_ids), _PORTION):
        part = approval_ids[start : start + _PORTION]
        query = sa.select(table).where(table.c.approval_id.in_(part))
        found += with_votes(tx, list(tx.connection.execute(query).all()))
    return sorted(found, key=lambda a: (a.requested_at, a.approval_id))


def with_votes(
    tx: Transaction, rows: list[sa.Row[tuple[object, ...]]], at: datetime | None = None
) -> list[Approval]:
    """Return rows of requests as records with their votes, in one further statement.

    One that is due shows as expired, also before anybody closed it. With a time, only the votes that
    were cast up to then.
    """
    table = tables.vote
    ids = [row.approval_id for row in rows]
    query = (
        sa.select(table).where(table.c.approval_id.in_(ids)).order_by(table.c.at, table.c.vote_id)
    )
    if at is not None:
        query = query.where(table.c.at <= at)
    votes: dict[str, list[Vote]] = {}
    for row in tx.connection.execute(query):
        votes.setdefault(row.approval_id, []).append(vote_from_row(row))
    found = [approval_from_row(row, votes.get(row.approval_id, ())) for row in rows]
    return [
        replace(a, status=ApprovalStatus.EXPIRED) if _due(a, at or tx.now) else a for a in found
    ]


def _due(approval: Approval, now: datetime) -> bool:
    ends = approval.expires_at
    return approval.status is ApprovalStatus.OPEN and ends is not None and ends <= now
