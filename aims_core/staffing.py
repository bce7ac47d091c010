"""Who is known and who holds which role, within which scope; reached as ``workspace.staffing``."""

import re
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import history, role_changes, tables
from aims_core.errors import (
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RequestRefused,
    SegregationOfDuties,
)
from aims_core.events import ActorAdded, RoleGranted, RoleRevoked
from aims_core.frames import TEXT, TIME, fixed_frame
from aims_core.plugin_host import Desk
from aims_core.records import Actor, Grant, Problem
from aims_core.role_changes import RoleChange
from aims_core.roles import ROLES, scope_of
from aims_core.store import Transaction
from aims_core.store.rows import actor_from_row, grant_from_row
from aims_core.terms import ActorKind, ScopeKind

COLUMNS = {
    "actor_id": TEXT,
    "name": TEXT,
    "kind": TEXT,
    "role": TEXT,
    "scope_kind": TEXT,
    "scope": TEXT,
    "granted_by": TEXT,
    "granted_at": TIME,
    "grant_id": TEXT,
}
_MAX_ID = 64
_MAX_NAME = 200
_MAX_UNIT = 200
# Not "printable": names in Persian hold joiners, names from web pages hold hard spaces.
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Staffing:
    """Actors and their roles (ISO/IEC 42001, 5.3 and A.3.2)."""

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
            The human being behind it, when that one acts under several ids; `actor_id` by default.

        Raises
        ------
        InvalidRecord
            A field is missing or wrong, or the id belongs to somebody else.
        NotPermitted
            Only administrators add actors.

        Notes
        -----
        Writes ``ActorAdded``.
        """
        asked = f"add {actor_id}"
        actor = Actor(
            actor_id=actor_id, name=name.strip(), kind=ActorKind(kind), person=person or actor_id
        )
        with self._desk.writing() as tx:
            tx.require("grant", asked)
            if problems := actor_problems(actor):
                raise InvalidRecord(asked, problems)
            known = _read(tx, actor_id)
            if known is None:
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

    def grant(self, actor_id: str, role: str, *, unit: str = "", system_id: str = "") -> Grant:
        """Give somebody a role for the organisation, a unit or one system, and return the grant.

        An only administrator may, and that stands on record as an exception to R7 until there is a
        second one. From then on a role is proposed by one and confirmed by another (:meth:`propose`).

        Raises
        ------
        SegregationOfDuties
            Nobody grants a role to themselves, nor alone where there is another administrator; and
            nobody audits what they worked on in the last 12 months.
        RecordNotFound
            Nobody is known by this id.
        InvalidRecord
            The role does not exist.

        Notes
        -----
        Writes ``RoleGranted``. The same grant again is found, not doubled.
        """
        asked = f"grant {role} to {actor_id}"
        kind, scope = scope_of(unit, system_id)
        with self._desk.writing() as tx:
            tx.require("grant", asked)
            if problems := _grant_problems(role, unit):
                raise InvalidRecord(asked, problems)
            actor = self._own_apart(tx, actor_id, asked)
            if system_id:
                tx.get_system(system_id)
            for grant in tx.grants(actor_id):
                if (grant.role, grant.scope_kind, grant.scope) == (role, kind, scope):
                    return grant
            role_changes.require_two(tx, asked)
            role_changes.refuse_auditor_conflicts(tx, actor, role, asked)
            return _granted(tx, actor_id, role, kind, scope)

    def propose(
        self, actor_id: str, role: str, *, unit: str = "", system_id: str = "", reason: str = ""
    ) -> RoleChange:
        """Propose a role for somebody and return the proposal; another administrator confirms it.

        Raises
        ------
        SegregationOfDuties
            Nobody proposes a role for themselves, and nobody audits what they worked on.
        RecordNotFound
            Nobody is known by this id.
        InvalidRecord
            The role does not exist.

        Notes
        -----
        Writes ``RoleChangeProposed``. The same proposal again is found while it is open.
        """
        asked = f"propose {role} for {actor_id}"
        kind, scope = scope_of(unit, system_id)
        with self._desk.writing() as tx:
            tx.require("grant", asked)
            if problems := _grant_problems(role, unit):
                raise InvalidRecord(asked, problems)
            self._grantee(tx, actor_id, role, asked)
            if system_id:
                tx.get_system(system_id)
            return role_changes.propose(tx, actor_id, role, kind, scope, reason=reason.strip())

    def confirm(self, change_id: str) -> Grant:
        """Confirm a role that another administrator proposed and return the grant, in force from here on.

        Raises
        ------
        SegregationOfDuties
            The same person proposed it, or is to get it.
        NotPermitted
            The actor is no person or does not administer.
        RequestRefused
            It was closed already.

        Notes
        -----
        Writes ``RoleGranted`` and ``RoleChangeClosed``.
        """
        with self._desk.writing() as tx:
            change = role_changes.read(tx, change_id, for_update=True)
            asked = f"confirm {change.role} for {change.actor}"
            tx.require("grant", asked)
            if tx.actor.kind is not ActorKind.PERSON:
                raise NotPermitted(
                    f"{asked}: {tx.actor.actor_id} is a {tx.actor.kind}; only persons confirm"
                )
            proposer = _read(tx, change.proposed_by)
            if proposer is not None and proposer.person == tx.actor.person:
                raise SegregationOfDuties(
                    f"{asked}: {change.proposed_by}, the same person, proposed it; "
                    "let another administrator confirm it"
                )
            self._grantee(tx, change.actor, change.role, asked)
            if change.status == "confirmed":
                return grant_from_row(_grant_row(tx, change.grant_id))
            if change.status != "proposed":
                raise RequestRefused(f"{asked}: it was {change.status}; propose it again")
            grant = _granted(tx, change.actor, change.role, change.scope_kind, change.scope)
            role_changes.close(tx, change, "confirmed", grant_id=grant.grant_id)
            return grant

    def decline(self, change_id: str, *, reason: str) -> RoleChange:
        """Close a proposed role without granting it, and return the proposal.

        Raises
        ------
        RequestRefused
            It was confirmed, or no reason is given.

        Notes
        -----
        Writes ``RoleChangeClosed``.
        """
        with self._desk.writing() as tx:
            change = role_changes.read(tx, change_id, for_update=True)
            asked = f"decline {change.role} for {change.actor}"
            tx.require("grant", asked)
            if not reason.strip():
                raise RequestRefused(f"{asked}: say why, in a sentence")
            if change.status == "confirmed":
                raise RequestRefused(f"{asked}: it was confirmed; revoke {change.grant_id}")
            if change.status != "proposed":
                return change
            proposer = _read(tx, change.proposed_by)
            own = proposer is not None and proposer.person == tx.actor.person
            status = "withdrawn" if own else "declined"
            return role_changes.close(tx, change, status, reason=reason.strip())

    def changes(self, *, open_only: bool = True) -> list[RoleChange]:
        """Return proposed roles, newest first: those that wait, or all of them."""
        with self._desk.reading() as tx:
            return list(role_changes.listed(tx, open_only=open_only))

    def revoke(self, grant_id: str, *, reason: str) -> Grant:
        """Take a role back and return the grant; votes in that role no longer count.

        Raises
        ------
        RecordNotFound
            No grant has this id.
        RequestRefused
            No reason is given, or it was the last administrator's role.

        Notes
        -----
        Writes ``RoleRevoked``.
        """
        asked = f"revoke {grant_id}"
        table = tables.grant
        with self._desk.writing() as tx:
            tx.require("grant", asked)
            row = tx.connection.execute(
                sa.select(table).where(table.c.grant_id == grant_id)
            ).one_or_none()
            if row is None:
                raise RecordNotFound("grant", grant_id)
            if not reason.strip():
                raise RequestRefused(f"{asked}: say why, in a sentence")
            if row.revoked_at is None:
                self._keep_an_administrator(tx, row, asked)
                tx.connection.execute(
                    sa.update(table)
                    .where(table.c.grant_id == grant_id)
                    .values(revoked_by=tx.actor.actor_id, revoked_at=tx.now, revoke_reason=reason)
                )
                tx.record(
                    RoleRevoked(grant_id=grant_id, actor=row.actor, role=row.role, reason=reason)
                )
            return grant_from_row(
                tx.connection.execute(sa.select(table).where(table.c.grant_id == grant_id)).one()
            )

    def actor(self, actor_id: str) -> Actor:
        """Return a known actor.

        Raises
        ------
        RecordNotFound
            Nobody is known by this id.
        """
        return self._desk.store.actor(actor_id)

    def people(self) -> list[Actor]:
        """Return the persons, by id."""
        table = tables.actor
        query = sa.select(table).where(table.c.kind == ActorKind.PERSON).order_by(table.c.actor_id)
        with self._desk.reading() as tx:
            return [actor_from_row(row) for row in tx.connection.execute(query)]

    def roles_of(self, actor_id: str, *, as_of: datetime | int | None = None) -> tuple[Grant, ...]:
        """Return the grants in force of an actor, now or at a time.

        Parameters
        ----------
        as_of : datetime or int, optional
            A time, aware, or the number of a checkpoint.
        """
        with self._desk.reading() as tx:
            at = history.moment(tx.connection, as_of, tx.now)
            if at is None:
                return tx.grants(actor_id)
            table = history.as_of(tables.grant, at)
            query = sa.select(table).where(table.c.actor == actor_id, table.c.revoked_at.is_(None))
            return tuple(
                grant_from_row(row)
                for row in tx.connection.execute(query.order_by(table.c.grant_id))
            )

    def frame(self, *, as_of: datetime | int | None = None) -> Any:
        """Return actors with their roles as a DataFrame with the columns of :data:`COLUMNS`.

        Parameters
        ----------
        as_of : datetime or int, optional
            A time, aware, or the number of a checkpoint: who held which role then.
        """
        with self._desk.reading() as tx:
            at = history.moment(tx.connection, as_of, tx.now)
            query = _staff(history.as_of(tables.actor, at), history.as_of(tables.grant, at))
            return fixed_frame(tx.connection.execute(query).mappings().all(), COLUMNS)

    @staticmethod
    def _own_apart(tx: Transaction, actor_id: str, asked: str) -> Actor:
        """Return who is to get a role; locked, and never the person who grants it."""
        actor = _read(tx, actor_id, for_update=True)
        if actor is None:
            raise RecordNotFound("actor", actor_id, _known(tx))
        if actor.person == tx.actor.person:
            raise SegregationOfDuties(
                f"{asked}: nobody grants a role to themselves; let another administrator do it"
            )
        return actor

    def _grantee(self, tx: Transaction, actor_id: str, role: str, asked: str) -> None:
        actor = self._own_apart(tx, actor_id, asked)
        role_changes.refuse_auditor_conflicts(tx, actor, role, asked)

    @staticmethod
    def _keep_an_administrator(tx: Transaction, row: Any, asked: str) -> None:
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
            grant.c.grant_id,
        )
        .select_from(actor.outerjoin(grant, held))
        .order_by(actor.c.actor_id, grant.c.role)
    )


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


def _granted(tx: Transaction, actor_id: str, role: str, kind: ScopeKind, scope: str) -> Grant:
    grant = insert_grant(tx, actor_id, role, kind, scope)
    if role == role_changes.ADMINISTRATOR:
        role_changes.end_founding(tx)
    return grant


def _grant_row(tx: Transaction, grant_id: str) -> Any:
    table = tables.grant
    return tx.connection.execute(sa.select(table).where(table.c.grant_id == grant_id)).one()


def insert_grant(tx: Transaction, actor_id: str, role: str, kind: ScopeKind, scope: str) -> Grant:
    """Write a grant, record it and return it."""
    grant = Grant(
        grant_id=tx.new_id("grt"),
        actor=actor_id,
        role=role,
        scope_kind=kind,
        scope=scope,
        granted_by=tx.actor.actor_id,
        granted_at=tx.now,
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
        )
    )
    tx.record(
        RoleGranted(
            grant_id=grant.grant_id, actor=actor_id, role=role, scope_kind=str(kind), scope=scope
        )
    )
    return grant


def _grant_problems(role: str, unit: str) -> list[Problem]:
    problems = []
    if role not in ROLES:
        remedy = f"use one of {', '.join(ROLES)}"
        problems.append(Problem(field="role", reason=f"{role!r} is not a role", remedy=remedy))
    if len(unit) > _MAX_UNIT:
        remedy = f"use up to {_MAX_UNIT} characters"
        problems.append(Problem(field="unit", reason="is too long", remedy=remedy))
    return problems


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


def _read(tx: Transaction, actor_id: str, *, for_update: bool = False) -> Actor | None:
    query = sa.select(tables.actor).where(tables.actor.c.actor_id == actor_id)
    row = tx.connection.execute(query.with_for_update() if for_update else query).one_or_none()
    return actor_from_row(row) if row is not None else None


def _known(tx: Transaction) -> list[str]:
    return list(tx.connection.execute(sa.select(tables.actor.c.actor_id).limit(1_000)).scalars())
