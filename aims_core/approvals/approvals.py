"""Ask for a transition, decide on it, withdraw it; reached as ``workspace.approvals``."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.approvals.carry_out import carry_out
from aims_core.approvals.case import (
    Case,
    examine,
    read_actor,
    read_approval,
    refuse_misplaced,
    with_votes,
)
from aims_core.errors import ConditionsNotMet, NotPermitted, RequestRefused, SegregationOfDuties
from aims_core.events import ApprovalClosed, ApprovalRequested, VoteCast
from aims_core.frames import TEXT, TIME, WHOLE, fixed_frame
from aims_core.lifecycle import Transition
from aims_core.lifecycle.evaluate import conflicting_duty
from aims_core.plugin_host import Desk
from aims_core.records import AISystem, Approval, Condition, Transitioned
from aims_core.roles import roles_for
from aims_core.store import Transaction
from aims_core.store.rows import transitioned_from_row
from aims_core.terms import ActorKind, ApprovalState, ApprovalStatus, Decision

COLUMNS = {
    "approval_id": TEXT,
    "system_id": TEXT,
    "transition": TEXT,
    "revision": WHOLE,
    "status": TEXT,
    "requested_by": TEXT,
    "requested_at": TIME,
    "closed_at": TIME,
    "reason": TEXT,
}


class Approvals:
    """Requests for transitions of AI systems."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def request(self, system_id: str, transition: str, *, reason: str = "") -> Approval:
        """Ask for a transition and return the request; one that needs no approval is carried out at once.

        The same request again returns the one that is open, or the one that was just carried out.

        Parameters
        ----------
        transition : str
            A transition of the lifecycle, such as ``approve_deployment``.
        reason : str
            Why; required where the lifecycle says so.

        Raises
        ------
        TransitionRefused
            The system does not stand where this transition starts.
        NotPermitted
            The actor holds none of the roles that may ask.
        ConditionsNotMet
            Checks are not met; all of them are named.

        Notes
        -----
        Writes ``ApprovalRequested`` and, when carried out, ``TransitionDecided``.
        """
        asked = f"{transition} {system_id}"
        with self._desk.writing() as tx:
            tx.attempt(asked, system_id)
            self._desk.machine.transition(transition)
            system = tx.get_system(system_id, for_update=True)
            if (former := self._former(tx, system, transition)) is not None:
                return former
            case = examine(tx, self._desk, system, transition, requester=tx.actor, reason=reason)
            refuse_misplaced(case, asked)
            if case.unmet_before_votes:
                raise ConditionsNotMet(asked, case.unmet_before_votes)
            approval_id = self._open(tx, case)
            if not case.step.approvals:
                carry_out(tx, case, approval_id, self._desk.machine.version)
            return replace(read_approval(tx, approval_id), conditions=case.conditions)

    def decide(
        self, approval_id: str, decision: Decision | str, *, role: str = "", reason: str = ""
    ) -> Approval:
        """Approve or refuse a request in one of one's roles; the last approval needed carries it out.

        Parameters
        ----------
        decision : {"approve", "refuse"}
            A single refusal closes the request.
        role : str
            The role in which to decide; may be left out when only one fits.
        reason : str
            Required for a refusal.

        Returns
        -------
        Approval
            With `conditions` saying what is met and what is still missing.

        Raises
        ------
        SegregationOfDuties
            The same person asked for it, wrote it, or carried another duty that must be apart.
        NotPermitted
            The actor holds none of the roles asked for, or is no person.
        RequestRefused
            The request is closed, or a refusal comes without a reason.

        Notes
        -----
        Writes ``VoteCast`` and ``TransitionDecided`` or ``ApprovalClosed``.
        Source: ISO/IEC 42001, 5.3 and A.3.2.
        """
        choice = Decision(decision)
        with self._desk.writing() as tx:
            approval = read_approval(tx, approval_id, for_update=True)
            asked = f"{choice} {approval.transition} of {approval.system_id}"
            tx.attempt(asked, approval.system_id)
            system = tx.get_system(approval.system_id, for_update=True)
            if any(
                v.actor == tx.actor.actor_id and v.decision is choice and v.role == (role or v.role)
                for v in approval.votes
            ):
                return self._resolve(tx, approval, system)
            if approval.status is not ApprovalStatus.OPEN:
                raise RequestRefused(
                    f"{asked}: the request is {approval.status}; ask for the transition again"
                )
            if choice is Decision.REFUSE and not reason.strip():
                raise RequestRefused(f"{asked}: a refusal needs a reason; say why, in a sentence")
            step = self._desk.machine.transition(approval.transition)
            role = self._role(tx, system, step, role, asked)
            self._keep_apart(tx, approval, system, role, asked)
            self._vote(tx, approval, role, choice, reason)
            if choice is Decision.REFUSE:
                self._close(tx, approval, ApprovalStatus.REFUSED, reason)
                return read_approval(tx, approval_id)
            return self._resolve(tx, read_approval(tx, approval_id), system)

    def withdraw(self, approval_id: str, *, reason: str) -> Approval:
        """Take an open request of one's own back and return it.

        Raises
        ------
        NotPermitted
            Somebody else asked.
        RequestRefused
            It is no longer open, or no reason is given.

        Notes
        -----
        Writes ``ApprovalClosed``.
        """
        with self._desk.writing() as tx:
            approval = read_approval(tx, approval_id, for_update=True)
            asked = f"withdraw {approval.transition} of {approval.system_id}"
            tx.attempt(asked, approval.system_id)
            if approval.status is ApprovalStatus.WITHDRAWN:
                return approval
            if approval.status is not ApprovalStatus.OPEN:
                raise RequestRefused(f"{asked}: it is already {approval.status}")
            if read_actor(tx, approval.requested_by).person != tx.actor.person:
                raise NotPermitted(
                    f"{asked}: {approval.requested_by} asked for it; only they can withdraw it"
                )
            if not reason.strip():
                raise RequestRefused(f"{asked}: say why, in a sentence")
            self._close(tx, approval, ApprovalStatus.WITHDRAWN, reason)
            return read_approval(tx, approval_id)

    def carry_out(self, approval_id: str) -> Approval:
        """Try an approved request again whose checks were not met at the last vote, and return it.

        Raises
        ------
        ConditionsNotMet
            Something is still in the way; all of it is named.
        """
        with self._desk.writing() as tx:
            approval = read_approval(tx, approval_id, for_update=True)
            asked = f"{approval.transition} {approval.system_id}"
            tx.attempt(asked, approval.system_id)
            system = tx.get_system(approval.system_id, for_update=True)
            resolved = self._resolve(tx, approval, system)
            if resolved.status is ApprovalStatus.OPEN:
                raise ConditionsNotMet(asked, resolved.unmet)
            return resolved

    def get(self, approval_id: str) -> Approval:
        """Return a request with its votes and, while it is open, its conditions as of now."""
        with self._desk.reading() as tx:
            approval = read_approval(tx, approval_id)
            return self._with_conditions(tx, approval)

    def open(self, system_id: str | None = None) -> list[Approval]:
        """Return the open requests, oldest first, of one system or of all."""
        table = tables.approval
        query = (
            sa.select(table)
            .where(table.c.status == ApprovalStatus.OPEN)
            .order_by(table.c.requested_at)
        )
        if system_id is not None:
            query = query.where(table.c.system_id == system_id)
        with self._desk.reading() as tx:
            return with_votes(tx, list(tx.connection.execute(query).all()))

    def frame(self, system_id: str | None = None) -> Any:
        """Return all requests as a DataFrame with the columns of :data:`COLUMNS`, newest first."""
        table = tables.approval
        query = sa.select(*(table.c[name] for name in COLUMNS)).order_by(
            table.c.requested_at.desc(), table.c.approval_id
        )
        if system_id is not None:
            query = query.where(table.c.system_id == system_id)
        with self._desk.reading() as tx:
            return fixed_frame(tx.connection.execute(query).mappings().all(), COLUMNS)  # type: ignore[arg-type]

    def transitions(self, system_id: str) -> list[Transitioned]:
        """Return the steps of a system's life so far, oldest first."""
        table = tables.transition
        query = (
            sa.select(table)
            .where(table.c.system_id == system_id)
            .order_by(table.c.at, table.c.transition_id)
        )
        with self._desk.reading() as tx:
            tx.get_system(system_id)
            return [transitioned_from_row(row) for row in tx.connection.execute(query)]

    def possible(self, system_id: str) -> list[Transition]:
        """Return the transitions that lead on from where a system stands."""
        with self._desk.reading() as tx:
            system = tx.get_system(system_id)
        return list(self._desk.machine.possible(system.stage, system.status))

    def preview(
        self, system_id: str, transition: str, *, reason: str = ""
    ) -> tuple[Condition, ...]:
        """Return all conditions of a transition as they stand now, were the actor to ask for it."""
        with self._desk.reading() as tx:
            system = tx.get_system(system_id)
            case = examine(tx, self._desk, system, transition, requester=tx.actor, reason=reason)
            return case.conditions

    def _former(self, tx: Transaction, system: AISystem, transition: str) -> Approval | None:
        """Find the request that a second run of the same cell would double."""
        table = tables.approval
        same = (
            table.c.system_id == system.system_id,
            table.c.transition == transition,
            table.c.requested_by == tx.actor.actor_id,
            table.c.digest == system.digest,
        )
        row = tx.connection.execute(
            sa.select(table)
            .where(*same)
            .order_by(table.c.requested_at.desc(), table.c.approval_id)
            .limit(1)
        ).one_or_none()
        if row is None:
            return None
        if row.status == ApprovalStatus.OPEN or self._was_last(
            tx, system.system_id, row.approval_id
        ):
            return self._with_conditions(tx, with_votes(tx, [row])[0])
        return None

    @staticmethod
    def _was_last(tx: Transaction, system_id: str, approval_id: str) -> bool:
        table = tables.transition
        last = sa.select(table.c.approval_id).where(table.c.system_id == system_id)
        newest = last.order_by(table.c.at.desc(), table.c.transition_id.desc()).limit(1)
        return tx.connection.execute(newest).scalar() == approval_id

    def _open(self, tx: Transaction, case: Case) -> str:
        system, approval_id = case.facts.system, tx.new_id("apr")
        tx.connection.execute(
            sa.insert(tables.approval).values(
                approval_id=approval_id,
                system_id=system.system_id,
                transition=case.step.name,
                revision=system.revision,
                digest=system.digest,
                requested_by=tx.actor.actor_id,
                requested_at=tx.now,
                reason=case.claim.reason,
                status=ApprovalStatus.OPEN,
                machine_version=self._desk.machine.version,
            )
        )
        if case.step.approvals and case.step.target:
            self._mark(tx, system.system_id, ApprovalState.REQUESTED)
        tx.record(
            ApprovalRequested(
                system_id=system.system_id,
                approval_id=approval_id,
                transition=case.step.name,
                revision=system.revision,
                digest=system.digest,
                reason=case.claim.reason,
            )
        )
        return approval_id

    @staticmethod
    def _mark(tx: Transaction, system_id: str, state: ApprovalState) -> None:
        table = tables.system
        tx.connection.execute(
            sa.update(table).where(table.c.system_id == system_id).values(approval_state=state)
        )

    @staticmethod
    def _role(tx: Transaction, system: AISystem, step: Transition, wanted: str, asked: str) -> str:
        if tx.actor.kind is not ActorKind.PERSON:
            raise NotPermitted(
                f"{asked}: {tx.actor.actor_id} is a {tx.actor.kind}; only persons decide"
            )
        slots = [slot.role for slot in step.approvals]
        held = roles_for(tx.grants(), system)
        fitting = [role for role in slots if role in held and wanted in {"", role}]
        if not fitting:
            needed = wanted or " or ".join(slots)
            raise NotPermitted(
                f"{asked}: {tx.actor.actor_id} is not {needed} of this system; "
                "have the role granted, or let somebody decide who holds it"
            )
        return fitting[0]

    def _keep_apart(
        self, tx: Transaction, approval: Approval, system: AISystem, role: str, asked: str
    ) -> None:
        requester = read_actor(tx, approval.requested_by)
        case = examine(
            tx,
            self._desk,
            system,
            approval.transition,
            requester=requester,
            reason=approval.reason,
            approval=approval,
        )
        duty = conflicting_duty(case.step, case.claim, case.facts, tx.actor.person, role)
        if duty:
            raise SegregationOfDuties(
                f"{asked}: {tx.actor.actor_id} acted as {duty} of this system "
                f"and so may not decide on it as {role}; "
                f"let another {role} decide"
            )

    @staticmethod
    def _vote(
        tx: Transaction, approval: Approval, role: str, choice: Decision, reason: str
    ) -> None:
        tx.connection.execute(
            sa.insert(tables.vote).values(
                vote_id=tx.new_id("vot"),
                approval_id=approval.approval_id,
                actor=tx.actor.actor_id,
                person=tx.actor.person,
                role=role,
                decision=choice,
                reason=reason,
                digest=approval.digest,
                at=tx.now,
            )
        )
        tx.record(
            VoteCast(
                system_id=approval.system_id,
                approval_id=approval.approval_id,
                role=role,
                decision=str(choice),
                reason=reason,
                digest=approval.digest,
            )
        )

    def _resolve(self, tx: Transaction, approval: Approval, system: AISystem) -> Approval:
        """Carry the request out when nothing is in the way; otherwise say what is."""
        if approval.status is not ApprovalStatus.OPEN:
            return approval
        requester = read_actor(tx, approval.requested_by)
        case = examine(
            tx,
            self._desk,
            system,
            approval.transition,
            requester=requester,
            reason=approval.reason,
            approval=approval,
        )
        if not case.unmet:
            carry_out(tx, case, approval.approval_id, self._desk.machine.version)
        return replace(read_approval(tx, approval.approval_id), conditions=case.conditions)

    def _with_conditions(self, tx: Transaction, approval: Approval) -> Approval:
        if approval.status is not ApprovalStatus.OPEN:
            return approval
        system = tx.get_system(approval.system_id)
        requester = read_actor(tx, approval.requested_by)
        case = examine(
            tx,
            self._desk,
            system,
            approval.transition,
            requester=requester,
            reason=approval.reason,
            approval=approval,
        )
        return replace(approval, conditions=case.conditions)

    def _close(
        self, tx: Transaction, approval: Approval, status: ApprovalStatus, reason: str
    ) -> None:
        table = tables.approval
        tx.connection.execute(
            sa.update(table)
            .where(table.c.approval_id == approval.approval_id)
            .values(status=status, closed_at=tx.now)
        )
        system = tx.get_system(approval.system_id)
        if system.approval_state is ApprovalState.REQUESTED:
            self._mark(tx, approval.system_id, self._state_before(tx, system))
        tx.record(
            ApprovalClosed(
                system_id=approval.system_id,
                approval_id=approval.approval_id,
                transition=approval.transition,
                status=str(status),
                reason=reason,
            )
        )

    def _state_before(self, tx: Transaction, system: AISystem) -> ApprovalState:
        """Say what stood before this request: approved for this revision, lapsed, or none."""
        table = tables.approval
        query = (
            sa.select(table.c.digest, table.c.transition)
            .where(
                table.c.system_id == system.system_id, table.c.status == ApprovalStatus.CARRIED_OUT
            )
            .order_by(table.c.closed_at.desc())
        )
        for row in tx.connection.execute(query):
            if self._desk.machine.transition(row.transition).approvals:
                return (
                    ApprovalState.APPROVED if row.digest == system.digest else ApprovalState.LAPSED
                )
        return ApprovalState.NONE
