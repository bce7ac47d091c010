"""What was asked for and decided, or refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aims_core.events.occurrences import Event


@dataclass(frozen=True, kw_only=True)
class ApprovalRequested(Event):
    """Somebody asks for a transition of one revision of a system; in fact at `fact_at`, where stated."""

    approval_id: str
    transition: str
    revision: int
    digest: str
    reason: str
    expires_at: datetime | None = None
    fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class VoteCast(Event):
    """A person decided on a request, in a role of their own or in one lent to them.

    `replaces` is the id of an earlier vote of theirs that no longer counts; `fact_at` is when they decided
    in fact, where stated.
    """

    approval_id: str
    role: str
    decision: str
    reason: str
    digest: str
    on_behalf_of: str = ""
    replaces: str = ""
    fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ApprovalClosed(Event):
    """A request ended without a transition: refused, withdrawn, lapsed or expired.

    `fact_at` is when it was refused or withdrawn in fact, where stated.
    """

    approval_id: str
    transition: str
    status: str
    reason: str
    fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ApprovalsLapsed(Event):
    """A step put approvals that had been given out of force; the next gate needs a new one."""

    transition: str
    approvals: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TransitionDecided(Event):
    """A system moved through its lifecycle; `conditions` is what was checked and how it stood.

    `fact_at` is when it moved in fact, where that is stated or follows from the votes.
    """

    approval_id: str
    transition: str
    from_stage: str
    to_stage: str
    from_status: str
    to_status: str
    revision: int
    digest: str
    machine_version: str
    reason: str
    conditions: tuple[Mapping[str, Any], ...] = field(default=())
    fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewDue(Event):
    """A periodic review comes due; recorded once for each system and due date (ISO/IEC 42001, 9.1)."""

    due_on: str
    tier: str
    owner: str
    since: str
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class ReviewCompleted(Event):
    """Somebody of the second line reviewed a running system; `unmet` is what was not met then."""

    review_id: str
    revision: int
    outcome: str
    note: str
    unmet: tuple[str, ...]
    due_on: str


@dataclass(frozen=True, kw_only=True)
class ActRefused(Event):
    """Somebody tried what the rules do not allow; nothing else was written."""

    act: str
    reason: str
