"""Conditions set aside, and rules not kept, with the reason and the people who answer for it."""

from dataclasses import dataclass
from datetime import datetime

from aims_core.events.occurrences import Event


@dataclass(frozen=True, kw_only=True)
class WaiverProposed(Event):
    """Somebody asks that a named condition of a system counts as met for a time.

    `fact_at` is when it was asked in fact, where stated.
    """

    waiver_id: str
    condition: str
    reason: str
    compensating_measure: str
    expires_on: str
    tier: str
    fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WaiverVoteCast(Event):
    """A committee member decided on a waiver; in fact at `fact_at`, where stated."""

    waiver_id: str
    decision: str
    reason: str
    fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WaiverGranted(Event):
    """Two persons apart approved a waiver; the condition counts as met through `expires_on`.

    `fact_at` is when the last of them approved in fact, where that follows from what they stated.
    """

    waiver_id: str
    condition: str
    expires_on: str
    approvers: tuple[str, ...]
    fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WaiverClosed(Event):
    """A waiver was refused or withdrawn; in fact at `fact_at`, where stated."""

    waiver_id: str
    condition: str
    status: str
    reason: str
    fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ExceptionRecorded(Event):
    """A rule of separation may be broken within a scope for a time, once somebody else approves it.

    `fact_at` is when that was said in fact, where stated.
    """

    exception_id: str
    rule: str
    reason: str
    compensating_control: str
    scope_kind: str
    scope: str
    expires_on: str
    fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ExceptionApproved(Event):
    """An exception to a rule of separation takes effect; approved in fact at `fact_at`, where stated."""

    exception_id: str
    rule: str
    fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ExceptionUsed(Event):
    """An act passed that a rule of separation would have refused, by this exception."""

    exception_id: str
    act: str


@dataclass(frozen=True, kw_only=True)
class ExceptionEnded(Event):
    """An exception to a rule of separation no longer holds; ended in fact at `fact_at`, where stated."""

    exception_id: str
    rule: str
    reason: str
    fact_at: datetime | None = None
