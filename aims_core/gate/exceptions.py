"""Exceptions to rules of separation as a gate sees them: which duties may meet for which system."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.records import AISystem
from aims_core.rules import SeparationException, in_force_on
from aims_core.store import Transaction
from aims_core.terms import ScopeKind

Pairs = dict[tuple[str, str], str]


def excepted_pairs(tx: Transaction, systems: Sequence[AISystem]) -> dict[str, Pairs]:
    """Return exception ids by pair of duties, by system id, with one statement."""
    exceptions = [e for e in read_exceptions(tx) if e.pairs and in_force_on(e, tx.now)]
    return {
        s.system_id: {pair: e.exception_id for e in exceptions if _covers(e, s) for pair in e.pairs}
        for s in systems
    }


def read_exceptions(tx: Transaction) -> list[SeparationException]:
    """Return every exception that was ever recorded, oldest first; there are few."""
    table = tables.separation_exception
    query = sa.select(table).order_by(table.c.recorded_at, table.c.exception_id)
    return [exception_from_row(row) for row in tx.connection.execute(query)]


def exception_from_row(row: Any) -> SeparationException:
    """Return a row of ``aims_exception`` as a record."""
    return SeparationException(
        exception_id=row.exception_id,
        rule=row.rule,
        reason=row.reason,
        compensating_control=row.compensating_control,
        scope_kind=ScopeKind(row.scope_kind),
        scope=row.scope,
        pairs=tuple((first, second) for first, second in row.pairs),
        expires_on=date.fromisoformat(row.expires_on) if row.expires_on else None,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        approved_by=row.approved_by or "",
        approved_at=row.approved_at,
        ended_by=row.ended_by or "",
        ended_at=row.ended_at,
        end_reason=row.end_reason or "",
        fact_at=row.fact_at,
        approved_fact_at=row.approved_fact_at,
        ended_fact_at=row.ended_fact_at,
    )


def _covers(exception: SeparationException, system: AISystem) -> bool:
    if exception.scope_kind is ScopeKind.ORGANISATION:
        return True
    if exception.scope_kind is ScopeKind.UNIT:
        return bool(system.unit) and exception.scope == system.unit
    return exception.scope == system.system_id
