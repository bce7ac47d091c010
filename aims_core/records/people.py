"""Actors, the roles that they hold, and who acts for whom."""

from dataclasses import dataclass
from datetime import datetime

from aims_core.terms import ActorKind, ScopeKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who acts. Two actors with the same `person` are one human being to the segregation rules."""

    actor_id: str
    name: str
    kind: ActorKind
    person: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """A role that an actor holds within a scope (`scope` is empty for the whole organisation).

    `granted_at` and `revoked_at` are times of entry, from and until which it counts; `fact_at` and
    `revoked_fact_at` say when that was in fact, where somebody says so.
    """

    grant_id: str
    actor: str
    role: str
    scope_kind: ScopeKind
    scope: str
    granted_by: str
    granted_at: datetime
    revoked_at: datetime | None = None
    fact_at: datetime | None = None
    revoked_fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delegation:
    """A seat that an approver lends to another person for a time; `ended_at` is set when ended early."""

    delegation_id: str
    delegator: str
    delegate: str
    role: str
    scope_kind: ScopeKind
    scope: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    made_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""
    end_reason: str = ""
