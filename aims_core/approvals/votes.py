"""Votes: in which role a person may decide, what keeps them from it, and how the vote is kept."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from aims_core import tables
from aims_core.approvals import stating
from aims_core.approvals.case import Case
from aims_core.approvals.delegations import lenders, lent
from aims_core.auditors import refuse_auditing
from aims_core.errors import NotPermitted, RequestRefused, SegregationOfDuties
from aims_core.events import ExceptionUsed, VoteCast
from aims_core.lifecycle import Transition
from aims_core.lifecycle.evaluate import conflicting_duty, exceptions_used
from aims_core.lifecycle.seats import newest_votes
from aims_core.records import AISystem, Approval, Vote
from aims_core.roles import roles_for
from aims_core.store import Transaction
from aims_core.terms import ActorKind, ApprovalStatus, Decision
from aims_core.time_of_fact import refuse_impossible


@dataclass(frozen=True, kw_only=True, slots=True)
class Ballot:
    """What somebody decides: the choice, the reason, the role wanted, and for whom, if not for themselves.

    `fact_at` is when they decided in fact, None where that is now.
    """

    choice: Decision
    reason: str
    role: str = ""
    on_behalf_of: str = ""
    fact_at: datetime | None = None


def same_vote(tx: Transaction, approval: Approval, ballot: Ballot) -> Vote | None:
    """Return the vote by which the actor already decided just this, so that a second run finds it."""
    return next(
        (
            v
            for v in newest_votes(approval.votes).values()
            if v.actor == tx.actor.actor_id
            and v.decision is ballot.choice
            and v.on_behalf_of == ballot.on_behalf_of
            and ballot.role in {"", v.role}
        ),
        None,
    )


def refuse_unfit(approval: Approval, ballot: Ballot, asked: str) -> None:
    """Raise when no vote can be taken: the request is closed, or a refusal says nothing."""
    if approval.status is not ApprovalStatus.OPEN:
        raise RequestRefused(
            f"{asked}: the request is {approval.status}; ask for the transition again"
        )
    if ballot.choice is Decision.REFUSE and not ballot.reason.strip():
        raise RequestRefused(f"{asked}: a refusal needs a reason; say why, in a sentence")


def fitting_role(
    tx: Transaction, system: AISystem, step: Transition, ballot: Ballot, asked: str
) -> str:
    """Return the role in which the actor decides, of their own or lent to them.

    Raises
    ------
    NotPermitted
        The actor is no person, or holds none of the roles asked for.
    SegregationOfDuties
        The actor is an auditor (rule R5), to whom a seat is lent or who holds one besides.
    """
    me, other = tx.actor.actor_id, ballot.on_behalf_of
    if tx.actor.kind is not ActorKind.PERSON:
        raise NotPermitted(f"{asked}: {me} is a {tx.actor.kind}; only persons decide")
    slots = [slot.role for slot in step.approvals]
    if other:
        held = lent(tx, system, [(me, other)]).get((me, other), frozenset())
    else:
        held = roles_for(tx.grants(), system)
    fitting = [role for role in slots if role in held and ballot.role in {"", role}]
    if fitting:
        refuse_auditing(tx, tx.actor, asked, system.system_id)
        return fitting[0]
    needed = ballot.role or " or ".join(slots)
    if other:
        raise NotPermitted(
            f"{asked}: {other} lends {me} no seat as {needed} of this system today; "
            "let them delegate it, or decide themselves"
        )
    hint = "have the role granted, or let somebody decide who holds it"
    if lending := lenders(tx, system, slots):
        hint = f"or decide on behalf of {' or '.join(lending)}, whose seat is lent to you"
    raise NotPermitted(f"{asked}: {me} is not {needed} of this system; {hint}")


def refuse_conflicts(tx: Transaction, case: Case, role: str, ballot: Ballot, asked: str) -> None:
    """Raise when the same person asked, contributed, or decided just so in this role already.

    Who decides for somebody is judged as both: a delegation does not join duties that must be apart.
    """
    me = tx.actor
    principal = tx.get_actor(ballot.on_behalf_of) if ballot.on_behalf_of else None
    for actor in (me, principal):
        if actor is None:
            continue
        duty = conflicting_duty(case.step, case.claim, case.facts, actor.person, role)
        if duty:
            stands_for = "" if actor is me else f" for whom {me.actor_id} decides,"
            raise SegregationOfDuties(
                f"{asked}: {actor.actor_id}{',' if stands_for else ''}{stands_for} acted as {duty} "
                f"of this system and so may not decide on it as {role}; let another {role} decide"
            )
    newest = newest_votes(case.claim.votes).values()
    seats = [me.person, principal.person] if principal else [me.person]
    for vote in newest:
        taken = vote.role == role and vote.decision is ballot.choice
        own = vote.person in seats or vote.on_behalf_person in seats
        # Who takes a lent seat back by deciding in it themselves is free to do so.
        back = principal is None and vote.on_behalf_person == me.person
        if taken and own and not back:
            raise SegregationOfDuties(
                f"{asked}: {vote.actor}, the same person, already decided on it as {role} "
                f"({vote.decision}), and one person has one seat; let another {role} decide"
            )


def note_exceptions(tx: Transaction, step: Transition, case: Case, role: str) -> None:
    """Record by which exceptions a vote was taken that the rules of separation would refuse."""
    for exception_id in exceptions_used(step, case.claim, case.facts, tx.actor.person, role):
        tx.record(
            ExceptionUsed(
                system_id=case.facts.system.system_id,
                exception_id=exception_id,
                act=f"{step.name}, as {role}",
            )
        )


def cast(
    tx: Transaction, approval: Approval, system: AISystem, role: str, ballot: Ballot, asked: str
) -> None:
    """Keep a vote and record it; an earlier one of the same seat stays on record and counts no more.

    Raises
    ------
    InvalidRecord
        It cannot have been given when it is said to have been.
    """
    principal = tx.get_actor(ballot.on_behalf_of).person if ballot.on_behalf_of else ""
    former = newest_votes(approval.votes).get((tx.actor.person, role, principal))
    after = stating.before_vote(approval, former)
    refuse_impossible(asked, ballot.fact_at, now=tx.now, system=system, after=after)
    tx.connection.execute(
        sa.insert(tables.vote).values(
            vote_id=tx.new_id("vot"),
            approval_id=approval.approval_id,
            actor=tx.actor.actor_id,
            person=tx.actor.person,
            role=role,
            decision=ballot.choice,
            reason=ballot.reason,
            digest=approval.digest,
            at=tx.now,
            on_behalf_of=ballot.on_behalf_of,
            on_behalf_person=principal,
            ordinal=former.ordinal + 1 if former else 1,
            fact_at=ballot.fact_at,
        )
    )
    tx.record(
        VoteCast(
            system_id=approval.system_id,
            approval_id=approval.approval_id,
            role=role,
            decision=str(ballot.choice),
            reason=ballot.reason,
            digest=approval.digest,
            on_behalf_of=ballot.on_behalf_of,
            replaces=former.vote_id if former else "",
            fact_at=ballot.fact_at,
        )
    )
