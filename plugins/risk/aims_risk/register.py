"""The risk register: assess, identify, treat and accept risk; reached as ``workspace.risk``."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from aims_core import (
    Offer,
    Result,
    RiskCategory,
    SegregationOfDuties,
    Transaction,
)
from aims_risk import acceptance, risks, treatments
from aims_risk.assessing import Assessing
from aims_risk.authority import authority_for
from aims_risk.fields import LONG, check_text
from aims_risk.readings import SECTION
from aims_risk.records import Risk, Treatment
from aims_risk.terms import RISK_STATUS

_OPEN, _CLOSED = RISK_STATUS


class RiskRegister(Assessing):
    """The risk register (ISO/IEC 42001, 6.1.2, 6.1.3, 8.2 and 8.3).

    Where `as_of` is taken, it is a time, aware, or the number of a checkpoint: what comes back is what
    stood on record then. One that names no time up to now raises InvalidRecord.

    Parameters
    ----------
    workspace : Workspace
        Whose systems are rated, by its actor.
    """

    def accept(self, system_id: str, *, reason: str, valid_until: datetime | None = None) -> Result:
        """Accept the residual risk of the newest assessment and return the result on record.

        Parameters
        ----------
        system_id : str
            The system whose residual risk is accepted.
        reason : str
            Why what remains can be accepted.
        valid_until : datetime, optional
            When the acceptance ends, aware; as late as the level allows by default. It ends with the
            next assessment in any case.

        Raises
        ------
        SegregationOfDuties
            Nobody accepts a risk that they assessed themselves.
        RequestRefused
            There is no assessment of the current revision, the practice is prohibited, or the level is
            one that nobody may accept.
        NotPermitted
            The actor holds no role that may accept this level (rule R4; ``[risk.acceptance]``).
        InvalidRecord
            No reason is given, or the end is past or later than the level allows.
        RecordNotFound
            As everywhere.

        Notes
        -----
        Writes ``ResidualRiskAccepted`` and ``ResultRecorded``. Source: ISO/IEC 42001, 6.1.3.
        """
        asked = f"accept the residual risk of {system_id}"
        with self._workspace.writing() as tx:
            tx.require("accept_risk", asked, system_id=system_id)
            system = tx.get_system(system_id, for_update=True)
            assessed = acceptance.to_accept(tx, system, asked)
            level = str(assessed.payload.get("level", assessed.tier))
            section = self._workspace.settings.section(SECTION)
            who = authority_for(section, level, assessed.tier or RiskCategory.HIGH)
            self._keep_apart(tx, assessed, asked)
            acceptance.check_authority(tx, system, level, who, asked)
            acceptance.check(tx, asked, reason, valid_until, who.days)
            return acceptance.record(tx, self._own(), assessed, reason.strip(), valid_until, who)

    def identify(
        self,
        system_id: str,
        risk_id: str,
        *,
        title: str,
        risk_source: str,
        consequence: str,
        likelihood: int,
        consequences: Mapping[str, int],
        risk_owner: str,
    ) -> Risk:
        """Put a risk of a system on the register and return it; the same risk again is found.

        Said anew with other words or ratings it is revised, and opened again where it was closed.

        Parameters
        ----------
        system_id, risk_id : str
            The system, and an identifier for the risk that people choose, unique in the system.
        title : str
            The risk in a few words.
        risk_source : str
            What gives rise to it: a number of ISO/IEC 42001, Annex C.3 (``RISK_SOURCES``), or words.
        consequence : str
            What would happen, and to whom.
        likelihood : int
            From 1 (lowest) to the scale of the criteria, with the treatments that are in place.
        consequences : mapping of str to int
            Rating by dimension: ``organisation``, ``individuals``, ``society``; at least one.
        risk_owner : str
            Who answers for it.

        Raises
        ------
        InvalidRecord
            Fields are missing or wrong; every one is named.
        NotPermitted, RecordNotFound
            As everywhere.

        Notes
        -----
        Writes ``RiskIdentified`` or ``RiskRevised``. Source: ISO/IEC 42001, 6.1.2; ISO 31000, 6.4.2.
        """
        asked = f"identify risk {risk_id} of {system_id}"
        criteria = self.criteria
        content = {
            "title": title,
            "risk_source": risk_source,
            "consequence": consequence,
            "likelihood": likelihood,
            "consequences": dict(consequences),
            "risk_owner": risk_owner,
            "status": _OPEN,
        }
        with self._workspace.writing() as tx:
            self._permit(tx, asked, system_id)
            risks.refuse(asked, risks.check(content, risk_id, criteria))
            content["level"] = risks.level_of(content, criteria)
            return risks.keep(tx, system_id, risk_id, content)

    def treat(
        self,
        system_id: str,
        *,
        measure: str,
        responsible: str,
        risk_id: str = "",
        option: str = "reduce",
        controls: Sequence[str] = (),
        status: str = "planned",
    ) -> Treatment:
        """Put a treatment on record and return it; the same measure again is found or changed.

        Parameters
        ----------
        system_id : str
            The system.
        measure : str
            What is done about the risk.
        responsible : str
            Who sees to it.
        risk_id : str, optional
            The identified risk it is for; the risk of the system as a whole when empty.
        option : {"avoid", "reduce", "share", "retain"}
            Which way of treating it is.
        controls : sequence of str
            Controls that it rests on, such as ``A.7.4`` of ISO/IEC 42001, Annex A.
        status : {"planned", "in_place", "ended"}
            How far it is.

        Raises
        ------
        InvalidRecord
            A field is empty or a word is unknown.
        NotPermitted, RecordNotFound
            As everywhere.

        Notes
        -----
        Writes ``RiskTreated`` and ``ResultRecorded``. Source: ISO/IEC 42001, 6.1.3 and 8.3.
        """
        asked = f"treat the risk of {system_id}"
        content = {
            "measure": measure.strip(),
            "responsible": responsible.strip(),
            "option": option,
            "controls": tuple(sorted({control.strip() for control in controls})),
            "status": status,
        }
        with self._workspace.writing() as tx:
            self._permit(tx, asked, system_id)
            if risk_id:
                risks.must_find(tx, system_id, risk_id)
            risks.refuse(asked, treatments.check(content))
            return treatments.keep(tx, self._own(), system_id, risk_id, content)

    def close(self, system_id: str, risk_id: str, *, reason: str) -> Risk:
        """Close a risk that no longer exists, end its treatments, and return it.

        Raises
        ------
        InvalidRecord
            No reason is given.
        NotPermitted, RecordNotFound
            As everywhere.

        Notes
        -----
        Writes ``RiskRevised``, and ``RiskTreated`` for each treatment that ends with it.
        """
        asked = f"close risk {risk_id} of {system_id}"
        with self._workspace.writing() as tx:
            self._permit(tx, asked, system_id)
            risks.refuse(asked, check_text("reason", reason, LONG))
            found = risks.must_find(tx, system_id, risk_id)
            treatments.end_all(tx, self._own(), system_id, risk_id)
            return risks.revise(tx, found, replace(found, status=_CLOSED), reason.strip())

    def _keep_apart(self, tx: Transaction, assessed: Result, asked: str) -> None:
        if self._workspace.staffing.actor(assessed.recorded_by).person == tx.actor.person:
            raise SegregationOfDuties(
                f"{asked}: {tx.actor.actor_id} assessed it; let somebody else accept it"
            )

    def _own(self) -> Offer:
        return self._workspace.host.offer("aims_services", "risk.register")
