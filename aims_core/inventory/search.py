"""Finding systems: pages, filters, sorting and counting are done by the database."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date, datetime
from typing import Any, Self

import sqlalchemy as sa

from aims_core import history, tables
from aims_core.among import among
from aims_core.db.copying import copied_out
from aims_core.frames import TEXT, TIME, WHOLE, csv_frame, has_arrow, stored_frame
from aims_core.garbage import cycles_later
from aims_core.inventory import past
from aims_core.inventory.content import MAY_BE_EMPTY
from aims_core.inventory.words import fitting_ids, words_of
from aims_core.records import AISystem
from aims_core.store import Transaction
from aims_core.store.rows import select_systems, systems_from_rows

COLUMNS = {
    "system_id": TEXT,
    "name": TEXT,
    "unit": TEXT,
    "owner": TEXT,
    "origin": TEXT,
    "stage": TEXT,
    "status": TEXT,
    "declared_risk_category": TEXT,
    "tier": TEXT,
    "approval_state": TEXT,
    "entry": TEXT,
    "revision": WHOLE,
    "registered_at": TIME,
    "revised_at": TIME,
    "use_case": TEXT,
    "intended_use": TEXT,
    "supplier": TEXT,
    "human_oversight": TEXT,
    "incident_contact": TEXT,
}
COUNTED = 1_000
"""How far beyond a page the systems that fit are counted."""
COUNTED_BACK = 200
"""The same for a page of then, where each system that is counted has its former states to be passed over."""
_PORTION = 1_000
"""Rows that are made to columns at once: few enough to stay near the processor."""
_SORTABLE = (*list(COLUMNS)[:14],)
_EMPTY = ("unknown", "not_looked_into")
_COUNTABLE = (
    "stage",
    "status",
    "tier",
    "unit",
    "origin",
    "entry",
    "owner",
    "declared_risk_category",
    "approval_state",
)


class Total(int):
    """A number of systems; `more` says that it is only what was counted, as ``1,050+`` does."""

    more = False

    @classmethod
    def up_to(cls, most: int, number: int) -> Self:
        """Return a number of which no more than `most` were to be counted."""
        made = cls(min(number, most))
        made.more = number > most
        return made

    def __str__(self) -> str:
        return format(self)

    def __format__(self, spec: str) -> str:
        return f"{int(self):{spec or ','}}+" if self.more else format(int(self), spec)


def find(
    tx: Transaction,
    text: str = "",
    *,
    sort: str = "system_id",
    descending: bool = False,
    limit: int = 50,
    offset: int = 0,
    as_of: date | int | None = None,
    **filters: str | None,
) -> tuple[list[AISystem], Total]:
    """Return one page of systems and the number of all that fit, counted up to 1,000 beyond the page.

    Of a page of then, up to 200 beyond it.

    Parameters
    ----------
    text : str
        Words that must all occur in id, name, unit, owner, supplier or use case; case does not matter.
    sort : str
        A column of :data:`COLUMNS` up to ``revised_at``; equal values are ordered by id.
    limit, offset : int
        Size of the page and how many to skip.
    as_of : date, datetime or int, optional
        A day (its end), an aware time, or the number of a checkpoint: systems as they were then.
    **filters
        ``stage, status, tier, unit, owner, origin, entry, approval_state, declared_risk_category``;
        ``unknown`` and ``not_looked_into`` name a field that is empty, with a reason on record or
        without one.

    Raises
    ------
    InvalidRecord
        The text is longer than 500 characters or holds a NUL, or `as_of` names no time up to now.
    ValueError
        A sort column or filter does not exist, or the page is no page.
    """
    if min(limit, offset) < 0:
        raise ValueError(f"limit and offset are 0 or more, not {limit} and {offset}")
    if sort not in _SORTABLE:
        raise ValueError(f"sort by one of {', '.join(_SORTABLE)}, not {sort!r}")
    at = history.moment(tx.connection, as_of, tx.now)
    if at is not None:
        return _page_of_then(tx, at, text, filters, (sort, descending), (limit, offset))
    table, most = tables.system, offset + limit + COUNTED
    fitting = where(text, filters)
    total: Total | None = None
    if text:
        found = fitting_ids(tx.connection, words_of(text), fitting, most)
        total = Total.up_to(most, most + 1) if found is None else Total(len(found))
        if found and sort == "system_id" and tx.connection.dialect.name == "sqlite":
            # Which orders identifiers as Python does; the rest need not be looked up.
            found = sorted(found, reverse=descending)[offset : offset + limit]
            offset = 0
        fitting = fitting if found is None else [among(tx.connection, table.c.system_id, found)]
    if total is None:
        total = _counted(tx, table, fitting, most)
    order = _order(table, sort, descending=descending)
    query = select_systems(table).where(*fitting).order_by(*order).limit(limit).offset(offset)
    return systems_from_rows(tx.connection.execute(query)), total


def _page_of_then(
    tx: Transaction,
    at: datetime,
    text: str,
    filters: Mapping[str, str | None],
    order: tuple[str, bool],
    page: tuple[int, int],
) -> tuple[list[AISystem], Total]:
    (sort, descending), (limit, offset) = order, page
    most = offset + limit + COUNTED_BACK
    wanted = past.Wanted(
        conditions=lambda table: where(text, filters, table),
        filters={n: v for n, v in filters.items() if v},
        words=words_of(text),
        sort=sort,
        descending=descending,
        limit=most + 1,
    )
    ids = past.fitting(tx, at, wanted)
    return past.states(tx, at, ids[offset : offset + limit]), Total.up_to(most, len(ids))


def _order(
    table: sa.FromClause, sort: str, *, descending: bool
) -> tuple[sa.ColumnElement[Any], ...]:
    first = table.c[sort].desc() if descending else table.c[sort].asc()
    return (first,) if sort == "system_id" else (first, table.c.system_id)


def _counted(
    tx: Transaction, table: sa.FromClause, fitting: Sequence[sa.ColumnElement[bool]], most: int
) -> Total:
    """Count what fits, but not further than anybody turns pages: counting all costs more than a page."""
    some = sa.select(table.c.system_id).where(*fitting).limit(most + 1).subquery()
    number = tx.connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()
    return Total.up_to(most, int(number))


def frame(
    tx: Transaction,
    text: str = "",
    *,
    as_of: date | int | None = None,
    columns: Sequence[str] = (),
    **filters: str | None,
) -> Any:
    """Return all systems that fit as a DataFrame with the columns of :data:`COLUMNS`, or some of them.

    Raises
    ------
    ValueError
        One of `columns` is none of them.
    """
    if wrong := sorted(set(columns) - set(COLUMNS)):
        raise ValueError(f"columns are {', '.join(COLUMNS)}, not {', '.join(wrong)}")
    wanted = {name: COLUMNS[name] for name in columns or COLUMNS}
    table = _table(tx, as_of)
    read = {"system_id": TEXT} | wanted
    query = sa.select(
        *(
            sa.type_coerce(table.c[name], sa.Text) if kind == TIME else table.c[name]
            for name, kind in read.items()
        )
    ).where(*where(text, filters, table))
    with cycles_later():
        return _whole(tx.connection, query, read)[list(wanted)]


def _whole(connection: sa.Connection, query: sa.Select[Any], columns: Mapping[str, str]) -> Any:
    """Return all rows of a query, as they are stored, as a DataFrame in the order of the systems.

    It is sorted last: databases would carry every column through the sorting.
    """
    if connection.dialect.name == "postgresql" and has_arrow():
        return csv_frame(copied_out(connection, query), columns, order="system_id")
    with closing(connection.execute(query)) as result:
        portions = iter(lambda: result.cursor.fetchmany(_PORTION), [])
        return stored_frame(portions, columns, order="system_id")


def counts(tx: Transaction, by: str, *, as_of: date | int | None = None) -> dict[str, int]:
    """Return the number of systems by a column, most first.

    Raises
    ------
    ValueError
        Systems are not counted by this column.
    """
    if by not in _COUNTABLE:
        raise ValueError(f"count by one of {', '.join(_COUNTABLE)}, not {by!r}")
    column, number = _table(tx, as_of).c[by], sa.func.count().label("number")
    query = sa.select(column, number).group_by(column).order_by(number.desc(), column)
    return {row[0]: int(row[1]) for row in tx.connection.execute(query)}


def _table(tx: Transaction, given: date | int | None) -> sa.FromClause:
    return history.as_of(tables.system, history.moment(tx.connection, given, tx.now))


def where(
    text: str, filters: Mapping[str, str | None], table: sa.FromClause = tables.system
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that words and filters put on the register, or on one of then."""
    allowed = (*_COUNTABLE, *_EMPTY)
    unknown = sorted(set(filters) - set(allowed))
    if unknown:
        raise ValueError(f"filter by {', '.join(allowed)}, not by {', '.join(unknown)}")
    wanted = {name: str(value) for name, value in filters.items() if value not in {None, ""}}
    conditions = [table.c[n] == value for n, value in wanted.items() if n not in _EMPTY]
    conditions += [
        _empty(table, wanted[name], known_reason=name == "unknown")
        for name in _EMPTY
        if name in wanted
    ]
    conditions += [table.c.search.contains(word, autoescape=True) for word in words_of(text)]
    return conditions


def _empty(table: sa.FromClause, name: str, *, known_reason: bool) -> sa.ColumnElement[bool]:
    """Return the condition that a field is empty, with a reason on record or without one."""
    if name not in MAY_BE_EMPTY:
        raise ValueError(f"{', '.join(MAY_BE_EMPTY)} may be empty, not {name!r}")
    # PostgreSQL looks only into what it knows to be JSON; SQLite makes a number of what is cast to it.
    text = sa.cast(table.c.attributes, sa.JSON().with_variant(sa.Text(), "sqlite"))
    said = sa.type_coerce(text, sa.JSON)["unknown_fields"][name].as_string()
    reason = sa.func.coalesce(said, "") != ""
    return sa.and_(table.c[name] == "", reason if known_reason else ~reason)
