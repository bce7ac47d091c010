"""Periodic reviews in the database: when each system is due, reviews completed, reminders recorded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from aims_core import history, tables
from aims_core.among import among
from aims_core.events import ReviewCompleted, ReviewDue
from aims_core.records import AISystem
from aims_core.reviews.schedule import ReviewDate, Schedule, add_months
from aims_core.store import Transaction
from aims_core.store.rows import select_systems, systems_from_rows
from aims_core.terms import ReviewOutcome

_PORTION = 2_000
_ROWS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class PeriodicReview:
    """A review of one system that somebody of the second line completed.

    `unmet` names the conditions of its stage that were not met then; `due_on` is the day it was due.
    """

    review_id: str
    system_id: str
    revision: int
    outcome: ReviewOutcome
    note: str
    unmet: tuple[str, ...]
    due_on: date
    reviewed_by: str
    reviewed_at: datetime


def dates(
    tx: Transaction, schedule: Schedule, systems: Sequence[AISystem], at: datetime
) -> dict[str, ReviewDate]:
    """Return review dates by system id, of those in a stage that is reviewed, with two statements.

    What was entered after `at` is left out.
    """
    running = [s for s in systems if s.stage in schedule.stages]
    if not running:
        return {}
    ids = [s.system_id for s in running] if len(running) <= _PORTION else None
    live, last = _went_live(tx, schedule, ids, at), _last(tx, ids, at)
    return {s.system_id: _date(schedule, s, live, last, at.date()) for s in running}


def running_systems(
    tx: Transaction, schedule: Schedule, at: datetime | None = None
) -> list[AISystem]:
    """Return the systems in a stage that is reviewed, by id, now or at an earlier time."""
    table = history.as_of(tables.system, at)
    query = (
        select_systems(table).where(table.c.stage.in_(schedule.stages)).order_by(table.c.system_id)
    )
    return systems_from_rows(tx.connection.execute(query))


def completed(tx: Transaction, system_id: str) -> list[PeriodicReview]:
    """Return the reviews of a system, newest first."""
    table = tables.periodic_review
    query = (
        sa.select(table)
        .where(table.c.system_id == system_id)
        .order_by(table.c.reviewed_at.desc(), table.c.review_id)
    )
    return [_from_row(row) for row in tx.connection.execute(query)]


def keep(
    tx: Transaction,
    system: AISystem,
    found: ReviewDate,
    *,
    outcome: ReviewOutcome,
    note: str,
    unmet: Iterable[str],
) -> PeriodicReview:
    """Put a review on record and return it; the same one by the same person on the same day is found."""
    for known in completed(tx, system.system_id)[:1]:
        same = (known.outcome, known.note, known.revision, known.reviewed_by)
        again = (outcome, note, system.revision, tx.actor.actor_id)
        if same == again and known.reviewed_at.date() == tx.now.date():
            return known
    review_id, missing = tx.new_id("rev"), tuple(sorted(unmet))
    said = ReviewCompleted(
        system_id=system.system_id,
        review_id=review_id,
        revision=system.revision,
        outcome=str(outcome),
        note=note,
        unmet=missing,
        due_on=found.due_on.isoformat(),
    )
    tx.connection.execute(
        sa.insert(tables.periodic_review).values(
            **said.payload(),
            system_id=system.system_id,
            reviewed_by=tx.actor.actor_id,
            reviewed_at=tx.now,
        )
    )
    tx.record(said)
    return completed(tx, system.system_id)[0]


def remind(tx: Transaction, found: Iterable[ReviewDate]) -> list[ReviewDate]:
    """Record one reminder for each system and due date, and return those recorded now."""
    waiting = {(f.system_id, f.due_on.isoformat()): f for f in found}
    keys = list(waiting)
    new: list[ReviewDate] = []
    for start in range(0, len(keys), _ROWS):
        rows = [
            {"system_id": system_id, "due_on": due_on, "at": tx.now}
            for system_id, due_on in keys[start : start + _ROWS]
        ]
        table = tables.review_reminder
        on_postgresql = tx.connection.dialect.name == "postgresql"
        insert: Any = (postgresql.insert if on_postgresql else sqlite.insert)(table)
        # Only who inserts a row records its event, however many remind at once.
        statement = insert.values(rows).on_conflict_do_nothing()
        done = tx.connection.execute(statement.returning(table.c.system_id, table.c.due_on))
        new += [waiting[row.system_id, row.due_on] for row in done]
    new.sort(key=lambda f: (f.due_on, f.system_id))
    tx.record(*(_due(f) for f in new))
    return new


def within(found: Iterable[ReviewDate], day: date, days: int = 0) -> list[ReviewDate]:
    """Return those due by a day, or some days after it, the longest due first."""
    last = day + timedelta(days=days)
    return sorted((f for f in found if f.due_on <= last), key=lambda f: (f.due_on, f.system_id))


def _went_live(
    tx: Transaction, schedule: Schedule, ids: Sequence[str] | None, at: datetime
) -> Mapping[str, datetime]:
    table = tables.transition
    query = (
        sa.select(table.c.system_id, sa.func.max(table.c.at).label("since"))
        .where(
            table.c.to_stage.in_(schedule.stages),
            table.c.from_stage.not_in(schedule.stages),
            table.c.at <= at,
        )
        .group_by(table.c.system_id)
    )
    if ids is not None:
        query = query.where(among(tx.connection, table.c.system_id, ids))
    return {row.system_id: row.since for row in tx.connection.execute(query)}


def _last(tx: Transaction, ids: Sequence[str] | None, at: datetime) -> Mapping[str, Any]:
    table = tables.periodic_review
    query = (
        sa.select(table.c.system_id, table.c.reviewed_at, table.c.outcome)
        .where(table.c.reviewed_at <= at)
        .order_by(table.c.reviewed_at, table.c.review_id)
    )
    if ids is not None:
        query = query.where(among(tx.connection, table.c.system_id, ids))
    return {row.system_id: row for row in tx.connection.execute(query)}


def _date(
    schedule: Schedule,
    system: AISystem,
    live: Mapping[str, datetime],
    last: Mapping[str, Any],
    today: date,
) -> ReviewDate:
    reviewed = last.get(system.system_id)
    times = [live.get(system.system_id, system.registered_at)]
    if reviewed is not None:
        times.append(reviewed.reviewed_at)
    tier, since = system.governing_tier, max(times).date()
    due_on = add_months(since, schedule.months[tier])
    return ReviewDate(
        system_id=system.system_id,
        name=system.name,
        owner=system.owner,
        unit=system.unit,
        stage=system.stage,
        tier=tier,
        months=schedule.months[tier],
        since=since,
        due_on=due_on,
        overdue=today > due_on,
        last_reviewed_at=reviewed.reviewed_at if reviewed is not None else None,
        last_outcome=reviewed.outcome if reviewed is not None else "",
    )


def _due(found: ReviewDate) -> ReviewDue:
    return ReviewDue(
        system_id=found.system_id,
        due_on=found.due_on.isoformat(),
        tier=str(found.tier),
        owner=found.owner,
        since=found.since.isoformat(),
        overdue=found.overdue,
    )


def _from_row(row: Any) -> PeriodicReview:
    return PeriodicReview(
        review_id=row.review_id,
        system_id=row.system_id,
        revision=row.revision,
        outcome=ReviewOutcome(row.outcome),
        note=row.note,
        unmet=tuple(row.unmet),
        due_on=date.fromisoformat(row.due_on),
        reviewed_by=row.reviewed_by,
        reviewed_at=row.reviewed_at,
    )
