"""Systems read in portions, now or as they were at a time, so that each costs the same anywhere."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from aims_core import history, tables
from aims_core.among import among
from aims_core.errors import RecordNotFound
from aims_core.records import AISystem
from aims_core.store import Transaction
from aims_core.store.rows import select_systems, systems_from_rows

_PORTION = 2_000
_THEN = 1_000
"""Portion of a time that is past; that many may be looked up record by record."""


def count(tx: Transaction, at: datetime | None = None) -> int:
    """Return how many systems there are, or were at a time."""
    table = history.as_of(tables.system, at)
    query = sa.select(sa.func.count()).select_from(table)
    return int(tx.connection.execute(query).scalar_one())


def read(
    tx: Transaction, system_ids: Sequence[str] | None, at: datetime | None = None
) -> Iterator[list[AISystem]]:
    """Return the systems that are named, or all, in portions and by id.

    Raises
    ------
    RecordNotFound
        One that is named is not there, or was not at that time.
    """
    if system_ids is None:
        yield from _all(tx, at)
        return
    portion = _PORTION if at is None else _THEN
    for start in range(0, len(system_ids), portion):
        yield named(tx, system_ids[start : start + portion], at)


def named(tx: Transaction, system_ids: Sequence[str], at: datetime | None) -> list[AISystem]:
    """Return the systems that are named, by id, as they are or were at a time; up to 1,000 then.

    Raises
    ------
    RecordNotFound
        One of them is not there, or was not at that time.
    """
    if at is None:
        table: sa.FromClause = tables.system
        these = among(tx.connection, table.c.system_id, system_ids)
        query = select_systems(table).where(these)
    else:
        table = history.as_of(tables.system, at, keys=list(system_ids))
        query = select_systems(table)
    systems = systems_from_rows(tx.connection.execute(query.order_by(table.c.system_id)))
    found = {s.system_id for s in systems}
    for absent in (one for one in system_ids if one not in found):
        tx.get_system(absent)  # says what is not there, and what is near
        raise RecordNotFound("system by then named", absent)
    return systems


def _all(tx: Transaction, at: datetime | None) -> Iterator[list[AISystem]]:
    """Portions by key, so that each costs the same wherever it lies in the inventory."""
    table = tables.system if at is None else history.each_as_of(tables.system, at)
    last = ""
    while True:
        query = (
            select_systems(table)
            .where(table.c.system_id > last)
            .order_by(table.c.system_id)
            .limit(_PORTION)
        )
        systems = systems_from_rows(tx.connection.execute(query))
        if not systems:
            return
        yield systems
        last = systems[-1].system_id
