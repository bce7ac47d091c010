"""Rules, exceptions and breaches; reached as ``workspace.separation``."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from aims_core import history, tables
from aims_core.frames import TEXT, TIME, fixed_frame
from aims_core.gate.exceptions import read_exceptions
from aims_core.plugin_host import Desk
from aims_core.rules import Rule, SeparationException, as_it_stood, in_force_on, load_rules
from aims_core.separation import recording
from aims_core.separation.breach import Breach
from aims_core.separation.breaches import judge
from aims_core.separation.reading import read_ledger
from aims_core.store import Transaction

COLUMNS = {
    "rule": TEXT,
    "system_id": TEXT,
    "persons": TEXT,
    "what": TEXT,
    "at": TIME,
    "records": TEXT,
    "exception": TEXT,
}
EXCEPTION_COLUMNS = {
    "exception_id": TEXT,
    "rule": TEXT,
    "scope_kind": TEXT,
    "scope": TEXT,
    "in_force": TEXT,
    "expires_on": TEXT,
    "reason": TEXT,
    "compensating_control": TEXT,
    "recorded_by": TEXT,
    "recorded_at": TIME,
    "fact_at": TIME,
    "approved_by": TEXT,
    "approved_at": TIME,
    "approved_fact_at": TIME,
    "ended_by": TEXT,
    "ended_at": TIME,
    "ended_fact_at": TIME,
    "end_reason": TEXT,
}


class Separation:
    """Separation of duties (ISO/IEC 42001, 5.3 and A.3.2)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rules(self) -> tuple[Rule, ...]:
        """Return the rules, in their order; each says what enforces it and who sees its breaches."""
        return load_rules()

    def breaches(
        self, *, as_of: date | int | None = None, system_ids: Collection[str] | None = None
    ) -> list[Breach]:
        """Return every breach of a rule that records show, oldest first; covered ones too.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint; what was entered later is left
            out. Now by default.
        system_ids : collection of str, optional
            Only breaches about these systems; those of roles and auditors, which are about none, are
            then left out.

        Raises
        ------
        RecordNotFound
            A system named in `system_ids` is not there.
        InvalidRecord
            `as_of` names no time up to now.

        Notes
        -----
        Twenty-three statements at most, however many systems. A breach of another rule that only shows when
        persons are judged and not accounts, or across time, is listed as one of R15 as well.
        """
        with self._desk.reading() as tx:
            at = history.moment(tx.connection, as_of, tx.now) or tx.now
            if system_ids is not None:
                tx.get_systems(system_ids)
            found = judge(read_ledger(tx, self._desk.machine, at, system_ids))
            return [b for b in found if system_ids is None or b.system_id in set(system_ids)]

    def frame(
        self, *, as_of: date | int | None = None, system_ids: Collection[str] | None = None
    ) -> Any:
        """Return :meth:`breaches` as a DataFrame with the columns of :data:`COLUMNS`."""
        rows = [
            {name: getattr(b, name) for name in COLUMNS}
            | {"persons": ", ".join(b.persons), "records": ", ".join(b.records)}
            for b in self.breaches(as_of=as_of, system_ids=system_ids)
        ]
        return fixed_frame(rows, COLUMNS)

    def record_exception(
        self,
        rule: str,
        *,
        reason: str,
        compensating_control: str,
        expires_on: date,
        unit: str = "",
        system_id: str = "",
        fact_at: datetime | None = None,
    ) -> SeparationException:
        """Put on record that a rule cannot be kept for a time, and return the exception.

        It takes effect when somebody else approves it; see :meth:`approve_exception`.

        Parameters
        ----------
        rule : str
            A rule that has exceptions, such as ``R2``.
        compensating_control : str
            What is done in its place: an outside reviewer, a later audit.
        expires_on : date
            The last day on which it holds, in UTC; at most 366 days ahead.
        unit, system_id : str
            How far it reaches; the whole organisation when both are empty.
        fact_at : datetime, optional
            When it was said in fact, aware, where that was before it is entered. Not ahead; of one system,
            not before its entry unless that was as legacy.

        Raises
        ------
        RequestRefused
            The rule has no exceptions, with this one a single person could do everything, or it is on record
            with another time of fact.
        InvalidRecord
            A field is empty or the date is past or too far; each is named. Or it cannot have been said when
            it is said to have been.
        NotPermitted, RecordNotFound
            As everywhere.

        Notes
        -----
        Writes ``ExceptionRecorded``. The same exception again is found.
        """
        with self._desk.writing() as tx:
            return recording.record(
                tx,
                self._desk.machine,
                recording.Wanted(
                    rule=rule,
                    reason=reason,
                    compensating_control=compensating_control,
                    expires_on=expires_on,
                    unit=unit,
                    system_id=system_id,
                    fact_at=fact_at,
                ),
            )

    def approve_exception(
        self, exception_id: str, *, fact_at: datetime | None = None
    ) -> SeparationException:
        """Let an exception take effect and return it.

        Parameters
        ----------
        fact_at : datetime, optional
            When it was approved in fact, aware; not ahead, and not before it was said in fact. It holds from
            its entry on.

        Raises
        ------
        NotPermitted
            The actor is no person, or neither top management nor administrator.
        SegregationOfDuties
            The same person recorded it.
        RequestRefused
            It was ended or is past, or was approved with another time of fact.
        InvalidRecord
            It cannot have been approved when it is said to have been.

        Notes
        -----
        Writes ``ExceptionApproved``.
        """
        with self._desk.writing() as tx:
            return recording.approve(tx, exception_id, fact_at)

    def end_exception(
        self, exception_id: str, *, reason: str, fact_at: datetime | None = None
    ) -> SeparationException:
        """End an exception, or take back one that was not approved, and return it.

        Parameters
        ----------
        fact_at : datetime, optional
            When it ended in fact, aware; not ahead, and not before it was approved, or said, in fact. Until
            its entry it holds.

        Raises
        ------
        NotPermitted
            The actor neither recorded it nor may approve exceptions.
        RequestRefused
            No reason is given, or it was ended with another time of fact.
        InvalidRecord
            It cannot have ended when it is said to have.

        Notes
        -----
        Writes ``ExceptionEnded``.
        """
        with self._desk.writing() as tx:
            return recording.end(tx, exception_id, reason.strip(), fact_at)

    def exceptions(
        self, *, as_of: date | int | None = None, system_id: str = ""
    ) -> list[SeparationException]:
        """Return the exceptions in force, now or at an earlier time, oldest first.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint; now by default.
        system_id : str, optional
            Only those that reach this system, as it was registered at that time.
        """
        with self._desk.reading() as tx:
            then = history.moment(tx.connection, as_of, tx.now)
            found = [e for e in read_exceptions(tx) if in_force_on(e, then or tx.now)]
            if not system_id:
                return found
            tx.get_system(system_id)
            reach = {
                ("organisation", ""),
                ("unit", _unit(tx, system_id, then)),
                ("system", system_id),
            }
            return [e for e in found if (str(e.scope_kind), e.scope) in reach]

    def recorded(self, *, as_of: date | int | None = None) -> list[SeparationException]:
        """Return every exception ever recorded, oldest first, in force or not.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: those recorded by then, as they
            stood. Now by default.
        """
        with self._desk.reading() as tx:
            return _recorded(tx, history.moment(tx.connection, as_of, tx.now))

    def exceptions_frame(self, *, as_of: date | int | None = None) -> Any:
        """Return every exception ever recorded, newest first, with the columns of `EXCEPTION_COLUMNS`.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: those
            recorded by then, as they stood.
        """
        with self._desk.reading() as tx:
            at = history.moment(tx.connection, as_of, tx.now)
            rows = [
                {name: getattr(e, name) for name in EXCEPTION_COLUMNS if name != "in_force"}
                | {
                    "in_force": "yes" if in_force_on(e, at or tx.now) else "no",
                    "expires_on": e.expires_on.isoformat() if e.expires_on else "",
                }
                for e in reversed(_recorded(tx, at))
            ]
            return fixed_frame(rows, EXCEPTION_COLUMNS)

    def passes(self, tx: Transaction, rule: str, act: str, *, system_id: str) -> str:
        """Return the exception by which an act passes a rule, and record its use; empty when none does.

        For services of plugins that enforce a rule, within their own transaction.

        Notes
        -----
        Writes ``ExceptionUsed`` where an exception covers the act.
        """
        return recording.use(tx, rule, act, tx.get_system(system_id))


def _recorded(tx: Transaction, at: datetime | None) -> list[SeparationException]:
    found = read_exceptions(tx)
    return found if at is None else [as_it_stood(e, at) for e in found if e.recorded_at <= at]


def _unit(tx: Transaction, system_id: str, at: datetime | None) -> str:
    """Return the unit of a system, now or at a time; empty where it was not there yet."""
    table = history.as_of(tables.system, at, keys=[system_id])
    query = sa.select(table.c.unit).where(table.c.system_id == system_id)
    return tx.connection.execute(query).scalar_one_or_none() or ""
