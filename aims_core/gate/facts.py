"""Facts of many systems, read with a fixed number of statements however many systems there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.among import among
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

_NOTHING: Mapping[Any, Any] = MappingProxyType({})


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
            results=_read_only(results.get(s.system_id)),
            evidence=_read_only(evidence.get(s.system_id)),
            duties=_read_only(duties.get(s.system_id)),
            excepted=_read_only(excepted.get(s.system_id)),
            approvals=tuple(approvals.get(s.system_id, ())),
            evidence_due=due.get(s.system_id),
        )
        for s in systems
    ]


def _read_only(found: Mapping[Any, Any] | None) -> Mapping[Any, Any]:
    return MappingProxyType(dict(found)) if found else _NOTHING


def _owners(tx: Transaction, owners: Collection[str]) -> dict[str, Actor]:
    table = tables.actor
    known = among(tx.connection, table.c.actor_id, owners)
    rows = tx.connection.execute(sa.select(table).where(known))
    return {row.actor_id: actor_from_row(row) for row in rows}


def _results(tx: Transaction, ids: Sequence[str], kinds: Collection[str]) -> Iterable[Any]:
    if not kinds:
        return ()
    table, schema = tables.result, tables.result_schema
    query = (
        sa.select(table, schema.c.schema)
        .join(schema)
        .where(
            among(tx.connection, table.c.system_id, ids),
            table.c.kind.in_(sorted(kinds)),
            table.c.in_force,
        )
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
        .where(among(tx.connection, table.c.system_id, ids), table.c.kind.in_(sorted(kinds)), live)
        .order_by(table.c.added_at.desc(), table.c.evidence_id)
    )
    return tx.connection.execute(query)


def _approvals(tx: Transaction, ids: Sequence[str]) -> dict[str, list[Approval]]:
    table = tables.approval
    query = (
        sa.select(table)
        .where(
            among(tx.connection, table.c.system_id, ids),
            table.c.status == ApprovalStatus.CARRIED_OUT,
        )
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
    of_these = among(tx.connection, table.c.system_id, ids)
    query = sa.select(table.c.system_id, table.c.evidence_due).where(of_these)
    return {row.system_id: row.evidence_due for row in tx.connection.execute(query)}


def _grouped(rows: Iterable[Any], record: Any) -> dict[str, dict[str, tuple[Any, ...]]]:
    lists: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        lists[row.system_id][row.kind].append(record(row))
    return {key: {kind: tuple(v) for kind, v in kinds.items()} for key, kinds in lists.items()}
