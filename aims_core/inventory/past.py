"""Pages of the register as it was: read in the order of the page where an index has it, up to their end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from aims_core import history, tables
from aims_core.inventory.words import are_common
from aims_core.records import AISystem
from aims_core.store import Transaction
from aims_core.store.rows import select_systems, systems_from_rows

Conditions = Callable[[sa.FromClause], list[sa.ColumnElement[bool]]]
"""Returns the conditions of a search for a register of then."""
_SELECTIVE = frozenset({"unit", "owner"})
"""Filters that few systems fit: all that ever did are soon looked at, whatever else is asked for."""
_INDEXED = frozenset({"unit", "owner", "stage", "tier"})
_IN_ORDER = frozenset({"system_id", "name", *_INDEXED})
_FEW = 500
"""Systems that are rather looked up by their keys than met on the way through an index."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which systems of then are wanted, and in which order.

    Attributes
    ----------
    conditions : callable
        What they have to fit.
    filters : mapping of str to str
        The filters among the conditions, by column.
    words : sequence of str
        The words among the conditions.
    sort : str
        A column; equal values are ordered by id.
    limit : int
        How many at most.
    """

    conditions: Conditions
    filters: Mapping[str, str]
    words: Sequence[str]
    sort: str
    descending: bool
    limit: int


def fitting(tx: Transaction, at: datetime, wanted: Wanted) -> list[str]:
    """Return the ids of the first systems that fitted at a time, in the order that is wanted."""
    query = _ended(_query(tx, at, wanted), wanted)
    return list(tx.connection.execute(query).scalars("system_id"))


def _ended(query: Any, wanted: Wanted) -> Any:
    """Return a query for keys and ids in the order that is wanted, up to the limit."""
    order: list[Any] = [sa.desc("key") if wanted.descending else sa.asc("key")]
    if wanted.sort != "system_id":
        order.append(sa.asc("system_id"))
    return query.order_by(*order).limit(wanted.limit)


def states(tx: Transaction, at: datetime, ids: Sequence[str]) -> list[AISystem]:
    """Return systems as they were at a time, in the order of their ids; up to 1,000."""
    rows = tx.connection.execute(_states(), {"at": at, "ids": list(ids)})
    found = {system.system_id: system for system in systems_from_rows(rows)}
    return [found[i] for i in ids if i in found]


@cache
def _states() -> sa.Select[Any]:
    at = sa.bindparam("at", type_=tables.UtcTime)
    ids = sa.bindparam("ids", type_=sa.String, expanding=True)
    return select_systems(history.as_of(tables.system, at, keys=ids))


def _query(tx: Transaction, at: datetime, wanted: Wanted) -> Any:
    """Return the query for keys to sort by and ids, without order and limit."""
    table, asked = tables.system, len(wanted.conditions(tables.system))
    if not asked and wanted.sort == "system_id":  # no record is ever deleted
        return _keys(table, wanted).where(table.c.registered_at <= at)
    if _has_index(wanted, asked):
        return _along(tx, at, wanted)
    if _one_by_one(tx, wanted):
        each = history.each_as_of(table, at)
        return _keys(each, wanted).where(*wanted.conditions(each))
    then = history.as_of(table, at)
    return _keys(then, wanted, apart=True).where(*wanted.conditions(then))


def _has_index(wanted: Wanted, asked: int) -> bool:
    """Say whether an index of states leads to what is wanted, without leading to much else."""
    given = set(wanted.filters)
    if given & _SELECTIVE:
        return True
    if not asked:
        return wanted.sort in _IN_ORDER
    return wanted.sort == "system_id" and given <= _INDEXED and asked == len(given)


def _one_by_one(tx: Transaction, wanted: Wanted) -> bool:
    """Say whether SQLite soon meets what is wanted among the systems, each as it was, in their own order."""
    if tx.connection.dialect.name != "sqlite" or wanted.sort != "system_id":
        return False
    return not wanted.words or are_common(tx.connection, wanted.words)


def _along(tx: Transaction, at: datetime, wanted: Wanted) -> sa.CompoundSelect[Any]:
    """Return the query that reads present and former states along an index, and stops at the limit.

    SQLite would go through all of either half if hardly a state in it held then. Such are looked up instead.
    """
    table, former = tables.system, history.system
    stands = history.as_it_stands(table.c.valid_from) <= at
    now = _keys(table, wanted).where(stands, *wanted.conditions(table))
    held = history.held_along(former, at)
    then = _keys(former, wanted).where(held, *wanted.conditions(former))
    if tx.connection.dialect.name == "sqlite":
        present, changed = _few(tx, at)
        if present is not None:
            now = now.where(table.c.system_id.in_(present))
        if changed is not None:
            then = then.where(former.c.system_id.in_(changed))
        return sa.union_all(now, then)
    # PostgreSQL sorts a union as a whole; each half by itself it reads in the order of an index.
    return sa.union_all(_ended(now, wanted), _ended(then, wanted))


def _few(tx: Transaction, at: datetime) -> tuple[sa.Select[Any] | None, sa.Select[Any] | None]:
    """Return the systems that stood as they do now, and those that have changed since; None where many."""
    numbers = tx.connection.execute(_numbers(), {"at": at, "few": _FEW + 1}).one()
    there, unchanged, changed = (sa.select(tables.system.c.system_id).where(c) for c in _parts(at))
    if numbers.there <= _FEW:
        return there, there
    return (
        unchanged if numbers.unchanged <= _FEW else None,
        changed if numbers.changed <= _FEW else None,
    )


@cache
def _numbers() -> sa.Select[Any]:
    """Return the query for how many systems there were, stood as now, and have changed: up to ``few``."""
    few = sa.bindparam("few", type_=sa.Integer)
    some = [
        sa.select(sa.literal(1)).select_from(tables.system).where(condition).limit(few)
        for condition in _parts(sa.bindparam("at", type_=tables.UtcTime))
    ]
    there, unchanged, changed = (
        sa.select(sa.func.count()).select_from(one.subquery()).scalar_subquery() for one in some
    )
    return sa.select(
        there.label("there"),
        unchanged.label("unchanged"),
        sa.case((there < few, 0), else_=changed).label("changed"),
    )


def _parts(at: Any) -> tuple[sa.ColumnElement[bool], ...]:
    table = tables.system
    since = sa.and_(table.c.valid_from > at, history.as_it_stands(table.c.registered_at) <= at)
    return table.c.registered_at <= at, table.c.valid_from <= at, since


def _keys(table: sa.FromClause, wanted: Wanted, *, apart: bool = False) -> sa.Select[Any]:
    """Return the query for the key to sort by and the id; `apart` keeps SQLite from an index of it."""
    key = table.c[wanted.sort]
    shown = history.as_it_stands(key) if apart else key
    return sa.select(shown.label("key"), table.c.system_id)
