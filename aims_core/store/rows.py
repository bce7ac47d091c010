"""Rows of the core's tables as records."""

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any, TypeVar

import sqlalchemy as sa

from aims_core import tables
from aims_core.records import (
    Actor,
    AISystem,
    Approval,
    Component,
    Delegation,
    Disposal,
    Evidence,
    Grant,
    LegalHold,
    Result,
    Transitioned,
    Vote,
)
from aims_core.records.filling import filler
from aims_core.terms import (
    ActorKind,
    ApprovalState,
    ApprovalStatus,
    ComponentKind,
    Decision,
    DisposalStatus,
    Entry,
    OperationalStatus,
    Origin,
    RiskCategory,
    ScopeKind,
)

_Word = TypeVar("_Word", bound=str)


class _Words(dict[str, _Word]):
    """Words by spelling, looked up faster than an enumeration is called; unknown ones fail as there."""

    def __init__(self, words: Callable[[str], _Word], known: Iterable[_Word]) -> None:
        super().__init__({str(word): word for word in known})
        self._words = words

    def __missing__(self, spelling: str) -> _Word:
        return self._words(spelling)


_ORIGINS, _TIERS = _Words(Origin, Origin), _Words(RiskCategory, RiskCategory)
_STATUSES, _ENTRIES = _Words(OperationalStatus, OperationalStatus), _Words(Entry, Entry)
_APPROVAL_STATES = _Words(ApprovalState, ApprovalState)
_SYSTEM = tuple(field.name for field in fields(AISystem))
_filled = filler(AISystem)
_COMPONENTS = _SYSTEM.index("components")
_SPELT: tuple[tuple[int, _Words[Any]], ...] = (
    (_SYSTEM.index("origin"), _ORIGINS),
    (_SYSTEM.index("declared_risk_category"), _TIERS),
    (_SYSTEM.index("status"), _STATUSES),
    (_SYSTEM.index("tier"), _TIERS),
    (_SYSTEM.index("approval_state"), _APPROVAL_STATES),
    (_SYSTEM.index("entry"), _ENTRIES),
)


def system_from_row(row: Any) -> AISystem:
    """Return a row of ``aims_system`` as a record."""
    return AISystem(
        system_id=row.system_id,
        name=row.name,
        use_case=row.use_case,
        owner=row.owner,
        origin=_ORIGINS[row.origin],
        declared_risk_category=_TIERS[row.declared_risk_category],
        unit=row.unit,
        intended_use=row.intended_use,
        supplier=row.supplier,
        human_oversight=row.human_oversight,
        incident_contact=row.incident_contact,
        attributes=row.attributes,
        components=tuple(row.components),
        stage=row.stage,
        status=_STATUSES[row.status],
        tier=_TIERS[row.tier],
        approval_state=_APPROVAL_STATES[row.approval_state],
        entry=_ENTRIES[row.entry],
        revision=row.revision,
        digest=row.digest,
        registered_at=row.registered_at,
        revised_at=row.revised_at,
    )


def select_systems(table: sa.FromClause = tables.system) -> sa.Select[Any]:
    """Return the query whose rows :func:`systems_from_rows` takes, over the register of now or of then."""
    return sa.select(*(table.c[name] for name in _SYSTEM))


def systems_from_rows(rows: Iterable[Any]) -> list[AISystem]:
    """Return many rows of :func:`select_systems` as records."""
    found = []
    for row in rows:
        values = list(row)
        for place, words in _SPELT:
            values[place] = words[values[place]]
        values[_COMPONENTS] = tuple(values[_COMPONENTS])
        found.append(_filled(values))
    return found


def actor_from_row(row: Any) -> Actor:
    """Return a row of ``aims_actor`` as a record."""
    return Actor(actor_id=row.actor_id, name=row.name, kind=ActorKind(row.kind), person=row.person)


def grant_from_row(row: Any) -> Grant:
    """Return a row of ``aims_grant`` as a record."""
    return Grant(
        grant_id=row.grant_id,
        actor=row.actor,
        role=row.role,
        scope_kind=ScopeKind(row.scope_kind),
        scope=row.scope,
        granted_by=row.granted_by,
        granted_at=row.granted_at,
        revoked_at=row.revoked_at,
        fact_at=row.fact_at,
        revoked_fact_at=row.revoked_fact_at,
    )


def delegation_from_row(row: Any) -> Delegation:
    """Return a row of ``aims_delegation`` as a record."""
    return Delegation(
        delegation_id=row.delegation_id,
        delegator=row.delegator,
        delegate=row.delegate,
        role=row.role,
        scope_kind=ScopeKind(row.scope_kind),
        scope=row.scope,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        reason=row.reason,
        made_at=row.made_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by or "",
        end_reason=row.end_reason or "",
    )


def component_from_row(row: Any) -> Component:
    """Return a row of ``aims_component`` as a record."""
    return Component(
        component_id=row.component_id,
        kind=ComponentKind(row.kind),
        name=row.name,
        version=row.version,
        supplier=row.supplier,
        attributes=row.attributes,
    )


def vote_from_row(row: Any) -> Vote:
    """Return a row of ``aims_vote`` as a record."""
    return Vote(
        vote_id=row.vote_id,
        approval_id=row.approval_id,
        actor=row.actor,
        person=row.person,
        role=row.role,
        decision=Decision(row.decision),
        reason=row.reason,
        digest=row.digest,
        at=row.at,
        on_behalf_of=row.on_behalf_of,
        on_behalf_person=row.on_behalf_person,
        ordinal=row.ordinal,
        fact_at=row.fact_at,
    )


def approval_from_row(row: Any, votes: Iterable[Vote] = ()) -> Approval:
    """Return a row of ``aims_approval`` as a record, with its votes."""
    return Approval(
        approval_id=row.approval_id,
        system_id=row.system_id,
        transition=row.transition,
        revision=row.revision,
        digest=row.digest,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        reason=row.reason,
        status=ApprovalStatus(row.status),
        machine_version=row.machine_version,
        closed_at=row.closed_at,
        closed_by=row.closed_by or "",
        close_reason=row.close_reason or "",
        expires_at=row.expires_at,
        valid_until=row.valid_until,
        lapsed_at=row.lapsed_at,
        tier=row.tier or "",
        votes=tuple(votes),
        fact_at=row.fact_at,
        closed_fact_at=row.closed_fact_at,
    )


def select_evidence(system: sa.FromClause = tables.system) -> sa.Select[Any]:
    """Return the query whose rows :func:`evidence_from_row` takes; it tells what is of an old revision.

    `system` is the register of now or of then.
    """
    same = system.c.system_id == tables.evidence.c.system_id
    return sa.select(tables.evidence, system.c.revision.label("revision_now")).join(system, same)


def evidence_from_row(row: Any) -> Evidence:
    """Return a row of :func:`select_evidence` as a record."""
    return Evidence(
        evidence_id=row.evidence_id,
        system_id=row.system_id,
        kind=row.kind,
        title=row.title,
        digest=row.digest,
        media_type=row.media_type,
        size=row.size,
        location=row.location,
        note=row.note,
        revision=row.revision,
        collected_at=row.collected_at,
        added_at=row.added_at,
        added_by=row.added_by,
        retain_until=row.retain_until,
        marks=row.marks or {},
        run=row.run,
        origin=row.origin,
        disposed_at=row.disposed_at,
        disposed_by=row.disposed_by or "",
        outdated=row.revision != row.revision_now,
    )


def hold_from_row(row: Any) -> LegalHold:
    """Return a row of ``aims_evidence_hold`` as a record."""
    return LegalHold(
        hold_id=row.hold_id,
        system_id=row.system_id,
        evidence_id=row.evidence_id or "",
        reason=row.reason,
        placed_by=row.placed_by,
        placed_at=row.placed_at,
        release_proposed_by=row.release_proposed_by or "",
        release_proposed_at=row.release_proposed_at,
        released_by=row.released_by or "",
        released_at=row.released_at,
        release_reason=row.release_reason or "",
        fact_at=row.fact_at,
        release_proposed_fact_at=row.release_proposed_fact_at,
        released_fact_at=row.released_fact_at,
    )


def disposal_from_row(row: Any) -> Disposal:
    """Return a row of ``aims_evidence_disposal`` as a record."""
    return Disposal(
        disposal_id=row.disposal_id,
        evidence_id=row.evidence_id,
        reason=row.reason,
        status=DisposalStatus(row.status),
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by or "",
        decided_at=row.decided_at,
        decision_reason=row.decision_reason or "",
    )


def result_from_row(row: Any) -> Result:
    """Return a row of ``aims_result`` joined with its schema as a record."""
    return Result(
        result_id=row.result_id,
        kind=row.kind,
        system_id=row.system_id,
        subject=row.subject,
        provider=row.provider,
        distribution=row.distribution,
        version=row.version,
        fingerprint=row.fingerprint,
        input_digest=row.input_digest,
        schema=row.schema,
        payload=row.payload,
        revision=row.revision,
        tier=RiskCategory(row.tier) if row.tier else None,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        valid_until=row.valid_until,
    )


def transitioned_from_row(row: Any) -> Transitioned:
    """Return a row of ``aims_transition`` as a record."""
    return Transitioned(
        system_id=row.system_id,
        transition=row.transition,
        from_stage=row.from_stage,
        to_stage=row.to_stage,
        from_status=row.from_status,
        to_status=row.to_status,
        revision=row.revision,
        digest=row.digest,
        approval_id=row.approval_id,
        actor=row.actor,
        at=row.at,
        machine_version=row.machine_version,
        reason=row.reason,
        fact_at=row.fact_at,
    )
