"""R1, R2, R3, R11, R14: who approved, released, restarted, and whether they could. Pure."""

from collections.abc import Iterator
from datetime import datetime

from aims_core.rules import rule_of
from aims_core.rules.rule import TWO_PEOPLE
from aims_core.separation.breach import Breach, Ledger, Step
from aims_core.terms import ActorKind


def author_approved(ledger: Ledger) -> Iterator[Breach]:
    """R1: somebody approved what they asked for, wrote or assessed."""
    for step in ledger.steps:
        for vote in step.votes:
            person = ledger.person(vote.actor)
            pair, how = _conflict(ledger, step, person, vote.role, vote.at)
            if pair is not None:
                yield Breach(
                    rule="R1",
                    system_id=step.system_id,
                    persons=(person,),
                    what=f"approved {step.transition} as {vote.role} of what they {how}",
                    at=vote.at,
                    records=(step.approval_id, vote.vote_id),
                    pair=pair,
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
            )


def released_without_quorum(ledger: Ledger) -> Iterator[Breach]:
    """R3: a grave system was released without enough committee members who stand apart."""
    rule = rule_of("R3")
    for step in ledger.steps:
        grave = str(ledger.tier(step.system_id, step.at)) in rule.tiers
        if not (step.moves and step.to_stage in rule.stages and grave):
            continue
        voters = {ledger.person(v.actor) for v in step.votes if v.role == rule.role}
        near = {p for p in voters if _is_near(ledger, step, p)}
        if len(voters - near) < rule.persons:
            who = f"; {', '.join(sorted(near))} own or developed it" if near else ""
            yield Breach(
                rule="R3",
                system_id=step.system_id,
                persons=tuple(sorted(near)),
                what=f"{step.transition} was approved by {len(voters - near)} of {rule.persons} "
                f"committee members apart{who}",
                at=step.at,
                records=(step.approval_id or step.transition_id,),
                pair=("developer", "approver") if near else None,
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
            )


def software_decided(ledger: Ledger) -> Iterator[Breach]:
    """R14: what is no person approved, accepted or closed."""
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


def _conflict(
    ledger: Ledger, step: Step, person: str, role: str, at: datetime
) -> tuple[tuple[str, str] | None, str]:
    if person == ledger.person(step.requested_by):
        return TWO_PEOPLE, "asked for"
    if not step.moves or step.to_stage in ledger.terminal:
        return None, ""
    since = step.baseline
    written = ledger.revisions.get(step.system_id, ())
    if any(
        since < w.revision <= step.revision and w.at <= at and ledger.person(w.author) == person
        for w in written
    ):
        return ("editor", "approver"), "wrote"
    assessed = ledger.newest(step.system_id, "risk_assessment", at)
    if role == "risk_reviewer" and assessed and ledger.person(assessed.recorded_by) == person:
        return ("assessor", "reviewer"), "assessed"
    return None, ""


def _is_near(ledger: Ledger, step: Step, person: str) -> bool:
    version = ledger.written(step.system_id, step.revision)
    if version is None:
        return False
    owns = ledger.person(version.owner) == person
    baseline = step.baseline
    times = [w.at for w in ledger.revisions.get(step.system_id, ()) if w.revision > baseline]
    since = min(times, default=version.at)
    return owns or ledger.held(person, "developer", step.system_id, since, step.at)
