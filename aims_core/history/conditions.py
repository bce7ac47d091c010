"""Conditions on the times of states, spelt for each database so that it takes the index that serves."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

SPAN = "aims_span"
"""PostgreSQL's type of an interval of stored times."""


class Holds(FunctionElement[Any]):
    """The condition that a time lies in an interval, given as start, end and time.

    SQLite is kept from knowing what the end is compared with while it plans: it would find in its
    statistics that half of a history is younger, and read the whole table where the index leads to what
    held then.
    """

    inherit_cache = True
    name = "holds"
    type = (
        sa.types.NullType()
    )  # a boolean would be compared with 1, and no index is of use for that


class _AsItStands(FunctionElement[Any]):
    """A column of which SQLite is to use no index."""

    inherit_cache = True
    name = "as_it_stands"


class HoldsBySpan(Holds):
    """The same, for a history table that has the index of :data:`SPAN_INDEX` on PostgreSQL."""

    inherit_cache = True


@compiles(Holds)
def _compared(element: Holds, compiler: Any, **options: Any) -> str:
    start, end, at = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({start} <= {at} AND {end} > {at})"


@compiles(Holds, "sqlite")
def _compared_unseen(element: Holds, compiler: Any, **options: Any) -> str:
    start, end, at = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({start} <= {at} AND {end} > (SELECT {at}))"


@compiles(_AsItStands)
def _plainly(element: _AsItStands, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(_AsItStands, "sqlite")
def _without_index(element: _AsItStands, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


@compiles(HoldsBySpan, "postgresql")
def _within_span(element: Holds, compiler: Any, **options: Any) -> str:
    start, end, at = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{SPAN}({start}, {end}) @> CAST({at} AS text)"


def as_it_stands(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return a column as it is, of which SQLite uses no index: there is a better one than it would take."""
    made = _AsItStands(column)
    made.type = column.type
    return made


def held_along(history: sa.Table, at: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a former state held at a time, for who reads along an index of another order.

    Such an index ends in ``valid_from`` and ``valid_to``: states of other times are passed over within it.
    """
    begin, end = as_it_stands(history.c.valid_from), as_it_stands(history.c.valid_to)
    return sa.and_(begin <= at, end > at)
