"""Votes: in which role a person may decide, what keeps them from it, and how the vote is kept."""

import sqlalchemy as sa

from aims_core import tables
from aims_core.approvals.case import Case
from aims_core.errors import NotPermitted, RequestRefused, SegregationOfDuties
from aims_core.events import ExceptionUsed, VoteCast
from aims_core.lifecycle import Transition
from aims_core.lifecycle.evaluate import conflicting_duty, exceptions_used
from aims_core.records import AISystem, Approval
from aims_core.roles import roles_for
from aims_core.store import Transaction
from aims_core.terms import ActorKind, ApprovalStatus, Decision


def has_voted(tx: Transaction, approval: Approval, choice: Decision, role: str) -> bool:
    """Say whether the actor already decided just this, so that a second run finds it."""
    return any(
        v.actor == tx.actor.actor_id and v.decision is choice and role in {"", v.role}
        for v in approval.votes
    )


def refuse_unfit(approval: Approval, choice: Decision, reason: str, asked: str) -> None:
    """Raise when no vote can be taken: the request is closed, or a refusal says nothing."""
    if approval.status is not ApprovalStatus.OPEN:
        raise RequestRefused(
            f"{asked}: the request is {approval.status}; ask for the transition again"
        )
    if choice is Decision.REFUSE and not reason.strip():
        raise RequestRefused(f"{asked}: a refusal needs a reason; say why, in a sentence")


def fitting_role(
    tx: Transaction, system: AISystem, step: Transition, wanted: str, asked: str
) -> str:
    """Return the role in which the actor decides.

    Raises
    ------
    NotPermitted
        The actor is no person, or holds none of the roles asked for.
    """
    if tx.actor.kind is not ActorKind.PERSON:
        raise NotPermitted(
            f"{asked}: {tx.actor.actor_id} is a {tx.actor.kind}; only persons decide"
        )
    slots = [slot.role for slot in step.approvals]
    held = roles_for(tx.grants(), system)
    fitting = [role for role in slots if role in held and wanted in {"", role}]
    if not fitting:
        needed = wanted or " or ".join(slots)
        raise NotPermitted(
            f"{asked}: {tx.actor.actor_id} is not {needed} of this system; "
            "have the role granted, or let somebody decide who holds it"
        )
    return fitting[0]


def refuse_conflicts(tx: Transaction, case: Case, role: str, asked: str) -> None:
    """Raise when the same person asked, contributed, or has a vote in this role already."""
    duty = conflicting_duty(case.step, case.claim, case.facts, tx.actor.person, role)
    if duty:
        raise SegregationOfDuties(
            f"{asked}: {tx.actor.actor_id} acted as {duty} of this system "
            f"and so may not decide on it as {role}; "
            f"let another {role} decide"
        )
    for vote in case.claim.votes:
        if (vote.person, vote.role) == (tx.actor.person, role):
            raise SegregationOfDuties(
                f"{asked}: {vote.actor}, the same person, already decided on it as {role} "
                f"({vote.decision}), and a vote stands; let another {role} decide"
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


def cast(tx: Transaction, approval: Approval, role: str, choice: Decision, reason: str) -> None:
    """Keep a vote and record it."""
    tx.connection.execute(
        sa.insert(tables.vote).values(
            vote_id=tx.new_id("vot"),
            approval_id=approval.approval_id,
            actor=tx.actor.actor_id,
            person=tx.actor.person,
            role=role,
            decision=choice,
            reason=reason,
            digest=approval.digest,
            at=tx.now,
        )
    )
    tx.record(
        VoteCast(
            system_id=approval.system_id,
            approval_id=approval.approval_id,
            role=role,
            decision=str(choice),
            reason=reason,
            digest=approval.digest,
        )
    )
