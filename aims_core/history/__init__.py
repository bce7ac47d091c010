"""What was true at a time: every former state of a record, with the interval in which it held.

A historied table has a column ``valid_from``; its history table holds each former row with
``valid_from`` and ``valid_to``. Triggers of the database write both, so that no statement can pass
them by, and fail where nobody says what time it is: outside a workspace's transaction. An interval
contains its start and not its end; two changes within the same instant leave the later one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.history.conditions import SPAN, Holds, HoldsBySpan, as_it_stands, held_along
from aims_core.history.moments import moment
from aims_core.history.triggers import NOW, drop_history_triggers, history_triggers
from aims_core.tables import UtcTime

__all__ = [
    "HISTORIED",
    "NOW",
    "SPAN",
    "SPAN_INDEX",
    "actor",
    "approval",
    "as_it_stands",
    "as_of",
    "drop_history_triggers",
    "each_as_of",
    "grant",
    "held_along",
    "history_table",
    "history_triggers",
    "moment",
    "system",
]
SPAN_INDEX = "ix_aims_system_history_span"
"""PostgreSQL's index of the intervals of systems."""


def history_table(table: sa.Table) -> sa.Table:
    """Return the history table of a table that has a column ``valid_from``, in the same metadata.

    Its name is that of the table with ``_history`` added. Plugins call it for their own tables, beside
    their definition, and create it and the triggers of :func:`history_triggers` in a migration.
    """
    columns = [
        sa.Column(c.name, c.type, nullable=c.nullable, autoincrement=False)
        for c in table.columns
        if c.name != "valid_from"
    ]
    keys = [c.name for c in table.primary_key.columns]
    return sa.Table(
        f"{table.name}_history",
        table.metadata,
        *columns,
        sa.Column("valid_from", UtcTime, nullable=False),
        sa.Column("valid_to", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint(*keys, "valid_from"),
        sa.Index(None, "valid_to", "valid_from"),
    )


def as_of(
    table: sa.Table,
    at: datetime | sa.BindParameter[Any] | None,
    *,
    keys: Sequence[str] | sa.BindParameter[Any] | None = None,
) -> sa.FromClause:
    """Return a table as it was at a time, to be selected from like the table itself; None is now.

    Parameters
    ----------
    at : datetime or None
        Aware; or a parameter of the statement, as `keys` may be (an expanding one).
    keys : sequence of str, optional
        Only the records with these primary keys, which are then looked up one by one; up to 1,000.
    """
    if at is None:
        return table
    history = table.metadata.tables[f"{table.name}_history"]
    names = [c.name for c in table.columns]
    current = sa.select(*(table.c[n] for n in names)).where(table.c.valid_from <= at)
    holds = HoldsBySpan if history.info.get(SPAN) else Holds
    given = sa.literal(at, UtcTime) if isinstance(at, datetime) else at
    held = holds(history.c.valid_from, history.c.valid_to, given)
    former = sa.select(*(history.c[n] for n in names)).where(held)
    if keys is not None:
        (key,) = (c.name for c in table.primary_key.columns)
        current = current.where(table.c[key].in_(keys))
        former = former.where(history.c[key].in_(keys))
    return sa.union_all(current, former).subquery(f"{table.name}_as_of")


def each_as_of(table: sa.Table, at: datetime) -> sa.FromClause:
    """Return a table as it was at a time, looked up record by record.

    It holds the same as :func:`as_of`, provided that records are never deleted. Read in the order of the
    key it stops where enough is found, so it serves a page; to read all of it takes twice as long.

    Parameters
    ----------
    at : datetime
        Aware.
    """
    history = table.metadata.tables[f"{table.name}_history"]
    (key,) = (c.name for c in table.primary_key.columns)
    earlier = history.alias()
    begin = (
        sa.select(sa.func.max(earlier.c.valid_from))
        .where(earlier.c[key] == table.c[key], earlier.c.valid_from <= at)
        .scalar_subquery()
    )
    stands = table.c.valid_from <= at
    former = sa.and_(
        ~stands,
        history.c[key] == table.c[key],
        history.c.valid_from == begin,
        history.c.valid_to > at,
    )
    columns = [
        c if c.primary_key else sa.case((stands, c), else_=history.c[c.name]).label(c.name)
        for c in table.columns
    ]
    return (
        sa.select(*columns)
        .select_from(table.outerjoin(history, former))
        .where(sa.or_(stands, history.c[key].is_not(None)))
        .subquery(f"{table.name}_each_as_of")
    )


HISTORIED = (tables.actor, tables.grant, tables.system, tables.approval)
"""The core's tables whose former states are kept."""
actor, grant, system, approval = (history_table(table) for table in HISTORIED)
system.info[SPAN] = True
# In the orders of pages; reading along them passes over states of other times without looking at the rows.
for _column in ("name", "owner", "unit", "stage", "tier"):
    sa.Index(None, system.c[_column], system.c.system_id, system.c.valid_from, system.c.valid_to)
