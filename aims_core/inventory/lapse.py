"""Requests for a revision that is no longer current lapse; what had expired before stays expired."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.db.teams import calls
from aims_core.events import ApprovalClosed
from aims_core.store import Transaction
from aims_core.terms import ApprovalStatus

_PORTION = 1_000
_OPEN_OF_ONE = (
    sa.select(tables.approval.c.approval_id)
    .where(
        tables.approval.c.system_id == sa.bindparam("of_system"),
        tables.approval.c.status == str(ApprovalStatus.OPEN),
    )
    .limit(1)
)
_LATE = "nobody decided on it in time"
_REVISED = "the system was revised after the request"


def lapse_approvals(tx: Transaction, system_ids: Sequence[str]) -> None:
    """Close every open request of these systems as lapsed, and record each."""
    table = tables.approval
    if len(system_ids) == 1:  # one revision by hand, which mostly has none
        alone = {"of_system": system_ids[0]}
        if tx.connection.execute(_OPEN_OF_ONE, alone).first() is None:
            return
    for start in range(0, len(system_ids), _PORTION):
        concerned = sa.and_(
            table.c.system_id.in_(system_ids[start : start + _PORTION]),
            table.c.status == ApprovalStatus.OPEN,
        )
        rows = tx.connection.execute(sa.select(table).where(concerned)).all()
        if rows and calls.enforces(tx.connection):
            _have_closed(tx, rows)
        elif rows:
            tx.connection.execute(
                sa.update(table)
                .where(concerned)
                .values(
                    status=sa.case(
                        (table.c.expires_at <= tx.now, str(ApprovalStatus.EXPIRED)),
                        else_=str(ApprovalStatus.LAPSED),
                    ),
                    closed_at=tx.now,
                    closed_by=tx.actor.actor_id,
                    close_reason=sa.case((table.c.expires_at <= tx.now, _LATE), else_=_REVISED),
                )
            )
        tx.record(*(_closed(tx, row) for row in rows))


def _have_closed(tx: Transaction, rows: Sequence[Any]) -> None:
    said = {ApprovalStatus.EXPIRED: _LATE, ApprovalStatus.LAPSED: _REVISED}
    for status, why in said.items():
        ids = [row.approval_id for row in rows if _status(tx, row) is status]
        if ids:
            calls.close(tx.connection, ids, str(status), why)


def _status(tx: Transaction, row: Any) -> ApprovalStatus:
    late = row.expires_at is not None and row.expires_at <= tx.now
    return ApprovalStatus.EXPIRED if late else ApprovalStatus.LAPSED


def _closed(tx: Transaction, row: Any) -> ApprovalClosed:
    status = _status(tx, row)
    return ApprovalClosed(
        system_id=row.system_id,
        approval_id=row.approval_id,
        transition=row.transition,
        status=str(status),
        reason=_LATE if status is ApprovalStatus.EXPIRED else _REVISED,
    )
