"""The standing conditions of a stage, judged for one system or for all of them.

A portion of systems costs a fixed number of statements and one call per check.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.among import among
from aims_core.canonical import utc_text
from aims_core.errors import RequestRefused
from aims_core.frames import TEXT, TIME, WHOLE, YES_NO, fixed_frame
from aims_core.garbage import cycles_later
from aims_core.gate import NONE, Asked, Waivers, answer, find, gather, waivers_of
from aims_core.lifecycle import Machine, Stage, legacy_evidence, required_fields, standing_approval
from aims_core.plugin_host import Desk
from aims_core.records import AISystem, Condition, Finding, SystemFacts
from aims_core.reviews import periodic
from aims_core.reviews.fitness import REVIEWED, refuse_unfit
from aims_core.reviews.periodic import PeriodicReview
from aims_core.reviews.schedule import ReviewDate, Schedule, review_condition, schedule_of
from aims_core.store import Transaction
from aims_core.store.rows import select_systems, systems_from_rows
from aims_core.terms import Entry, ReviewOutcome

COLUMNS = {
    "system_id": TEXT,
    "name": TEXT,
    "unit": TEXT,
    "stage": TEXT,
    "tier": TEXT,
    "condition": TEXT,
    "reason": TEXT,
    "remedy": TEXT,
    "source": TEXT,
}
DATES = {
    "system_id": TEXT,
    "name": TEXT,
    "owner": TEXT,
    "unit": TEXT,
    "stage": TEXT,
    "tier": TEXT,
    "months": WHOLE,
    "since": TEXT,
    "due_on": TEXT,
    "overdue": YES_NO,
    "last_reviewed_at": TIME,
    "last_outcome": TEXT,
}
_PORTION = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """Outcome of a review: what was looked at, when, and every finding."""

    at: datetime
    reviewed: int
    findings: tuple[Finding, ...]

    def frame(self) -> Any:
        """Return the findings as a DataFrame with the columns of :data:`COLUMNS`."""
        return fixed_frame(({n: getattr(f, n) for n in COLUMNS} for f in self.findings), COLUMNS)

    def summary(self) -> dict[str, Any]:
        """Return how many systems and findings there are, by condition and by stage too."""
        return {
            "reviewed": self.reviewed,
            "with_findings": len({f.system_id for f in self.findings}),
            "findings": len(self.findings),
            "by_condition": dict(Counter(f.condition for f in self.findings).most_common()),
            "by_stage": dict(Counter(f.stage for f in self.findings).most_common()),
        }


class Reviews:
    """Standing conditions of AI systems; reached as ``workspace.reviews``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def conditions(self, system_id: str) -> tuple[Condition, ...]:
        """Return what must hold for a system to stay in its stage, and whether it does."""
        with self._desk.reading() as tx:
            system = tx.get_system(system_id)
            return self._standing(tx, [system])[0][1]

    def run(
        self,
        *,
        system_ids: Sequence[str] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Review:
        """Review the whole inventory, or some systems, and return the findings. Writes nothing.

        Parameters
        ----------
        system_ids : sequence of str, optional
            Only these.
        progress : callable, optional
            Told ``(done, total)`` after each portion.

        Raises
        ------
        RecordNotFound
            A system named in `system_ids` is not there; a review must not be clean for a slip.

        Notes
        -----
        Source: ISO/IEC 42001, 9.1 and 9.2; NIST AI RMF, GOVERN 1.5.
        """
        findings: list[Finding] = []
        done = 0
        wanted = None if system_ids is None else list(dict.fromkeys(system_ids))
        with self._desk.reading() as tx, cycles_later():
            total = _count(tx) if wanted is None else len(wanted)
            for systems in _portions(tx, wanted):
                for facts, conditions in self._standing(tx, systems):
                    findings += [_finding(facts.system, c) for c in conditions if not c.met]
                done += len(systems)
                if progress is not None:
                    progress(done, total)
            return Review(at=tx.now, reviewed=done, findings=tuple(findings))

    def schedule(self) -> Schedule:
        """Return how often systems are reviewed; ``[reviews]`` in ``aims.toml`` may say otherwise."""
        return schedule_of(self._desk.settings)

    def due(self, *, as_of: datetime | None = None) -> list[ReviewDate]:
        """Return the running systems whose periodic review is due, the longest due first.

        Parameters
        ----------
        as_of : datetime, optional
            Aware; a time to come says what will be due by then, an earlier one leaves out reviews
            entered later. Which systems run, and their tiers, are today's. Now by default.
        """
        with self._desk.reading() as tx:
            at = tx.now if as_of is None else as_of
            return periodic.within(self._dates(tx, at), at.date())

    def date(self, system_id: str) -> ReviewDate | None:
        """Return when a system is to be reviewed next, or None where it does not run."""
        with self._desk.reading() as tx:
            found = periodic.dates(tx, self.schedule(), [tx.get_system(system_id)], tx.now)
            return found.get(system_id)

    def schedule_frame(self) -> Any:
        """Return every running system with its next review, with the columns of :data:`DATES`, by date."""
        with self._desk.reading() as tx:
            found = sorted(self._dates(tx, tx.now), key=lambda f: (f.due_on, f.system_id))
        rows = [
            {name: getattr(f, name) for name in DATES}
            | {"since": f.since.isoformat(), "due_on": f.due_on.isoformat()}
            for f in found
        ]
        return fixed_frame(rows, DATES)

    def completed(self, system_id: str) -> list[PeriodicReview]:
        """Return the periodic reviews of a system, newest first."""
        with self._desk.reading() as tx:
            tx.get_system(system_id)
            return periodic.completed(tx, system_id)

    def complete(
        self, system_id: str, *, outcome: ReviewOutcome | str, note: str
    ) -> PeriodicReview:
        """Put a periodic review of a running system on record and return it.

        Parameters
        ----------
        outcome : ReviewOutcome
            ``continue``, ``continue_with_actions``, ``suspend``, ``re_evaluate`` or ``retire``. It asks
            for no step by itself.
        note : str
            What was looked at and why it comes out so.

        Raises
        ------
        NotPermitted
            The actor is no person, or neither risk reviewer nor committee member of the system.
        SegregationOfDuties
            Nobody reviews a system that they own.
        RequestRefused
            The system does not run, no note is given, or conditions of its stage are not met and the
            outcome is a plain ``continue``.

        Notes
        -----
        Writes ``ReviewCompleted`` with the conditions that are not met. Source: ISO/IEC 42001, 9.1.
        """
        asked = f"review {system_id}"
        choice = ReviewOutcome(outcome)
        with self._desk.writing() as tx:
            tx.require("review", asked, system_id=system_id)
            system = tx.get_system(system_id, for_update=True)
            [(facts, conditions)] = self._standing(tx, [system])
            found = periodic.dates(tx, self.schedule(), [system], tx.now).get(system_id)
            unmet = {c.name for c in conditions if not c.met} - {REVIEWED}
            if found is None:
                raise RequestRefused(
                    f"{asked}: it is in {system.stage}; reviews begin when a system goes live"
                )
            refuse_unfit(tx.actor, facts, choice, note, unmet, asked)
            return periodic.keep(tx, system, found, outcome=choice, note=note.strip(), unmet=unmet)

    def remind(self) -> list[ReviewDate]:
        """Record that reviews come due, once for each system and due date, and return those recorded now.

        Listeners are told of each, so that people are reminded; run again, it finds nothing to do.

        Raises
        ------
        NotPermitted
            The actor may not remind.

        Notes
        -----
        Writes ``ReviewDue``, as many days ahead as the schedule says (30 by default).
        """
        with self._desk.writing() as tx:
            tx.require("remind", "remind of reviews")
            days = self.schedule().remind_days_before
            found = periodic.within(self._dates(tx, tx.now), tx.now.date(), days)
            return periodic.remind(tx, found)

    def _dates(self, tx: Transaction, at: datetime) -> list[ReviewDate]:
        utc_text(at)  # refuses a time without zone
        schedule = self.schedule()
        systems = periodic.running_systems(tx, schedule)
        return list(periodic.dates(tx, schedule, systems, at).values())

    def _standing(
        self, tx: Transaction, systems: Sequence[AISystem]
    ) -> list[tuple[SystemFacts, tuple[Condition, ...]]]:
        machine = self._desk.machine
        known = {stage.name: stage for stage in machine.stages}
        waivers = waivers_of(tx, systems)
        names = {
            s.system_id: _asked(known.get(s.stage), s, waivers.get(s.system_id, NONE))
            for s in systems
        }
        asked: Asked = find(
            self._desk.host, sorted({n for needed in names.values() for n in needed})
        )
        facts = gather(tx, systems, asked.wanted())
        answers = answer(self._desk.host, asked, facts, names, waivers)
        reviewed = periodic.dates(tx, self.schedule(), systems, tx.now)
        found = []
        for one in facts:
            stage, key = known.get(one.system.stage), one.system.system_id
            standing = (
                *_approved(machine, stage, one),
                *_filled_in(stage, one),
                *(answers[key][name] for name in names[key]),
                *_reviewed(reviewed.get(key)),
            )
            found.append((one, (*standing, *_legacy(stage, one, standing))))
        return found


def _asked(stage: Stage | None, system: AISystem, waivers: Waivers) -> tuple[str, ...]:
    """Return the checks of a stage, and those that a waiver held open until it ended."""
    if stage is None:
        return ()
    again = () if stage.terminal else tuple(waivers.ended)
    return tuple(dict.fromkeys((*stage.standing_for(system.tier), *again)))


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


def _finding(system: AISystem, condition: Condition) -> Finding:
    return Finding(
        system_id=system.system_id,
        name=system.name,
        unit=system.unit,
        stage=system.stage,
        tier=str(system.tier),
        condition=condition.name,
        reason=condition.reason,
        remedy=condition.remedy,
        source=condition.source,
    )


def _count(tx: Transaction) -> int:
    return int(
        tx.connection.execute(sa.select(sa.func.count()).select_from(tables.system)).scalar_one()
    )


def _portions(tx: Transaction, system_ids: Sequence[str] | None) -> Iterator[list[AISystem]]:
    """Portions by key, so that each costs the same wherever it lies in the inventory."""
    table, last = tables.system, ""
    if system_ids is not None:
        for start in range(0, len(system_ids), _PORTION):
            part = system_ids[start : start + _PORTION]
            named = among(tx.connection, table.c.system_id, part)
            query = select_systems().where(named).order_by(table.c.system_id)
            systems = systems_from_rows(tx.connection.execute(query))
            found = {s.system_id for s in systems}
            for absent in (one for one in part if one not in found):
                tx.get_system(absent)  # says what is not there, and what is near
            yield systems
        return
    while True:
        query = (
            select_systems()
            .where(table.c.system_id > last)
            .order_by(table.c.system_id)
            .limit(_PORTION)
        )
        systems = systems_from_rows(tx.connection.execute(query))
        if not systems:
            return
        yield systems
        last = systems[-1].system_id
