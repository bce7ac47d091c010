"""Open, assign, analyse, treat and close incidents; reached as ``workspace.incidents``."""

from collections.abc import Callable, Mapping
from datetime import datetime

from aims_core import (
    Event,
    IncidentClosed,
    InvalidRecord,
    Offer,
    Problem,
    RecordedEvent,
    Severity,
    Transaction,
    time_of_fact_problems,
)
from aims_incidents import ledger, recurrence
from aims_incidents.breaches import read_breach, suspends_at
from aims_incidents.events import (
    IncidentAnalysed,
    IncidentAssigned,
    IncidentTreated,
)
from aims_incidents.handling import Incident
from aims_incidents.readings import IncidentReadings
from aims_incidents.reportability import Reporting
from aims_incidents.reports import report_problems
from aims_incidents.steps import take_step
from aims_incidents.terms import CauseKind
from aims_incidents.views import COLUMNS

__all__ = ["COLUMNS", "IncidentRegister"]

REPORTED = "incidents.reported"


class IncidentRegister(IncidentReadings):
    """The incident register (ISO/IEC 42001, A.8.4 and 10.2)."""

    @property
    def reporting(self) -> Reporting:
        """Decisions on whether incidents must be reported to an authority (rule R9)."""
        return Reporting(self._workspace, self._own())

    @property
    def suspends_at(self) -> Severity | None:
        """The severity from which a breach suspends a system, from ``[incidents]`` in ``aims.toml``."""
        return suspends_at(self._workspace)

    def open(
        self,
        system_id: str,
        *,
        title: str,
        severity: Severity | str,
        description: str = "",
        kind: str = REPORTED,
        subject: str = "",
        occurred_at: datetime | None = None,
    ) -> Incident:
        """Open an incident by hand and return it.

        One that is not closed on the same subject is found, and so is the one that the very same
        words opened before.

        Parameters
        ----------
        severity : Severity
            ``minor``, ``moderate``, ``major`` or ``serious``. It suspends nothing by itself: who opens
            an incident by hand may ask for the suspension too.
        kind : str
            An incident type that is installed.
        subject : str
            What it is about; the title when empty.
        occurred_at : datetime, optional
            When it happened, aware; not in the future, and not before the system's entry unless that
            was as legacy. The time of entry is kept apart.

        Raises
        ------
        InvalidRecord
            The title is empty or too long, the severity or the type is unknown, or the time cannot be.
        NotPermitted, RecordNotFound
            As everywhere.

        Notes
        -----
        Writes ``IncidentOpened`` and ``ResultRecorded``.
        """
        asked = f"open an incident of {system_id}"
        with ledger.racing(self._workspace, asked) as tx:
            tx.require("handle_incidents", asked, system_id=system_id)
            problems = report_problems(self._workspace, title, severity, kind)
            system = tx.get_system(system_id)
            problems += time_of_fact_problems("occurred_at", occurred_at, now=tx.now, system=system)
            if problems:
                raise InvalidRecord(asked, problems)
            made = ledger.new_incident(
                tx,
                system_id,
                kind=kind,
                subject=subject.strip() or title.strip(),
                title=title.strip(),
                description=description.strip(),
                severity=Severity(severity),
                occurred_at=occurred_at or tx.now,
            )
            found = ledger.open_on(tx, system_id, made.subject) or ledger.reported(
                tx, made, at=occurred_at
            )
            if found is not None:
                return found
            ledger.insert(tx, made)
            ledger.publish(tx, made, self._own())
            return made

    def record_breach(self, event: RecordedEvent) -> Incident:
        """Open an incident for a breach, or note that it happened again, and return the incident.

        An event counts once, however often it is told. While an incident on the same monitor and
        metric is not closed, a further breach is added to it: it may make it graver, and opens it
        again when it was treated.

        Parameters
        ----------
        event : RecordedEvent
            A ``core.ThresholdBreached``.

        Raises
        ------
        NotPermitted, RecordNotFound, WorkspaceError
            As everywhere.

        Notes
        -----
        Writes ``IncidentOpened`` or ``BreachRepeated``, ``IncidentEscalated`` where it became graver,
        and ``ResultRecorded``.
        """
        said = read_breach(event)
        asked = f"open an incident of {said.system_id}"
        with ledger.racing(self._workspace, asked) as tx:
            tx.require("handle_incidents", asked, system_id=said.system_id)
            if (known := ledger.of_breach(tx, said.event_id)) is not None:
                return known
            incident = recurrence.take(tx, said, event.at, suspends=self._reaches(said.severity))
            ledger.publish(tx, incident, self._own())
            return incident

    def assign(self, incident_id: str, assigned_to: str) -> Incident:
        """Say who sees to an incident and return it.

        Raises
        ------
        RecordNotFound
            No incident, or nobody, has this id.
        RequestRefused
            It is closed.

        Notes
        -----
        Writes ``IncidentAssigned``.
        """
        who = self._workspace.staffing.actor(assigned_to).actor_id
        return self._step(
            incident_id,
            "assign",
            {"assigned_to": who},
            lambda i: IncidentAssigned(
                system_id=i.system_id, incident_id=incident_id, assigned_to=who
            ),
        )

    def analyse(
        self, incident_id: str, cause: str, *, kind: CauseKind | str = CauseKind.UNKNOWN
    ) -> Incident:
        """Put the cause of an incident on record and return it; what was done about another is void.

        Parameters
        ----------
        cause : str
            What caused it, in words.
        kind : CauseKind
            What kind of cause that is, such as ``data_drift``, so that causes can be counted.

        Raises
        ------
        RequestRefused
            It is closed, or no cause is given.
        InvalidRecord
            The kind is unknown.

        Notes
        -----
        Writes ``IncidentAnalysed`` and ``ResultRecorded``.
        """
        if str(kind) not in list(CauseKind):
            problem = Problem(
                field="kind", reason=f"is {kind!r}", remedy=f"use one of {', '.join(CauseKind)}"
            )
            raise InvalidRecord(f"analyse {incident_id}", [problem])
        return self._step(
            incident_id,
            "analyse",
            {"cause": cause.strip(), "cause_kind": CauseKind(kind)},
            lambda i: IncidentAnalysed(
                system_id=i.system_id,
                incident_id=incident_id,
                cause=i.cause,
                cause_kind=str(i.cause_kind),
            ),
        )

    def treat(self, incident_id: str, treatment: str) -> Incident:
        """Put on record what was done about the cause and return the incident.

        Raises
        ------
        RequestRefused
            Its cause is not on record, or no treatment is given.

        Notes
        -----
        Writes ``IncidentTreated`` and ``ResultRecorded``.
        """
        return self._step(
            incident_id,
            "treat",
            {"treatment": treatment.strip()},
            lambda i: IncidentTreated(
                system_id=i.system_id, incident_id=incident_id, treatment=i.treatment
            ),
        )

    def close(self, incident_id: str) -> Incident:
        """Close a treated incident and return it.

        Raises
        ------
        ConditionsNotMet
            Its cause or its treatment is not on record.
        SegregationOfDuties
            Who treated it does not close it: another person sees whether the treatment worked (R6).
        NotPermitted
            The actor is no person, or neither incident manager nor risk reviewer of the system.

        Notes
        -----
        Writes ``IncidentClosed`` and ``ResultRecorded``.
        """
        return self._step(
            incident_id,
            "close",
            {},
            lambda i: IncidentClosed(
                system_id=i.system_id,
                incident_id=incident_id,
                cause=i.cause,
                treatment=i.treatment,
            ),
        )

    def _reaches(self, severity: Severity) -> bool:
        limit = self.suspends_at
        return limit is not None and severity.rank >= limit.rank

    def _step(
        self,
        incident_id: str,
        step: str,
        values: Mapping[str, str],
        event: Callable[[Incident], Event],
    ) -> Incident:
        with self._workspace.writing() as tx:
            incident, changed = take_step(
                tx, incident_id, step, values, event, excepted=self._excepted
            )
            if changed:
                ledger.publish(tx, incident, self._own())
            return incident

    def _excepted(self, tx: Transaction, incident: Incident) -> str:
        """Return the exception to R6 by which who treated an incident may close it."""
        act = f"close incident {incident.incident_id}"
        found: str = self._workspace.separation.passes(tx, "R6", act, system_id=incident.system_id)
        return found

    def _own(self) -> Offer:
        return self._workspace.host.offer("aims_services", "incidents.register")
