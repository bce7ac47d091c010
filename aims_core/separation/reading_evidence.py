"""Reads what was disposed of by a time and which legal holds there were."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from aims_core import tables
from aims_core.records import LegalHold
from aims_core.separation.breach import Gone
from aims_core.separation.reach import Reach
from aims_core.store import Transaction
from aims_core.store.rows import hold_from_row
from aims_core.terms import DisposalStatus


def read_gone(tx: Transaction, at: datetime, reach: Reach) -> list[Gone]:
    """Return the evidence that was disposed of by then, each with the proposal it went by."""
    table, disposal = tables.evidence, tables.evidence_disposal
    carried_out = sa.and_(
        disposal.c.evidence_id == table.c.evidence_id,
        disposal.c.status == DisposalStatus.CARRIED_OUT,
    )
    query = (
        sa.select(
            table.c.evidence_id,
            table.c.system_id,
            table.c.disposed_at,
            table.c.disposed_by,
            table.c.retain_until,
            disposal.c.disposal_id,
            disposal.c.proposed_by,
        )
        .select_from(table.outerjoin(disposal, carried_out))
        .where(table.c.disposed_at <= at)
        .order_by(table.c.disposed_at, table.c.evidence_id)
    )
    return [
        Gone(
            evidence_id=row.evidence_id,
            system_id=row.system_id,
            at=row.disposed_at,
            disposed_by=row.disposed_by or "",
            retain_until=row.retain_until,
            disposal_id=row.disposal_id or "",
            proposed_by=row.proposed_by or "",
        )
        for row in tx.connection.execute(reach.within(query, table.c.system_id))
        if reach.wants(row.system_id)
    ]


def read_holds(tx: Transaction, at: datetime, reach: Reach) -> dict[str, list[LegalHold]]:
    """Return the legal holds that were placed by then, by system; what was released later was not."""
    table = tables.evidence_hold
    query = (
        sa.select(table).where(table.c.placed_at <= at).order_by(table.c.placed_at, table.c.hold_id)
    )
    rows = tx.connection.execute(reach.within(query, table.c.system_id))
    found: dict[str, list[LegalHold]] = defaultdict(list)
    for row in rows:
        if reach.wants(row.system_id):
            found[row.system_id].append(_as_of(hold_from_row(row), at))
    return dict(found)


def _as_of(hold: LegalHold, at: datetime) -> LegalHold:
    if hold.released_at is None or hold.released_at <= at:
        return hold
    return replace(hold, released_at=None, released_by="", released_fact_at=None)
