"""Who hears a concern: somebody with the role for it, whom it does not concern under any account."""

from collections.abc import Collection

import sqlalchemy as sa

from aims_core import tables
from aims_core.concerns.concern import Concern, concern_from_row
from aims_core.roles import allows, roles_with
from aims_core.store import Transaction
from aims_core.terms import ActorKind, ScopeKind

PERMISSION = "hear_concerns"


def hearers(tx: Transaction, about: Collection[str]) -> list[str]:
    """Return the persons who could hear a concern about some actors, by id."""
    grant, actor = tables.grant, tables.actor
    query = (
        sa.select(actor.c.actor_id)
        .join(grant, grant.c.actor == actor.c.actor_id)
        .where(
            grant.c.role.in_(roles_with(PERMISSION)),
            grant.c.scope_kind == ScopeKind.ORGANISATION,
            grant.c.revoked_at.is_(None),
            actor.c.kind == ActorKind.PERSON,
            actor.c.person.not_in(sorted(persons_of(tx, about))),
        )
        .distinct()
        .order_by(actor.c.actor_id)
    )
    return list(tx.connection.execute(query).scalars())


def heard_by_actor(tx: Transaction) -> list[Concern]:
    """Return the concerns that may reach the actor, newest first: their own, and what they may hear."""
    table = tables.concern
    query = sa.select(table).order_by(table.c.raised_at.desc(), table.c.concern_id)
    found = [concern_from_row(row) for row in tx.connection.execute(query)]
    persons = person_by_actor(tx, {a for c in found for a in (*c.about, c.raised_by)})
    hears = allows(tx.grants(), PERMISSION)
    return [
        c
        for c in found
        if persons.get(c.raised_by, c.raised_by) == tx.actor.person
        or (hears and tx.actor.person not in {persons.get(a, a) for a in c.about})
    ]


def persons_of(tx: Transaction, actors: Collection[str]) -> set[str]:
    """Return the persons behind actors; an id nobody is known by stands for itself."""
    known = person_by_actor(tx, actors)
    return {known.get(a, a) for a in actors}


def person_by_actor(tx: Transaction, actors: Collection[str]) -> dict[str, str]:
    """Return the person behind each actor that is known."""
    table = tables.actor
    query = sa.select(table.c.actor_id, table.c.person).where(table.c.actor_id.in_(sorted(actors)))
    return {row.actor_id: row.person for row in tx.connection.execute(query)}
