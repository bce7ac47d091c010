"""Roles in force: who may get one, and how a grant is written."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import role_changes, tables
from aims_core.auditors import refuse_double_role
from aims_core.errors import RecordNotFound, RequestRefused, SegregationOfDuties
from aims_core.events import RoleGranted
from aims_core.lifecycle import Machine
from aims_core.records import Actor, Grant, Problem
from aims_core.roles import PERSONAL_ROLES, ROLES
from aims_core.staffing.actors import known_ids, read_actor
from aims_core.store import Transaction
from aims_core.terms import ActorKind, ScopeKind

_MAX_UNIT = 200


def own_apart(tx: Transaction, actor_id: str, asked: str) -> Actor:
    """Return who is to get a role; locked, and never the person who grants it."""
    actor = read_actor(tx, actor_id, for_update=True)
    if actor is None:
        raise RecordNotFound("actor", actor_id, known_ids(tx))
    if actor.person == tx.actor.person:
        raise SegregationOfDuties(
            f"{asked}: nobody grants a role to themselves; let another administrator do it"
        )
    return actor


def grantee(tx: Transaction, machine: Machine, actor_id: str, role: str, asked: str) -> None:
    """Refuse a role that somebody may not get from the actor, or not beside what they worked on.

    Raises
    ------
    RecordNotFound
        Nobody is known by this id.
    SegregationOfDuties
        It is the actor's own person, would audit its own work, or decides and is no person.
    """
    actor = own_apart(tx, actor_id, asked)
    refuse_software(actor, role, asked)
    refuse_double_role(tx, machine, actor, role, asked)


def held_grant(
    tx: Transaction, actor_id: str, role: str, kind: ScopeKind, scope: str
) -> Grant | None:
    """Return the grant in force by which somebody holds a role in a scope, None where they do not."""
    wanted = (role, kind, scope)
    return next((g for g in tx.grants(actor_id) if (g.role, g.scope_kind, g.scope) == wanted), None)


def refuse_software(actor: Actor, role: str, asked: str) -> None:
    """Refuse a role that decides to what is no person (rule R14).

    Raises
    ------
    SegregationOfDuties
        It is a service, a plugin or a unit.
    """
    if actor.kind is not ActorKind.PERSON and role in PERSONAL_ROLES:
        others = ", ".join(one for one in ROLES if one not in PERSONAL_ROLES)
        raise SegregationOfDuties(
            f"{asked}: {actor.actor_id} is a {actor.kind}, and only persons hold the role {role}, which "
            f"decides (rule R14); grant it to a person, or one of these to the {actor.kind}: {others}"
        )


def keep_an_administrator(tx: Transaction, row: Any, asked: str) -> None:
    """Only a person who administers the whole organisation can grant the role again."""
    grant, actor = tables.grant, tables.actor
    if row.role != "administrator":
        return
    # Locked and then counted, or two administrators could revoke each other at the same moment.
    administrators = (
        sa.select(grant.c.grant_id)
        .join(actor, actor.c.actor_id == grant.c.actor)
        .where(
            grant.c.role == "administrator",
            grant.c.scope_kind == ScopeKind.ORGANISATION,
            grant.c.revoked_at.is_(None),
            actor.c.kind == ActorKind.PERSON,
        )
        .order_by(grant.c.grant_id)
        .with_for_update(of=grant)
    )
    if not set(tx.connection.execute(administrators).scalars()) - {row.grant_id}:
        raise RequestRefused(
            f"{asked}: it is the last administrator's role; grant it to somebody else first"
        )


def granted(
    tx: Transaction,
    actor_id: str,
    role: str,
    kind: ScopeKind,
    scope: str,
    fact_at: datetime | None,
) -> Grant:
    """Write a grant and return it; a second administrator ends the founding exception."""
    grant = insert_grant(tx, actor_id, role, kind, scope, fact_at=fact_at)
    if role == role_changes.ADMINISTRATOR:
        role_changes.end_founding(tx)
    return grant


def grant_row(tx: Transaction, grant_id: str) -> Any:
    """Return the row of a grant that is there."""
    table = tables.grant
    return tx.connection.execute(sa.select(table).where(table.c.grant_id == grant_id)).one()


def insert_grant(
    tx: Transaction,
    actor_id: str,
    role: str,
    kind: ScopeKind,
    scope: str,
    *,
    fact_at: datetime | None = None,
) -> Grant:
    """Write a grant, record it and return it."""
    grant = Grant(
        grant_id=tx.new_id("grt"),
        actor=actor_id,
        role=role,
        scope_kind=kind,
        scope=scope,
        granted_by=tx.actor.actor_id,
        granted_at=tx.now,
        fact_at=fact_at,
    )
    tx.connection.execute(
        sa.insert(tables.grant).values(
            grant_id=grant.grant_id,
            actor=actor_id,
            role=role,
            scope_kind=kind,
            scope=scope,
            granted_by=grant.granted_by,
            granted_at=tx.now,
            fact_at=fact_at,
        )
    )
    tx.record(
        RoleGranted(
            grant_id=grant.grant_id,
            actor=actor_id,
            role=role,
            scope_kind=str(kind),
            scope=scope,
            fact_at=fact_at,
        )
    )
    return grant


def grant_problems(role: str, unit: str) -> list[Problem]:
    """Return what is wrong with a role that is to be granted; empty when nothing is."""
    problems = []
    if role not in ROLES:
        remedy = f"use one of {', '.join(ROLES)}"
        problems.append(Problem(field="role", reason=f"{role!r} is not a role", remedy=remedy))
    if len(unit) > _MAX_UNIT:
        remedy = f"use up to {_MAX_UNIT} characters"
        problems.append(Problem(field="unit", reason="is too long", remedy=remedy))
    return problems
