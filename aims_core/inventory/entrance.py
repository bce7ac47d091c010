"""How a system enters the register: at the beginning of its life, or already running.

A *legacy* entry believes the stage that is stated and pretends nothing: no gate was passed here, and by a
date on record the missing evidence has to be there (ISO/IEC 42001, 8.1).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from aims_core import tables
from aims_core.canonical import deadline, utc_text
from aims_core.lifecycle import Machine
from aims_core.loading import load
from aims_core.records import Problem
from aims_core.store import Transaction
from aims_core.terms import Entry, OperationalStatus

FIELDS = ("stage", "status", "entry", "evidence_due")
_LEGACY = ("system_id", "evidence_due", "entered_at", "entered_by")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entrance:
    """Where a system stands when it enters, how it came there, and by when evidence is made up."""

    stage: str
    status: str = str(OperationalStatus.ACTIVE)
    entry: str = str(Entry.NEW)
    evidence_due: datetime | None = None


def read_entrance(
    given: Mapping[str, Any], machine: Machine, now: datetime
) -> tuple[Entrance, list[Problem]]:
    """Return how a system enters, and every problem with what was given for it."""
    stage = str(given.get("stage") or machine.initial)
    status = str(given.get("status") or OperationalStatus.ACTIVE)
    entry = str(given.get("entry") or Entry.NEW)
    due, problems = _read_due(given.get("evidence_due"), now)
    problems += _word("stage", stage, [s.name for s in machine.stages])
    problems += _word("status", status, map(str, OperationalStatus))
    problems += _word("entry", entry, map(str, Entry))
    if not problems:
        problems = _mismatches(stage, status, entry, due, machine)
    if not problems and due is None:
        due = evidence_due(machine, stage, entry, now)
    return Entrance(stage=stage, status=status, entry=entry, evidence_due=due), problems


def evidence_due(machine: Machine, stage: str, entry: str, now: datetime) -> datetime | None:
    """Return by when a system that enters now has to make up evidence; None where nothing is due."""
    span = machine.legacy_evidence_within
    if entry != Entry.LEGACY or machine.stage(stage).terminal or span is None:
        return None
    return now + span


def keep_due(tx: Transaction, due: Mapping[str, datetime | None]) -> None:
    """Store by when systems that entered as legacy make up their evidence, by system id."""
    by, at = tx.actor.actor_id, utc_text(tx.now)
    rows = [(key, utc_text(moment), at, by) for key, moment in due.items() if moment is not None]
    load(tx.connection, tables.legacy, _LEGACY, rows)


def _read_due(value: Any, now: datetime) -> tuple[datetime | None, list[Problem]]:
    if value is None:
        return None, []
    remedy = "give a day, or a time with its zone, that is still to come"
    if not isinstance(value, date):
        reason = f"is {type(value).__name__}, no date"
    else:
        try:
            due = deadline(value)
        except ValueError as error:
            reason = str(error)
        else:
            if due > now:
                return due, []
            reason = "is over already"
    return None, [Problem(field="evidence_due", value=str(value), reason=reason, remedy=remedy)]


def _word(name: str, value: str, allowed: Iterable[str]) -> list[Problem]:
    words = list(allowed)
    if value in words:
        return []
    remedy = f"use one of {', '.join(words)}"
    return [Problem(field=name, value=value, reason=f"{value!r} is no {name}", remedy=remedy)]


def _mismatches(
    stage: str, status: str, entry: str, due: datetime | None, machine: Machine
) -> list[Problem]:
    at_the_start = stage == machine.initial
    if entry == Entry.LEGACY and at_the_start:
        reason = f"a system in {stage} has not run yet"
        remedy = "say in which stage it runs, or leave `entry` out"
        return [Problem(field="stage", value=stage, reason=reason, remedy=remedy)]
    if entry == Entry.NEW and not at_the_start:
        reason = f"a new system starts in {machine.initial}; {stage} is reached through its gates"
        remedy = 'if it runs already, say entry="legacy"'
        return [Problem(field="stage", value=stage, reason=reason, remedy=remedy)]
    if entry == Entry.NEW and (due is not None or status != OperationalStatus.ACTIVE):
        name = "evidence_due" if due is not None else "status"
        reason = "is said of systems that run already"
        remedy = 'leave it out, or say entry="legacy" and the stage'
        return [Problem(field=name, reason=reason, remedy=remedy)]
    return []
