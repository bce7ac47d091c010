"""What services ask of a database that enforces, instead of updating states themselves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core.canonical import utc_text
from aims_core.db.teams.signatures import SCHEMA

ENFORCED = "aims_enforced"
"""Key in a connection's ``info``: the store says there whether the database enforces."""


def enforces(connection: sa.Connection) -> bool:
    """Say whether the database derives states from the facts inserted, and takes them from nobody."""
    return bool(connection.info.get(ENFORCED, False))


def close(
    connection: sa.Connection,
    ids: Sequence[str],
    how: str,
    why: str,
    fact_at: datetime | None = None,
) -> None:
    """Have requests closed as refused, withdrawn, lapsed or expired, as far as this login may.

    A withdrawal may state when it was in fact.
    """
    statement = sa.text(f"SELECT {SCHEMA}.close(:ids, :how, :why, :fact)")
    fact = None if fact_at is None else utc_text(fact_at)
    connection.execute(statement, {"ids": list(ids), "how": how, "why": why, "fact": fact})


def settle(connection: sa.Connection, system_ids: Sequence[str]) -> None:
    """Have the register show whether each system's revision is approved, asked for, or neither."""
    connection.execute(sa.text(f"SELECT {SCHEMA}.settle(:ids)"), {"ids": list(system_ids)})


def confided_wrongly(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
    """Return which concerns reached whom they concern, though this login sees none of them.

    Columns: concern_id, actor, act, at (stored text), about (JSON).
    """
    return connection.execute(sa.text(f"SELECT * FROM {SCHEMA}.confided_wrongly()")).all()


def erase(connection: sa.Connection, event_id: str) -> None:
    """Have an event's content erased, as two people asked for it; the database judges whether they did."""
    connection.execute(sa.text(f"SELECT {SCHEMA}.erase(:event_id)"), {"event_id": event_id})


def sees_all(connection: sa.Connection) -> bool:
    """Say whether row level security leaves nothing out of what this login reads, concerns apart."""
    if not enforces(connection):
        return True
    return bool(connection.execute(sa.text(f"SELECT {SCHEMA}.sees_all()")).scalar_one())


def confirm_login(connection: sa.Connection, login: str) -> None:
    """Confirm the decision login that another administrator gave themselves; the database judges who does."""
    connection.execute(sa.text(f"SELECT {SCHEMA}.confirm_login(:login)"), {"login": login})
