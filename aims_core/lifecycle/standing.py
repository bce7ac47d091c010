"""Does an approval that was given still stand? Judged by revision, by time, and by the tier of today."""

from collections.abc import Collection

from aims_core.lifecycle.machine import Machine
from aims_core.records import Approval, Condition, SystemFacts
from aims_core.terms import ApprovalStatus

NAME = "approval_in_force"


def standing_approval(
    machine: Machine, wanted: Collection[str], facts: SystemFacts, *, remedy: str
) -> Condition:
    """Return whether one of some transitions is approved for the system as it is now, and why not.

    Parameters
    ----------
    wanted : collection of str
        Transitions of which one must have been approved; the newest of them is judged.
    remedy : str
        What helps where it is not.
    """
    given = next(
        (
            a
            for a in facts.approvals
            if a.transition in wanted and a.status is ApprovalStatus.CARRIED_OUT
        ),
        None,
    )
    if given is None:
        steps = " or ".join(machine.transition(name).title.lower() for name in wanted)
        reason = f"no approval to {steps} is on record"
        return Condition(name=NAME, met=False, reason=reason, remedy=remedy)
    if why := _out_of_force(machine, given, facts):
        return Condition(name=NAME, met=False, reason=why, remedy=remedy)
    reason = f"revision {given.revision} was approved ({given.approval_id})"
    if given.valid_until is not None:
        reason += f", valid until {given.valid_until.date()}"
    return Condition(name=NAME, met=True, reason=reason)


def legacy_evidence(facts: SystemFacts, missing: Collection[str]) -> Condition:
    """Return whether a system that entered as legacy still has time to make up what is missing.

    Parameters
    ----------
    missing : collection of str
        Names of the other conditions of its stage that are not met.
    """
    due, name = facts.evidence_due, "legacy_evidence"
    if not missing:
        reason = "entered as legacy; what its stage asks for has been made up"
        return Condition(name=name, met=True, reason=reason)
    lacks = f"entered as legacy, no gate was passed here; missing: {', '.join(missing)}"
    remedy = "make the evidence up and pass the gates, or suspend or retire the system"
    if due is None:
        why = f"{lacks}; no date is on record by which it is made up"
        return Condition(name=name, met=False, reason=why, remedy=remedy)
    if facts.now < due:
        return Condition(name=name, met=True, reason=f"{lacks}; due by {due.date()}")
    why = f"{lacks}; it was due by {due.date()}"
    return Condition(name=name, met=False, reason=why, remedy=remedy)


def _out_of_force(machine: Machine, given: Approval, facts: SystemFacts) -> str:
    """Say why an approval no longer stands, or nothing."""
    if given.revision != facts.system.revision:
        return (
            f"revision {facts.system.revision} has no approval; "
            f"the last was for revision {given.revision}"
        )
    if given.lapsed_at is not None:
        return f"approval {given.approval_id} lapsed on {given.lapsed_at.date()}"
    if given.valid_until is not None and given.valid_until <= facts.now:
        return f"approval {given.approval_id} was valid until {given.valid_until.date()}"
    return _too_few(machine, given, facts)


def _too_few(machine: Machine, given: Approval, facts: SystemFacts) -> str:
    tier = str(facts.system.governing_tier)
    short = [
        f"{slot.needed(given.tier)} as {slot.role}, {slot.needed(tier)} are needed"
        for slot in machine.transition(given.transition).approvals
        if slot.needed(given.tier) < slot.needed(tier)
    ]
    if not short:
        return ""
    was = given.tier or "undetermined"
    return (
        f"approval {given.approval_id} was given when the system was {was}; "
        f"it is {tier} now: {'; '.join(short)}"
    )
