"""Roles that are granted and taken back."""

from datetime import datetime

import sqlalchemy as sa

from aims_core import role_changes, tables
from aims_core.auditors import refuse_double_role
from aims_core.errors import InvalidRecord, RecordNotFound, RequestRefused
from aims_core.events import RoleRevoked
from aims_core.records import Grant
from aims_core.roles import scope_of
from aims_core.staffing.grants import (
    grant_problems,
    granted,
    held_grant,
    keep_an_administrator,
    own_apart,
    refuse_software,
)
from aims_core.staffing.proposals import Proposing
from aims_core.store.rows import grant_from_row
from aims_core.time_of_fact import in_fact, refuse_impossible, refuse_restated


class Staffing(Proposing):
    """Actors and their roles (ISO/IEC 42001, 5.3 and A.3.2)."""

    def grant(
        self,
        actor_id: str,
        role: str,
        *,
        unit: str = "",
        system_id: str = "",
        fact_at: datetime | None = None,
    ) -> Grant:
        """Give somebody a role for the organisation, a unit or one system, and return the grant.

        An only administrator may, and that stands on record as an exception to R7 until there is a
        second one. From then on a role is proposed by one and confirmed by another (:meth:`propose`).

        Parameters
        ----------
        fact_at : datetime, optional
            When it was granted in fact, aware, where that was before it is entered ("the board named her on
            3 March"); not ahead. The role counts from its entry on.

        Raises
        ------
        SegregationOfDuties
            Nobody grants a role to themselves, nor alone where there is another administrator; and
            nobody audits what they worked on in the last 12 months, and only persons hold a role that
            decides (:data:`~aims_core.roles.PERSONAL_ROLES`).
        RecordNotFound
            Nobody is known by this id.
        InvalidRecord
            The role does not exist, or it cannot have been granted when it is said to have been.
        RequestRefused
            They hold it already, with another time of fact.

        Notes
        -----
        Writes ``RoleGranted``. The same grant again is found, not doubled.
        """
        asked = f"grant {role} to {actor_id}"
        kind, scope = scope_of(unit, system_id)
        with self._desk.writing() as tx:
            tx.require("grant", asked)
            if problems := grant_problems(role, unit):
                raise InvalidRecord(asked, problems)
            actor = own_apart(tx, actor_id, asked)
            if system_id:
                tx.get_system(system_id)
            if (held := held_grant(tx, actor_id, role, kind, scope)) is not None:
                refuse_restated(held.fact_at, fact_at, asked)
                return held
            refuse_software(actor, role, asked)
            role_changes.require_two(tx, asked)
            refuse_double_role(tx, self._desk.machine, actor, role, asked)
            refuse_impossible(asked, fact_at, now=tx.now)
            return granted(tx, actor_id, role, kind, scope, fact_at)

    def revoke(self, grant_id: str, *, reason: str, fact_at: datetime | None = None) -> Grant:
        """Take a role back and return the grant; votes in that role no longer count.

        One administrator may, at once. Only the role of the one but last administrator takes another: who
        holds it lays it down, or top management takes it back.

        Parameters
        ----------
        fact_at : datetime, optional
            When it was taken back in fact, aware; not ahead, and not before it was granted in fact. Until
            its entry the role counts.

        Raises
        ------
        SegregationOfDuties
            It would leave the actor, or somebody the actor acts for, to administer alone.
        RecordNotFound
            No grant has this id.
        RequestRefused
            No reason is given, it was the last administrator's role, or it was taken back with another time
            of fact.
        InvalidRecord
            It cannot have been taken back when it is said to have been.

        Notes
        -----
        Writes ``RoleRevoked``.
        """
        asked = f"revoke {grant_id}"
        table = tables.grant
        with self._desk.writing() as tx:
            tx.attempt(asked)
            row = tx.connection.execute(
                sa.select(table).where(table.c.grant_id == grant_id)
            ).one_or_none()
            if row is None:
                tx.require("grant", asked)
                raise RecordNotFound("grant", grant_id)
            if not role_changes.may_take_back(tx, row.role):
                tx.require("grant", asked)
            if not reason.strip():
                raise RequestRefused(f"{asked}: say why, in a sentence")
            if row.revoked_at is not None:
                refuse_restated(row.revoked_fact_at, fact_at, asked)
            else:
                after = ("the grant", in_fact(row.fact_at, row.granted_at))
                refuse_impossible(asked, fact_at, now=tx.now, after=after)
                keep_an_administrator(tx, row, asked)
                role_changes.refuse_sole_rule(tx, row, asked)
                tx.connection.execute(
                    sa.update(table)
                    .where(table.c.grant_id == grant_id)
                    .values(
                        revoked_by=tx.actor.actor_id,
                        revoked_at=tx.now,
                        revoke_reason=reason,
                        revoked_fact_at=fact_at,
                    )
                )
                tx.record(
                    RoleRevoked(
                        grant_id=grant_id,
                        actor=row.actor,
                        role=row.role,
                        reason=reason,
                        fact_at=fact_at,
                    )
                )
            return grant_from_row(
                tx.connection.execute(sa.select(table).where(table.c.grant_id == grant_id)).one()
            )
