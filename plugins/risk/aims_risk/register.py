"""Assess, treat and accept risk; reached as ``workspace.risk``."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import (
    Factor,
    InvalidRecord,
    Offer,
    PluginError,
    Problem,
    RecordNotFound,
    RequestRefused,
    Result,
    RiskCategory,
    Score,
    ScoringInput,
    SegregationOfDuties,
    SystemFacts,
    Transaction,
    Workspace,
    digest,
    fixed_frame,
)
from aims_risk.criteria import RiskCriteria, read_criteria
from aims_risk.events import ResidualRiskAccepted, RiskAssessed, RiskTreated
from aims_risk.scorer import check_answers
from aims_risk.tables import assessment, treatment

COLUMNS = {
    "assessment_id": "string",
    "system_id": "string",
    "revision": "Int64",
    "likelihood": "Int64",
    "consequence": "Int64",
    "value": "Float64",
    "level": "string",
    "tier": "string",
    "assessed_by": "string",
    "assessed_at": "datetime64[us, UTC]",
    "criteria_version": "string",
    "provider": "string",
    "rationale": "string",
}
TREATMENT_COLUMNS = {
    "treatment_id": "string",
    "system_id": "string",
    "measure": "string",
    "responsible": "string",
    "status": "string",
    "recorded_by": "string",
    "recorded_at": "datetime64[us, UTC]",
}
TREATMENT_STATUS = ("planned", "in_place")
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["assessment_id", "level", "value", "tier", "factors"],
    "properties": {
        "assessment_id": {"type": "string"},
        "level": {"type": "string"},
        "value": {"type": "number"},
        "tier": {"type": "string"},
        "criteria_version": {"type": "string"},
        "rationale": {"type": "string"},
        "factors": {"type": "array", "items": {"type": "object"}},
    },
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """A rating of one system's risk, with every factor behind it."""

    assessment_id: str
    system_id: str
    revision: int
    likelihood: int
    consequence: int
    level: str
    value: float
    tier: RiskCategory
    factors: tuple[Factor, ...]
    rationale: str
    criteria_version: str
    provider: str
    assessed_by: str
    assessed_at: datetime


class RiskRegister:
    """The risk register (ISO/IEC 42001, 6.1.2, 6.1.3, 8.2 and 8.3)."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @property
    def criteria(self) -> RiskCriteria:
        """The criteria in force, from ``[risk]`` in ``aims.toml``."""
        return read_criteria(self._workspace.settings.section("risk"))

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
        Writes ``RiskAssessed`` and ``ResultRecorded``; the assessed tier becomes the system's.
        Source: ISO/IEC 42001, 6.1.2; ISO/IEC 23894, 6.4.
        """
        given = {"likelihood": likelihood, "consequences": dict(consequences), **answers}
        return self.assess_many([{"system_id": system_id, "rationale": rationale, **given}])[0]

    def assess_many(self, ratings: Sequence[Mapping[str, Any]]) -> list[Assessment]:
        """Rate many systems in one transaction and return their assessments, in the same order.

        Parameters
        ----------
        ratings : sequence of mappings
            Each with ``system_id``, ``rationale`` and the answers that :meth:`assess` takes.

        Raises
        ------
        InvalidRecord, PluginError, NotPermitted, RecordNotFound
            As for :meth:`assess`; then none of them is stored.
        """
        offer = self._workspace.host.offer("aims_risk_scorers")
        with self._workspace.writing() as tx:
            inputs = [self._input(tx, rating) for rating in ratings]
            scores = self._scores(offer, inputs)
            return [
                self._keep(tx, offer, one, str(rating["rationale"]), score)
                for one, rating, score in zip(inputs, ratings, scores, strict=True)
            ]

    def accept(self, system_id: str, *, reason: str) -> Result:
        """Accept the residual risk of the newest assessment and return the result on record.

        Raises
        ------
        SegregationOfDuties
            Nobody accepts a risk that they assessed themselves.
        RequestRefused
            There is no assessment yet, or no reason is given.
        NotPermitted, RecordNotFound
            As everywhere.

        Notes
        -----
        Writes ``ResidualRiskAccepted`` and ``ResultRecorded``. Source: ISO/IEC 42001, 6.1.3.
        """
        asked = f"accept the residual risk of {system_id}"
        with self._workspace.writing() as tx:
            tx.require("accept_risk", asked, system_id=system_id)
            newest = next(iter(tx.newest_results("risk_assessment", [system_id])), None)
            if newest is None:
                raise RequestRefused(f"{asked}: it was never assessed; assess it first")
            if not reason.strip():
                raise RequestRefused(f"{asked}: say why, in a sentence")
            self._keep_apart(tx, newest, asked)
            key = newest.payload["assessment_id"]
            for former in tx.newest_results("risk_acceptance", [system_id]):
                if former.payload["assessment_id"] == key:
                    return former
            tx.record(
                ResidualRiskAccepted(
                    system_id=system_id,
                    assessment_id=key,
                    level=newest.payload["level"],
                    reason=reason,
                )
            )
            return tx.add_result(
                kind="risk_acceptance",
                system_id=system_id,
                offer=self._own(),
                input_digest=newest.input_digest,
                payload={"assessment_id": key, "level": newest.payload["level"], "reason": reason},
            )

    def treat(
        self, system_id: str, *, measure: str, responsible: str, status: str = "planned"
    ) -> str:
        """Put a treatment on record and return its id; the same treatment again is found.

        Parameters
        ----------
        measure : str
            What is done about the risk.
        responsible : str
            Who sees to it.
        status : {"planned", "in_place"}
            How far it is.

        Raises
        ------
        InvalidRecord
            A field is empty or the status is unknown.

        Notes
        -----
        Writes ``RiskTreated``. Source: ISO/IEC 42001, 6.1.3 and 8.3.
        """
        asked = f"treat the risk of {system_id}"
        with self._workspace.writing() as tx:
            tx.require("assess", asked, system_id=system_id)
            if problems := _treatment_problems(measure, responsible, status):
                raise InvalidRecord(asked, problems)
            wanted = {
                "system_id": system_id,
                "measure": measure.strip(),
                "responsible": responsible.strip(),
                "status": status,
            }
            same = (treatment.c[name] == value for name, value in wanted.items())
            found = tx.connection.execute(sa.select(treatment.c.treatment_id).where(*same)).scalar()
            if found is not None:
                return str(found)
            key = tx.new_id("trt")
            tx.connection.execute(
                sa.insert(treatment).values(
                    **wanted,
                    treatment_id=key,
                    recorded_by=tx.actor.actor_id,
                    recorded_at=tx.now,
                )
            )
            tx.record(
                RiskTreated(
                    system_id=system_id, treatment_id=key, measure=measure.strip(), status=status
                )
            )
            return key

    def get(self, system_id: str) -> Assessment:
        """Return the assessment in force of a system.

        Raises
        ------
        RecordNotFound
            The system was never assessed.
        """
        query = sa.select(assessment).where(
            assessment.c.system_id == system_id, assessment.c.in_force
        )
        with self._workspace.reading() as tx:
            tx.get_system(system_id)
            row = tx.connection.execute(query).one_or_none()
        if row is None:
            raise RecordNotFound("risk assessment of", system_id)
        return _from_row(row)

    def frame(self, *, history: bool = False) -> Any:
        """Return assessments as a DataFrame with the columns of :data:`COLUMNS`, newest first."""
        query = sa.select(*(assessment.c[name] for name in COLUMNS)).order_by(
            assessment.c.assessed_at.desc(), assessment.c.assessment_id
        )
        if not history:
            query = query.where(assessment.c.in_force)
        with self._workspace.reading() as tx:
            return fixed_frame([dict(r) for r in tx.connection.execute(query).mappings()], COLUMNS)

    def treatments(self, system_id: str | None = None) -> Any:
        """Return treatments as a DataFrame with the columns of :data:`TREATMENT_COLUMNS`."""
        query = sa.select(treatment).order_by(treatment.c.recorded_at, treatment.c.treatment_id)
        if system_id is not None:
            query = query.where(treatment.c.system_id == system_id)
        with self._workspace.reading() as tx:
            rows = [dict(r) for r in tx.connection.execute(query).mappings()]
        return fixed_frame(rows, TREATMENT_COLUMNS)

    def heatmap(self) -> dict[tuple[int, int], int]:
        """Return the number of systems by (likelihood, consequence), both from 1."""
        number = sa.func.count()
        query = (
            sa.select(assessment.c.likelihood, assessment.c.consequence, number)
            .where(assessment.c.in_force)
            .group_by(assessment.c.likelihood, assessment.c.consequence)
        )
        with self._workspace.reading() as tx:
            return {(int(r[0]), int(r[1])): int(r[2]) for r in tx.connection.execute(query)}

    def _input(self, tx: Transaction, rating: Mapping[str, Any]) -> ScoringInput:
        system_id = str(rating["system_id"])
        asked = f"assess {system_id}"
        tx.require("assess", asked, system_id=system_id)
        system = tx.get_system(system_id, for_update=True)
        answers = {k: v for k, v in rating.items() if k not in {"system_id", "rationale"}}
        problems = check_answers(answers, self.criteria)
        if not str(rating.get("rationale", "")).strip():
            problems.append(Problem(field="rationale", reason="is empty", remedy="say why"))
        if problems:
            raise InvalidRecord(asked, problems)
        facts = SystemFacts(system=system, owner=None, now=tx.now)
        return ScoringInput(facts=facts, answers=answers)

    def _scores(self, offer: Offer, inputs: Sequence[ScoringInput]) -> list[Score]:
        section = self._workspace.settings.section("risk")
        answers = self._workspace.host.ask(offer, offer.spec.score, tuple(inputs), section)
        if not isinstance(answers, Mapping):
            raise PluginError(offer.plugin.name, offer.spec.id, f"answered {answers!r}, no mapping")
        return [_sound(offer, answers.get(one.facts.system.system_id)) for one in inputs]

    def _keep(
        self, tx: Transaction, offer: Offer, one: ScoringInput, rationale: str, score: Score
    ) -> Assessment:
        system = one.facts.system
        key = digest(
            {
                "answers": one.answers,
                "system": system.digest,
                "criteria": score.criteria_version,
                "provider": offer.spec.id,
            }
        )
        former = sa.select(assessment).where(
            assessment.c.system_id == system.system_id, assessment.c.in_force
        )
        row = tx.connection.execute(former).one_or_none()
        if row is not None and row.input_digest == key and row.revision == system.revision:
            return _from_row(row)
        made = Assessment(
            assessment_id=tx.new_id("ras"),
            system_id=system.system_id,
            revision=system.revision,
            likelihood=one.answers["likelihood"],
            consequence=max(one.answers["consequences"].values()),
            level=score.level,
            value=score.value,
            tier=score.tier,
            factors=score.factors,
            rationale=rationale.strip(),
            criteria_version=score.criteria_version,
            provider=offer.spec.id,
            assessed_by=tx.actor.actor_id,
            assessed_at=tx.now,
        )
        self._write(tx, offer, made, one.answers, key)
        return made

    @staticmethod
    def _write(
        tx: Transaction, offer: Offer, made: Assessment, answers: Mapping[str, Any], key: str
    ) -> None:
        factors = [asdict(f) for f in made.factors]
        values = {
            name: getattr(made, name) for name in made.__dataclass_fields__ if name != "factors"
        }
        tx.connection.execute(
            sa.update(assessment)
            .where(assessment.c.system_id == made.system_id, assessment.c.in_force)
            .values(in_force=False)
        )
        tx.connection.execute(
            sa.insert(assessment).values(
                **values, factors=factors, answers=answers, input_digest=key, in_force=True
            )
        )
        tx.add_result(
            kind="risk_assessment",
            system_id=made.system_id,
            offer=offer,
            input_digest=key,
            payload={
                "assessment_id": made.assessment_id,
                "level": made.level,
                "value": made.value,
                "tier": str(made.tier),
                "criteria_version": made.criteria_version,
                "rationale": made.rationale,
                "factors": factors,
            },
            schema=SCHEMA,
            tier=made.tier,
        )
        tx.record(
            RiskAssessed(
                system_id=made.system_id,
                assessment_id=made.assessment_id,
                level=made.level,
                value=made.value,
                tier=str(made.tier),
                criteria_version=made.criteria_version,
            )
        )

    def _keep_apart(self, tx: Transaction, newest: Result, asked: str) -> None:
        if self._workspace.staffing.actor(newest.recorded_by).person == tx.actor.person:
            raise SegregationOfDuties(
                f"{asked}: {tx.actor.actor_id} assessed it; let somebody else accept it"
            )

    def _own(self) -> Offer:
        return next(
            o
            for o in self._workspace.host.contributions("aims_services")
            if o.spec.id == "risk.register"
        )


def _from_row(row: Any) -> Assessment:
    return Assessment(
        assessment_id=row.assessment_id,
        system_id=row.system_id,
        revision=row.revision,
        likelihood=row.likelihood,
        consequence=row.consequence,
        level=row.level,
        value=row.value,
        tier=RiskCategory(row.tier),
        factors=tuple(Factor(**f) for f in row.factors),
        rationale=row.rationale,
        criteria_version=row.criteria_version,
        provider=row.provider,
        assessed_by=row.assessed_by,
        assessed_at=row.assessed_at,
    )


def _sound(offer: Offer, score: Any) -> Score:
    """Return a score that can be stored, or say what the scorer answered instead."""
    name = offer.plugin.name
    if not isinstance(score, Score):
        raise PluginError(name, offer.spec.id, f"answered {score!r}, not a Score")
    if isinstance(score.value, bool) or not isinstance(score.value, int | float):
        raise PluginError(name, offer.spec.id, f"gave the value {score.value!r}, not a number")
    if not math.isfinite(score.value):
        raise PluginError(name, offer.spec.id, f"gave the value {score.value}, not a finite number")
    if not isinstance(score.tier, RiskCategory):
        raise PluginError(name, offer.spec.id, f"gave the tier {score.tier!r}, not a RiskCategory")
    return score


def _treatment_problems(measure: str, responsible: str, status: str) -> list[Problem]:
    given = {"measure": measure, "responsible": responsible}
    problems = [
        Problem(field=name, reason="is empty", remedy=f"fill in {name}")
        for name, value in given.items()
        if not value.strip()
    ]
    if status not in TREATMENT_STATUS:
        remedy = f"use {' or '.join(TREATMENT_STATUS)}"
        problems.append(Problem(field="status", reason=f"is {status!r}", remedy=remedy))
    return problems
