"""Requests as rows: opened, found again, locked for an act, and listed for people."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from aims_core import history, tables
from aims_core.approvals.case import Case, read_approval, with_votes
from aims_core.approvals.closing import expire_due
from aims_core.events import ApprovalRequested
from aims_core.frames import TEXT, TIME, WHOLE, fixed_frame
from aims_core.lifecycle import Machine
from aims_core.records import AISystem, Approval, Transitioned
from aims_core.store import Transaction
from aims_core.store.rows import transitioned_from_row
from aims_core.terms import ApprovalStatus

COLUMNS = {
    "approval_id": TEXT,
    "system_id": TEXT,
    "transition": TEXT,
    "revision": WHOLE,
    "status": TEXT,
    "requested_by": TEXT,
    "requested_at": TIME,
    "fact_at": TIME,
    "closed_at": TIME,
    "closed_fact_at": TIME,
    "expires_at": TIME,
    "valid_until": TIME,
    "reason": TEXT,
}


def open_request(
    tx: Transaction, case: Case, machine: Machine, fact_at: datetime | None = None
) -> str:
    """Keep a new request, record it and return its id; one that people decide on expires."""
    system, approval_id = case.facts.system, tx.new_id("apr")
    span = machine.expires_after_for(case.step) if case.step.approvals else None
    expires_at = tx.now + span if span else None
    tx.connection.execute(
        sa.insert(tables.approval).values(
            approval_id=approval_id,
            system_id=system.system_id,
            transition=case.step.name,
            revision=system.revision,
            digest=system.digest,
            requested_by=tx.actor.actor_id,
            requested_at=tx.now,
            reason=case.claim.reason,
            status=ApprovalStatus.OPEN,
            machine_version=machine.version,
            expires_at=expires_at,
            fact_at=fact_at,
        )
    )
    tx.record(
        ApprovalRequested(
            system_id=system.system_id,
            approval_id=approval_id,
            transition=case.step.name,
            revision=system.revision,
            digest=system.digest,
            reason=case.claim.reason,
            expires_at=expires_at,
            fact_at=fact_at,
        )
    )
    return approval_id


def lock(tx: Transaction, machine: Machine, approval_id: str) -> tuple[Approval, AISystem]:
    """Return a request and its system, which nobody else changes until the transaction ends.

    What is due at this system is closed as expired first.

    The system is locked first, as in every other act: two acts that lock in different orders would
    wait for each other. The request is read again behind the lock.
    """
    tx.attempt(f"act on request {approval_id}")
    system_id = read_approval(tx, approval_id).system_id
    system = tx.get_system(system_id, for_update=True)
    expire_due(tx, machine, system_id)
    return read_approval(tx, approval_id), system


def former(tx: Transaction, system: AISystem, transition: str) -> Approval | None:
    """Find the request that a second run of the same cell would double: open, or the very last step."""
    table = tables.approval
    query = (
        sa.select(table)
        .where(
            table.c.system_id == system.system_id,
            table.c.transition == transition,
            table.c.requested_by == tx.actor.actor_id,
            table.c.revision == system.revision,
        )
        .order_by(table.c.requested_at.desc(), table.c.approval_id)
        .limit(1)
    )
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        return None
    still = row.status == ApprovalStatus.OPEN or _was_last(tx, system.system_id, row.approval_id)
    return with_votes(tx, [row])[0] if still else None


def open_ones(
    tx: Transaction, system_id: str | None, as_of: date | int | None = None
) -> list[Approval]:
    """Return the open requests, oldest first, of one system or of all; now, or at a time.

    The votes are all that were cast up to then.
    """
    at = history.moment(tx.connection, as_of, tx.now)
    table = history.as_of(tables.approval, at)
    query = (
        sa.select(table)
        .where(
            table.c.status == ApprovalStatus.OPEN,
            sa.or_(table.c.expires_at.is_(None), table.c.expires_at > (at or tx.now)),
        )
        .order_by(table.c.requested_at, table.c.approval_id)
    )
    if system_id is not None:
        tx.get_system(system_id)
        query = query.where(table.c.system_id == system_id)
    return with_votes(tx, list(tx.connection.execute(query).all()), at)


def frame(tx: Transaction, system_id: str | None, as_of: date | int | None = None) -> Any:
    """Return all requests as a DataFrame with the columns of :data:`COLUMNS`, newest first."""
    at = history.moment(tx.connection, as_of, tx.now)
    table = history.as_of(tables.approval, at)
    columns: dict[str, sa.ColumnElement[Any]] = {name: table.c[name] for name in COLUMNS}
    late = sa.and_(table.c.status == ApprovalStatus.OPEN, table.c.expires_at <= (at or tx.now))
    shown = sa.case((late, str(ApprovalStatus.EXPIRED)), else_=table.c.status)
    query = sa.select(*{**columns, "status": shown.label("status")}.values()).order_by(
        table.c.requested_at.desc(), table.c.approval_id
    )
    if system_id is not None:
        tx.get_system(system_id)
        query = query.where(table.c.system_id == system_id)
    return fixed_frame(tx.connection.execute(query).mappings().all(), COLUMNS)


def steps(tx: Transaction, system_id: str) -> list[Transitioned]:
    """Return the steps of a system's life so far, oldest first."""
    table = tables.transition
    query = (
        sa.select(table)
        .where(table.c.system_id == system_id)
        .order_by(table.c.at, table.c.transition_id)
    )
    tx.get_system(system_id)
    return [transitioned_from_row(row) for row in tx.connection.execute(query)]


def _was_last(tx: Transaction, system_id: str, approval_id: str) -> bool:
    table = tables.transition
    last = sa.select(table.c.approval_id).where(table.c.system_id == system_id)
    newest = last.order_by(table.c.at.desc(), table.c.transition_id.desc()).limit(1)
    return tx.connection.execute(newest).scalar() == approval_id
