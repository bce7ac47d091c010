"""Models, datasets and suppliers' services, and which systems are built from them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import history, tables
from aims_core.errors import InvalidRecord
from aims_core.events import ComponentRegistered
from aims_core.frames import TEXT, WHOLE, fixed_frame
from aims_core.records import Component, Problem
from aims_core.store import Transaction
from aims_core.store.rows import component_from_row

COMPONENT_COLUMNS = {
    "component_id": TEXT,
    "kind": TEXT,
    "name": TEXT,
    "version": TEXT,
    "supplier": TEXT,
    "systems": WHOLE,
}


def keep(tx: Transaction, component_id: str, content: Mapping[str, Any], asked: str) -> Component:
    """Put a component on record, or find it there; another one under the same id is refused."""
    table = tables.component
    query = sa.select(table).where(table.c.component_id == component_id)
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        values = {**content, "registered_at": tx.now, "registered_by": tx.actor.actor_id}
        tx.connection.execute(sa.insert(table).values(component_id=component_id, **values))
        event = {name: content[name] for name in ("kind", "name", "version", "supplier")}
        tx.record(ComponentRegistered(component_id=component_id, **event))
        row = tx.connection.execute(query).one()
    found = component_from_row(row)
    if any(getattr(found, name) != value for name, value in content.items()):
        problem = Problem(
            field="component_id",
            reason=f"{component_id!r} is taken by {found.name!r}",
            remedy="choose another id, such as one with the version in it",
        )
        raise InvalidRecord(asked, [problem])
    return found


def link(tx: Transaction, built_from: Mapping[str, Sequence[str]]) -> None:
    """Say anew which components the systems of these ids are built from."""
    table = tables.system_component
    systems = [{"of_system": system_id} for system_id in built_from]
    if systems:
        gone = sa.delete(table).where(table.c.system_id == sa.bindparam("of_system"))
        tx.connection.execute(gone, systems)
    links = [
        {"system_id": s, "component_id": c} for s, listed in built_from.items() for c in listed
    ]
    if links:
        tx.connection.execute(sa.insert(table), links)


def unregistered(tx: Transaction, listed: Collection[str]) -> set[str]:
    """Return the ids among these that no component has."""
    column = tables.component.c.component_id
    wanted = sorted(set(listed))
    known: set[str] = set()
    for start in range(0, len(wanted), 1_000):
        part = wanted[start : start + 1_000]
        known |= set(tx.connection.execute(sa.select(column).where(column.in_(part))).scalars())
    return set(wanted) - known


def link_problems(listed: Collection[str], absent: Collection[str]) -> list[Problem]:
    """Return one problem for each listed component that is not registered."""
    return [
        Problem(
            field="components",
            value=one,
            reason=f"{one!r} is not registered",
            remedy="register the component first",
        )
        for one in listed
        if one in absent
    ]


def frame(tx: Transaction, at: datetime | None = None) -> Any:
    """Return all components with the number of systems built from each, now or at a time.

    A component does not change once it is on record, so only what is built from it has a history.
    """
    table = tables.component
    query = sa.select(table).order_by(table.c.component_id)
    if at is not None:
        query = query.where(table.c.registered_at <= at)
    used = _used(tx, at)
    rows = tx.connection.execute(query).mappings()
    return fixed_frame(
        ({**row, "systems": used.get(row["component_id"], 0)} for row in rows), COMPONENT_COLUMNS
    )


def _used(tx: Transaction, at: datetime | None) -> Mapping[str, int]:
    if at is None:
        link = tables.system_component
        counted = sa.select(link.c.component_id, sa.func.count()).group_by(link.c.component_id)
        return {row[0]: row[1] for row in tx.connection.execute(counted)}
    listed = sa.select(history.as_of(tables.system, at).c.components)
    return Counter(one for row in tx.connection.execute(listed) for one in row.components)
