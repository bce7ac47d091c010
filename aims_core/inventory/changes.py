"""How the inventory changed between two times: what came, what went on, which field became what."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from aims_core import history, tables
from aims_core.canonical import canonical_json
from aims_core.errors import InvalidRecord
from aims_core.frames import TEXT, fixed_frame
from aims_core.records import CONTENT_FIELDS, Problem, SystemChange
from aims_core.store import Transaction

COLUMNS = {
    "system_id": TEXT,
    "kind": TEXT,
    "field": TEXT,
    "before": TEXT,
    "after": TEXT,
}
"""One row a field that differs; a system that is new has one row, with the field empty."""
FIELDS = (
    *CONTENT_FIELDS,
    "stage",
    "status",
    "tier",
    "approval_state",
    "entry",
    "revision",
)
"""What is compared."""
_PORTION = 1_000


def between(tx: Transaction, a: date | int, b: date | int | None) -> tuple[SystemChange, ...]:
    """Return the systems that differ between two times, by id; only what was written in between is read.

    Raises
    ------
    InvalidRecord
        One of the times is none up to now, or they are in the wrong order.
    """
    first = history.moment(tx.connection, a, tx.now) or tx.now
    last = history.moment(tx.connection, b, tx.now) or tx.now
    if last < first:
        problem = Problem(field="b", reason=f"{last} lies before {first}", remedy="swap the two")
        raise InvalidRecord("compare two times", [problem])
    found: list[SystemChange] = []
    touched = _touched(tx, first, last)
    for start in range(0, len(touched), _PORTION):
        part = touched[start : start + _PORTION]
        before, after = _states(tx, first, part), _states(tx, last, part)
        found += [c for i in part if (c := _change(i, before.get(i), after.get(i)))]
    return tuple(found)


def frame(changed: Iterable[SystemChange]) -> Any:
    """Return changes as a DataFrame with the columns of :data:`COLUMNS`."""
    return fixed_frame(list(_rows(changed)), COLUMNS)


def _touched(tx: Transaction, first: datetime, last: datetime) -> list[str]:
    """Return the ids of the systems of which a state began in between."""
    parts = [
        sa.select(table.c.system_id).where(table.c.valid_from > first, table.c.valid_from <= last)
        for table in (tables.system, history.system)
    ]
    return sorted(set(tx.connection.execute(sa.union(*parts)).scalars()))


def _states(tx: Transaction, at: datetime, ids: Sequence[str]) -> dict[str, Any]:
    table = history.as_of(tables.system, at, keys=ids)
    rows = tx.connection.execute(sa.select(table))
    return {row.system_id: row for row in rows}


def _change(system_id: str, before: Any, after: Any) -> SystemChange | None:
    if after is None:
        return None
    if before is None:
        return SystemChange(system_id=system_id, kind="added", fields={})
    fields = {
        name: (getattr(before, name), getattr(after, name))
        for name in FIELDS
        if getattr(before, name) != getattr(after, name)
    }
    if not fields:
        return None
    moved = "stage" in fields or "status" in fields
    return SystemChange(system_id=system_id, kind="moved" if moved else "changed", fields=fields)


def _rows(changed: Iterable[SystemChange]) -> Iterator[dict[str, Any]]:
    for one in changed:
        given = {"system_id": one.system_id, "kind": one.kind}
        if not one.fields:
            yield {**given, "field": "", "before": "", "after": ""}
        for name, (before, after) in one.fields.items():
            yield {**given, "field": name, "before": _text(before), "after": _text(after)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else canonical_json(value)
