"""Who is known: persons, services and plugins, and the person behind each."""

import re
from datetime import date
from difflib import get_close_matches
from typing import Any

import sqlalchemy as sa

from aims_core import history, spellings, tables
from aims_core.choices import choose
from aims_core.errors import InvalidRecord
from aims_core.events import ActorAdded
from aims_core.frames import TEXT, TIME, fixed_frame
from aims_core.plugin_host import Desk
from aims_core.records import Actor, Grant, Problem
from aims_core.store import Transaction
from aims_core.store.rows import actor_from_row, grant_from_row
from aims_core.terms import ActorKind

COLUMNS = {
    "actor_id": TEXT,
    "name": TEXT,
    "kind": TEXT,
    "role": TEXT,
    "scope_kind": TEXT,
    "scope": TEXT,
    "granted_by": TEXT,
    "granted_at": TIME,
    "fact_at": TIME,
    "grant_id": TEXT,
}
_MAX_ID = 64
_MAX_NAME = 200
# Not "printable": names in Persian hold joiners, names from web pages hold hard spaces.
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Known:
    """The part of staffing that makes actors known, and lists them with their roles."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add(
        self,
        actor_id: str,
        name: str,
        *,
        kind: ActorKind | str = ActorKind.PERSON,
        person: str = "",
    ) -> Actor:
        """Make somebody known and return the actor; the same call again finds them.

        Parameters
        ----------
        actor_id : str
            Short name, 1 to 64 characters without spaces.
        name : str
            Full name.
        person : str
            The human being behind it, when that one acts under several ids; `actor_id` by default. It
            is the person of an actor who is known already, so add the first account first.

        Raises
        ------
        InvalidRecord
            A field is missing or wrong, the id belongs to somebody else or differs from theirs in small and
            large letters only, or nobody is known as `person`.
        NotPermitted
            Only administrators add actors.

        Notes
        -----
        Writes ``ActorAdded``.
        """
        asked = f"add {actor_id}"
        chosen = choose(ActorKind, kind, field="kind", asked=asked)
        actor = Actor(actor_id=actor_id, name=name.strip(), kind=chosen, person=person or actor_id)
        with self._desk.writing() as tx:
            tx.require("grant", asked)
            if problems := actor_problems(actor):
                raise InvalidRecord(asked, problems)
            known = read_actor(tx, actor_id)
            if known is None:
                if problems := _person_problems(tx, actor) + _spelt_alike(tx, actor_id):
                    raise InvalidRecord(asked, problems)
                insert_actor(tx, actor)
            elif known != actor:
                raise InvalidRecord(
                    asked,
                    [
                        Problem(
                            field="actor_id",
                            reason=f"{actor_id!r} is {known.name} ({known.kind})",
                            remedy="choose another id",
                        )
                    ],
                )
            return actor

    def actor(self, actor_id: str) -> Actor:
        """Return a known actor.

        Raises
        ------
        RecordNotFound
            Nobody is known by this id.
        """
        return self._desk.store.actor(actor_id)

    def people(self, *, as_of: date | int | None = None) -> list[Actor]:
        """Return the persons, by id.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: who was known then.
        """
        with self._desk.reading() as tx:
            table = history.as_of(tables.actor, history.moment(tx.connection, as_of, tx.now))
            query = sa.select(table).where(table.c.kind == ActorKind.PERSON)
            query = query.order_by(table.c.actor_id)
            return [actor_from_row(row) for row in tx.connection.execute(query)]

    def roles_of(self, actor_id: str, *, as_of: date | int | None = None) -> tuple[Grant, ...]:
        """Return the grants in force of an actor, now or at a time.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint.

        Raises
        ------
        RecordNotFound
            Nobody is known by this id.
        """
        with self._desk.reading() as tx:
            tx.get_actor(actor_id)
            at = history.moment(tx.connection, as_of, tx.now)
            if at is None:
                return tx.grants(actor_id)
            table = history.as_of(tables.grant, at)
            query = sa.select(table).where(table.c.actor == actor_id, table.c.revoked_at.is_(None))
            return tuple(
                grant_from_row(row)
                for row in tx.connection.execute(query.order_by(table.c.grant_id))
            )

    def frame(self, *, as_of: date | int | None = None) -> Any:
        """Return actors with their roles as a DataFrame with the columns of :data:`COLUMNS`.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: who held which role then.
        """
        with self._desk.reading() as tx:
            at = history.moment(tx.connection, as_of, tx.now)
            query = _staff(history.as_of(tables.actor, at), history.as_of(tables.grant, at))
            return fixed_frame(tx.connection.execute(query).mappings().all(), COLUMNS)


def insert_actor(tx: Transaction, actor: Actor) -> None:
    """Write an actor and record it."""
    tx.connection.execute(
        sa.insert(tables.actor).values(
            actor_id=actor.actor_id,
            name=actor.name,
            kind=actor.kind,
            person=actor.person,
            added_at=tx.now,
            added_by=tx.actor.actor_id,
        )
    )
    tx.record(
        ActorAdded(actor=actor.actor_id, name=actor.name, kind=str(actor.kind), person=actor.person)
    )


def actor_problems(actor: Actor) -> list[Problem]:
    """Return what is wrong with somebody who is to become known; empty when nothing is."""
    problems = [
        Problem(
            field=field,
            reason=f"{value[:_MAX_ID]!r} is no identifier",
            remedy="use 1 to 64 printable characters without spaces",
        )
        for field, value in (("actor_id", actor.actor_id), ("person", actor.person))
        if not 0 < len(value) <= _MAX_ID or any(c.isspace() or not c.isprintable() for c in value)
    ]
    if not 0 < len(actor.name) <= _MAX_NAME or _UNWRITABLE.search(actor.name):
        problems.append(
            Problem(
                field="name",
                reason="is empty, too long or holds control characters",
                remedy="write the full name, up to 200 characters",
            )
        )
    return problems


def _spelt_alike(tx: Transaction, actor_id: str) -> list[Problem]:
    """Say whether somebody is known by the same letters, small or large: people take one for the other."""
    known = spellings.unknown_ids(tx.connection, [actor_id])[actor_id]
    return [spellings.alike_problem("actor_id", actor_id, known)] if known else []


def _person_problems(tx: Transaction, actor: Actor) -> list[Problem]:
    """Say where the person behind an actor is nobody who is known: duties are judged by that name."""
    if actor.person == actor.actor_id:
        return []
    table = tables.actor
    query = sa.select(table.c.actor_id, table.c.person).where(table.c.kind == ActorKind.PERSON)
    persons = {row.actor_id: row.person for row in tx.connection.execute(query)}
    if actor.person in persons.values():
        return []
    # By account as well: who names a second account means the person behind it.
    spelt = {name.casefold(): person for name, person in persons.items()}
    spelt |= {person.casefold(): person for person in persons.values()}
    near = get_close_matches(actor.person.casefold(), spelt, n=3)
    meant = " or ".join(dict.fromkeys(spelt[name] for name in near))
    remedy = "name the person of an account that is there, or add that account first"
    return [
        Problem(
            field="person",
            reason=f"nobody is known as {actor.person!r}",
            remedy=f"did you mean {meant}? Or {remedy}" if meant else remedy,
        )
    ]


def read_actor(tx: Transaction, actor_id: str, *, for_update: bool = False) -> Actor | None:
    """Return an actor, None where nobody is known by this id."""
    query = sa.select(tables.actor).where(tables.actor.c.actor_id == actor_id)
    row = tx.connection.execute(query.with_for_update() if for_update else query).one_or_none()
    return actor_from_row(row) if row is not None else None


def known_ids(tx: Transaction) -> list[str]:
    """Return ids to suggest where one is not known."""
    return list(tx.connection.execute(sa.select(tables.actor.c.actor_id).limit(1_000)).scalars())


def _staff(actor: sa.FromClause, grant: sa.FromClause) -> sa.Select[Any]:
    held = sa.and_(grant.c.actor == actor.c.actor_id, grant.c.revoked_at.is_(None))
    return (
        sa.select(
            actor.c.actor_id,
            actor.c.name,
            actor.c.kind,
            grant.c.role,
            grant.c.scope_kind,
            grant.c.scope,
            grant.c.granted_by,
            grant.c.granted_at,
            grant.c.fact_at,
            grant.c.grant_id,
        )
        .select_from(actor.outerjoin(grant, held))
        .order_by(actor.c.actor_id, grant.c.role)
    )
