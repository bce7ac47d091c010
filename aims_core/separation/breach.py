"""A breach of a rule of separation, and the records it is computed from. Pure values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aims_core.gate.waivers import Waiver
from aims_core.records import Delegation, Grant, LegalHold
from aims_core.role_changes import RoleChange
from aims_core.rules import SeparationException
from aims_core.terms import ActorKind, RiskCategory, ScopeKind, graver

OTHER_ACCOUNT = "under another account of the same person"
LAID_DOWN = "after the role was laid down"


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """A rule of separation that records show as broken.

    `persons` are who broke it, `records` the ids it follows from, `exception` the one that covered it
    at the time `at`; a breach that is covered still shows. `pair` names the duties that met. `hidden`
    says what would have kept it from a judge who looks at accounts as they stand (rule R15); `under` is
    the rule whose exceptions cover it where that is another one.
    """

    rule: str
    system_id: str
    persons: tuple[str, ...]
    what: str
    at: datetime
    records: tuple[str, ...]
    exception: str = ""
    pair: tuple[str, str] | None = None
    hidden: str = ""
    under: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CastVote:
    """A vote that approved, on a request or a waiver.

    `counted_for` is the person it was counted for, `on_behalf_of` the actor whose seat was lent.
    """

    vote_id: str
    actor: str
    role: str
    at: datetime
    counted_for: str = ""
    on_behalf_of: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A step that was taken: who asked, who approved, from where to where.

    `moves` says that it led into another stage, `baseline` is the revision at which this very step was
    taken before, 0 when never.
    """

    transition_id: str
    approval_id: str
    system_id: str
    transition: str
    moves: bool
    to_stage: str
    restarts: bool
    revision: int
    baseline: int
    requested_by: str
    at: datetime
    votes: tuple[CastVote, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A revision of a system: who wrote it and when; owner, unit and declared tier it states."""

    revision: int
    author: str
    at: datetime
    owner: str
    unit: str
    declared: RiskCategory


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A result or a piece of evidence: who recorded what, when."""

    record_id: str
    system_id: str
    kind: str
    subject: str
    recorded_by: str
    at: datetime
    revision: int
    tier: RiskCategory | None = None
    ends: bool = True
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gone:
    """Evidence that was disposed of: by whom, until when it was to be kept, and on whose word."""

    evidence_id: str
    system_id: str
    at: datetime
    disposed_by: str
    retain_until: datetime | None
    disposal_id: str
    proposed_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """A concern that somebody ``read`` or ``answered``, and the actors it is about."""

    concern_id: str
    actor: str
    act: str
    at: datetime
    about: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Owned:
    """A system that an actor owned, while its life went on: from when, until when if it is over."""

    system_id: str
    owner: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request for a step of a system: by whom, and from when until when it was open."""

    system_id: str
    requested_by: str
    at: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """What stood on record at a time, as far as rules of separation are judged by it.

    `grants` are by person; `answers` are results and evidence, oldest first, by system; `revisions`
    are by system, oldest first; `waiver_votes` are by waiver; `waived` are steps with the waivers they
    used; `acts` are events of people who ever were auditors; `removals` say which persons took which
    administrator's role from another person, and when; `terminal` names the stages in which a life ends.
    `at` is the time it is read for; `gone` is evidence disposed of, `holds` are legal holds by system,
    `delegations` seats that were lent, `reached` says whom concerns reached, `owned` which systems people
    owned who ever were auditors, `added_at` since when actors are known, `asked` the requests of systems with
    waivers.
    """

    persons: Mapping[str, str]
    kinds: Mapping[str, ActorKind]
    grants: Mapping[str, Sequence[Grant]]
    changes: Mapping[str, RoleChange]
    steps: Sequence[Step]
    revisions: Mapping[str, Sequence[Written]]
    answers: Mapping[str, Sequence[Answer]]
    waivers: Sequence[Waiver]
    waiver_votes: Mapping[str, Sequence[CastVote]]
    waived: Sequence[tuple[str, str, datetime, tuple[str, ...]]]
    exceptions: Sequence[SeparationException]
    acts: Sequence[tuple[str, str, str, datetime, str]]
    removals: Sequence[tuple[str, datetime, Grant]] = ()
    added_at: Mapping[str, datetime] = field(default_factory=dict)
    terminal: frozenset[str] = frozenset()
    delegations: Sequence[Delegation] = ()
    at: datetime | None = None
    gone: Sequence[Gone] = ()
    holds: Mapping[str, Sequence[LegalHold]] = field(default_factory=dict)
    reached: Sequence[Reached] = ()
    owned: Sequence[Owned] = ()
    asked: Sequence[Asked] = ()

    def person(self, actor: str) -> str:
        """Return the person behind an actor; the actor's own id where nobody is known by it."""
        return self.persons.get(actor, actor)

    def answers_of(self, kind: str) -> Iterator[Answer]:
        """Yield results or evidence of a kind, of all systems."""
        for answers in self.answers.values():
            yield from (a for a in answers if a.kind == kind)

    def newest(self, system_id: str, kind: str, at: datetime) -> Answer | None:
        """Return the newest of a kind at a time, or None."""
        found = [a for a in self.answers.get(system_id, ()) if a.kind == kind and a.at <= at]
        return found[-1] if found else None

    def written(self, system_id: str, revision: int) -> Written | None:
        """Return a revision of a system."""
        found = (w for w in self.revisions.get(system_id, ()) if w.revision == revision)
        return next(found, None)

    def owner(self, system_id: str, at: datetime) -> str:
        """Return the owner a system stated at a time; empty when none."""
        stated = [w.owner for w in self.revisions.get(system_id, ()) if w.at <= at]
        return stated[-1] if stated else ""

    def unit(self, system_id: str, at: datetime) -> str:
        """Return the unit a system belonged to at a time."""
        stated = [w.unit for w in self.revisions.get(system_id, ()) if w.at <= at]
        return stated[-1] if stated else ""

    def tier(self, system_id: str, at: datetime) -> RiskCategory:
        """Return the tier by which a system was judged at a time."""
        assessed = [a.tier for a in self.answers.get(system_id, ()) if a.tier and a.at <= at]
        declared = [w.declared for w in self.revisions.get(system_id, ()) if w.at <= at]
        unknown = RiskCategory.UNDETERMINED
        return graver([unknown, *assessed][-1], [unknown, *declared][-1])

    def held(
        self, person: str, role: str, system_id: str, since: datetime, until: datetime
    ) -> bool:
        """Say whether a person held a role for a system for a moment between two times."""
        unit = self.unit(system_id, until)
        return any(
            g.role == role
            and g.granted_at <= until
            and (g.revoked_at is None or g.revoked_at > since)
            and reaches(g, system_id, unit)
            for g in self.grants.get(person, ())
        )

    def holds_as(self, actor: str, role: str, system_id: str, at: datetime) -> bool:
        """Say whether this very account held a role for a system at a time."""
        unit = self.unit(system_id, at)
        return any(
            g.actor == actor
            and g.role == role
            and g.granted_at <= at
            and (g.revoked_at is None or g.revoked_at > at)
            and reaches(g, system_id, unit)
            for g in self.grants.get(self.person(actor), ())
        )


def reaches(grant: Grant | Delegation, system_id: str, unit: str) -> bool:
    """Say whether a grant or a delegation reaches a system of a unit."""
    if grant.scope_kind is ScopeKind.ORGANISATION:
        return True
    if grant.scope_kind is ScopeKind.UNIT:
        return bool(unit) and grant.scope == unit
    return grant.scope == system_id
