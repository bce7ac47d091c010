"""The standing conditions of a stage, judged for many systems at once, now or as of a time.

A portion of systems costs a fixed number of statements and one call per check.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from aims_core.gate import NONE, Asked, Waivers, answer, find, gather, waivers_of
from aims_core.lifecycle import Machine, Stage, legacy_evidence, required_fields, standing_approval
from aims_core.plugin_host import Desk
from aims_core.records import AISystem, Condition, SystemFacts
from aims_core.reviews import periodic
from aims_core.reviews.schedule import ReviewDate, Schedule, review_condition
from aims_core.store import Transaction
from aims_core.terms import Entry, RiskCategory


def standing_of(
    tx: Transaction,
    desk: Desk,
    schedule: Schedule,
    systems: Sequence[AISystem],
    at: datetime | None = None,
) -> list[tuple[SystemFacts, tuple[Condition, ...]]]:
    """Return the facts of systems and what must hold for each to stay in its stage, in their order.

    Parameters
    ----------
    systems : sequence of AISystem
        As they are, or as they were at `at`.
    at : datetime, optional
        The time of which the facts speak; judged by the lifecycle and the checks in force now.
    """
    machine = desk.machine
    known = {stage.name: stage for stage in machine.stages}
    waivers = waivers_of(tx, systems, at)
    names = _asked(known, systems, waivers)
    asked: Asked = find(desk.host, sorted({n for needed in names.values() for n in needed}))
    facts = gather(tx, systems, asked.wanted(), at)
    answers = answer(desk.host, asked, facts, names, waivers)
    reviewed = periodic.dates(tx, schedule, systems, at or tx.now)
    found = []
    for one in facts:
        stage, key = known.get(one.system.stage), one.system.system_id
        standing = (
            *_approved(machine, stage, one),
            *_filled_in(stage, one),
            *map(answers[key].__getitem__, names[key]),
            *_reviewed(reviewed.get(key)),
        )
        found.append((one, (*standing, *_legacy(stage, one, standing))))
    return found


def _asked(
    known: Mapping[str, Stage], systems: Sequence[AISystem], waivers: Mapping[str, Waivers]
) -> dict[str, tuple[str, ...]]:
    """Return by system the checks of its stage, and those that a waiver held open until it ended."""
    usual: dict[tuple[str, RiskCategory], tuple[str, ...]] = {}
    found = {}
    for system in systems:
        stage, tier = known.get(system.stage), system.governing_tier
        if (names := usual.get((system.stage, tier))) is None:
            names = () if stage is None else tuple(dict.fromkeys(stage.standing_for(tier)))
            usual[system.stage, tier] = names
        ended = waivers.get(system.system_id, NONE).ended
        if ended and stage is not None and not stage.terminal:
            names = tuple(dict.fromkeys((*names, *ended)))
        found[system.system_id] = names
    return found


def _reviewed(found: ReviewDate | None) -> tuple[Condition, ...]:
    return () if found is None else (review_condition(found),)


def _approved(machine: Machine, stage: Stage | None, facts: SystemFacts) -> Iterator[Condition]:
    if stage is None:
        yield Condition(
            name="stage_known",
            met=False,
            reason=f"the lifecycle in force has no stage {facts.system.stage!r}",
            remedy="bring the stage back into the lifecycle file, with a transition that leads on",
        )
        return
    if not stage.approved_by:
        return
    yield standing_approval(
        machine,
        stage.approved_by,
        facts,
        remedy="have the current revision approved, or suspend the system",
    )


def _filled_in(stage: Stage | None, facts: SystemFacts) -> Iterator[Condition]:
    if stage is not None and (condition := required_fields(stage, facts.system)) is not None:
        yield condition


def _legacy(
    stage: Stage | None, facts: SystemFacts, standing: Sequence[Condition]
) -> Iterator[Condition]:
    if facts.system.entry is Entry.LEGACY and stage is not None and not stage.terminal:
        yield legacy_evidence(facts, [c.name for c in standing if not c.met])
