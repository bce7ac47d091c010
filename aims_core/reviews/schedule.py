"""When a system is to be reviewed: intervals by tier, as data. Pure."""

import calendar
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from aims_core.errors import WorkspaceError
from aims_core.records import Condition
from aims_core.reviews.fitness import REVIEWED
from aims_core.settings import Settings
from aims_core.terms import RiskCategory

_LONGEST = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """Months between reviews by tier, the stages in which systems are reviewed, and when to remind."""

    stages: tuple[str, ...]
    months: Mapping[RiskCategory, int]
    remind_days_before: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewDate:
    """When one system is to be reviewed.

    `since` is the day from which is counted: its last review, its going live, or its registration
    where it was running already. `overdue` says that `due_on` is past.
    """

    system_id: str
    name: str
    owner: str
    unit: str
    stage: str
    tier: RiskCategory
    months: int
    since: date
    due_on: date
    overdue: bool
    last_reviewed_at: datetime | None
    last_outcome: str


@cache
def shipped_schedule() -> Schedule:
    """Return the schedule that is shipped with the core."""
    text = (files("aims_core.reviews") / "schedule.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return Schedule(
        stages=tuple(data["stages"]),
        months={RiskCategory(tier): int(n) for tier, n in data["months"].items()},
        remind_days_before=int(data["remind_days_before"]),
    )


def schedule_of(settings: Settings) -> Schedule:
    """Return the schedule in force: the shipped one, changed by ``[reviews]`` in ``aims.toml``.

    Raises
    ------
    WorkspaceError
        ``[reviews]`` holds what cannot serve; the message says what would.
    """
    shipped, section = shipped_schedule(), settings.section("reviews")
    months, days = section.get("months", {}), section.get("remind_days_before", 30)
    sound = (
        not set(section) - {"months", "remind_days_before"}
        and isinstance(months, Mapping)
        and all(t in list(RiskCategory) and _is_number(n, 1) for t, n in months.items())
        and _is_number(days, 0)
    )
    if not sound:
        tiers = ", ".join(RiskCategory)
        raise WorkspaceError(
            "[reviews] in aims.toml cannot be read; it takes months = { high = 6 } for the tiers "
            f"{tiers}, each from 1 to {_LONGEST}, and remind_days_before = 30"
        )
    own = {RiskCategory(tier): int(n) for tier, n in months.items()}
    return replace(shipped, months={**shipped.months, **own}, remind_days_before=int(days))


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of a month that is too short."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def review_condition(found: ReviewDate) -> Condition:
    """Return whether a system's periodic review is in time, as a condition of its stage."""
    last = (
        f"last reviewed on {found.last_reviewed_at.date()} ({found.last_outcome})"
        if found.last_reviewed_at
        else f"never reviewed since {found.since}"
    )
    if found.overdue:
        return Condition(
            name=REVIEWED,
            met=False,
            reason=f"a review was due on {found.due_on}; {last}",
            remedy="have a risk reviewer or committee member review it",
        )
    return Condition(name=REVIEWED, met=True, reason=f"next due on {found.due_on}; {last}")


def _is_number(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= _LONGEST
