"""Roles that one administrator proposes and another confirms (rule R7)."""

from datetime import datetime

from aims_core import role_changes
from aims_core.errors import InvalidRecord, NotPermitted, RequestRefused, SegregationOfDuties
from aims_core.records import Grant
from aims_core.role_changes import RoleChange
from aims_core.roles import scope_of
from aims_core.staffing.actors import Known, read_actor
from aims_core.staffing.grants import grant_problems, grant_row, granted, grantee, held_grant
from aims_core.store.rows import grant_from_row
from aims_core.terms import ActorKind
from aims_core.time_of_fact import refuse_impossible, refuse_restated


class Proposing(Known):
    """The part of staffing that takes two administrators."""

    def propose(
        self,
        actor_id: str,
        role: str,
        *,
        unit: str = "",
        system_id: str = "",
        reason: str = "",
        fact_at: datetime | None = None,
    ) -> RoleChange:
        """Propose a role for somebody and return the proposal; another administrator confirms it.

        Parameters
        ----------
        fact_at : datetime, optional
            When it was proposed in fact, aware, where that was before it is entered; not ahead.

        Raises
        ------
        SegregationOfDuties
            Nobody proposes a role for themselves, nobody audits what they worked on, and only persons hold a
            role that decides.
        RecordNotFound
            Nobody is known by this id.
        InvalidRecord
            The role does not exist, or it cannot have been proposed when it is said to have been.
        RequestRefused
            They hold the role already; the grant is named. Or the proposal is on record with another time
            of fact.

        Notes
        -----
        Writes ``RoleChangeProposed``. The same proposal again is found while it is open.
        """
        asked = f"propose {role} for {actor_id}"
        kind, scope = scope_of(unit, system_id)
        with self._desk.writing() as tx:
            tx.require("grant", asked)
            if problems := grant_problems(role, unit):
                raise InvalidRecord(asked, problems)
            grantee(tx, self._desk.machine, actor_id, role, asked)
            if system_id:
                tx.get_system(system_id)
            if (held := held_grant(tx, actor_id, role, kind, scope)) is not None:
                raise RequestRefused(
                    f"{asked}: {actor_id} has held it since {held.granted_at.date()} ({held.grant_id}); "
                    "there is nothing to propose"
                )
            return role_changes.propose(
                tx, actor_id, role, kind, scope, reason=reason.strip(), fact_at=fact_at
            )

    def confirm(self, change_id: str, *, fact_at: datetime | None = None) -> Grant:
        """Confirm a role that another administrator proposed and return the grant, in force from here on.

        Parameters
        ----------
        fact_at : datetime, optional
            When it was confirmed in fact, aware: the fact of the grant. Not ahead, and not before it was
            proposed in fact.

        Raises
        ------
        SegregationOfDuties
            The same person proposed it, or is to get it.
        NotPermitted
            The actor is no person or does not administer.
        RequestRefused
            It was closed already, or the role was granted meanwhile, or it was confirmed with another time
            of fact.
        InvalidRecord
            It cannot have been confirmed when it is said to have been.

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
            proposer = read_actor(tx, change.proposed_by)
            if proposer is not None and proposer.person == tx.actor.person:
                raise SegregationOfDuties(
                    f"{asked}: {change.proposed_by}, the same person, proposed it; "
                    "let another administrator confirm it"
                )
            grantee(tx, self._desk.machine, change.actor, change.role, asked)
            if change.status == "confirmed":
                refuse_restated(change.closed_fact_at, fact_at, asked)
                return grant_from_row(grant_row(tx, change.grant_id))
            if change.status != "proposed":
                raise RequestRefused(f"{asked}: it was {change.status}; propose it again")
            held = held_grant(tx, change.actor, change.role, change.scope_kind, change.scope)
            if held is not None:
                raise RequestRefused(
                    f"{asked}: {change.actor} was granted it meanwhile ({held.grant_id}); decline this one"
                )
            after = role_changes.of_proposal(change)
            refuse_impossible(asked, fact_at, now=tx.now, after=after)
            grant = granted(tx, change.actor, change.role, change.scope_kind, change.scope, fact_at)
            role_changes.close(tx, change, "confirmed", grant_id=grant.grant_id, fact_at=fact_at)
            return grant

    def decline(
        self, change_id: str, *, reason: str, fact_at: datetime | None = None
    ) -> RoleChange:
        """Close a proposed role without granting it, and return the proposal.

        Parameters
        ----------
        fact_at : datetime, optional
            When that was in fact, aware; not ahead, and not before it was proposed in fact.

        Raises
        ------
        RequestRefused
            It was confirmed, no reason is given, or it was closed with another time of fact.
        InvalidRecord
            It cannot have been declined when it is said to have been.

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
                refuse_restated(change.closed_fact_at, fact_at, asked)
                return change
            after = role_changes.of_proposal(change)
            refuse_impossible(asked, fact_at, now=tx.now, after=after)
            proposer = read_actor(tx, change.proposed_by)
            own = proposer is not None and proposer.person == tx.actor.person
            status = "withdrawn" if own else "declined"
            return role_changes.close(tx, change, status, reason=reason.strip(), fact_at=fact_at)

    def changes(self, *, open_only: bool = True) -> list[RoleChange]:
        """Return proposed roles, newest first: those that wait, or all of them."""
        with self._desk.reading() as tx:
            return list(role_changes.listed(tx, open_only=open_only))
