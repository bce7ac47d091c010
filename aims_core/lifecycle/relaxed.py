"""A step as exceptions leave it: pairs of duties that an exception in force lets meet. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from aims_core.lifecycle.machine import Transition
from aims_core.records import Condition, SystemFacts


def relaxed(step: Transition, facts: SystemFacts) -> Transition:
    """Return a step without the pairs that an exception lets meet."""
    if not facts.excepted:
        return step
    return replace(step, apart=tuple(pair for pair in step.apart if pair not in facts.excepted))


def excepted(step: Transition, facts: SystemFacts) -> Iterator[Condition]:
    """Yield a mark for each pair of a step that an exception lets meet, so that the step keeps it."""
    for pair in step.apart:
        if (exception_id := facts.excepted.get(pair)) is not None:
            first, second = pair
            yield Condition(
                name=f"{first}_apart_from_{second}"[:40],
                met=True,
                reason=f"{first} and {second} may be one person here, by exception {exception_id}",
            )
