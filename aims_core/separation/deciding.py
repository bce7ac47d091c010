"""R1, R2, R3, R11, R14: who approved, released, restarted, and whether they could. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from aims_core.roles import PERSONAL_ROLES
from aims_core.rules import rule_of
from aims_core.rules.rule import TWO_PEOPLE
from aims_core.separation.breach import LAID_DOWN, OTHER_ACCOUNT, Breach, CastVote, Ledger, Step
from aims_core.terms import ActorKind, ScopeKind


def author_approved(ledger: Ledger) -> Iterator[Breach]:
    """R1: somebody approved what they asked for, wrote or assessed."""
    for step in ledger.steps:
        for vote in step.votes:
            person = ledger.person(vote.actor)
            pair, how, accounts = conflict(ledger, step, person, vote.role, vote.at)
            if pair is not None:
                yield Breach(
                    rule="R1",
                    system_id=step.system_id,
                    persons=(person,),
                    what=f"approved {step.transition} as {vote.role} of what they {how}",
                    at=vote.at,
                    records=(step.approval_id, vote.vote_id),
                    pair=pair,
                    hidden="" if vote.actor in accounts else OTHER_ACCOUNT,
                )


def developer_validated(ledger: Ledger) -> Iterator[Breach]:
    """R2: a developer of a grave system put the evidence of its validation on record."""
    rule = rule_of("R2")
    for answer in ledger.answers_of("validation"):
        person = ledger.person(answer.recorded_by)
        version = ledger.written(answer.system_id, answer.revision)
        since = version.at if version else answer.at
        grave = str(ledger.tier(answer.system_id, answer.at)) in rule.tiers
        if grave and ledger.held(person, "developer", answer.system_id, since, answer.at):
            yield Breach(
                rule="R2",
                system_id=answer.system_id,
                persons=(person,),
                what=f"validated revision {answer.revision} and was its developer",
                at=answer.at,
                records=(answer.record_id,),
                pair=("developer", "validator"),
                hidden=_laid_down(ledger, answer.recorded_by, answer.system_id, answer.at),
            )


def released_without_quorum(ledger: Ledger) -> Iterator[Breach]:
    """R3: a grave system was released without enough committee members who stand apart."""
    rule = rule_of("R3")
    for step in ledger.steps:
        grave = str(ledger.tier(step.system_id, step.at)) in rule.tiers
        if not (step.moves and step.to_stage in rule.stages and grave):
            continue
        given = [v for v in step.votes if v.role == rule.role]
        near = {p for p in (ledger.person(v.actor) for v in given) if is_near(ledger, step, p)}
        seats = _seats(ledger, [v for v in given if ledger.person(v.actor) not in near])
        if seats < rule.persons:
            who = f"; {', '.join(sorted(near))} own or developed it" if near else ""
            hidden = (_nearness_hidden(ledger, step, v) for v in given)
            yield Breach(
                rule="R3",
                system_id=step.system_id,
                persons=tuple(sorted(near)),
                what=f"{step.transition} was approved by {seats} of {rule.persons} "
                f"committee members apart{who}",
                at=step.at,
                records=(step.approval_id or step.transition_id,),
                pair=("developer", "approver") if near else None,
                hidden=next(filter(None, hidden), ""),
            )


def restarted_alone(ledger: Ledger) -> Iterator[Breach]:
    """R11: a suspended system was started again without the approval of somebody else."""
    for step in ledger.steps:
        asker = ledger.person(step.requested_by)
        if step.restarts and not {ledger.person(v.actor) for v in step.votes} - {asker}:
            yield Breach(
                rule="R11",
                system_id=step.system_id,
                persons=(asker,),
                what=f"{step.transition} started a suspended system without another's approval",
                at=step.at,
                records=(step.approval_id or step.transition_id,),
                hidden=OTHER_ACCOUNT if {v.actor for v in step.votes} - {step.requested_by} else "",
            )


def software_decided(ledger: Ledger) -> Iterator[Breach]:
    """R14: what is no person approved, accepted or closed, or holds a role that decides."""
    yield from _software_entitled(ledger)
    deeds: list[tuple[str, str, str, datetime, str]] = [
        (v.actor, f"approved {s.transition}", s.system_id, v.at, v.vote_id)
        for s in ledger.steps
        for v in s.votes
    ]
    deeds += [
        (v.actor, f"approved a waiver of {w.condition}", w.system_id, v.at, w.waiver_id)
        for w in ledger.waivers
        for v in ledger.waiver_votes.get(w.waiver_id, ())
    ]
    deeds += [
        (a.recorded_by, "accepted residual risk", a.system_id, a.at, a.record_id)
        for a in ledger.answers_of("risk_acceptance")
    ]
    deeds += [
        (a.recorded_by, f"closed incident {a.subject}", a.system_id, a.at, a.record_id)
        for a in ledger.answers_of("incident")
        if a.payload.get("status") == "closed"
    ]
    for actor, what, system_id, at, record in deeds:
        kind = ledger.kinds.get(actor, ActorKind.PERSON)
        if kind is not ActorKind.PERSON:
            yield Breach(
                rule="R14",
                system_id=system_id,
                persons=(actor,),
                what=f"a {kind} {what}",
                at=at,
                records=(record,),
            )


def _software_entitled(ledger: Ledger) -> Iterator[Breach]:
    for grant in (g for held in ledger.grants.values() for g in held):
        kind = ledger.kinds.get(grant.actor, ActorKind.PERSON)
        if kind is not ActorKind.PERSON and grant.role in PERSONAL_ROLES:
            yield Breach(
                rule="R14",
                system_id=grant.scope if grant.scope_kind is ScopeKind.SYSTEM else "",
                persons=(grant.actor,),
                what=f"a {kind} was granted {grant.role}, a role that decides",
                at=grant.granted_at,
                records=(grant.grant_id,),
            )


def conflict(
    ledger: Ledger, step: Step, person: str, role: str, at: datetime
) -> tuple[tuple[str, str] | None, str, set[str]]:
    """Return the duties that meet in who approves a step, in words, and the accounts they were met under.

    The pair is None where none meet.
    """
    if person == ledger.person(step.requested_by):
        return TWO_PEOPLE, "asked for", {step.requested_by}
    if not step.moves or step.to_stage in ledger.terminal:
        return None, "", set()
    since = step.baseline
    authors = {
        w.author
        for w in ledger.revisions.get(step.system_id, ())
        if since < w.revision <= step.revision and w.at <= at and ledger.person(w.author) == person
    }
    if authors:
        return ("editor", "approver"), "wrote", authors
    assessed = ledger.newest(step.system_id, "risk_assessment", at)
    if role == "risk_reviewer" and assessed and ledger.person(assessed.recorded_by) == person:
        return ("assessor", "reviewer"), "assessed", {assessed.recorded_by}
    return None, "", set()


def is_near(ledger: Ledger, step: Step, person: str) -> bool:
    """Say whether a person owns what a step releases, or developed it since it was last released."""
    version = ledger.written(step.system_id, step.revision)
    if version is None:
        return False
    owns = ledger.person(version.owner) == person
    baseline = step.baseline
    times = [w.at for w in ledger.revisions.get(step.system_id, ()) if w.revision > baseline]
    since = min(times, default=version.at)
    return owns or ledger.held(person, "developer", step.system_id, since, step.at)


def _nearness_hidden(ledger: Ledger, step: Step, vote: CastVote) -> str:
    """Say how a judge of accounts would have missed that a voter owns or developed what is released."""
    person, version = ledger.person(vote.actor), ledger.written(step.system_id, step.revision)
    if version is None or not is_near(ledger, step, person):
        return ""
    if ledger.person(version.owner) == person:
        return "" if version.owner == vote.actor else OTHER_ACCOUNT
    return _laid_down(ledger, vote.actor, step.system_id, step.at)


def _seats(ledger: Ledger, votes: Sequence[CastVote]) -> int:
    """Return how many seats votes fill: who decides for somebody fills one seat with them."""
    seats: list[set[str]] = []
    for vote in votes:
        one = {ledger.person(a) for a in (vote.actor, vote.on_behalf_of) if a}
        for seat in [s for s in seats if s & one]:
            seats.remove(seat)
            one |= seat
        seats.append(one)
    return len(seats)


def _laid_down(ledger: Ledger, actor: str, system_id: str, at: datetime) -> str:
    """Say how a developer's duty would not have shown at a time: in this account, or at all."""
    if ledger.holds_as(actor, "developer", system_id, at):
        return ""
    person = ledger.person(actor)
    other = any(
        ledger.holds_as(g.actor, "developer", system_id, at) for g in ledger.grants.get(person, ())
    )
    return OTHER_ACCOUNT if other else LAID_DOWN
