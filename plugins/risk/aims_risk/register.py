"""The risk register: assess, identify, treat and accept risk; reached as ``workspace.risk``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pandas as pd

from aims_core import (
    Actor,
    AISystem,
    Offer,
    RecordNotFound,
    Result,
    RiskCategory,
    ScoringInput,
    SegregationOfDuties,
    SystemFacts,
    Transaction,
    Workspace,
    moment,
)
from aims_risk import acceptance, assessments, risks, scoring, treatments, views
from aims_risk.authority import authority_for
from aims_risk.criteria import RiskCriteria
from aims_risk.fields import LONG, check_text
from aims_risk.ratings import Rating, read_ratings, rows_of
from aims_risk.records import Assessment, Risk, Treatment
from aims_risk.settings import read_criteria
from aims_risk.terms import RISK_STATUS

_SECTION = "risk"
_OPEN, _CLOSED = RISK_STATUS


When = datetime | int | None
"""A time, aware, or the number of a checkpoint: as the register stood then. None is now."""


class RiskRegister:
    """The risk register (ISO/IEC 42001, 6.1.2, 6.1.3, 8.2 and 8.3).

    Where `as_of` is taken, it is a time, aware, or the number of a checkpoint: what comes back is what
    stood on record then. One that names no time up to now raises InvalidRecord.

    Parameters
    ----------
    workspace : Workspace
        Whose systems are rated, by its actor.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @property
    def criteria(self) -> RiskCriteria:
        """The criteria in force, from ``[risk]`` in ``aims.toml``."""
        return read_criteria(self._workspace.settings.section(_SECTION))

    def assess(
        self,
        system_id: str,
        *,
        likelihood: int,
        consequences: Mapping[str, int],
        rationale: str,
        **answers: bool,
    ) -> Assessment:
        """Rate the risk of a system and return the assessment; the same rating again is found.

        Parameters
        ----------
        system_id : str
            The system to rate, as its current revision describes it.
        likelihood : int
            From 1 (lowest) to the scale of the criteria, 5 by default; no unit.
        consequences : mapping of str to int
            Rating by dimension: ``organisation``, ``individuals``, ``society``; at least one.
        rationale : str
            Why, in words a reviewer can follow.
        **answers : bool
            Modifiers of the criteria, such as ``vulnerable_people=True``, and ``prohibited_practice``.

        Raises
        ------
        InvalidRecord
            An answer is missing or out of range; every one is named.
        PluginError
            The configured scorer failed or answered nonsense; nothing is stored.
        NotPermitted, RecordNotFound
            As everywhere.

        Notes
        -----
        Writes ``RiskAssessed`` and ``ResultRecorded``; the assessed tier becomes the system's. The
        tier is never below what the owner declared, whichever scorer answers.
        Source: ISO/IEC 42001, 6.1.2; ISO/IEC 23894, 6.4.
        """
        given = {"likelihood": likelihood, "consequences": dict(consequences), **answers}
        rating = {"system_id": system_id, "rationale": rationale, **given}
        return self._assess(f"assess {system_id}", [rating])[0]

    def assess_many(self, ratings: pd.DataFrame | Iterable[Mapping[str, Any]]) -> list[Assessment]:
        """Rate many systems in one transaction and return their assessments, in the same order.

        Parameters
        ----------
        ratings : DataFrame or iterable of mappings
            Each with ``system_id``, ``rationale`` and the answers that :meth:`assess` takes. A
            DataFrame has the columns ``organisation``, ``individuals`` and ``society`` in place of
            ``consequences``; empty cells count as not answered.

        Raises
        ------
        InvalidRecord, PluginError, NotPermitted, RecordNotFound
            As for :meth:`assess`, with the row; then none of them is stored.
        """
        rows = rows_of(ratings)
        return self._assess(f"assess {len(rows)} systems", rows)

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
            section = self._workspace.settings.section(_SECTION)
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

    def get(self, system_id: str, *, as_of: When = None) -> Assessment:
        """Return the assessment in force of a system.

        Raises
        ------
        RecordNotFound
            The system was never assessed, or not by then.
        """
        with self._workspace.reading() as tx:
            tx.get_system(system_id)
            found = assessments.newest(tx, system_id, moment(tx.connection, as_of, tx.now))
        if found is None:
            raise RecordNotFound("risk assessment of", system_id)
        return found

    def frame(
        self, system_id: str = "", *, history: bool = False, as_of: When = None
    ) -> pd.DataFrame:
        """Return assessments in force, or all with `history`, newest first.

        Returns
        -------
        DataFrame
            ``assessment_id, system_id, revision, likelihood, consequence, value, level, tier,
            assessed_by, assessed_at, criteria_version, provider, rationale, in_force``.
        """
        with self._workspace.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
            return views.assessments(tx, system_id, history=history, at=at)

    def risks(self, system_id: str = "", *, as_of: When = None) -> pd.DataFrame:
        """Return identified risks of one system or of all, by system and id.

        Returns
        -------
        DataFrame
            ``system_id, risk_id, title, risk_source, consequence, likelihood, gravest, level,
            risk_owner, status, recorded_by, recorded_at``; `gravest` is the gravest consequence.
        """
        with self._workspace.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
            return views.risks(tx, system_id, at)

    def treatments(self, system_id: str = "", *, as_of: When = None) -> pd.DataFrame:
        """Return treatments of one system or of all, oldest first.

        Returns
        -------
        DataFrame
            ``treatment_id, system_id, risk_id, measure, option, responsible, controls, status,
            recorded_by, recorded_at``.
        """
        with self._workspace.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
            return views.treatments(tx, system_id, at)

    def heatmap(self, *, as_of: When = None) -> dict[tuple[int, int], int]:
        """Return the number of systems by (likelihood, consequence), both from 1; no cell holds 0."""
        with self._workspace.reading() as tx:
            return views.matrix(tx, moment(tx.connection, as_of, tx.now))

    def _assess(self, asked: str, rows: Sequence[Mapping[str, Any]]) -> list[Assessment]:
        host, section = self._workspace.host, self._workspace.settings.section(_SECTION)
        offer, criteria = host.offer("aims_risk_scorers"), self.criteria
        with self._workspace.writing() as tx:
            tx.attempt(asked)
            given = read_ratings(asked, rows, criteria, foreign=offer.spec.id != scoring.OWN)
            inputs = self._inputs(tx, given)
            scores = scoring.ask(host, offer, inputs, section)
            scored = [
                assessments.Scored(given=one, rationale=rating.rationale, score=score)
                for one, rating, score in zip(inputs, given, scores, strict=True)
            ]
            return assessments.keep(tx, offer, scored)

    def _inputs(self, tx: Transaction, ratings: Sequence[Rating]) -> list[ScoringInput]:
        """Lock the systems in the order of their ids, so that two batches never wait for each other."""
        systems: dict[str, AISystem] = {}
        for system_id in sorted(rating.system_id for rating in ratings):
            systems[system_id] = self._permit(tx, f"assess {system_id}", system_id)
        owners = {s.owner: self._owner(s.owner) for s in systems.values()}
        found = []
        for rating in ratings:
            system = systems[rating.system_id]
            facts = SystemFacts(system=system, owner=owners[system.owner], now=tx.now)
            found.append(ScoringInput(facts=facts, answers=rating.answers))
        return found

    @staticmethod
    def _permit(tx: Transaction, asked: str, system_id: str) -> AISystem:
        tx.attempt(asked, system_id)
        system = tx.get_system(system_id, for_update=True)
        tx.require("assess", asked, system_id=system_id, unit=system.unit)
        return system

    def _owner(self, actor_id: str) -> Actor | None:
        try:
            return self._workspace.staffing.actor(actor_id)
        except RecordNotFound:
            return None  # an inventory may name units or people whom nobody has added

    def _keep_apart(self, tx: Transaction, assessed: Result, asked: str) -> None:
        if self._workspace.staffing.actor(assessed.recorded_by).person == tx.actor.person:
            raise SegregationOfDuties(
                f"{asked}: {tx.actor.actor_id} assessed it; let somebody else accept it"
            )

    def _own(self) -> Offer:
        return self._workspace.host.offer("aims_services", "risk.register")
