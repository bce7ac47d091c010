"""Facts of many systems, read with a fixed number of statements however many systems there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.gate.exceptions import excepted_pairs
from aims_core.records import Actor, AISystem, Approval, SystemFacts
from aims_core.store import Transaction
from aims_core.store.rows import (
    actor_from_row,
    approval_from_row,
    evidence_from_row,
    result_from_row,
)
from aims_core.terms import ApprovalStatus

ByDuty = dict[str, set[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What the facts must carry: kinds of results and evidence, approvals, and duties if a step is judged.

    `step` names the transition whose segregation of duties is judged; empty leaves duties out.
    """

    results: Collection[str] = ()
    evidence: Collection[str] = ()
    approvals: bool = True
    step: str = ""


def gather(tx: Transaction, systems: Sequence[AISystem], wanted: Wanted) -> list[SystemFacts]:
    """Return the facts of some systems, in their order.

    Notes
    -----
    Six statements at most for up to a few thousand systems; callers with more go in portions.
    """
    ids = [s.system_id for s in systems]
    owners = _owners(tx, {s.owner for s in systems})
    results = _grouped(_results(tx, ids, wanted.results), result_from_row)
    evidence = _grouped(_evidence(tx, ids, wanted.evidence), evidence_from_row)
    approvals = _approvals(tx, ids) if wanted.approvals else {}
    duties = {s.system_id: _duties(tx, s, wanted.step) for s in systems} if wanted.step else {}
    excepted = excepted_pairs(tx, systems) if wanted.step else {}
    for system in systems if wanted.step else ():
        if (owner := owners.get(system.owner)) is not None:
            duties[system.system_id]["owner"] = {owner.person}
    return [
        SystemFacts(
            system=s,
            owner=owners.get(s.owner),
            now=tx.now,
            # Read-only: the rule judges by these same facts after the checks have seen them.
            results=MappingProxyType(results.get(s.system_id, {})),
            evidence=MappingProxyType(evidence.get(s.system_id, {})),
            duties=MappingProxyType(
                {k: frozenset(v) for k, v in duties.get(s.system_id, {}).items()}
            ),
            excepted=MappingProxyType(excepted.get(s.system_id, {})),
            approvals=tuple(approvals.get(s.system_id, ())),
        )
        for s in systems
    ]


def _owners(tx: Transaction, owners: Collection[str]) -> dict[str, Actor]:
    table = tables.actor
    rows = tx.connection.execute(sa.select(table).where(table.c.actor_id.in_(owners)))
    return {row.actor_id: actor_from_row(row) for row in rows}


def _results(tx: Transaction, ids: Sequence[str], kinds: Collection[str]) -> Iterable[Any]:
    if not kinds:
        return ()
    table, schema = tables.result, tables.result_schema
    query = (
        sa.select(table, schema.c.schema)
        .join(schema)
        .where(table.c.system_id.in_(ids), table.c.kind.in_(kinds), table.c.in_force)
        .order_by(table.c.recorded_at.desc(), table.c.result_id)
    )
    return tx.connection.execute(query)


def _evidence(tx: Transaction, ids: Sequence[str], kinds: Collection[str]) -> Iterable[Any]:
    if not kinds:
        return ()
    table = tables.evidence
    query = (
        sa.select(table)
        .where(table.c.system_id.in_(ids), table.c.kind.in_(kinds))
        .order_by(table.c.added_at.desc(), table.c.evidence_id)
    )
    return tx.connection.execute(query)


def _approvals(tx: Transaction, ids: Sequence[str]) -> dict[str, list[Approval]]:
    table = tables.approval
    query = (
        sa.select(table)
        .where(table.c.system_id.in_(ids), table.c.status == ApprovalStatus.CARRIED_OUT)
        .order_by(table.c.closed_at.desc(), table.c.approval_id)
    )
    found: dict[str, list[Approval]] = defaultdict(list)
    for row in tx.connection.execute(query):
        found[row.system_id].append(approval_from_row(row))
    return found


def _grouped(rows: Iterable[Any], record: Any) -> dict[str, dict[str, tuple[Any, ...]]]:
    lists: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        lists[row.system_id][row.kind].append(record(row))
    return {key: {kind: tuple(v) for kind, v in kinds.items()} for key, kinds in lists.items()}


def _duties(tx: Transaction, system: AISystem, step: str) -> ByDuty:
    """Persons by duty: everybody who contributed since this very step was last approved."""
    duties: ByDuty = defaultdict(set)
    duties["editor"] |= _editors(tx, system.system_id, _baseline(tx, system.system_id, step))
    duties["developer"] |= _holders(tx, system, "developer")
    duties["validator"] |= _adders(tx, system.system_id, "validation")
    duties["assessor"] |= _assessors(tx, system.system_id)
    return duties


def _baseline(tx: Transaction, system_id: str, step: str) -> int:
    table = tables.approval
    query = sa.select(sa.func.max(table.c.revision)).where(
        table.c.system_id == system_id,
        table.c.transition == step,
        table.c.status == ApprovalStatus.CARRIED_OUT,
    )
    return int(tx.connection.execute(query).scalar() or 0)


def _editors(tx: Transaction, system_id: str, baseline: int) -> set[str]:
    table = tables.system_revision
    authors = sa.select(table.c.author).where(
        table.c.system_id == system_id, table.c.revision > baseline
    )
    return _persons(tx, authors)


def _holders(tx: Transaction, system: AISystem, role: str) -> set[str]:
    table = tables.grant
    reach = sa.or_(
        table.c.scope_kind == "organisation",
        sa.and_(table.c.scope_kind == "unit", table.c.scope == system.unit),
        sa.and_(table.c.scope_kind == "system", table.c.scope == system.system_id),
    )
    holders = sa.select(table.c.actor).where(
        table.c.role == role, table.c.revoked_at.is_(None), reach
    )
    return _persons(tx, holders)


def _adders(tx: Transaction, system_id: str, kind: str) -> set[str]:
    table = tables.evidence
    adders = sa.select(table.c.added_by).where(table.c.system_id == system_id, table.c.kind == kind)
    return _persons(tx, adders)


def _assessors(tx: Transaction, system_id: str) -> set[str]:
    table = tables.result
    assessors = sa.select(table.c.recorded_by).where(
        table.c.system_id == system_id, table.c.kind == "risk_assessment", table.c.in_force
    )
    return _persons(tx, assessors)


def _persons(tx: Transaction, actors: sa.Select[Any]) -> set[str]:
    query = sa.select(tables.actor.c.person).where(tables.actor.c.actor_id.in_(actors))
    return set(tx.connection.execute(query).scalars())
