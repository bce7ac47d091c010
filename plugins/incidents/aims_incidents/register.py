"""Open, analyse, treat and close incidents; reached as ``workspace.incidents``."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import (
    Event,
    IncidentClosed,
    IncidentOpened,
    InvalidRecord,
    Offer,
    Problem,
    RecordedEvent,
    RecordNotFound,
    RequestRefused,
    SegregationOfDuties,
    Severity,
    Transaction,
    Workspace,
    digest,
    fixed_frame,
)
from aims_incidents.events import IncidentAnalysed, IncidentTreated
from aims_incidents.handling import Incident, IncidentStatus, next_status
from aims_incidents.tables import incident as table

COLUMNS = {
    "incident_id": "string",
    "system_id": "string",
    "severity": "string",
    "status": "string",
    "title": "string",
    "kind": "string",
    "cause": "string",
    "treatment": "string",
    "opened_at": "datetime64[us, UTC]",
    "opened_by": "string",
    "closed_at": "datetime64[us, UTC]",
    "closed_by": "string",
    "description": "string",
}
BREACH = "incidents.breach"
_MAX_TITLE = 500
_SCHEMA = {
    "type": "object",
    "required": ["incident_id", "status", "severity", "cause", "treatment", "title"],
    "additionalProperties": {"type": "string"},
}


class IncidentRegister:
    """The incident register (ISO/IEC 42001, A.8.4 and 10.2)."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def open(
        self,
        system_id: str,
        *,
        title: str,
        severity: Severity | str,
        description: str = "",
        kind: str = BREACH,
        subject: str = "",
        cause_event: str = "",
        occurred_at: datetime | None = None,
    ) -> Incident:
        """Open an incident and return it; one that is open on the same subject is found.

        Parameters
        ----------
        severity : Severity
            ``minor``, ``moderate``, ``major`` or ``serious``.
        subject : str
            What it is about, such as ``monitor/metric``; the title when empty.
        cause_event : str
            Id of the event that opened it; an event opens one incident, however often it is told.
        occurred_at : datetime, optional
            When it happened, aware; time of entry is kept apart.

        Raises
        ------
        InvalidRecord
            The title is empty or too long, or the severity is unknown.
        NotPermitted, RecordNotFound
            As everywhere.

        Notes
        -----
        Writes ``IncidentOpened`` and ``ResultRecorded``.
        """
        asked = f"open an incident of {system_id}"
        with self._workspace.writing() as tx:
            tx.require("handle_incidents", asked, system_id=system_id)
            if problems := _problems(title, severity):
                raise InvalidRecord(asked, problems)
            about = (subject or title.strip())[:300]
            found = self._known(tx, system_id, about, cause_event)
            if found is not None:
                return found
            made = Incident(
                incident_id=tx.new_id("inc"),
                system_id=system_id,
                kind=kind,
                title=title.strip(),
                description=description,
                severity=Severity(severity),
                status=IncidentStatus.OPEN,
                cause="",
                treatment="",
                treated_by="",
                cause_event=cause_event,
                occurred_at=occurred_at or tx.now,
                opened_at=tx.now,
                opened_by=tx.actor.actor_id,
            )
            values = {name: getattr(made, name) for name in made.__dataclass_fields__}
            tx.connection.execute(sa.insert(table).values(**values, subject=about))
            tx.record(
                IncidentOpened(
                    system_id=system_id,
                    incident_id=made.incident_id,
                    severity=str(made.severity),
                    title=made.title,
                    cause_event=cause_event,
                )
            )
            self._publish(tx, made)
            return made

    def analyse(self, incident_id: str, *, cause: str) -> Incident:
        """Put the cause of an open incident on record and return it.

        Raises
        ------
        RequestRefused
            It is not open, or no cause is given.

        Notes
        -----
        Writes ``IncidentAnalysed`` and ``ResultRecorded``.
        """
        return self._step(
            incident_id,
            "analyse",
            {"cause": cause},
            lambda i: IncidentAnalysed(
                system_id=i.system_id, incident_id=incident_id, cause=cause.strip()
            ),
        )

    def treat(self, incident_id: str, *, treatment: str) -> Incident:
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
            {"treatment": treatment, "treated_by": self._workspace.actor.actor_id},
            lambda i: IncidentTreated(
                system_id=i.system_id, incident_id=incident_id, treatment=treatment.strip()
            ),
        )

    def close(self, incident_id: str) -> Incident:
        """Close a treated incident and return it.

        Raises
        ------
        RequestRefused
            It is not treated yet.
        SegregationOfDuties
            A serious incident is not closed by who treated it.

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

    def get(self, incident_id: str) -> Incident:
        """Return one incident.

        Raises
        ------
        RecordNotFound
            No incident has this id.
        """
        with self._workspace.reading() as tx:
            return _read(tx, incident_id)

    def of(self, system_id: str, *, open_only: bool = False) -> list[Incident]:
        """Return the incidents of a system, newest first."""
        query = sa.select(table).where(table.c.system_id == system_id)
        if open_only:
            query = query.where(table.c.status != IncidentStatus.CLOSED)
        with self._workspace.reading() as tx:
            rows = tx.connection.execute(query.order_by(table.c.opened_at.desc())).all()
            return [_from_row(row) for row in rows]

    def frame(self, *, open_only: bool = False) -> Any:
        """Return incidents as a DataFrame with the columns of :data:`COLUMNS`, newest first."""
        query = sa.select(*(table.c[name] for name in COLUMNS)).order_by(
            table.c.opened_at.desc(), table.c.incident_id
        )
        if open_only:
            query = query.where(table.c.status != IncidentStatus.CLOSED)
        with self._workspace.reading() as tx:
            return fixed_frame([dict(r) for r in tx.connection.execute(query).mappings()], COLUMNS)

    def timeline(self, incident_id: str) -> list[RecordedEvent]:
        """Return the events of one incident, oldest first, from the audit trail."""
        incident = self.get(incident_id)
        return [
            event
            for event in self._workspace.inventory.history(incident.system_id)
            if event.payload.get("incident_id") == incident_id
            or event.payload.get("subject") == incident_id
        ]

    def _step(
        self,
        incident_id: str,
        step: str,
        values: dict[str, str],
        event: Callable[[Incident], Event],
    ) -> Incident:
        asked = f"{step} {incident_id}"
        with self._workspace.writing() as tx:
            incident = _read(tx, incident_id, for_update=True)
            tx.require("handle_incidents", asked, system_id=incident.system_id)
            if _done_before(incident, step, values):
                return incident
            status = next_status(incident, step)
            for name, value in values.items():
                if not value.strip():
                    raise RequestRefused(f"{asked}: the {name} is empty; say it in a sentence")
            self._keep_apart(tx, incident, step, asked)
            changed: dict[str, Any] = {name: value.strip() for name, value in values.items()}
            if status is IncidentStatus.CLOSED:
                changed |= {"closed_at": tx.now, "closed_by": tx.actor.actor_id}
            tx.connection.execute(
                sa.update(table)
                .where(table.c.incident_id == incident_id)
                .values(status=status, **changed)
            )
            after = _read(tx, incident_id)
            tx.record(event(after))
            self._publish(tx, after)
            return after

    def _keep_apart(self, tx: Transaction, incident: Incident, step: str, asked: str) -> None:
        if step != "close" or incident.severity is not Severity.SERIOUS:
            return
        if self._workspace.staffing.actor(incident.treated_by).person == tx.actor.person:
            raise SegregationOfDuties(
                f"{asked}: {tx.actor.actor_id} treated it; let somebody else close a serious incident"
            )

    @staticmethod
    def _known(tx: Transaction, system_id: str, about: str, cause_event: str) -> Incident | None:
        same = sa.and_(
            table.c.system_id == system_id,
            table.c.subject == about,
            table.c.status != IncidentStatus.CLOSED,
        )
        told = sa.and_(table.c.cause_event == cause_event, sa.literal(cause_event) != "")
        query = sa.select(table).where(sa.or_(same, told)).limit(1)
        row = tx.connection.execute(query).one_or_none()
        return _from_row(row) if row is not None else None

    def _publish(self, tx: Transaction, incident: Incident) -> None:
        """Make the incident known to the lifecycle's checks."""
        payload = {
            "incident_id": incident.incident_id,
            "status": str(incident.status),
            "severity": str(incident.severity),
            "title": incident.title,
            "cause": incident.cause,
            "treatment": incident.treatment,
        }
        tx.add_result(
            kind="incident",
            system_id=incident.system_id,
            subject=incident.incident_id,
            offer=self._own(),
            input_digest=digest(payload),
            payload=payload,
            schema=_SCHEMA,
        )

    def _own(self) -> Offer:
        return next(
            o
            for o in self._workspace.host.contributions("aims_services")
            if o.spec.id == "incidents.register"
        )


def _read(tx: Transaction, incident_id: str, *, for_update: bool = False) -> Incident:
    query = sa.select(table).where(table.c.incident_id == incident_id)
    row = tx.connection.execute(query.with_for_update() if for_update else query).one_or_none()
    if row is None:
        known = sa.select(table.c.incident_id).order_by(table.c.opened_at.desc()).limit(200)
        raise RecordNotFound("incident", incident_id, list(tx.connection.execute(known).scalars()))
    return _from_row(row)


def _from_row(row: Any) -> Incident:
    values = {name: getattr(row, name) for name in Incident.__dataclass_fields__}
    values |= {"severity": Severity(row.severity), "status": IncidentStatus(row.status)}
    return Incident(**values)


def _done_before(incident: Incident, step: str, values: dict[str, str]) -> bool:
    """Say whether a second run of the same cell asks for what is already so."""
    if step == "close":
        return incident.status is IncidentStatus.CLOSED
    past = list(IncidentStatus).index(incident.status)
    reached = list(IncidentStatus).index(
        IncidentStatus.ANALYSED if step == "analyse" else IncidentStatus.TREATED
    )
    first = next(iter(values))
    return past >= reached and getattr(incident, first) == values[first].strip()


def _problems(title: str, severity: Severity | str) -> list[Problem]:
    problems = []
    if not 0 < len(title.strip()) <= _MAX_TITLE:
        remedy = f"say in up to {_MAX_TITLE} characters what happened"
        problems.append(Problem(field="title", reason="is empty or too long", remedy=remedy))
    if str(severity) not in list(Severity):
        remedy = f"use one of {', '.join(Severity)}"
        problems.append(Problem(field="severity", reason=f"is {severity!r}", remedy=remedy))
    return problems
