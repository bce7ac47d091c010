"""Actors, and the roles that they were given and lost."""

from dataclasses import dataclass
from datetime import datetime

from aims_core.events.occurrences import Event


@dataclass(frozen=True, kw_only=True)
class ActorAdded(Event):
    """A person, service, plugin or unit is known from here on."""

    actor: str
    name: str
    kind: str
    person: str


@dataclass(frozen=True, kw_only=True)
class RoleGranted(Event):
    """An actor holds a role within a scope; in fact since `fact_at`, where stated."""

    grant_id: str
    actor: str
    role: str
    scope_kind: str
    scope: str
    fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RoleRevoked(Event):
    """An actor no longer holds a role; open votes in that role are void.

    `fact_at` is when it was taken back in fact, where stated.
    """

    grant_id: str
    actor: str
    role: str
    reason: str
    fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SeatDelegated(Event):
    """An approver lent their seat to another person for a time."""

    delegation_id: str
    delegator: str
    delegate: str
    role: str
    scope_kind: str
    scope: str
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class DelegationEnded(Event):
    """A lent seat went back before its time; votes given in it no longer count."""

    delegation_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RoleChangeProposed(Event):
    """An administrator proposes a grant, which another one must confirm.

    `fact_at` is when it was proposed in fact, where stated.
    """

    change_id: str
    actor: str
    role: str
    scope_kind: str
    scope: str
    reason: str
    fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RoleChangeClosed(Event):
    """A proposed grant was confirmed (`grant_id` names the grant), declined or withdrawn.

    `fact_at` is when it was in fact, where stated.
    """

    change_id: str
    status: str
    grant_id: str
    reason: str
    fact_at: datetime | None = None
