"""The three empty states of what a system's description may leave open: a value, unknown, not looked into.

A blank is never read as "no": it says that nobody has looked into it yet. Who looked and found no answer
says so, with the reason (`unknown_fields`), and the review asks for something else then.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.frames import TEXT, fixed_frame
from aims_core.inventory import search
from aims_core.inventory.content import MAY_BE_EMPTY, UNKNOWN
from aims_core.store import Transaction

STATED, NOT_KNOWN, NOT_LOOKED_INTO = "stated", "unknown", "not_looked_into"
COLUMNS = {"system_id": TEXT, "field": TEXT, "state": TEXT, "reason": TEXT}


def states(content: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (field, state, reason) of each field that may be empty, and of each attribute.

    Parameters
    ----------
    content : mapping
        A description, as ``system.content()`` gives it. A value counts, whatever reason stands beside it.
    """
    given = content["attributes"].get(UNKNOWN)
    reasons = given if isinstance(given, Mapping) else {}
    for name in MAY_BE_EMPTY:
        reason = "" if content[name].strip() else str(reasons.get(name) or "")
        yield name, _state(stated=bool(content[name].strip()), reason=reason), reason
    for name, value in content["attributes"].items():
        if name == UNKNOWN:
            continue
        unknown = isinstance(value, Mapping) and set(value) == {"unknown"}
        reason = str(value["unknown"]) if unknown else ""
        stated = not unknown and value not in (None, "", [], {})
        yield f"attributes.{name}", _state(stated=stated, reason=reason), reason


def frame(tx: Transaction, text: str = "", **filters: str | None) -> Any:
    """Return the states of all systems that fit, one line per field, with the columns of `COLUMNS`."""
    table = tables.system
    columns = [table.c[name] for name in ("system_id", *MAY_BE_EMPTY, "attributes")]
    query = sa.select(*columns).where(*search.where(text, filters)).order_by(table.c.system_id)
    rows = [
        {"system_id": row["system_id"], "field": name, "state": state, "reason": reason}
        for row in tx.connection.execute(query).mappings()
        for name, state, reason in states(dict(row))
    ]
    return fixed_frame(rows, COLUMNS)


def _state(*, stated: bool, reason: str) -> str:
    return STATED if stated else NOT_KNOWN if reason else NOT_LOOKED_INTO
