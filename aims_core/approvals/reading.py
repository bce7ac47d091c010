"""Requests read: what waits, what was decided, and what would be asked of a step."""

from dataclasses import replace
from datetime import date
from typing import Any

from aims_core.approvals import requests
from aims_core.approvals.case import examine, examine_request, read_approval
from aims_core.lifecycle import Transition
from aims_core.plugin_host import Desk
from aims_core.records import Approval, Condition, Transitioned
from aims_core.store import Transaction
from aims_core.terms import ApprovalStatus


class Requests:
    """The part of approvals that reads; nothing is written."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def get(self, approval_id: str) -> Approval:
        """Return a request with its votes and, while it is open, its conditions as of now."""
        with self._desk.reading() as tx:
            return self._with_conditions(tx, read_approval(tx, approval_id))

    def open(
        self, system_id: str | None = None, *, as_of: date | int | None = None
    ) -> list[Approval]:
        """Return the open requests, oldest first, of one system or of all.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: those open then, with the votes
            cast by then.
        """
        with self._desk.reading() as tx:
            return requests.open_ones(tx, system_id, as_of)

    def frame(self, system_id: str | None = None, *, as_of: date | int | None = None) -> Any:
        """Return all requests as a DataFrame with the columns of :data:`requests.COLUMNS`, newest first.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: as they stood then.

        Raises
        ------
        RecordNotFound
            No system has this id.
        """
        with self._desk.reading() as tx:
            return requests.frame(tx, system_id, as_of)

    def transitions(self, system_id: str) -> list[Transitioned]:
        """Return the steps of a system's life so far, oldest first."""
        with self._desk.reading() as tx:
            return requests.steps(tx, system_id)

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

    def _with_conditions(self, tx: Transaction, approval: Approval) -> Approval:
        if approval.status is not ApprovalStatus.OPEN:
            return approval
        system = tx.get_system(approval.system_id)
        case = examine_request(tx, self._desk, system, approval)
        return replace(approval, conditions=case.conditions)
