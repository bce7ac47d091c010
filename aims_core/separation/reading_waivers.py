"""Reads the waivers that stood on record at a time, who approved and who wanted them, and their use."""

from collections import defaultdict
from datetime import datetime

import sqlalchemy as sa

from aims_core import tables
from aims_core.gate.waivers import Waiver, waiver_from_row
from aims_core.separation.breach import Asked, CastVote
from aims_core.separation.reach import Reach
from aims_core.store import Transaction
from aims_core.terms import Decision


def read_waivers(tx: Transaction, at: datetime, reach: Reach) -> list[Waiver]:
    """Return the waivers that were granted by then."""
    table = tables.waiver
    query = sa.select(table).where(table.c.proposed_at <= at, table.c.granted_at <= at)
    query = reach.within(query, table.c.system_id)
    rows = tx.connection.execute(query.order_by(table.c.granted_at, table.c.waiver_id))
    return [waiver_from_row(row) for row in rows if reach.wants(row.system_id)]


def read_waiver_votes(tx: Transaction, at: datetime, reach: Reach) -> dict[str, list[CastVote]]:
    """Return the votes that approved waivers, by waiver."""
    table = tables.waiver_vote
    query = (
        sa.select(table)
        .join(tables.waiver, tables.waiver.c.waiver_id == table.c.waiver_id)
        .where(table.c.decision == Decision.APPROVE, table.c.at <= at)
    )
    query = reach.within(query, tables.waiver.c.system_id)
    found: dict[str, list[CastVote]] = defaultdict(list)
    for row in tx.connection.execute(query.order_by(table.c.at, table.c.person)):
        found[row.waiver_id].append(
            CastVote(vote_id=row.waiver_id, actor=row.actor, role="", at=row.at)
        )
    return dict(found)


def read_waived(
    tx: Transaction, at: datetime, reach: Reach
) -> list[tuple[str, str, datetime, tuple[str, ...]]]:
    """Return the steps that were taken by waivers: id, system, time and the waivers used."""
    table = tables.transition
    query = sa.select(
        table.c.transition_id, table.c.system_id, table.c.at, table.c.conditions
    ).where(table.c.at <= at, sa.cast(table.c.conditions, sa.Text).like('%"waiver":"w%'))
    return [
        (
            row.transition_id,
            row.system_id,
            row.at,
            tuple(c["waiver"] for c in row.conditions if c.get("waiver")),
        )
        for row in tx.connection.execute(reach.within(query, table.c.system_id))
        if reach.wants(row.system_id)
    ]


def read_asked(tx: Transaction, at: datetime, reach: Reach) -> list[Asked]:
    """Return the requests for steps of systems that have waivers, and until when each was open."""
    table = tables.approval
    waived = sa.select(tables.waiver.c.system_id).where(tables.waiver.c.granted_at <= at)
    query = sa.select(
        table.c.system_id,
        table.c.requested_by,
        table.c.requested_at,
        table.c.closed_at,
        table.c.expires_at,
    ).where(table.c.requested_at <= at, table.c.system_id.in_(waived))
    return [
        Asked(
            system_id=row.system_id,
            requested_by=row.requested_by,
            at=row.requested_at,
            until=min(filter(None, (row.closed_at, row.expires_at)), default=None),
        )
        for row in tx.connection.execute(reach.within(query, table.c.system_id))
        if reach.wants(row.system_id)
    ]
