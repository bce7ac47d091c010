"""Reads whom concerns reached by a time."""

import json
from datetime import datetime

import sqlalchemy as sa

from aims_core import tables
from aims_core.canonical import utc_text
from aims_core.db.teams import calls
from aims_core.separation.breach import Reached
from aims_core.store import Transaction


def read_reached(tx: Transaction, at: datetime) -> list[Reached]:
    """Return who read or answered which concern, oldest first; an answer without a note of it as well.

    A database that enforces shows no login others' concerns, and tells those alone that went astray.
    """
    if calls.enforces(tx.connection):
        return _astray(tx, at)
    access, concern = tables.concern_access, tables.concern
    noted = (
        sa.select(access.c.concern_id, access.c.actor, access.c.act, access.c.at, concern.c.about)
        .join(concern, concern.c.concern_id == access.c.concern_id)
        .where(access.c.at <= at)
    )
    answered = sa.select(
        concern.c.concern_id,
        concern.c.answered_by.label("actor"),
        sa.literal("answered").label("act"),
        concern.c.answered_at.label("at"),
        concern.c.about,
    ).where(concern.c.answered_at <= at)
    rows = {
        (row.concern_id, row.actor, row.act, row.at): row.about
        for query in (noted, answered)
        for row in tx.connection.execute(query)
    }
    return [
        Reached(concern_id=concern_id, actor=actor or "", act=act, at=when, about=tuple(about))
        for (concern_id, actor, act, when), about in sorted(
            rows.items(), key=lambda item: (item[0][3], item[0][0])
        )
    ]


def _astray(tx: Transaction, at: datetime) -> list[Reached]:
    return [
        Reached(
            concern_id=row.concern_id,
            actor=row.actor,
            act=row.act,
            at=datetime.fromisoformat(row.at),
            about=tuple(json.loads(row.about)),
        )
        for row in sorted(calls.confided_wrongly(tx.connection), key=lambda r: (r.at, r.concern_id))
        if row.at <= utc_text(at)
    ]
