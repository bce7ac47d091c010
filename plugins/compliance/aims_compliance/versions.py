"""Rows of the Statement of Applicability, its issued versions, and what changed between two."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_compliance.events import StatementIssued
from aims_compliance.records import ControlDecision, IssuedStatement
from aims_compliance.tables import statement
from aims_compliance.terms import CATALOG, EXCLUDED, INCLUDED, UNDECIDED
from aims_core import CatalogItem, RecordNotFound, Transaction, digest, utc_text

Row = dict[str, Any]
_COMPARED = ("state", "reason", "grounds", "implementation", "responsible")


def rows_of(items: Sequence[CatalogItem], decided: Mapping[str, ControlDecision]) -> list[Row]:
    """Return a row for each control of the catalogue, decided or not, in its order."""
    return [_row(item, decided.get(item.item_id)) for item in items]


def keep(tx: Transaction, rows: Sequence[Row], note: str) -> IssuedStatement:
    """Store rows as the next version and return it; the same rows and note again are found.

    Raises
    ------
    RevisionConflict
        Somebody else issued a version at the same time.
    """
    stored = [{**row, "decided_at": _text(row["decided_at"])} for row in rows]
    key = digest({"catalog": CATALOG, "rows": stored})
    newest = _newest(tx)
    if newest is not None and (newest.digest, newest.note) == (key, note):
        return newest
    made = IssuedStatement(
        version=newest.version + 1 if newest else 1,
        digest=key,
        catalog=CATALOG,
        included=sum(row["state"] == INCLUDED for row in rows),
        excluded=sum(row["state"] == EXCLUDED for row in rows),
        note=note,
        issued_by=tx.actor.actor_id,
        issued_at=tx.now,
    )
    values = {name: getattr(made, name) for name in IssuedStatement.__dataclass_fields__}
    tx.connection.execute(sa.insert(statement).values(**values, rows=stored))
    event = {name: values[name] for name in ("version", "digest", "catalog", "note")}
    tx.record(StatementIssued(**event, included=made.included, excluded=made.excluded))
    return made


def issued(tx: Transaction, version: int) -> list[Row]:
    """Return the rows of an issued version as they were then.

    Raises
    ------
    RecordNotFound
        There is no such version.
    """
    query = sa.select(statement.c.rows).where(statement.c.version == version)
    rows = tx.connection.execute(query).scalar_one_or_none()
    if rows is None:
        raise RecordNotFound("version of the statement", str(version))
    return [{**row, "decided_at": _time(row["decided_at"])} for row in rows]


def listed(tx: Transaction, at: datetime | None = None) -> list[IssuedStatement]:
    """Return the issued versions, newest first, now or at a time."""
    names = list(IssuedStatement.__dataclass_fields__)
    query = sa.select(*(statement.c[name] for name in names)).order_by(statement.c.version.desc())
    if at is not None:
        query = query.where(statement.c.issued_at <= at)
    return [IssuedStatement(**row) for row in tx.connection.execute(query).mappings()]


def changes(before: Sequence[Row], after: Sequence[Row]) -> list[Row]:
    """Return what differs between two versions: control, field, value before and after."""
    former, later = ({row["control_id"]: row for row in rows} for rows in (before, after))
    return [
        {"control_id": control, "field": name, "before": old, "after": new}
        for control in dict.fromkeys([*former, *later])
        for name in _COMPARED
        if (old := former.get(control, {}).get(name)) != (new := later.get(control, {}).get(name))
    ]


def _row(item: CatalogItem, found: ControlDecision | None) -> Row:
    plain: Row = {"control_id": item.item_id, "title": item.title, "topic": item.topic}
    if found is None:
        unknown = dict.fromkeys((*_COMPARED[1:], "decided_by", "decided_at"))
        return {**plain, "state": UNDECIDED, **unknown}
    return {
        **plain,
        "state": INCLUDED if found.applicable else EXCLUDED,
        "reason": found.reason,
        "grounds": "; ".join(found.grounds) or None,
        "implementation": found.implementation or None,
        "responsible": found.responsible or None,
        "decided_by": found.decided_by,
        "decided_at": found.decided_at,
    }


def _newest(tx: Transaction) -> IssuedStatement | None:
    found = listed(tx)
    return found[0] if found else None


def _text(value: datetime | None) -> str | None:
    return None if value is None else utc_text(value)


def _time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
