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
from aims_core.frames import TEXT, fixed_frame
from aims_core.gate import NONE, Asked, Waivers, answer, find, gather, waivers_of
from aims_core.lifecycle import Machine, Stage, legacy_evidence, required_fields, standing_approval
from aims_core.plugin_host import Desk
from aims_core.records import AISystem, Condition, Finding, SystemFacts
from aims_core.store import Transaction, system_from_row
from aims_core.terms import Entry

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
        with self._desk.reading() as tx:
            total = _count(tx) if wanted is None else len(wanted)
            for systems in _portions(tx, wanted):
                for facts, conditions in self._standing(tx, systems):
                    findings += [_finding(facts.system, c) for c in conditions if not c.met]
                done += len(systems)
                if progress is not None:
                    progress(done, total)
            return Review(at=tx.now, reviewed=done, findings=tuple(findings))

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
        found = []
        for one in facts:
            stage, key = known.get(one.system.stage), one.system.system_id
            standing = (
                *_approved(machine, stage, one),
                *_filled_in(stage, one),
                *(answers[key][name] for name in names[key]),
            )
            found.append((one, (*standing, *_legacy(stage, one, standing))))
        return found


def _asked(stage: Stage | None, system: AISystem, waivers: Waivers) -> tuple[str, ...]:
    """Return the checks of a stage, and those that a waiver held open until it ended."""
    if stage is None:
        return ()
    again = () if stage.terminal else tuple(waivers.ended)
    return tuple(dict.fromkeys((*stage.standing_for(system.tier), *again)))


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
            rows = tx.connection.execute(
                sa.select(table).where(table.c.system_id.in_(part)).order_by(table.c.system_id)
            )
            systems = [system_from_row(row) for row in rows]
            found = {s.system_id for s in systems}
            for absent in (one for one in part if one not in found):
                tx.get_system(absent)  # says what is not there, and what is near
            yield systems
        return
    while True:
        query = (
            sa.select(table)
            .where(table.c.system_id > last)
            .order_by(table.c.system_id)
            .limit(_PORTION)
        )
        systems = [system_from_row(row) for row in tx.connection.execute(query)]
        if not systems:
            return
        yield systems
        last = systems[-1].system_id
