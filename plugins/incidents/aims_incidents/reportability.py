"""Whether an incident must be reported to an authority: proposed by the second line, confirmed by legal.

Reached as ``workspace.incidents.reporting``. Source: Regulation (EU) 2024/1689, Art. 73; rule R9 of the
product's segregation of duties.
"""

from typing import Any

from aims_core import (
    ActorKind,
    NotPermitted,
    Offer,
    RecordNotFound,
    RequestRefused,
    SegregationOfDuties,
    Transaction,
    Workspace,
    digest,
    fixed_frame,
)
from aims_incidents import ledger
from aims_incidents.events import (
    ReportabilityDecided,
    ReportabilityDeclined,
    ReportabilityProposed,
)
from aims_incidents.handling import Incident
from aims_incidents.reporting_records import (
    COLUMNS,
    KIND,
    SCHEMA,
    Reportability,
    as_row,
    from_result,
    standing_of,
)
from aims_incidents.silence import escalate

__all__ = ["COLUMNS", "Reportability", "Reporting"]

_SECOND_LINE = frozenset({"risk_reviewer", "committee_member"})


class Reporting:
    """Decisions on whether incidents are reportable; two people, neither of them the system's owner.

    Parameters
    ----------
    workspace : Workspace
        Where the incidents lie.
    offer : Offer
        Under which the decisions are kept as results.
    """

    def __init__(self, workspace: Workspace, offer: Offer) -> None:
        self._workspace = workspace
        self._offer = offer

    def propose(self, incident_id: str, *, reportable: bool, reason: str) -> Reportability:
        """Propose whether an incident is reportable, and return where the decision stands.

        Parameters
        ----------
        reportable : bool
            False as well is a decision, with a reason; silence is none.
        reason : str
            Why, such as the criterion of Art. 3(49) that is met, or that none is.

        Raises
        ------
        SegregationOfDuties
            The actor owns the system.
        NotPermitted
            The actor is no person, or neither risk reviewer nor committee member of the system.
        RequestRefused
            No reason is given, or it was decided already.

        Notes
        -----
        Writes ``ReportabilityProposed`` and ``ResultRecorded``. A new proposal replaces an open one.
        """
        asked = f"propose whether {incident_id} is reportable"
        with self._workspace.writing() as tx:
            incident, now = self._entitled(tx, asked, incident_id, "propose_reporting")
            if not reason.strip():
                raise RequestRefused(f"{asked}: say why, in a sentence")
            if now.status == "proposed" and (
                (now.reportable, now.reason, now.proposed_by)
                == (reportable, reason.strip(), tx.actor.actor_id)
            ):
                return now
            if now.status == "decided":
                raise RequestRefused(
                    f"{asked}: {now.decided_by} confirmed that it is "
                    f"{'' if now.reportable else 'not '}reportable; open a new incident on new facts"
                )
            tx.record(
                ReportabilityProposed(
                    system_id=incident.system_id,
                    incident_id=incident_id,
                    reportable=reportable,
                    reason=reason.strip(),
                )
            )
            said = {"proposed_by": tx.actor.actor_id, "reason": reason.strip()}
            return self._keep(tx, incident, "proposed", reportable=reportable, **said)

    def confirm(self, incident_id: str) -> Reportability:
        """Confirm what the second line proposed, and return the decision.

        Raises
        ------
        SegregationOfDuties
            The same person proposed it, or the actor owns the system.
        NotPermitted
            The actor is no person or no legal counsel; an exception to R9 lets another risk reviewer or
            committee member stand in.
        RequestRefused
            Nothing is proposed.

        Notes
        -----
        Writes ``ReportabilityDecided`` and ``ResultRecorded``, and ``ExceptionUsed`` where one covers it.
        """
        asked = f"confirm whether {incident_id} is reportable"
        with self._workspace.writing() as tx:
            incident, now = self._entitled(tx, asked, incident_id, "confirm_reporting")
            if now.status == "decided":
                return now
            self._check_open(asked, now)
            if self._person(now.proposed_by) == tx.actor.person:
                raise SegregationOfDuties(
                    f"{asked}: {now.proposed_by}, the same person, proposed it; "
                    "let a legal counsel confirm it"
                )
            tx.record(
                ReportabilityDecided(
                    system_id=incident.system_id,
                    incident_id=incident_id,
                    reportable=bool(now.reportable),
                    reason=now.reason,
                    proposed_by=now.proposed_by,
                )
            )
            said = {"proposed_by": now.proposed_by, "decided_by": tx.actor.actor_id}
            return self._keep(
                tx, incident, "decided", reportable=bool(now.reportable), reason=now.reason, **said
            )

    def decline(self, incident_id: str, *, reason: str) -> Reportability:
        """Send a proposal back with a reason, and return where the decision stands.

        Raises
        ------
        NotPermitted
            As for :meth:`confirm`.
        RequestRefused
            No reason is given, or nothing is proposed.

        Notes
        -----
        Writes ``ReportabilityDeclined`` and ``ResultRecorded``.
        """
        asked = f"decline what was proposed on {incident_id}"
        with self._workspace.writing() as tx:
            incident, now = self._entitled(tx, asked, incident_id, "confirm_reporting")
            if not reason.strip():
                raise RequestRefused(f"{asked}: say why, in a sentence")
            if now.status == "declined" and now.reason == reason.strip():
                return now
            self._check_open(asked, now)
            tx.record(
                ReportabilityDeclined(
                    system_id=incident.system_id, incident_id=incident_id, reason=reason.strip()
                )
            )
            said = {"proposed_by": now.proposed_by, "decided_by": tx.actor.actor_id}
            return self._keep(
                tx,
                incident,
                "declined",
                reportable=bool(now.reportable),
                reason=reason.strip(),
                **said,
            )

    def of(self, incident_id: str) -> Reportability:
        """Return where the decision on an incident stands.

        Raises
        ------
        RecordNotFound
            No incident has this id.
        """
        with self._workspace.reading() as tx:
            return standing_of(tx, ledger.read(tx, incident_id))

    def frame(self) -> Any:
        """Return serious incidents, and others decided on, newest first, with the columns of `COLUMNS`."""
        with self._workspace.reading() as tx:
            standing = {r.subject: from_result(r) for r in tx.newest_results(KIND)}
        rows = []
        for row in self._workspace.incidents.frame().to_dict("records"):
            found = standing.get(row["incident_id"])
            if found is None and row["severity"] != "serious":
                continue
            rows.append(as_row(row, found))
        return fixed_frame(rows, COLUMNS)

    def escalate(self) -> list[str]:
        """Record which serious incidents nobody decided on in time, once each; return all of them.

        Raises
        ------
        NotPermitted
            It takes a role that may remind.

        Notes
        -----
        Writes ``ReportabilityOverdue`` and ``ResultRecorded`` for those not escalated before; who
        listens to it is told.
        """
        return escalate(self._workspace, self._offer)

    def _entitled(
        self, tx: Transaction, asked: str, incident_id: str, permission: str
    ) -> tuple[Incident, Reportability]:
        tx.attempt(asked)
        incident = ledger.read(tx, incident_id, for_update=True)
        system = tx.get_system(incident.system_id)
        if tx.actor.kind is not ActorKind.PERSON:
            raise NotPermitted(f"{asked}: {tx.actor.actor_id} is no person; a person decides")
        if self._person(system.owner) == tx.actor.person:
            raise SegregationOfDuties(
                f"{asked}: {tx.actor.actor_id} owns {system.system_id}; "
                "let the second line and legal decide"
            )
        try:
            tx.require(permission, asked, system_id=incident.system_id)
        except NotPermitted:
            if permission != "confirm_reporting" or not self._stands_in(tx, incident):
                raise
        return incident, standing_of(tx, incident)

    def _person(self, actor_id: str) -> str:
        try:
            return self._workspace.staffing.actor(actor_id).person
        except RecordNotFound:  # an owner who is a unit is nobody's person
            return actor_id

    def _stands_in(self, tx: Transaction, incident: Incident) -> bool:
        """Say whether an exception to R9 lets a second person of the second line confirm."""
        if not _SECOND_LINE & tx.roles(tx.get_system(incident.system_id)):
            return False
        act = f"decide whether {incident.incident_id} is reportable, without legal counsel"
        passes = self._workspace.separation.passes
        return bool(passes(tx, "R9", act, system_id=incident.system_id))

    @staticmethod
    def _check_open(asked: str, now: Reportability) -> None:
        if now.status != "proposed":
            raise RequestRefused(
                f"{asked}: nothing is proposed; let a risk reviewer or committee member propose it"
            )

    def _keep(
        self, tx: Transaction, incident: Incident, status: str, *, reportable: bool, **said: str
    ) -> Reportability:
        payload = {
            "incident_id": incident.incident_id,
            "status": status,
            "reportable": "yes" if reportable else "no",
            **said,
        }
        result = tx.add_result(
            kind=KIND,
            system_id=incident.system_id,
            subject=incident.incident_id,
            offer=self._offer,
            input_digest=digest(payload),
            payload=payload,
            schema=SCHEMA,
        )
        return from_result(result)
