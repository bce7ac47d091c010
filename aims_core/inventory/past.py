"""Pages of the register as it was: found in the order of the page, so that reading stops early."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import history, tables
from aims_core.records import AISystem
from aims_core.store import Transaction, system_from_row

Conditions = Callable[[sa.FromClause], list[sa.ColumnElement[bool]]]
"""Returns the conditions of a search for a register of then."""
_SELECTIVE = ("unit", "owner")
"""Filters that few systems fit, and ever did: an index of the history leads to them."""


def page(
    tx: Transaction,
    at: datetime,
    conditions: Conditions,
    filters: Mapping[str, str | None],
    *,
    descending: bool,
    limit: int,
    offset: int,
) -> tuple[list[AISystem], int]:
    """Return a page by id of the systems that fitted at a time, as they were, and the number of all."""
    if not conditions(tables.system):
        table = tables.system
        known = table.c.registered_at <= at
        found = sa.select(table.c.system_id).where(known)
        number = sa.select(sa.func.count()).select_from(table).where(known)
    else:
        found, number = _fitting(tx.connection.dialect.name, at, conditions, filters)
    key = found.selected_columns[0]
    order = key.desc() if descending else key.asc()
    ids = list(tx.connection.execute(found.order_by(order).limit(limit).offset(offset)).scalars())
    then = history.as_of(tables.system, at, keys=ids)
    states = {r.system_id: system_from_row(r) for r in tx.connection.execute(sa.select(then))}
    total = tx.connection.execute(number).scalar_one()
    return [states[i] for i in ids if i in states], int(total)


def _fitting(
    dialect: str, at: datetime, conditions: Conditions, filters: Mapping[str, str | None]
) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Return the queries for the ids that fitted, and for their number."""
    then = history.as_of(tables.system, at)
    number = sa.select(sa.func.count()).select_from(then).where(*conditions(then))
    if dialect == "postgresql":  # an index of intervals leads straight to what held
        return sa.select(then.c.system_id).where(*conditions(then)), number
    each = history.each_as_of(tables.system, at)
    ever = _ever(each, filters)
    fit = (*conditions(each), *ever)
    if ever:  # otherwise counting has to read all of then, which is faster by interval
        number = sa.select(sa.func.count()).select_from(each).where(*fit)
    return sa.select(each.c.system_id).where(*fit), number


def _ever(each: sa.FromClause, filters: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
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
