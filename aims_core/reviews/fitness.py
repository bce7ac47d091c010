"""Who may review a running system, and what a review must say. Pure."""

from collections.abc import Set as AbstractSet

from aims_core.errors import NotPermitted, RequestRefused, SegregationOfDuties
from aims_core.records import Actor, SystemFacts
from aims_core.terms import ActorKind, ReviewOutcome

REVIEWED = "periodic_review_done"
"""Name of the standing condition that the periodic review is in time."""
_LONGEST = 10_000


def refuse_unfit(
    actor: Actor,
    facts: SystemFacts,
    outcome: ReviewOutcome,
    note: str,
    unmet: AbstractSet[str],
    asked: str,
) -> None:
    """Raise when somebody may not review a system, or says too little.

    Raises
    ------
    NotPermitted
        The actor is no person.
    SegregationOfDuties
        The actor owns the system.
    RequestRefused
        The note is empty or too long, or the outcome passes over what is not met.
    """
    if actor.kind is not ActorKind.PERSON:
        raise NotPermitted(f"{asked}: {actor.actor_id} is a {actor.kind}; only persons review")
    if facts.owner is not None and facts.owner.person == actor.person:
        raise SegregationOfDuties(
            f"{asked}: {actor.actor_id} owns it; let a risk reviewer or committee member review it"
        )
    if not 0 < len(note.strip()) <= _LONGEST:
        raise RequestRefused(
            f"{asked}: the note is empty or too long; say what was looked at and why it comes out so"
        )
    if outcome is ReviewOutcome.CONTINUE and unmet:
        raise RequestRefused(
            f"{asked}: not met: {', '.join(sorted(unmet))}; choose continue_with_actions and say "
            "which, or another outcome"
        )
