"""Who carried which duty for a system since a step was last approved: persons, and across time.

What somebody was yesterday counts today: a developer whose role was taken back, an assessor whose
assessment was replaced. Otherwise one would lay a duty down for the length of a vote.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.records import AISystem
from aims_core.store import Transaction
from aims_core.terms import ApprovalStatus, ScopeKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """What was last approved at a step: its revision and when; the registration where nothing was."""

    revision: int
    at: datetime


def duties_of(tx: Transaction, system: AISystem, step: str) -> Mapping[str, frozenset[str]]:
    """Return persons by duty: everybody who contributed since this very step was last approved."""
    since = _baseline(tx, system, step)
    return {
        "editor": _persons(tx, _editors(system, since)),
        "developer": _persons(tx, _developers(tx, system, since)),
        "validator": _persons(tx, _validators(system, since)),
        "assessor": _persons(tx, _assessors(system, since)),
    }


def developers_since(tx: Transaction, system: AISystem, since: Baseline) -> frozenset[str]:
    """Return the persons who held the role `developer` for a system at any time since a baseline."""
    return _persons(tx, _developers(tx, system, since))


def _baseline(tx: Transaction, system: AISystem, step: str) -> Baseline:
    table = tables.approval
    query = (
        sa.select(table.c.revision, table.c.closed_at)
        .where(
            table.c.system_id == system.system_id,
            table.c.transition == step,
            table.c.status == ApprovalStatus.CARRIED_OUT,
        )
        .order_by(table.c.closed_at.desc(), table.c.revision.desc())
        .limit(1)
    )
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        return Baseline(revision=0, at=system.registered_at)
    return Baseline(revision=row.revision, at=row.closed_at)


def _editors(system: AISystem, since: Baseline) -> sa.Select[Any]:
    table = tables.system_revision
    return sa.select(table.c.author).where(
        table.c.system_id == system.system_id, table.c.revision > since.revision
    )


def _developers(tx: Transaction, system: AISystem, since: Baseline) -> sa.Select[Any]:
    """Everyone who held the role for a moment since; the moment of the approval itself counts too."""
    table = tables.grant
    reach = sa.or_(
        table.c.scope_kind == ScopeKind.ORGANISATION,
        sa.and_(table.c.scope_kind == ScopeKind.UNIT, table.c.scope.in_(_units(tx, system, since))),
        sa.and_(table.c.scope_kind == ScopeKind.SYSTEM, table.c.scope == system.system_id),
    )
    held = sa.or_(table.c.revoked_at.is_(None), table.c.revoked_at >= since.at)
    return sa.select(table.c.actor).where(table.c.role == "developer", held, reach)


def _units(tx: Transaction, system: AISystem, since: Baseline) -> set[str]:
    """Return every unit the system belonged to: moving it away does not undo who developed it."""
    table = tables.system_revision
    on_sqlite = tx.connection.dialect.name == "sqlite"
    content: Any = (sa.type_coerce if on_sqlite else sa.cast)(table.c.content, sa.JSON)
    query = (
        sa.select(content["unit"].as_string())
        .where(table.c.system_id == system.system_id, table.c.revision >= since.revision)
        .distinct()
    )
    return {unit for unit in tx.connection.execute(query).scalars() if unit} | {system.unit}


def _validators(system: AISystem, since: Baseline) -> sa.Select[Any]:
    table = tables.evidence
    return sa.select(table.c.added_by).where(
        table.c.system_id == system.system_id,
        table.c.kind == "validation",
        table.c.added_at >= since.at,
    )


def _assessors(system: AISystem, since: Baseline) -> sa.Select[Any]:
    """Who assessed since, and who made the assessment that is relied on, however old it is."""
    table = tables.result
    return sa.select(table.c.recorded_by).where(
        table.c.system_id == system.system_id,
        table.c.kind == "risk_assessment",
        sa.or_(table.c.in_force, table.c.recorded_at >= since.at),
    )


def _persons(tx: Transaction, actors: sa.Select[Any]) -> frozenset[str]:
    query = sa.select(tables.actor.c.person).where(tables.actor.c.actor_id.in_(actors))
    return frozenset(tx.connection.execute(query).scalars())
