"""Requests for a revision that is no longer current lapse; what had expired before stays expired."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.events import ApprovalClosed
from aims_core.store import Transaction
from aims_core.terms import ApprovalStatus

_PORTION = 1_000


def lapse_approvals(tx: Transaction, system_ids: Sequence[str]) -> None:
    """Close every open request of these systems as lapsed, and record each."""
    table = tables.approval
    for start in range(0, len(system_ids), _PORTION):
        concerned = sa.and_(
            table.c.system_id.in_(system_ids[start : start + _PORTION]),
            table.c.status == ApprovalStatus.OPEN,
        )
        rows = tx.connection.execute(sa.select(table).where(concerned)).all()
        if rows:
            tx.connection.execute(
                sa.update(table)
                .where(concerned)
                .values(
                    status=sa.case(
                        (table.c.expires_at <= tx.now, str(ApprovalStatus.EXPIRED)),
                        else_=str(ApprovalStatus.LAPSED),
                    ),
                    closed_at=tx.now,
                )
            )
        tx.record(*(_closed(tx, row) for row in rows))


def _closed(tx: Transaction, row: Any) -> ApprovalClosed:
    late = row.expires_at is not None and row.expires_at <= tx.now
    return ApprovalClosed(
        system_id=row.system_id,
        approval_id=row.approval_id,
        transition=row.transition,
        status=str(ApprovalStatus.EXPIRED if late else ApprovalStatus.LAPSED),
        reason="nobody decided on it in time"
        if late
        else "the system was revised after the request",
    )
