"""Propose a waiver, decide on it, withdraw it; reached as ``workspace.waivers``."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from aims_core import history, tables
from aims_core.among import among
from aims_core.choices import choose
from aims_core.errors import RequestRefused
from aims_core.events import WaiverProposed
from aims_core.frames import TEXT, TIME, fixed_frame
from aims_core.gate.waivers import (
    Waiver,
    WaiverPolicy,
    why_ended,
)
from aims_core.plugin_host import Desk
from aims_core.records import AISystem
from aims_core.store import Transaction
from aims_core.store.rows import select_systems, systems_from_rows
from aims_core.terms import Decision, WaiverStatus
from aims_core.time_of_fact import refuse_impossible, refuse_restated
from aims_core.waivers import deciding, proposing

COLUMNS = {
    "waiver_id": TEXT,
    "system_id": TEXT,
    "condition": TEXT,
    "status": TEXT,
    "holds": TEXT,
    "expires_on": TEXT,
    "tier": TEXT,
    "reason": TEXT,
    "compensating_measure": TEXT,
    "proposed_by": TEXT,
    "proposed_at": TIME,
    "fact_at": TIME,
    "approved_by": TEXT,
    "granted_at": TIME,
    "granted_fact_at": TIME,
    "closed_by": TEXT,
    "closed_at": TIME,
    "closed_fact_at": TIME,
    "close_reason": TEXT,
}
"""Columns of :meth:`WaiverRegister.frame`; `holds` is ``yes``, ``not yet``, or why it does not."""


class WaiverRegister:
    """Waivers of named conditions (rule R8)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def policy(self) -> WaiverPolicy:
        """Return what a waiver needs; ``[waivers] never`` in ``aims.toml`` may add checks, never take any."""
        return proposing.policy_of(self._desk.settings)

    def propose(
        self,
        system_id: str,
        check: str,
        *,
        reason: str,
        compensating_measure: str,
        expires_on: date,
        fact_at: datetime | None = None,
    ) -> Waiver:
        """Ask that a named check counts as met for a time, and return the waiver, not yet granted.

        Parameters
        ----------
        check : str
            A check of the lifecycle, such as ``supplier_due_diligence``.
        reason : str
            Why it cannot be met now.
        compensating_measure : str
            What is done meanwhile in its place.
        expires_on : date
            The last day on which it holds, in UTC; at most 366 days ahead.
        fact_at : datetime, optional
            When it was asked in fact, aware, where that was before it is entered. Not ahead, and not before
            the system's entry unless that was as legacy.

        Raises
        ------
        InvalidRecord
            A field is empty or the date is past or too far; each is named. Or it cannot have been asked when
            it is said to have been.
        RequestRefused
            The lifecycle has no such check, it can never be waived, another waiver of it is open, or this
            one is on record with another time of fact.
        NotPermitted, RecordNotFound
            As everywhere.

        Notes
        -----
        Writes ``WaiverProposed``. The same proposal again is found while it is open or holds.
        """
        asked = f"waive {check} of {system_id}"
        with self._desk.writing() as tx:
            tx.require("request", asked, system_id=system_id)
            system = tx.get_system(system_id, for_update=True)
            proposing.refuse_unfit(
                asked,
                check,
                self._desk.machine.check_names(),
                proposing.policy_of(self._desk.settings),
            )
            said = proposing.checked(
                asked, reason, compensating_measure, expires_on, today=tx.now.date()
            )
            if (known := self._known(tx, system, check, said, asked)) is not None:
                refuse_restated(known.fact_at, fact_at, asked)
                return known
            refuse_impossible(asked, fact_at, now=tx.now, system=system)
            waiver_id = tx.new_id("wvr")
            values = {
                "condition": check,
                **said,
                "tier": str(system.governing_tier),
            }
            tx.connection.execute(
                sa.insert(tables.waiver).values(
                    waiver_id=waiver_id,
                    system_id=system_id,
                    **values,
                    revision=system.revision,
                    status=WaiverStatus.PROPOSED,
                    proposed_by=tx.actor.actor_id,
                    proposed_at=tx.now,
                    fact_at=fact_at,
                )
            )
            tx.record(
                WaiverProposed(system_id=system_id, waiver_id=waiver_id, **values, fact_at=fact_at)
            )
            return deciding.read(tx, waiver_id)

    def decide(
        self,
        waiver_id: str,
        decision: Decision | str,
        *,
        reason: str = "",
        fact_at: datetime | None = None,
    ) -> Waiver:
        """Approve or refuse a waiver as committee member; the second approval grants it.

        Parameters
        ----------
        decision : {"approve", "refuse"}
            A single refusal closes it.
        reason : str
            Required for a refusal.
        fact_at : datetime, optional
            When it was decided in fact, aware, where that was before it is entered. Not ahead, and not
            before it was proposed in fact. A waiver that this vote grants was granted in fact when the last
            of the votes that count was given.

        Raises
        ------
        SegregationOfDuties
            The same person proposed it, or wrote a revision since a waiver of this check was last
            granted.
        NotPermitted
            The actor is no person or no committee member of this system.
        InvalidRecord
            The decision is neither, or it cannot have been taken when it is said to have been.
        RequestRefused
            It is closed, its day is past, the tier rose since, a refusal comes without a reason, or the same
            decision is on record with another time of fact.

        Notes
        -----
        Writes ``WaiverVoteCast`` and ``WaiverGranted`` or ``WaiverClosed``. Votes of people who lost
        the role, or became the author of a revision meanwhile, do not count.
        """
        choice = choose(Decision, decision, field="decision", asked=f"decide on {waiver_id}")
        with self._desk.writing() as tx:
            waiver, system = deciding.lock(tx, waiver_id)
            policy = proposing.policy_of(self._desk.settings)
            ballot = deciding.Ballot(choice=choice, reason=reason.strip(), fact_at=fact_at)
            return deciding.decide(tx, waiver, system, ballot, policy)

    def withdraw(self, waiver_id: str, *, reason: str, fact_at: datetime | None = None) -> Waiver:
        """Take a waiver back, proposed or granted, and return it; its condition is asked for again.

        Who proposed it may, and whoever may decide on requests of the system: to ask for more needs
        no second person.

        Parameters
        ----------
        fact_at : datetime, optional
            When it was taken back in fact, aware; not ahead, and not before it was proposed, or granted, in
            fact. Until its entry it holds.

        Raises
        ------
        NotPermitted
            Somebody else proposed it and the actor may not decide.
        RequestRefused
            It was refused, no reason is given, or it was withdrawn with another time of fact.
        InvalidRecord
            It cannot have been taken back when it is said to have been.

        Notes
        -----
        Writes ``WaiverClosed``.
        """
        with self._desk.writing() as tx:
            waiver, _ = deciding.lock(tx, waiver_id)
            asked = f"withdraw waiver {waiver_id} of {waiver.system_id}"
            tx.attempt(asked, waiver.system_id)
            if tx.get_actor(waiver.proposed_by).person != tx.actor.person:
                tx.require("decide", asked, system_id=waiver.system_id)
            if waiver.status is WaiverStatus.WITHDRAWN:
                refuse_restated(waiver.closed_fact_at, fact_at, asked)
                return waiver
            if waiver.status is WaiverStatus.REFUSED:
                raise RequestRefused(f"{asked}: it was refused already")
            if not reason.strip():
                raise RequestRefused(f"{asked}: say why, in a sentence")
            refuse_impossible(asked, fact_at, now=tx.now, after=deciding.before_end(waiver))
            return deciding.close(tx, waiver, WaiverStatus.WITHDRAWN, reason.strip(), fact_at)

    def get(self, waiver_id: str) -> Waiver:
        """Return a waiver.

        Raises
        ------
        RecordNotFound
            No waiver has this id.
        """
        with self._desk.reading() as tx:
            return deciding.read(tx, waiver_id)

    def of(self, system_id: str) -> list[Waiver]:
        """Return the waivers of a system, newest first."""
        with self._desk.reading() as tx:
            tx.get_system(system_id)
            return deciding.listed(tx, system_id)

    def open(self) -> list[Waiver]:
        """Return the waivers that wait for a decision, newest first."""
        with self._desk.reading() as tx:
            return [w for w in deciding.listed(tx) if w.status is WaiverStatus.PROPOSED]

    def frame(self, system_id: str = "", *, as_of: date | int | None = None) -> Any:
        """Return waivers as a DataFrame with the columns of :data:`COLUMNS`, newest first.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: the waivers as they stood then,
            judged by the tiers of then.

        Raises
        ------
        RecordNotFound
            No system has this id.
        InvalidRecord
            `as_of` names no time up to now.
        """
        with self._desk.reading() as tx:
            at = history.moment(tx.connection, as_of, tx.now)
            if system_id:
                tx.get_system(system_id)
            found, day = deciding.listed(tx, system_id, at), (at or tx.now).date()
            systems = _systems(tx, {w.system_id for w in found}, at)
            rows = [
                {name: getattr(w, name) for name in COLUMNS if name != "holds"}
                | {
                    "holds": _holds(w, systems[w.system_id], day),
                    "approved_by": ", ".join(w.approved_by),
                    "expires_on": w.expires_on.isoformat(),
                }
                for w in found
            ]
            return fixed_frame(rows, COLUMNS)

    @staticmethod
    def _known(
        tx: Transaction, system: AISystem, check: str, said: dict[str, str], asked: str
    ) -> Waiver | None:
        """Return the same waiver where it is open or holds; another one of the check is in the way."""
        for waiver in deciding.listed(tx, system.system_id):
            if waiver.condition != check or waiver.status is WaiverStatus.REFUSED:
                continue
            if why_ended(waiver, system.governing_tier, tx.now.date()):
                continue
            same = {
                "reason": waiver.reason,
                "compensating_measure": waiver.compensating_measure,
                "expires_on": waiver.expires_on.isoformat(),
            }
            if same == said:
                return waiver
            if waiver.status is WaiverStatus.PROPOSED:
                raise RequestRefused(
                    f"{asked}: {waiver.waiver_id} is proposed already; have it decided or withdraw it"
                )
        return None


def _systems(
    tx: Transaction, system_ids: Collection[str], at: datetime | None
) -> Mapping[str, AISystem]:
    if at is None:
        return tx.get_systems(system_ids)
    table = history.as_of(tables.system, at)
    query = select_systems(table).where(among(tx.connection, table.c.system_id, system_ids))
    return {s.system_id: s for s in systems_from_rows(tx.connection.execute(query))}


def _holds(waiver: Waiver, system: AISystem, day: date) -> str:
    if waiver.granted_at is None:
        return "not yet" if waiver.status is WaiverStatus.PROPOSED else str(waiver.status)
    return why_ended(waiver, system.governing_tier, day) or "yes"
