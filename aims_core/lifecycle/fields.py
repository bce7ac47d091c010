"""Which fields of a description a stage needs filled in, by tier; pure, alike at gates and in revisions."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from aims_core.lifecycle.machine import Machine, Stage, Transition
from aims_core.records import AISystem, Condition, Problem
from aims_core.terms import OperationalStatus, RiskCategory, graver

NAME = "required_fields"


def required_fields(stage: Stage, system: AISystem) -> Condition | None:
    """Return whether a system has what a stage needs filled in; None where it needs nothing."""
    wanted = stage.required_for(str(system.governing_tier))
    if not wanted:
        return None
    empty = tuple(name for name in wanted if _is_empty(getattr(system, name)))
    return _filled_in(_where(stage, str(system.governing_tier)), wanted, empty)


@lru_cache(maxsize=1_000)
def _filled_in(where: str, wanted: tuple[str, ...], empty: tuple[str, ...]) -> Condition:
    """Return one and the same condition for systems alike."""
    if not empty:
        reason = f"{', '.join(wanted)} {_are(wanted)} filled in, as {where} needs"
        return Condition(name=NAME, met=True, reason=reason)
    return Condition(
        name=NAME,
        met=False,
        reason=f"{', '.join(empty)} {_are(empty)} empty; {where} needs what stands there",
        remedy=f"revise the system and fill in {', '.join(empty)}",
    )


def fields_at_step(machine: Machine, step: Transition, system: AISystem) -> Condition | None:
    """Return the same for where a step leads; None for one that stops a system, which must not wait."""
    if step.status and step.status[1] == OperationalStatus.SUSPENDED:
        return None
    here = step.target or system.stage
    known = {stage.name: stage for stage in machine.stages}
    return required_fields(known[here], system) if here in known else None


def emptied_fields(
    machine: Machine, stage: str, assessed: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Problem]:
    """Return a problem for each field that a change of the description empties though its stage needs it.

    It is judged by the tier that governs after the change, which may declare another one. What was empty
    before is no fault of the change: a tier that rose must not keep people from revising.
    """
    known = {one.name: one for one in machine.stages}
    if stage not in known:
        return []
    tier, declared = RiskCategory(assessed), after.get("declared_risk_category")
    if declared in set(RiskCategory):  # what is no tier is a problem of its own
        tier = graver(tier, RiskCategory(declared))
    return [
        Problem(
            field=name,
            reason=f"is empty, and {_where(known[stage], tier)} needs it",
            remedy="leave in it what stands there, or say anew",
        )
        for name in known[stage].required_for(tier)
        if _is_empty(after.get(name)) and not _is_empty(before.get(name))
    ]


def _is_empty(value: Any) -> bool:
    return not (value.strip() if isinstance(value, str) else value)


def _where(stage: Stage, tier: str) -> str:
    return f"{stage.title.lower()} of a system of tier {tier}"


def _are(names: tuple[str, ...]) -> str:
    return "is" if len(names) == 1 else "are"
