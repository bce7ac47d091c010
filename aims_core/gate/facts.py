"""Facts of many systems, read with a fixed number of statements however many systems there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.gate.duties import duties_of
from aims_core.gate.exceptions import excepted_pairs
from aims_core.records import Actor, AISystem, Approval, SystemFacts
from aims_core.store import Transaction
from aims_core.store.rows import (
    actor_from_row,
    approval_from_row,
    evidence_from_row,
    result_from_row,
    select_evidence,
)
from aims_core.terms import ApprovalStatus, Entry


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
    Seven statements at most for up to a few thousand systems; callers with more go in portions.
    """
    ids = [s.system_id for s in systems]
    owners = _owners(tx, {s.owner for s in systems})
    results = _grouped(_results(tx, ids, wanted.results), result_from_row)
    evidence = _grouped(_evidence(tx, ids, wanted.evidence), evidence_from_row)
    approvals = _approvals(tx, ids) if wanted.approvals else {}
    due = _evidence_due(tx, [s.system_id for s in systems if s.entry is Entry.LEGACY])
    duties = {s.system_id: duties_of(tx, s, wanted.step) for s in systems} if wanted.step else {}
    excepted = excepted_pairs(tx, systems) if wanted.step else {}
    for system in systems if wanted.step else ():
        if (owner := owners.get(system.owner)) is not None:
            known = duties[system.system_id]
            duties[system.system_id] = {**known, "owner": frozenset({owner.person})}
    return [
        SystemFacts(
            system=s,
            owner=owners.get(s.owner),
            now=tx.now,
            # Read-only: the rule judges by these same facts after the checks have seen them.
            results=MappingProxyType(results.get(s.system_id, {})),
            evidence=MappingProxyType(evidence.get(s.system_id, {})),
            duties=MappingProxyType(dict(duties.get(s.system_id, {}))),
            excepted=MappingProxyType(excepted.get(s.system_id, {})),
            approvals=tuple(approvals.get(s.system_id, ())),
            evidence_due=due.get(s.system_id),
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
    live = table.c.disposed_at.is_(None)
    query = (
        select_evidence()
        .where(table.c.system_id.in_(ids), table.c.kind.in_(kinds), live)
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


def _evidence_due(tx: Transaction, ids: Sequence[str]) -> dict[str, datetime]:
    if not ids:
        return {}
    table = tables.legacy
    query = sa.select(table.c.system_id, table.c.evidence_due).where(table.c.system_id.in_(ids))
    return {row.system_id: row.evidence_due for row in tx.connection.execute(query)}


def _grouped(rows: Iterable[Any], record: Any) -> dict[str, dict[str, tuple[Any, ...]]]:
    lists: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        lists[row.system_id][row.kind].append(record(row))
    return {key: {kind: tuple(v) for kind, v in kinds.items()} for key, kinds in lists.items()}
