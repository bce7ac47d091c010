"""Carrying a transition out: the system moves, the request closes, and what was checked is kept."""

from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from aims_core import tables
from aims_core.approvals.case import Case
from aims_core.approvals.closing import lapse_displaced, lapse_given, settle_state
from aims_core.db.teams.calls import enforces
from aims_core.errors import RevisionConflict
from aims_core.events import TransitionDecided
from aims_core.lifecycle import Machine
from aims_core.records import AISystem
from aims_core.store import Transaction
from aims_core.terms import ApprovalStatus


def carry_out(
    tx: Transaction,
    case: Case,
    approval_id: str,
    machine: Machine,
    fact_at: datetime | None = None,
) -> None:
    """Move the system, record the decision with every condition as it stood, and lapse what is displaced."""
    system, step = case.facts.system, case.step
    stage = step.target or system.stage
    status = step.status[1] if step.status else str(system.status)
    # A database that enforces moves the system itself when the step is put on record, or refuses it.
    if not (enforced := enforces(tx.connection)):
        _move(tx, system, stage, status)
    if step.lapses_approvals:
        lapse_given(tx, system.system_id, step.name)
    if not enforced:
        _close(tx, approval_id, case, fact_at)
    decided = TransitionDecided(
        system_id=system.system_id,
        transition=step.name,
        from_stage=system.stage,
        to_stage=stage,
        from_status=str(system.status),
        to_status=status,
        revision=system.revision,
        digest=system.digest,
        approval_id=approval_id,
        machine_version=machine.version,
        reason=case.claim.reason,
        conditions=tuple(asdict(c) for c in case.conditions),
        fact_at=fact_at,
    )
    tx.connection.execute(
        sa.insert(tables.transition).values(
            **decided.payload(),
            system_id=system.system_id,
            transition_id=tx.new_id("trn"),
            actor=tx.actor.actor_id,
            at=tx.now,
        )
    )
    tx.record(decided)
    lapse_displaced(tx, machine, system.system_id, stage, status)
    settle_state(tx, machine, system.system_id)


def _move(tx: Transaction, system: AISystem, stage: str, status: str) -> None:
    table = tables.system
    done = tx.connection.execute(
        sa.update(table)
        .where(table.c.system_id == system.system_id, table.c.revision == system.revision)
        .values(stage=stage, status=status)
    )
    if done.rowcount != 1:
        raise RevisionConflict(
            f"{system.system_id} was revised meanwhile; read it again and repeat"
        )


def _close(tx: Transaction, approval_id: str, case: Case, fact_at: datetime | None) -> None:
    table, valid_for = tables.approval, case.step.valid_for
    tx.connection.execute(
        sa.update(table)
        .where(table.c.approval_id == approval_id)
        .values(
            status=ApprovalStatus.CARRIED_OUT,
            closed_at=tx.now,
            closed_fact_at=fact_at,
            closed_by=tx.actor.actor_id,
            tier=str(case.facts.system.governing_tier),
            valid_until=tx.now + valid_for if valid_for else None,
        )
    )
