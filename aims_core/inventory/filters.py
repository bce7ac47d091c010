"""Filters of the register: a slip must not look like an empty answer."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from aims_core import history, tables
from aims_core.choices import no_choice
from aims_core.errors import InvalidRecord
from aims_core.lifecycle import Machine
from aims_core.records import Problem
from aims_core.store import Transaction
from aims_core.terms import (
    ApprovalState,
    Entry,
    OperationalStatus,
    Origin,
    RiskCategory,
    ScopeKind,
)

_WORDS: Mapping[str, type[StrEnum]] = {
    "status": OperationalStatus,
    "tier": RiskCategory,
    "declared_risk_category": RiskCategory,
    "origin": Origin,
    "entry": Entry,
    "approval_state": ApprovalState,
}
_SUGGESTED = 1_000


def refuse_unknown(tx: Transaction, machine: Machine, filters: Mapping[str, Any]) -> None:
    """Raise when a filter names what no system can have, or no system ever had.

    Raises
    ------
    InvalidRecord
        A stage, an owner, a unit or one of the closed words is not known; each is named.
    """
    problems = [
        problem
        for name, value in filters.items()
        if isinstance(value, str) and value and (problem := _problem(tx, machine, name, value))
    ]
    if problems:
        raise InvalidRecord("find systems", problems)


def _problem(tx: Transaction, machine: Machine, name: str, value: str) -> Problem | None:
    if name in _WORDS:
        known = list(_WORDS[name])
        return None if value in known else no_choice(value, known, field=name)
    if name == "stage":
        stages = [stage.name for stage in machine.stages]
        # Systems may have stood in a stage of an earlier lifecycle.
        fits = value in stages or _ever(tx, name, value)
        return None if fits else no_choice(value, stages, field=name)
    if name == "owner":
        return _owner(tx, value)
    return _unit(tx, value) if name == "unit" else None


def _owner(tx: Transaction, value: str) -> Problem | None:
    column = tables.actor.c.actor_id
    if _any(tx, sa.select(column).where(column == value)):
        return None
    known = list(tx.connection.execute(sa.select(column).limit(_SUGGESTED)).scalars())
    return no_choice(value, known, field="owner", remedy="list everybody with `aims people list`")


def _unit(tx: Transaction, value: str) -> Problem | None:
    column, grant = tables.system.c.unit, tables.grant
    for_unit = grant.c.scope_kind == ScopeKind.UNIT, grant.c.scope == value
    if _ever(tx, "unit", value) or _any(tx, sa.select(grant.c.grant_id).where(*for_unit)):
        return None
    query = sa.select(column).where(column != "").distinct().limit(_SUGGESTED)
    known = sorted(tx.connection.execute(query).scalars())
    if not known:  # nothing has a unit yet, so nothing can be misspelt
        return None
    remedy = "count systems by unit with `ws.inventory.counts('unit')`"
    return no_choice(value, known, field="unit", remedy=remedy)


def _ever(tx: Transaction, name: str, value: str) -> bool:
    return any(
        _any(tx, sa.select(table.c.system_id).where(table.c[name] == value))
        for table in (tables.system, history.system)
    )


def _any(tx: Transaction, query: sa.Select[Any]) -> bool:
    return tx.connection.execute(query.limit(1)).first() is not None
