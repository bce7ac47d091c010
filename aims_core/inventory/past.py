"""Pages of the register as it was: found in the order of the page, so that reading stops early."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from aims_core import history, tables
from aims_core.records import AISystem
from aims_core.store import Transaction
from aims_core.store.rows import select_systems, systems_from_rows

Conditions = Callable[[sa.FromClause], list[sa.ColumnElement[bool]]]
"""Returns the conditions of a search for a register of then."""
_SELECTIVE = ("unit", "owner")
"""Filters that few systems fit, and ever did: an index of the history leads to them."""


def fitting(
    tx: Transaction,
    at: datetime,
    conditions: Conditions,
    filters: Mapping[str, str | None],
    *,
    searched: bool,
    descending: bool,
    limit: int,
) -> list[str]:
    """Return the ids of the first systems that fitted at a time.

    Parameters
    ----------
    searched : bool
        Whether words were searched for, which may be in very few systems.
    limit : int
        How many at most.
    """
    query = _query(tx.connection.dialect.name, at, conditions, filters, searched=searched)
    key = query.selected_columns[0]
    order = key.desc() if descending else key.asc()
    return list(tx.connection.execute(query.order_by(order).limit(limit)).scalars())


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


def _query(
    dialect: str,
    at: datetime,
    conditions: Conditions,
    filters: Mapping[str, str | None],
    *,
    searched: bool,
) -> sa.Select[Any]:
    table = tables.system
    if not conditions(table):  # no record is ever deleted
        return sa.select(table.c.system_id).where(table.c.registered_at <= at)
    then = history.as_of(table, at)
    if dialect == "postgresql":  # an index of intervals leads straight to what held
        return sa.select(then.c.system_id).where(*conditions(then))
    if searched:  # all of then is read, which goes fastest by interval, whatever the order
        key = sa.func.substr(then.c.system_id, 1)
        return sa.select(key).where(*conditions(then))
    each = history.each_as_of(table, at)
    return sa.select(each.c.system_id).where(*conditions(each), *_ever(each, filters))


def _ever(each: sa.FromClause, filters: Mapping[str, str | None]) -> list[sa.ColumnElement[bool]]:
    """Return conditions that leave only systems which some time had the unit or owner that is wanted."""
    return [
        each.c.system_id.in_(
            sa.union(
                *(
                    sa.select(table.c.system_id).where(table.c[name] == str(filters[name]))
                    for table in (tables.system, history.system)
                )
            )
        )
        for name in _SELECTIVE
        if filters.get(name)
    ]
