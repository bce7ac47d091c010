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
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from aims_core import tables
from aims_core.errors import InvalidRecord
from aims_core.records import Problem
from aims_core.tables import UtcTime

NOW = "aims_now"
"""Key under which a connection holds the time of its transaction, as stored text."""
_SETTING = "aims.now"
SPAN = "aims_span"
"""PostgreSQL's type of an interval of stored times."""
SPAN_INDEX = "ix_aims_system_history_span"
"""PostgreSQL's index of the intervals of systems."""


class _Holds(FunctionElement[Any]):
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


class _HoldsBySpan(_Holds):
    """The same, for a history table that has the index of :data:`SPAN_INDEX` on PostgreSQL."""

    inherit_cache = True


@compiles(_Holds)
def _compared(element: _Holds, compiler: Any, **options: Any) -> str:
    start, end, at = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({start} <= {at} AND {end} > {at})"


@compiles(_Holds, "sqlite")
def _compared_unseen(element: _Holds, compiler: Any, **options: Any) -> str:
    start, end, at = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({start} <= {at} AND {end} > (SELECT {at}))"


@compiles(_AsItStands)
def _plainly(element: _AsItStands, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(_AsItStands, "sqlite")
def _without_index(element: _AsItStands, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


@compiles(_HoldsBySpan, "postgresql")
def _within_span(element: _Holds, compiler: Any, **options: Any) -> str:
    start, end, at = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{SPAN}({start}, {end}) @> CAST({at} AS text)"


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


def history_triggers(table: str, columns: Sequence[str], dialect: str) -> list[str]:
    """Return the statements that create the triggers of a historied table.

    Parameters
    ----------
    table : str
        Name of the table; its history table exists.
    columns : sequence of str
        Its columns without ``valid_from``.
    dialect : str
        ``sqlite`` or ``postgresql``.
    """
    named = ", ".join(f'"{c}"' for c in columns)
    former = ", ".join(f'OLD."{c}"' for c in columns)
    if dialect == "sqlite":
        return _on_sqlite(table, named, former)
    return _on_postgresql(table, named, former)


def drop_history_triggers(table: str, dialect: str) -> list[str]:
    """Return the statements that drop what :func:`history_triggers` made."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {name}" for name in _sqlite_names(table)]
    return [
        f"DROP TRIGGER {table}_dated ON {table}",
        f"DROP TRIGGER {table}_history_kept ON {table}_history",
        f"DROP FUNCTION {table}_dated()",
        f"DROP FUNCTION {table}_history_kept()",
    ]


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
    holds = _HoldsBySpan if history.info.get(SPAN) else _Holds
    given = sa.literal(at, UtcTime) if isinstance(at, datetime) else at
    held = holds(history.c.valid_from, history.c.valid_to, given)
    former = sa.select(*(history.c[n] for n in names)).where(held)
    if keys is not None:
        (key,) = (c.name for c in table.primary_key.columns)
        current = current.where(table.c[key].in_(keys))
        former = former.where(history.c[key].in_(keys))
    return sa.union_all(current, former).subquery(f"{table.name}_as_of")


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


def moment(
    connection: sa.Connection, given: datetime | int | None, now: datetime
) -> datetime | None:
    """Return the time that `as_of` names: an aware time, or that of a checkpoint by number.

    Raises
    ------
    InvalidRecord
        The time has no zone or lies ahead, or there is no such checkpoint.
    """
    if given is None:
        return None
    if isinstance(given, datetime):
        if given.utcoffset() is None:
            raise _refused(given, "has no zone", "pass an aware time, e.g. in UTC")
        if given > now:
            raise _refused(given, "lies ahead", "leave it out to see how things stand now")
        return given
    table = tables.checkpoint
    query = sa.select(table.c.made_at).where(table.c.number == given)
    made: datetime | None = connection.execute(query).scalar_one_or_none()
    if made is None:
        raise _refused(given, "is no checkpoint", "list them with `aims audit checkpoint`")
    return made


def _refused(given: datetime | int, reason: str, remedy: str) -> InvalidRecord:
    problem = Problem(field="as_of", reason=f"{given} {reason}", remedy=remedy)
    return InvalidRecord("look back", [problem])


def _sqlite_names(table: str) -> tuple[str, ...]:
    acts = ("dated", "history", "undated", "deleted")
    return (
        *(f"{table}_{act}" for act in acts),
        *(f"{table}_history_keeps_{act}" for act in ("update", "delete")),
    )


def _on_sqlite(table: str, named: str, former: str) -> list[str]:
    keep = (
        f"INSERT INTO {table}_history ({named}, valid_from, valid_to) "
        f"SELECT {former}, OLD.valid_from, {NOW}() WHERE OLD.valid_from < {NOW}();"
    )
    # The time is set by an update of its own, which the second trigger leaves alone.
    date = f"UPDATE {table} SET valid_from = max({NOW}(), OLD.valid_from) WHERE rowid = NEW.rowid;"
    return [
        (
            f"CREATE TRIGGER {table}_dated AFTER INSERT ON {table} BEGIN "
            f"UPDATE {table} SET valid_from = {NOW}() WHERE rowid = NEW.rowid; END"
        ),
        (
            f"CREATE TRIGGER {table}_history AFTER UPDATE ON {table} "
            f"WHEN NEW.valid_from = OLD.valid_from BEGIN {keep} {date} END"
        ),
        (
            f"CREATE TRIGGER {table}_undated BEFORE UPDATE OF valid_from ON {table} "
            f"WHEN NEW.valid_from <> OLD.valid_from AND NEW.valid_from <> {NOW}() "
            f"BEGIN SELECT RAISE(ABORT, '{table}: valid_from is kept by the database'); END"
        ),
        f"CREATE TRIGGER {table}_deleted AFTER DELETE ON {table} BEGIN {keep} END",
        *(
            f"CREATE TRIGGER {table}_history_keeps_{act} BEFORE {act.upper()} ON {table}_history "
            f"BEGIN SELECT RAISE(ABORT, '{table}_history is append-only'); END"
            for act in ("update", "delete")
        ),
    ]


def _on_postgresql(table: str, named: str, former: str) -> list[str]:
    return [
        f"""
CREATE FUNCTION {table}_dated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE now_ text := current_setting('{_SETTING}', true);
BEGIN
  IF coalesce(now_, '') = '' THEN
    RAISE EXCEPTION '{table} is written in a transaction of a workspace only';
  END IF;
  IF TG_OP = 'INSERT' THEN
    NEW.valid_from := now_;
    RETURN NEW;
  END IF;
  IF OLD.valid_from < now_ THEN
    INSERT INTO {table}_history ({named}, valid_from, valid_to)
    VALUES ({former}, OLD.valid_from, now_);
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  NEW.valid_from := greatest(now_, OLD.valid_from);
  RETURN NEW;
END $$""",
        (
            f"CREATE TRIGGER {table}_dated BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_dated()"
        ),
        (
            f"CREATE FUNCTION {table}_history_kept() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table}_history is append-only'; END $$"
        ),
        (
            f"CREATE TRIGGER {table}_history_kept BEFORE UPDATE OR DELETE ON {table}_history "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_history_kept()"
        ),
    ]


HISTORIED = (tables.actor, tables.grant, tables.system, tables.approval)
"""The core's tables whose former states are kept."""
actor, grant, system, approval = (history_table(table) for table in HISTORIED)
system.info[SPAN] = True
# In the orders of pages; reading along them passes over states of other times without looking at the rows.
for _column in ("name", "owner", "unit", "stage", "tier"):
    sa.Index(None, system.c[_column], system.c.system_id, system.c.valid_from, system.c.valid_to)
