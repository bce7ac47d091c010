"""Ask for a transition, decide on it, withdraw it; reached as ``workspace.approvals``."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from aims_core import tables
from aims_core.approvals import requests, stating, votes
from aims_core.approvals.carry_out import carry_out
from aims_core.approvals.case import (
    examine,
    examine_request,
    read_approval,
    read_approvals,
    refuse_misplaced,
)
from aims_core.approvals.closing import close, due, expire_due, settle_state
from aims_core.approvals.reading import Requests
from aims_core.approvals.seats import Seats
from aims_core.choices import choose
from aims_core.errors import ConditionsNotMet, NotPermitted, RequestRefused
from aims_core.records import AISystem, Approval
from aims_core.store import Transaction
from aims_core.terms import ApprovalStatus, Decision
from aims_core.time_of_fact import refuse_impossible, refuse_restated


class Approvals(Seats, Requests):
    """Requests for transitions of AI systems."""

    def request(
        self,
        system_id: str,
        transition: str,
        *,
        reason: str = "",
        fact_at: datetime | None = None,
    ) -> Approval:
        """Ask for a transition and return the request; one that needs no approval is carried out at once.

        The same request again returns the one that is open, or the one that was just carried out.

        Parameters
        ----------
        transition : str
            A transition of the lifecycle, such as ``approve_deployment``.
        reason : str
            Why; required where the lifecycle says so.
        fact_at : datetime, optional
            When it was asked in fact, aware, where that was before it is entered; of a step that takes
            effect at once (``suspend``), when the step was taken. Not ahead, and not before the system's
            entry unless that was as legacy.

        Raises
        ------
        TransitionRefused
            The system does not stand where this transition starts.
        NotPermitted
            The actor holds none of the roles that may ask.
        ConditionsNotMet
            Checks are not met; all of them are named.
        InvalidRecord
            It cannot have been when it is said to have been.
        RequestRefused
            It is on record already, with another time of fact.

        Notes
        -----
        Writes ``ApprovalRequested`` and, when carried out, ``TransitionDecided``; open requests that
        the step displaces are closed as lapsed.
        """
        asked = f"{transition} {system_id}"
        with self._acting() as tx:
            tx.attempt(asked, system_id)
            self._desk.machine.transition(transition)
            system = tx.get_system(system_id, for_update=True)
            expire_due(tx, self._desk.machine, system_id)
            if (former := requests.former(tx, system, transition)) is not None:
                refuse_restated(former.fact_at, fact_at, asked)
                return self._with_conditions(tx, former)
            case = examine(tx, self._desk, system, transition, requester=tx.actor, reason=reason)
            refuse_misplaced(case, asked)
            refuse_impossible(asked, fact_at, now=tx.now, system=system)
            if case.unmet_before_votes:
                raise ConditionsNotMet(asked, case.unmet_before_votes)
            approval_id = requests.open_request(tx, case, self._desk.machine, fact_at)
            if case.step.approvals:
                settle_state(tx, self._desk.machine, system_id)
            else:
                carry_out(tx, case, approval_id, self._desk.machine, fact_at)
            return replace(read_approval(tx, approval_id), conditions=case.conditions)

    def decide(
        self,
        approval_id: str,
        decision: Decision | str,
        *,
        role: str = "",
        reason: str = "",
        on_behalf_of: str = "",
        fact_at: datetime | None = None,
    ) -> Approval:
        """Approve or refuse a request in one of one's roles; the last approval needed carries it out.

        While the request is open one may change one's mind: the newest vote counts, the earlier one
        stays on record.

        Parameters
        ----------
        decision : {"approve", "refuse"}
            A single refusal closes the request.
        role : str
            The role in which to decide; may be left out when only one fits.
        reason : str
            Required for a refusal.
        on_behalf_of : str
            Id of the actor whose seat was lent to one; see :meth:`delegate`.
        fact_at : datetime, optional
            When it was decided in fact, aware, where that was before it is entered ("the board decided
            on 3 March"). Not ahead, and not before the request was made in fact. A step that this vote
            carries out was then taken in fact when the last of the votes that count was given.

        Returns
        -------
        Approval
            With `conditions` saying what is met and what is still missing.

        Raises
        ------
        SegregationOfDuties
            The same person asked for it, wrote it, carried another duty that must be apart, or
            already decided just so in this role under another id; or is an auditor (rule R5).
        NotPermitted
            The actor holds none of the roles asked for, or is no person.
        RequestRefused
            The request is closed or expired, a refusal comes without a reason, or the same decision is
            on record with another time of fact.
        InvalidRecord
            The decision is neither, or it cannot have been decided when it is said to have been.

        Notes
        -----
        Writes ``VoteCast`` and ``TransitionDecided`` or ``ApprovalClosed``.
        Source: ISO/IEC 42001, 5.3 and A.3.2.
        """
        choice = choose(Decision, decision, field="decision", asked=f"decide on {approval_id}")
        ballot = votes.Ballot(
            choice=choice, reason=reason, role=role, on_behalf_of=on_behalf_of, fact_at=fact_at
        )
        with self._acting() as tx:
            approval, system = requests.lock(tx, self._desk.machine, approval_id)
            asked = f"{choice} {approval.transition} of {approval.system_id}"
            tx.attempt(asked, approval.system_id)
            if (same := votes.same_vote(tx, approval, ballot)) is not None:
                refuse_restated(same.fact_at, fact_at, asked)
                return self._resolve(tx, approval, system)
            votes.refuse_unfit(approval, ballot, asked)
            step = self._desk.machine.transition(approval.transition)
            role = votes.fitting_role(tx, system, step, ballot, asked)
            case = examine_request(tx, self._desk, system, approval)
            votes.refuse_conflicts(tx, case, role, ballot, asked)
            votes.cast(tx, approval, system, role, ballot, asked)
            votes.note_exceptions(tx, step, case, role)
            if choice is Decision.REFUSE:
                return self._close(tx, approval, ApprovalStatus.REFUSED, reason, fact_at)
            return self._resolve(tx, read_approval(tx, approval_id), system, voted=True)

    def withdraw(
        self, approval_id: str, *, reason: str, fact_at: datetime | None = None
    ) -> Approval:
        """Take an open request of one's own back and return it.

        Parameters
        ----------
        fact_at : datetime, optional
            When it was taken back in fact, aware; not ahead, and not before it was asked in fact.

        Raises
        ------
        NotPermitted
            Somebody else asked.
        RequestRefused
            It is no longer open, no reason is given, or it was withdrawn with another time of fact.
        InvalidRecord
            It cannot have been taken back when it is said to have been.

        Notes
        -----
        Writes ``ApprovalClosed``.
        """
        with self._acting() as tx:
            approval, system = requests.lock(tx, self._desk.machine, approval_id)
            asked = f"withdraw {approval.transition} of {approval.system_id}"
            tx.attempt(asked, approval.system_id)
            if tx.get_actor(approval.requested_by).person != tx.actor.person:
                raise NotPermitted(
                    f"{asked}: {approval.requested_by} asked for it; only they can withdraw it"
                )
            if approval.status is ApprovalStatus.WITHDRAWN:
                refuse_restated(approval.closed_fact_at, fact_at, asked)
                return approval
            if approval.status is not ApprovalStatus.OPEN:
                raise RequestRefused(f"{asked}: it is already {approval.status}")
            if not reason.strip():
                raise RequestRefused(f"{asked}: say why, in a sentence")
            after = stating.of_request(approval)
            refuse_impossible(asked, fact_at, now=tx.now, system=system, after=after)
            return self._close(tx, approval, ApprovalStatus.WITHDRAWN, reason, fact_at)

    def carry_out(self, approval_id: str, *, fact_at: datetime | None = None) -> Approval:
        """Try an approved request again whose checks were not met at the last vote, and return it.

        Parameters
        ----------
        fact_at : datetime, optional
            When the step was taken in fact, aware; not ahead, and not before the votes that count for it
            were given in fact.

        Raises
        ------
        ConditionsNotMet
            Something is still in the way; all of it is named.
        NotPermitted
            The actor may not ask for transitions of this system.
        InvalidRecord
            The step cannot have been taken when it is said to have been.
        RequestRefused
            It was carried out before, with another time of fact.

        Notes
        -----
        Writes ``TransitionDecided``, or ``ApprovalClosed`` where the request expired meanwhile.
        """
        with self._acting() as tx:
            approval, system = requests.lock(tx, self._desk.machine, approval_id)
            asked = f"{approval.transition} {approval.system_id}"
            tx.require("request", asked, system_id=approval.system_id, unit=system.unit)
            if approval.status is ApprovalStatus.CARRIED_OUT:
                refuse_restated(approval.closed_fact_at, fact_at, asked)
            resolved = self._resolve(tx, approval, system, fact_at)
            if resolved.status is ApprovalStatus.OPEN:
                raise ConditionsNotMet(asked, resolved.unmet)
            return resolved

    def expire(self) -> list[Approval]:
        """Close every request that nobody decided on in time, and return them.

        They show as expired and cannot be decided before that too; this tells the listeners. Whoever
        acts on one of them closes it as well. Anybody may call it, a nightly job for instance: it
        decides nothing, the time did.

        Notes
        -----
        Writes ``ApprovalClosed`` for each.
        """
        with self._desk.writing() as tx:
            tx.attempt("close expired requests")
            return read_approvals(tx, expire_due(tx, self._desk.machine))

    @contextmanager
    def _acting(self) -> Iterator[Transaction]:
        """Write; a refused act leaves nothing, so what it found expired is closed after it."""
        try:
            with self._desk.writing() as tx:
                yield tx
        except RequestRefused:
            with self._desk.reading() as tx:
                found = sa.select(tables.approval.c.approval_id).where(due(tx)).limit(1)
                late = tx.connection.execute(found).scalar() is not None
            if late:
                self.expire()
            raise

    def _resolve(
        self,
        tx: Transaction,
        approval: Approval,
        system: AISystem,
        fact_at: datetime | None = None,
        *,
        voted: bool = False,
    ) -> Approval:
        """Carry the request out when nothing is in the way; otherwise say what is.

        `fact_at` is when the step was taken in fact; by a vote just cast it follows from the votes.
        """
        if approval.status is not ApprovalStatus.OPEN:
            return approval
        case = examine_request(tx, self._desk, system, approval)
        if voted:
            fact_at = stating.by_the_last_vote(tx, approval, case)
        after = stating.before_step(approval, case)
        asked = f"{approval.transition} {approval.system_id}"
        refuse_impossible(asked, fact_at, now=tx.now, system=system, after=after)
        if not case.unmet:
            carry_out(tx, case, approval.approval_id, self._desk.machine, fact_at)
        return replace(read_approval(tx, approval.approval_id), conditions=case.conditions)

    def _close(
        self,
        tx: Transaction,
        approval: Approval,
        status: ApprovalStatus,
        reason: str,
        fact_at: datetime | None,
    ) -> Approval:
        table = tables.approval
        query = sa.select(table).where(table.c.approval_id == approval.approval_id)
        close(tx, tx.connection.execute(query).all(), status, reason, fact_at)
        settle_state(tx, self._desk.machine, approval.system_id)
        return read_approval(tx, approval.approval_id)
