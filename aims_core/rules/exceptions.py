"""Exceptions that small organisations record: when one is in force, and what it covers. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from aims_core.terms import ScopeKind


@dataclass(frozen=True, kw_only=True, slots=True)
class SeparationException:
    """A rule that may be broken within a scope for a time, with a compensating control.

    It takes effect when somebody else than who recorded it approved it (`approved_at`), and holds
    through the day `expires_on`, in UTC, or until it was ended. The founding exception, by which the
    only administrator grants roles alone, has no such day: it ends with the second administrator.

    `recorded_at`, `approved_at` and `ended_at` are times of entry; `fact_at`, `approved_fact_at` and
    `ended_fact_at` say when it was said, approved and ended in fact, where somebody says so.
    """

    exception_id: str
    rule: str
    reason: str
    compensating_control: str
    scope_kind: ScopeKind
    scope: str
    pairs: tuple[tuple[str, str], ...]
    expires_on: date | None
    recorded_by: str
    recorded_at: datetime
    approved_by: str = ""
    approved_at: datetime | None = None
    ended_by: str = ""
    ended_at: datetime | None = None
    end_reason: str = ""
    fact_at: datetime | None = None
    approved_fact_at: datetime | None = None
    ended_fact_at: datetime | None = None


def in_force_on(exception: SeparationException, at: datetime) -> bool:
    """Return whether an exception is in force at a time."""
    if exception.approved_at is None or exception.approved_at > at:
        return False
    # At the very moment of its end it still holds: the grant that makes a second administrator ends it.
    if exception.ended_at is not None and exception.ended_at < at:
        return False
    return exception.expires_on is None or at.date() <= exception.expires_on


def as_it_stood(exception: SeparationException, at: datetime) -> SeparationException:
    """Return an exception that was recorded by a time as it stood then."""
    if exception.approved_at is not None and exception.approved_at > at:
        exception = replace(exception, approved_by="", approved_at=None, approved_fact_at=None)
    if exception.ended_at is not None and exception.ended_at > at:
        exception = replace(
            exception, ended_by="", ended_at=None, end_reason="", ended_fact_at=None
        )
    return exception


def covering(
    exceptions: Iterable[SeparationException],
    rule: str,
    at: datetime,
    *,
    system_id: str = "",
    unit: str = "",
) -> SeparationException | None:
    """Return the exception to a rule that covers a system at a time, the narrowest first, or None."""
    scopes = (
        (ScopeKind.SYSTEM, system_id),
        (ScopeKind.UNIT, unit),
        (ScopeKind.ORGANISATION, ""),
    )
    fitting = [e for e in exceptions if e.rule == rule and in_force_on(e, at)]
    for kind, scope in scopes:
        for exception in sorted(fitting, key=lambda e: (e.recorded_at, e.exception_id)):
            named = kind is ScopeKind.ORGANISATION or bool(scope)
            if named and exception.scope_kind is kind and exception.scope == scope:
                return exception
    return None
