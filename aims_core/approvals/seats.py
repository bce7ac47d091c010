"""Seats that decide, lent to others for a time."""

from datetime import date, datetime

from aims_core.approvals import delegations
from aims_core.history import moment
from aims_core.plugin_host import Desk
from aims_core.records import Delegation
from aims_core.roles import scope_of
from aims_core.time_of_fact import time_given


class Seats:
    """The part of approvals that lends one's own seat and ends that."""

    _desk: Desk

    def delegate(
        self,
        delegate: str,
        role: str,
        *,
        until: date,
        since: datetime | None = None,
        unit: str = "",
        system_id: str = "",
        reason: str = "",
    ) -> Delegation:
        """Lend one's own seat as an approver to another person for a time, and return the delegation.

        A vote in it counts only while the delegation lasts and as long and as far as one holds the role
        oneself. The other one is judged as both persons, so duties that must be apart stay apart.

        Parameters
        ----------
        delegate : str
            Id of the actor who decides meanwhile.
        role : str
            A role of one's own that decides on requests.
        until, since : date or datetime
            The last day (it ends with it, in UTC) or the aware time; from now on by default.
        unit, system_id : str
            Only for one unit or one system; never further than one holds the role.

        Raises
        ------
        InvalidRecord
            The role decides on nothing, or the time is none, over, or longer than the lifecycle allows.
        NotPermitted
            The role is not one's own, or not that far; or one of both is no person.
        RequestRefused
            Both are the same person.
        SegregationOfDuties
            The other one is an auditor (rule R5).
        RecordNotFound
            Nobody is known by this id.

        Notes
        -----
        Writes ``SeatDelegated``. The same delegation again is found, not doubled.
        """
        kind, scope = scope_of(unit, system_id)
        with self._desk.writing() as tx:
            asked = f"delegate {role} to {delegate}"
            tx.attempt(asked, system_id)
            wanted = Delegation(
                delegation_id=tx.new_id("del"),
                delegator=tx.actor.actor_id,
                delegate=delegate,
                role=role,
                scope_kind=kind,
                scope=scope,
                starts_at=time_given(since, field="since", asked=asked) if since else tx.now,
                ends_at=time_given(until, field="until", asked=asked),
                reason=reason,
                made_at=tx.now,
            )
            return delegations.make(tx, self._desk.machine, wanted, asked)

    def end_delegation(self, delegation_id: str, *, reason: str) -> Delegation:
        """End a delegation before its time and return it; votes given in it no longer count.

        Raises
        ------
        RecordNotFound
            No delegation has this id.
        NotPermitted
            It concerns neither of one's own seats, and one is no administrator.
        RequestRefused
            No reason is given.

        Notes
        -----
        Writes ``DelegationEnded``.
        """
        with self._desk.writing() as tx:
            tx.attempt(f"end delegation {delegation_id}")
            return delegations.end(tx, delegation_id, reason)

    def delegations(
        self, *, current_only: bool = True, as_of: date | int | None = None
    ) -> list[Delegation]:
        """Return the delegations that are not over yet, or all there ever were, oldest first.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: as they stood then.

        Raises
        ------
        InvalidRecord
            `as_of` names no time up to now.
        """
        with self._desk.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
            return delegations.read(tx, current_only=current_only, at=at)
