"""Facts of many systems, read with a fixed number of statements however many systems there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from aims_core import history, tables
from aims_core.among import among
from aims_core.gate.duties import duties_of
from aims_core.gate.exceptions import excepted_pairs
from aims_core.records import Actor, AISystem, Approval, SystemFacts
from aims_core.records.filling import filler
from aims_core.store import Transaction
from aims_core.store.rows import (
    actor_from_row,
    approval_from_row,
    evidence_from_row,
    result_from_row,
    select_evidence,
)
from aims_core.terms import ApprovalStatus, Entry

_filled = filler(SystemFacts)
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


def gather(
    tx: Transaction,
    systems: Sequence[AISystem],
    wanted: Wanted,
    at: datetime | None = None,
) -> list[SystemFacts]:
    """Return the facts of some systems, in their order.

    Parameters
    ----------
    systems : sequence of AISystem
        As they are, or as they were at `at`.
    at : datetime, optional
        The time of which the facts speak; now by default. No step is judged of another time.

    Notes
    -----
    Seven statements at most for up to a few thousand systems; callers with more go in portions.
    """
    ids = [s.system_id for s in systems]
    owners = _owners(tx, {s.owner for s in systems}, at)
    results = _grouped(_results(tx, ids, wanted.results, at), result_from_row)
    evidence = _grouped(_evidence(tx, ids, wanted.evidence, at), evidence_from_row)
    approvals = _approvals(tx, ids, at) if wanted.approvals else {}
    due = _evidence_due(tx, [s.system_id for s in systems if s.entry is Entry.LEGACY])
    duties = {s.system_id: duties_of(tx, s, wanted.step) for s in systems} if wanted.step else {}
    excepted = excepted_pairs(tx, systems) if wanted.step else {}
    for system in systems if wanted.step else ():
        if (owner := owners.get(system.owner)) is not None:
            known = duties[system.system_id]
            duties[system.system_id] = {**known, "owner": frozenset({owner.person})}
    now = at or tx.now
    return [
        _filled(
            (
                s,
                owners.get(s.owner),
                now,
                # Read-only: the rule judges by these same facts after the checks have seen them.
                _read_only(results.get(key)),
                _read_only(evidence.get(key)),
                _read_only(duties.get(key)),
                _read_only(excepted.get(key)),
                tuple(approvals.get(key, ())),
                due.get(key),
            )
        )
        for s, key in zip(systems, ids, strict=True)
    ]


def _read_only(found: Mapping[Any, Any] | None) -> Mapping[Any, Any]:
    return MappingProxyType(dict(found)) if found else _NOTHING


def _owners(tx: Transaction, owners: Collection[str], at: datetime | None) -> dict[str, Actor]:
    table = history.as_of(tables.actor, at)
    known = among(tx.connection, table.c.actor_id, owners)
    rows = tx.connection.execute(sa.select(table).where(known))
    return {row.actor_id: actor_from_row(row) for row in rows}


def _results(
    tx: Transaction, ids: Sequence[str], kinds: Collection[str], at: datetime | None
) -> Iterable[Any]:
    if not kinds:
        return ()
    table, schema = tables.result, tables.result_schema
    these = (among(tx.connection, table.c.system_id, ids), table.c.kind.in_(sorted(kinds)))
    held = table.c.in_force if at is None else table.c.result_id.in_(_newest(at, these))
    query = (
        sa.select(table, schema.c.schema)
        .join(schema)
        .where(*these, held)
        .order_by(table.c.recorded_at.desc(), table.c.result_id)
    )
    return tx.connection.execute(query)


def _newest(at: datetime, these: Iterable[sa.ColumnElement[bool]]) -> sa.Select[Any]:
    """Return the results that stood at a time: of each subject the newest of then."""
    table = tables.result
    place = sa.func.row_number().over(
        partition_by=[table.c.system_id, table.c.kind, table.c.subject],
        order_by=[table.c.recorded_at.desc(), table.c.in_force.desc(), table.c.result_id],
    )
    ranked = (
        sa.select(table.c.result_id, place.label("place"))
        .where(*these, table.c.recorded_at <= at)
        .subquery()
    )
    return sa.select(ranked.c.result_id).where(ranked.c.place == 1)


def _evidence(
    tx: Transaction, ids: Sequence[str], kinds: Collection[str], at: datetime | None
) -> Iterable[Any]:
    if not kinds:
        return ()
    table = tables.evidence
    live: sa.ColumnElement[bool] = table.c.disposed_at.is_(None)
    if at is not None:
        live = sa.and_(table.c.added_at <= at, sa.or_(live, table.c.disposed_at > at))
    query = (
        select_evidence(history.as_of(tables.system, at))
        .where(among(tx.connection, table.c.system_id, ids), table.c.kind.in_(sorted(kinds)), live)
        .order_by(table.c.added_at.desc(), table.c.evidence_id)
    )
    return tx.connection.execute(query)


def _approvals(
    tx: Transaction, ids: Sequence[str], at: datetime | None
) -> dict[str, list[Approval]]:
    table = history.as_of(tables.approval, at)
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
