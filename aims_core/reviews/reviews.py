"""Reviews of one system or of all of them, now or as of a time, and the periodic ones that people do."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date as day
from datetime import datetime
from typing import Any

from aims_core.choices import choose
from aims_core.errors import RequestRefused
from aims_core.frames import TEXT, TIME, WHOLE, YES_NO, fixed_frame
from aims_core.garbage import cycles_later
from aims_core.history import moment
from aims_core.plugin_host import Desk
from aims_core.records import AISystem, Condition, Finding
from aims_core.records.filling import filler
from aims_core.reviews import periodic, portions
from aims_core.reviews.fitness import REVIEWED, refuse_unfit
from aims_core.reviews.periodic import PeriodicReview
from aims_core.reviews.schedule import ReviewDate, Schedule, schedule_of
from aims_core.reviews.standing import standing_of
from aims_core.store import Transaction
from aims_core.terms import ReviewOutcome

COLUMNS = {
    "system_id": TEXT,
    "name": TEXT,
    "unit": TEXT,
    "stage": TEXT,
    "tier": TEXT,
    "governing_tier": TEXT,
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

    def conditions(
        self, system_id: str, *, as_of: day | int | None = None
    ) -> tuple[Condition, ...]:
        """Return what must hold for a system to stay in its stage, and whether it does.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: whether it held then, see
            :meth:`run`.

        Raises
        ------
        RecordNotFound
            No system has this id, or had by then.
        """
        with self._desk.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
            (system,) = portions.named(tx, [system_id], at)
            return standing_of(tx, self._desk, self.schedule(), [system], at)[0][1]

    def run(
        self,
        *,
        system_ids: Sequence[str] | None = None,
        progress: Callable[[int, int], None] | None = None,
        as_of: day | int | None = None,
    ) -> Review:
        """Review the whole inventory, or some systems, and return the findings. Writes nothing.

        Parameters
        ----------
        system_ids : sequence of str, optional
            Only these.
        progress : callable, optional
            Told ``(done, total)`` after each portion.
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: what a review would have found
            then. Systems, owners, approvals, results, evidence and waivers are those of then; the
            lifecycle, the schedule and the checks are those in force now.

        Raises
        ------
        RecordNotFound
            A system named in `system_ids` is not there, or was not by then; a review must not be clean
            for a slip.
        InvalidRecord
            `as_of` names no time up to now.

        Notes
        -----
        Source: ISO/IEC 42001, 9.1 and 9.2; NIST AI RMF, GOVERN 1.5.
        """
        findings: list[Finding] = []
        done = 0
        wanted = None if system_ids is None else list(dict.fromkeys(system_ids))
        with self._desk.reading() as tx, cycles_later():
            at, schedule = moment(tx.connection, as_of, tx.now), self.schedule()
            total = portions.count(tx, at) if wanted is None else len(wanted)
            for systems in portions.read(tx, wanted, at):
                for facts, conditions in standing_of(tx, self._desk, schedule, systems, at):
                    findings += _findings(facts.system, conditions)
                done += len(systems)
                if progress is not None:
                    progress(done, total)
            return Review(at=at or tx.now, reviewed=done, findings=tuple(findings))

    def schedule(self) -> Schedule:
        """Return how often systems are reviewed; ``[reviews]`` in ``aims.toml`` may say otherwise."""
        return schedule_of(self._desk.settings)

    def due(self, *, as_of: day | int | None = None) -> list[ReviewDate]:
        """Return the running systems whose periodic review is due, the longest due first.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint; an earlier time says what was due
            then, of the systems that ran then; a time to come what will be due by then, of those that run
            now. Now by default.

        Raises
        ------
        InvalidRecord
            `as_of` names no time.
        """
        with self._desk.reading() as tx:
            at = moment(tx.connection, as_of, tx.now, ahead=True) or tx.now
            return periodic.within(self._dates(tx, at), at.date())

    def date(self, system_id: str, *, as_of: day | int | None = None) -> ReviewDate | None:
        """Return when a system is, or at a time was, to be reviewed next; None where it does not run."""
        with self._desk.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
            systems = portions.named(tx, [system_id], at)
            return periodic.dates(tx, self.schedule(), systems, at or tx.now).get(system_id)

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

        InvalidRecord
            The outcome is none of these.

        Notes
        -----
        Writes ``ReviewCompleted`` with the conditions that are not met. Source: ISO/IEC 42001, 9.1.
        """
        asked = f"review {system_id}"
        choice = choose(ReviewOutcome, outcome, field="outcome", asked=asked)
        with self._desk.writing() as tx:
            tx.require("review", asked, system_id=system_id)
            system = tx.get_system(system_id, for_update=True)
            [(facts, conditions)] = standing_of(tx, self._desk, self.schedule(), [system])
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
        schedule = self.schedule()
        systems = periodic.running_systems(tx, schedule, at if at < tx.now else None)
        return list(periodic.dates(tx, schedule, systems, at).values())


_filled = filler(Finding)


def _findings(system: AISystem, conditions: Sequence[Condition]) -> Iterator[Finding]:
    """Yield a finding for each condition that is not met."""
    stands = (system.system_id, system.name, system.unit, system.stage)
    judged = (str(system.tier), str(system.governing_tier))
    for one in conditions:
        if not one.met:
            yield _filled((*stands, *judged, one.name, one.reason, one.remedy, one.source))
