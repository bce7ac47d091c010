"""What is asked for, voted on and decided about a system."""

from dataclasses import dataclass
from datetime import datetime

from aims_core.terms import ApprovalStatus, Decision


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One thing that must hold, whether it does, why, and who says so (`source`).

    `waiver` is the id of the waiver by which an unmet condition counts as met; only the core sets it.
    """

    name: str
    met: bool
    reason: str
    source: str = "core"
    remedy: str = ""
    waiver: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Vote:
    """A person's decision in one role, bound to the content digest it was given for.

    `on_behalf_of` names the actor whose seat was lent to them, `on_behalf_person` the human being behind
    that one; both are empty when somebody decides in a role of their own. Of several votes of one person
    in one seat the one with the highest `ordinal` counts. `at` is when it was entered, `fact_at` when it
    was decided in fact, where the voter says so.
    """

    vote_id: str
    approval_id: str
    actor: str
    person: str
    role: str
    decision: Decision
    reason: str
    digest: str
    at: datetime
    on_behalf_of: str = ""
    on_behalf_person: str = ""
    ordinal: int = 1
    fact_at: datetime | None = None

    @property
    def seat(self) -> tuple[str, str, str]:
        """Who decides in which role for whom; a later vote of the same seat replaces an earlier one."""
        return (self.person, self.role, self.on_behalf_person)


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """A request for a transition of one revision, its votes and what still stands in the way.

    `expires_at` is when an open request can no longer be decided. Of one that was carried out, `tier`
    is the governing one when it was decided, `valid_until` when the approval ends by itself, `lapsed_at`
    when a later step (``modify``) put it out of force. `requested_at` and `closed_at` are times of entry;
    `fact_at` and `closed_fact_at` say when it was asked and when it ended in fact, where somebody says so.
    """

    approval_id: str
    system_id: str
    transition: str
    revision: int
    digest: str
    requested_by: str
    requested_at: datetime
    reason: str
    status: ApprovalStatus
    machine_version: str
    closed_at: datetime | None = None
    closed_by: str = ""
    close_reason: str = ""
    expires_at: datetime | None = None
    valid_until: datetime | None = None
    lapsed_at: datetime | None = None
    tier: str = ""
    votes: tuple[Vote, ...] = ()
    conditions: tuple[Condition, ...] = ()
    fact_at: datetime | None = None
    closed_fact_at: datetime | None = None

    @property
    def unmet(self) -> tuple[Condition, ...]:
        """Conditions that are not met, in the order they were checked."""
        return tuple(c for c in self.conditions if not c.met)


@dataclass(frozen=True, kw_only=True, slots=True)
class Transitioned:
    """One step in a system's life, as it was decided; `fact_at` is when in fact, where that was not `at`."""

    system_id: str
    transition: str
    from_stage: str
    to_stage: str
    from_status: str
    to_status: str
    revision: int
    digest: str
    approval_id: str
    actor: str
    at: datetime
    machine_version: str
    reason: str
    fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A system that may not be where it is, and one condition that says so.

    `tier` is the assessed one, `governing_tier` the one it was judged by: a graver declared one, if any.
    """

    system_id: str
    name: str
    unit: str
    stage: str
    tier: str
    governing_tier: str
    condition: str
    reason: str
    remedy: str
    source: str
