"""When monitors are to run and where the log then lies; what is due, and the batch that runs it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import sqlalchemy as sa

from aims_core import AimsError, InvalidRecord, Problem, Transaction, fixed_frame
from aims_monitoring import tables
from aims_monitoring.records import Run

PERIODS: Mapping[str, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=31),
    "quarter": timedelta(days=92),
    "year": timedelta(days=366),
}
"""Longest time between two runs, by period."""

DUE_COLUMNS: Mapping[str, str] = {
    "monitor_id": "string",
    "system_id": "string",
    "every": "string",
    "data": "string",
    "labels": "string",
    "last_run_at": "datetime64[us, UTC]",
    "due_at": "datetime64[us, UTC]",
}
"""One row a monitor that is due: `due_at` is when its run was to happen at the latest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """How often a monitor runs by itself, and where log and labels lie then."""

    monitor_id: str
    every: str
    data: str
    labels: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Worked:
    """What became of one monitor in a batch: its run, and in plain words what was not as planned.

    `problem` says why there is no run, or that the log is still the one of an earlier run, which is `run`.
    """

    monitor_id: str
    system_id: str
    run: Run | None
    problem: str = ""


def check_schedule(every: str, data: str, *, asked: str) -> None:
    """Refuse a schedule that nobody could keep.

    Raises
    ------
    InvalidRecord
        The period is unknown, or no data are named.
    """
    problems = []
    if every not in PERIODS:
        remedy = f"use one of {', '.join(PERIODS)}"
        problems.append(Problem(field="every", reason=f"{every!r} is no period", remedy=remedy))
    if not data.strip():
        remedy = "name the file or folder that holds the newest log"
        problems.append(Problem(field="data", reason="is empty", remedy=remedy))
    if problems:
        raise InvalidRecord(asked, problems)


def save_schedule(tx: Transaction, schedule: Schedule) -> None:
    """Write a schedule in the place of the former one."""
    table = tables.schedule
    tx.connection.execute(sa.delete(table).where(table.c.monitor_id == schedule.monitor_id))
    tx.connection.execute(
        sa.insert(table).values(
            monitor_id=schedule.monitor_id,
            every=schedule.every,
            data=schedule.data,
            labels=schedule.labels,
            set_by=tx.actor.actor_id,
            set_at=tx.now,
        )
    )


def find_schedule(tx: Transaction, monitor_id: str) -> Schedule | None:
    """Return a monitor's schedule, or None when it runs by hand."""
    table = tables.schedule
    row = tx.connection.execute(
        sa.select(table).where(table.c.monitor_id == monitor_id)
    ).one_or_none()
    if row is None:
        return None
    return Schedule(monitor_id=row.monitor_id, every=row.every, data=row.data, labels=row.labels)


def due_monitors(tx: Transaction, at: datetime) -> list[dict[str, Any]]:
    """Return the active monitors whose run is due, those due longest first."""
    schedule, monitor, run = tables.schedule, tables.monitor, tables.run
    last = (
        sa.select(run.c.monitor_id, sa.func.max(run.c.run_at).label("last_run_at"))
        .group_by(run.c.monitor_id)
        .subquery()
    )
    query = (
        sa.select(schedule, monitor.c.system_id, last.c.last_run_at)
        .join(monitor, monitor.c.monitor_id == schedule.c.monitor_id)
        .outerjoin(last, last.c.monitor_id == schedule.c.monitor_id)
        .where(monitor.c.active)
    )
    rows = [
        {**row, "due_at": due_at(row["every"], row["last_run_at"], row["set_at"])}
        for row in tx.connection.execute(query).mappings()
    ]
    due = [row for row in rows if row["due_at"] <= at]
    return sorted(due, key=lambda row: (row["due_at"], row["monitor_id"]))


def due_frame(tx: Transaction, at: datetime) -> Any:
    """Return what is due as a DataFrame with the columns of :data:`DUE_COLUMNS`."""
    return fixed_frame(due_monitors(tx, at), DUE_COLUMNS)


def due_at(every: str, last_run_at: datetime | None, set_at: datetime) -> datetime:
    """Return when the next run is due: at once for a monitor that has not run."""
    return set_at if last_run_at is None else last_run_at + PERIODS[every]


def work_off(
    due: list[dict[str, Any]],
    run: Callable[[str, str, str], Run],
    progress: Callable[[int, int], None] | None = None,
    cancel: Event | None = None,
) -> Iterator[Worked]:
    """Run what is due, one monitor after the other; what fails is told and stops no other.

    Each run is a transaction of its own, and a log that was measured already is found, so that a batch
    that was stopped goes on where it was.
    """
    for done, row in enumerate(due, start=1):
        if cancel is not None and cancel.is_set():
            return
        names = {"monitor_id": row["monitor_id"], "system_id": row["system_id"]}
        try:
            done_run = run(row["monitor_id"], row["data"], row["labels"])
            yield Worked(**names, run=done_run, problem=_gap(done_run, row["last_run_at"]))
        except AimsError as error:
            yield Worked(**names, run=None, problem=str(error))
        if progress is not None:
            progress(done, len(due))


def _gap(run: Run, last_run_at: datetime | None) -> str:
    """Return that nothing new was measured: a log that has not changed finds its former run."""
    if last_run_at is None or run.run_at > last_run_at:
        return ""
    return (
        f"no new log: what lies there was measured on {run.run_at:%Y-%m-%d}; the monitor stays due"
    )
