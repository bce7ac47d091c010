"""May this step be taken? A pure rule over frozen facts; it returns every condition, never just the first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from aims_core.lifecycle.fields import fields_at_step
from aims_core.lifecycle.machine import Machine, Transition
from aims_core.lifecycle.relaxed import excepted, relaxed
from aims_core.lifecycle.seats import match_seats, newest_votes
from aims_core.lifecycle.standing import standing_approval
from aims_core.records import Condition, SystemFacts, Vote
from aims_core.terms import Decision


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """Who asks for which transition, as which person, in which roles, and for what reason.

    `voter_roles` maps each actor who voted to the roles they hold today, `lent` each pair of an actor
    and the one they voted for to the roles lent to them today; `digest` is that of the
    revision the request was made for; `expires_at` is when a request that was made ends undecided.
    """

    transition: str
    person: str
    roles: frozenset[str]
    digest: str
    reason: str = ""
    expires_at: datetime | None = None
    votes: tuple[Vote, ...] = ()
    voter_roles: Mapping[str, frozenset[str]] | None = None
    lent: Mapping[tuple[str, str], frozenset[str]] | None = None


def evaluate(
    machine: Machine, claim: Claim, facts: SystemFacts, checked: Mapping[str, Condition]
) -> tuple[Condition, ...]:
    """Return all conditions of a transition, met and unmet.

    Parameters
    ----------
    machine : Machine
        The lifecycle in force.
    claim : Claim
        Who asks for what, with the votes so far.
    facts : SystemFacts
        The system, its approvals and the persons who carried duties for it.
    checked : mapping of str to Condition
        Answers of the named checks; a check without an answer counts as unmet (fail closed).

    Returns
    -------
    tuple of Condition
        In a fixed order: place, requester, revision, time, reason, required fields, checks,
        segregation, quorum.
    """
    whole = machine.transition(claim.transition)
    step = relaxed(whole, facts)
    found = [_place(step, facts), _requester(step, claim), _revision(claim, facts)]
    if claim.expires_at is not None:
        found.append(_in_time(claim, facts))
    if step.needs_reason:
        found.append(_reason(claim))
    if step.needs_approval_of:
        found.append(
            standing_approval(
                machine,
                (step.needs_approval_of,),
                facts,
                remedy=f"request {step.needs_approval_of} again",
            )
        )
    if (fields := fields_at_step(machine, step, facts.system)) is not None:
        found.append(fields)
    # What was asked beyond the step's own checks (an ended waiver) must hold as well.
    asked = dict.fromkeys((*step.checks_for(facts.system.governing_tier), *checked))
    found += [_check(name, checked) for name in asked]
    void = void_votes(step, claim, facts)
    found += _apart(step, claim, facts)
    found += excepted(whole, facts)
    found += _refusals(claim, void)
    found += _quorum(step, claim, facts, void)
    return tuple(found)


def void_votes(step: Transition, claim: Claim, facts: SystemFacts) -> dict[str, str]:
    """Return votes that do not count, by vote id, with the reason why each does not."""
    void: dict[str, str] = {}
    slots = {s.role for s in step.approvals}
    newest = newest_votes(claim.votes)
    for vote in claim.votes:
        held = _held(claim, vote)
        if newest[vote.seat] is not vote:
            void[vote.vote_id] = f"{vote.actor} decided anew"
        elif vote.digest != facts.system.digest:
            void[vote.vote_id] = f"{vote.actor} voted on an earlier revision"
        elif vote.role not in slots:
            void[vote.vote_id] = (
                f"{vote.actor} voted as {vote.role}, which {step.name} does not ask for"
            )
        elif vote.role not in held:
            void[vote.vote_id] = f"{vote.actor} no longer holds the role {vote.role}" + (
                f" for {vote.on_behalf_of}" if vote.on_behalf_of else ""
            )
        elif conflict := _conflict(step, claim, facts, vote):
            void[vote.vote_id] = conflict
    return void


def _held(claim: Claim, vote: Vote) -> frozenset[str]:
    if vote.on_behalf_of:
        return (claim.lent or {}).get((vote.actor, vote.on_behalf_of), frozenset())
    return (claim.voter_roles or {}).get(vote.actor, frozenset())


def _conflict(step: Transition, claim: Claim, facts: SystemFacts, vote: Vote) -> str:
    """Who votes for somebody is judged as the person they are and as the other one too."""
    voters = ((vote.actor, vote.person), (vote.on_behalf_of, vote.on_behalf_person))
    for actor, person in voters:
        if person and (duty := conflicting_duty(step, claim, facts, person, vote.role)):
            return f"{actor} also acted as {duty}"
    return ""


def conflicting_duty(
    step: Transition, claim: Claim, facts: SystemFacts, person: str, role: str
) -> str:
    """Return the duty that keeps a person from approving in a role, or an empty text."""
    carried = {duty for duty, persons in facts.duties.items() if person in persons}
    if person == claim.person:
        carried.add("requester")
    taken = {"approver"} | ({"reviewer"} if role == "risk_reviewer" else set())
    for first, second in step.apart:
        for here, there in ((first, second), (second, first)):
            if here in taken and there in carried:
                return there
    return ""


def exceptions_used(
    step: Transition, claim: Claim, facts: SystemFacts, person: str, role: str
) -> tuple[str, ...]:
    """Return the exceptions without which a person could not approve in a role, by id."""
    return tuple(
        dict.fromkeys(
            exception_id
            for pair, exception_id in facts.excepted.items()
            if pair in step.apart
            and conflicting_duty(replace(step, apart=(pair,)), claim, facts, person, role)
        )
    )


def _place(step: Transition, facts: SystemFacts) -> Condition:
    here, status = facts.system.stage, str(facts.system.status)
    right = here in step.sources and (step.status is None or step.status[0] == status)
    where = " or ".join(step.sources) + (f" and {step.status[0]}" if step.status else "")
    reason = f"the system is in {here}, {status}" + (
        "" if right else f"; {step.name} starts from {where}"
    )
    return Condition(name="right_stage", met=right, reason=reason)


def _requester(step: Transition, claim: Claim) -> Condition:
    held = claim.roles & set(step.asked_by)
    roles = " or ".join(step.asked_by)
    if held:
        return Condition(
            name="requester_entitled",
            met=True,
            reason=f"asked for by {claim.person} as {min(held)}",
        )
    return Condition(
        name="requester_entitled",
        met=False,
        reason=f"{claim.person} is not {roles} of this system",
        remedy=f"let a {roles} ask for it, or have the role granted",
    )


def _revision(claim: Claim, facts: SystemFacts) -> Condition:
    same = claim.digest == facts.system.digest
    reason = f"the request is for revision {facts.system.revision}, which is current"
    if not same:
        reason = f"the system was revised since; revision {facts.system.revision} is current"
    return Condition(
        name="revision_current",
        met=same,
        reason=reason,
        remedy="" if same else "ask again for the current revision",
    )


def _in_time(claim: Claim, facts: SystemFacts) -> Condition:
    ends = claim.expires_at
    if ends is None or facts.now < ends:
        return Condition(name="in_time", met=True, reason=f"it may be decided until {ends}")
    return Condition(
        name="in_time",
        met=False,
        reason=f"the request expired on {ends.date()}",
        remedy="ask for the transition again",
    )


def _reason(claim: Claim) -> Condition:
    given = bool(claim.reason.strip())
    return Condition(
        name="reason_given",
        met=given,
        reason="a reason is on record" if given else "no reason was given",
        remedy="" if given else "say why, in a sentence",
    )


def _check(name: str, checked: Mapping[str, Condition]) -> Condition:
    return checked.get(name) or Condition(
        name=name,
        met=False,
        reason="nobody answers this check",
        remedy="install and enable the plugin that provides it",
    )


def _apart(step: Transition, claim: Claim, facts: SystemFacts) -> Iterable[Condition]:
    """Duties carried before the vote (a developer who also validated) are judged here."""
    for first, second in step.apart:
        if {first, second} & {"approver", "reviewer"}:
            continue
        duties = {**facts.duties, "requester": frozenset({claim.person})}
        both = duties.get(first, frozenset()) & duties.get(second, frozenset())
        yield Condition(
            name=f"{first}_apart_from_{second}",
            met=not both,
            reason=f"{', '.join(sorted(both))} acted as {first} and as {second}"
            if both
            else f"no person is both {first} and {second}",
            remedy=f"have another person act as {second}" if both else "",
        )


def _refusals(claim: Claim, void: Mapping[str, str]) -> Iterable[Condition]:
    for vote in claim.votes:
        if vote.decision is Decision.REFUSE and vote.vote_id not in void:
            yield Condition(
                name="not_refused",
                met=False,
                reason=f"{vote.actor} refused as {vote.role}: {vote.reason}",
            )


def _quorum(
    step: Transition, claim: Claim, facts: SystemFacts, void: Mapping[str, str]
) -> Iterable[Condition]:
    counted = [v for v in claim.votes if v.decision is Decision.APPROVE and v.vote_id not in void]
    seats = [
        (slot, n)
        for slot in step.approvals
        for n in range(slot.needed(facts.system.governing_tier))
    ]
    filled = match_seats([slot for slot, _ in seats], counted)
    notes = "; ".join(void.values())
    for slot in step.approvals:
        needed = slot.needed(facts.system.governing_tier)
        have = sum(1 for i in filled if seats[i][0] is slot)
        reason = f"{have} of {needed} approval(s) as {slot.role}" + (f" ({notes})" if notes else "")
        yield Condition(
            name=f"approved_by_{slot.role}",
            met=have >= needed,
            reason=reason,
            remedy=""
            if have >= needed
            else f"a {slot.role} who is neither requester nor contributor decides",
        )
