"""Waivers as a gate sees them: in force, a condition counts as met; ended, it is asked for again.

The rule is pure; only the core writes waivers, so no plugin opens a gate with one.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.among import among
from aims_core.lifecycle import Machine, Transition
from aims_core.records import AISystem, Condition
from aims_core.store import Transaction
from aims_core.terms import RiskCategory, WaiverStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class WaiverPolicy:
    """What a waiver needs (rule R8): checks never waived, the role, how many persons, longest days."""

    never: tuple[str, ...]
    role: str
    persons: int
    longest: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """A condition of one system that counts as met for a time.

    `tier` is the governing tier of the system when it was proposed, `revision` the one then
    current; it holds through the day `expires_on`, in UTC. `approved_by` holds the actors who approved.
    `proposed_at`, `granted_at` and `closed_at` are times of entry; `fact_at`, `granted_fact_at` and
    `closed_fact_at` say when it was proposed, granted and ended in fact, where somebody says so.
    """

    waiver_id: str
    system_id: str
    condition: str
    reason: str
    compensating_measure: str
    expires_on: date
    tier: RiskCategory
    revision: int
    status: WaiverStatus
    proposed_by: str
    proposed_at: datetime
    approved_by: tuple[str, ...] = ()
    granted_at: datetime | None = None
    closed_by: str = ""
    closed_at: datetime | None = None
    close_reason: str = ""
    fact_at: datetime | None = None
    granted_fact_at: datetime | None = None
    closed_fact_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waivers:
    """Waivers of one system, sorted: the one in force by check, and of the rest why the last one ended."""

    in_force: Mapping[str, Waiver] = field(default_factory=dict)
    ended: Mapping[str, str] = field(default_factory=dict)

    def apply(self, condition: Condition) -> Condition:
        """Return a condition as it counts: an unmet one with a waiver in force is met by that waiver."""
        if condition.met:
            return condition
        if (waiver := self.in_force.get(condition.name)) is not None:
            reason = (
                f"waived until {waiver.expires_on} ({waiver.waiver_id}: {waiver.reason}); "
                f"without it: {condition.reason}"
            )
            return replace(condition, met=True, reason=reason, remedy="", waiver=waiver.waiver_id)
        if (why := self.ended.get(condition.name)) is not None:
            return replace(condition, reason=f"{condition.reason}; {why}")
        return condition


NONE = Waivers()


@cache
def waiver_policy() -> WaiverPolicy:
    """Return the policy that is shipped with the core."""
    text = (files("aims_core.gate") / "waivers.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return WaiverPolicy(
        never=tuple(data["never"]),
        role=data["role"],
        persons=int(data["persons"]),
        longest=int(data["longest"]),
    )


def why_ended(waiver: Waiver, tier: RiskCategory, today: date) -> str:
    """Return why a granted waiver no longer holds, or an empty text when it does. Pure."""
    if waiver.status is WaiverStatus.WITHDRAWN:
        return f"waiver {waiver.waiver_id} was withdrawn"
    if today > waiver.expires_on:
        return f"waiver {waiver.waiver_id} expired after {waiver.expires_on}"
    if tier.rank > waiver.tier.rank:
        return f"waiver {waiver.waiver_id} was given for tier {waiver.tier}, the tier is {tier} now"
    if waiver.condition in waiver_policy().never:
        return f"waiver {waiver.waiver_id} is void: this condition can never be waived"
    return ""


def as_it_stood(waiver: Waiver, at: datetime) -> Waiver:
    """Return a waiver that was proposed by a time as it stood then. Pure."""
    closed = waiver.closed_at is not None and waiver.closed_at <= at
    granted = waiver.granted_at is not None and waiver.granted_at <= at
    if not granted:
        waiver = replace(waiver, granted_at=None, granted_fact_at=None)
    if closed or (granted and waiver.closed_at is None):
        return waiver
    status = WaiverStatus.GRANTED if granted else WaiverStatus.PROPOSED
    return replace(
        waiver, status=status, closed_by="", closed_at=None, close_reason="", closed_fact_at=None
    )


def sort_waivers(granted: Iterable[Waiver], tier: RiskCategory, today: date) -> Waivers:
    """Return the waivers that were ever granted to one system, sorted by whether they hold. Pure."""
    in_force: dict[str, Waiver] = {}
    ended: dict[str, str] = {}
    for waiver in sorted(granted, key=lambda w: (w.proposed_at, w.waiver_id)):
        if waiver.granted_at is None:
            continue
        if why := why_ended(waiver, tier, today):
            ended[waiver.condition] = why
        else:
            in_force[waiver.condition] = waiver
    return Waivers(in_force, {name: why for name, why in ended.items() if name not in in_force})


def asked_again(machine: Machine, step: Transition, waivers: Waivers) -> tuple[str, ...]:
    """Return the checks whose waiver ended, where a step leads on past conditions.

    What stops a system, takes it back or ends its life asks for none: nothing stands in its way.
    """
    ends = bool(step.target) and machine.stage(step.target).terminal
    leads_on = bool(step.checks or step.checks_by_tier) and not ends
    return tuple(waivers.ended) if leads_on else ()


def waivers_of(
    tx: Transaction, systems: Sequence[AISystem], at: datetime | None = None
) -> dict[str, Waivers]:
    """Return waivers by system id, with one statement; systems without any are left out.

    With a time, and systems as they were then, those that were granted by then, as they stood.
    """
    table = tables.waiver
    now = at or tx.now
    query = sa.select(table).where(
        among(tx.connection, table.c.system_id, [s.system_id for s in systems]),
        table.c.granted_at <= now,
    )
    granted: dict[str, list[Waiver]] = {}
    for row in tx.connection.execute(query):
        granted.setdefault(row.system_id, []).append(as_it_stood(waiver_from_row(row), now))
    return {
        s.system_id: sort_waivers(granted[s.system_id], s.governing_tier, now.date())
        for s in systems
        if s.system_id in granted
    }


def waiver_from_row(row: Any, approved_by: Iterable[str] = ()) -> Waiver:
    """Return a row of ``aims_waiver`` as a record."""
    return Waiver(
        waiver_id=row.waiver_id,
        system_id=row.system_id,
        condition=row.condition,
        reason=row.reason,
        compensating_measure=row.compensating_measure,
        expires_on=date.fromisoformat(row.expires_on),
        tier=RiskCategory(row.tier),
        revision=row.revision,
        status=WaiverStatus(row.status),
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        approved_by=tuple(approved_by),
        granted_at=row.granted_at,
        closed_by=row.closed_by or "",
        closed_at=row.closed_at,
        close_reason=row.close_reason or "",
        fact_at=row.fact_at,
        granted_fact_at=row.granted_fact_at,
        closed_fact_at=row.closed_fact_at,
    )
