"""How requests end without being carried out, and what the register then shows about approval."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.db.teams import calls
from aims_core.events import ApprovalClosed, ApprovalsLapsed
from aims_core.lifecycle import Machine
from aims_core.store import Transaction
from aims_core.terms import ApprovalState, ApprovalStatus

_PORTION = 1_000


def close(
    tx: Transaction,
    rows: Collection[sa.Row[tuple[object, ...]]],
    status: ApprovalStatus,
    why: str,
    fact_at: datetime | None = None,
) -> None:
    """Close requests as refused, withdrawn, lapsed or expired, and record each."""
    table = tables.approval
    if not rows:
        return
    ids = [row.approval_id for row in rows]
    if calls.enforces(tx.connection):
        # The fact of a refusal is its vote's, which that database looks up itself.
        stated = fact_at if status is ApprovalStatus.WITHDRAWN else None
        calls.close(tx.connection, ids, str(status), why, stated)
    else:
        tx.connection.execute(
            sa.update(table)
            .where(table.c.approval_id.in_(ids))
            .values(
                status=status,
                closed_at=tx.now,
                closed_by=tx.actor.actor_id,
                close_reason=why,
                closed_fact_at=fact_at,
            )
        )
    tx.record(
        *(
            ApprovalClosed(
                system_id=row.system_id,
                approval_id=row.approval_id,
                transition=row.transition,
                status=str(status),
                reason=why,
                fact_at=fact_at,
            )
            for row in rows
        )
    )


def lapse_displaced(
    tx: Transaction, machine: Machine, system_id: str, stage: str, status: str
) -> None:
    """Lapse open requests that no longer start from where a system now stands.

    Kept open they could be carried out at a later visit to the old place, on votes given before.
    """
    table = tables.approval
    possible = [t.name for t in machine.possible(stage, status)]
    displaced = sa.select(table).where(
        table.c.system_id == system_id,
        table.c.status == ApprovalStatus.OPEN,
        table.c.transition.not_in(possible),
    )
    rows = tx.connection.execute(displaced).all()
    close(tx, rows, ApprovalStatus.LAPSED, f"the system moved on: {stage}, {status}")


def lapse_given(tx: Transaction, system_id: str, transition: str) -> None:
    """Put every approval that was given for a system out of force, and record it."""
    table = tables.approval
    given = (
        table.c.system_id == system_id,
        table.c.status == ApprovalStatus.CARRIED_OUT,
        table.c.lapsed_at.is_(None),
    )
    ids = sa.select(table.c.approval_id).where(*given).order_by(table.c.approval_id)
    if lapsed := tuple(tx.connection.execute(ids).scalars()):
        if not calls.enforces(tx.connection):
            tx.connection.execute(sa.update(table).where(*given).values(lapsed_at=tx.now))
        tx.record(ApprovalsLapsed(system_id=system_id, transition=transition, approvals=lapsed))


def due(tx: Transaction, system_id: str = "") -> sa.ColumnElement[bool]:
    """Return the condition that a request was to be decided by now and was not."""
    table = tables.approval
    condition = sa.and_(table.c.status == ApprovalStatus.OPEN, table.c.expires_at <= tx.now)
    return sa.and_(condition, table.c.system_id == system_id) if system_id else condition


def expire_due(tx: Transaction, machine: Machine, system_id: str = "") -> list[str]:
    """Close what is due as expired, of one system or of all, and return the requests' ids.

    A fixed number of statements for each thousand requests, however many there are.
    """
    table, system = tables.approval, tables.system
    found = sa.select(table.c.system_id).where(due(tx, system_id))
    # Systems first and in order, as every other act locks them.
    concerned = (
        sa.select(system.c.system_id)
        .where(system.c.system_id.in_(found))
        .order_by(system.c.system_id)
        .with_for_update()
    )
    ids = list(tx.connection.execute(concerned).scalars())
    closed: list[str] = []
    for start in range(0, len(ids), _PORTION):
        part = ids[start : start + _PORTION]
        query = sa.select(table).where(due(tx), table.c.system_id.in_(part))
        rows = tx.connection.execute(query.order_by(table.c.approval_id)).all()
        close(tx, rows, ApprovalStatus.EXPIRED, "nobody decided on it in time")
        settle_states(tx, machine, part)
        closed += [row.approval_id for row in rows]
    return closed


def settle_state(tx: Transaction, machine: Machine, system_id: str) -> None:
    """Have the register show whether this revision is approved, asked for, or neither."""
    settle_states(tx, machine, [system_id])


def settle_states(tx: Transaction, machine: Machine, system_ids: Sequence[str]) -> None:
    """Do the same for up to a thousand systems at once."""
    if calls.enforces(tx.connection):
        calls.settle(tx.connection, system_ids)
        return
    by_state: dict[ApprovalState, list[str]] = {}
    found = _gates(tx, machine, system_ids)
    for system_id in system_ids:
        by_state.setdefault(_state(found.get(system_id, [])), []).append(system_id)
    table = tables.system
    for state, ids in by_state.items():
        tx.connection.execute(
            sa.update(table)
            .where(table.c.system_id.in_(ids), table.c.approval_state != state)
            .values(approval_state=state)
        )


def _gates(tx: Transaction, machine: Machine, system_ids: Sequence[str]) -> dict[str, list[Any]]:
    """Return, by system, its requests for gates that are open or were carried out, newest first."""
    table = tables.approval
    steps = [t.name for t in machine.transitions if t.approvals and t.target]
    query = (
        sa.select(
            table.c.system_id,
            table.c.status,
            table.c.revision,
            table.c.lapsed_at,
            tables.system.c.revision.label("current"),
        )
        .join(tables.system, tables.system.c.system_id == table.c.system_id)
        .where(
            table.c.system_id.in_(system_ids),
            table.c.transition.in_(steps),
            table.c.status.in_([ApprovalStatus.OPEN, ApprovalStatus.CARRIED_OUT]),
        )
        .order_by(table.c.closed_at.desc())
    )
    found: dict[str, list[Any]] = {}
    for row in tx.connection.execute(query):
        found.setdefault(row.system_id, []).append(row)
    return found


def _state(rows: Sequence[Any]) -> ApprovalState:
    if any(row.status == ApprovalStatus.OPEN for row in rows):
        return ApprovalState.REQUESTED
    if not rows:
        return ApprovalState.NONE
    stands = rows[0].revision == rows[0].current and rows[0].lapsed_at is None
    return ApprovalState.APPROVED if stands else ApprovalState.LAPSED
