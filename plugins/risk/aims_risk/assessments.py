"""Assessments in the database: found when they say the same, stored when they say something new."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import (
    Factor,
    Offer,
    RiskCategory,
    Score,
    ScoringInput,
    Transaction,
    digest,
)
from aims_risk.events import RiskAssessed
from aims_risk.records import Assessment
from aims_risk.tables import assessment

KIND = "risk_assessment"
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
_PORTION = 1_000
"""Systems named in one statement; databases limit how many values one may bind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scored:
    """What was asked about one system, why it was rated so, and what the scorer answered."""

    given: ScoringInput
    rationale: str
    score: Score

    @property
    def system_id(self) -> str:
        """The system."""
        return self.given.facts.system.system_id


def keep(tx: Transaction, offer: Offer, scored: Sequence[Scored]) -> list[Assessment]:
    """Store what is new, with its result and events, and return all assessments in their order.

    Notes
    -----
    The number of statements does not depend on the number of systems, but for one in a thousand.
    """
    former = in_force(tx, [one.system_id for one in scored])
    kept, new = [], []
    for one in scored:
        made = _made(tx, offer, one)
        found = former.get(one.system_id)
        if found is None or not _same(found, made, _key(offer, one)):
            new.append((one, made))
            kept.append(made)
        else:
            kept.append(_from_row(found))
    if new:
        _store(tx, offer, new)
    return kept


def in_force(tx: Transaction, system_ids: Sequence[str]) -> dict[str, Any]:
    """Return the rows in force of some systems, by system."""
    rows: dict[str, Any] = {}
    for start in range(0, len(system_ids), _PORTION):
        query = sa.select(assessment).where(
            assessment.c.system_id.in_(system_ids[start : start + _PORTION]), assessment.c.in_force
        )
        rows.update({row.system_id: row for row in tx.connection.execute(query)})
    return rows


def newest(tx: Transaction, system_id: str, at: datetime | None = None) -> Assessment | None:
    """Return the assessment in force of one system, now or at a time; None when there was none."""
    if at is None:
        row = in_force(tx, [system_id]).get(system_id)
    else:
        # Each is a record of its own, in force until the next one.
        query = (
            sa.select(assessment)
            .where(assessment.c.system_id == system_id, assessment.c.assessed_at <= at)
            .order_by(assessment.c.assessed_at.desc(), assessment.c.in_force.desc())
            .limit(1)
        )
        row = tx.connection.execute(query).one_or_none()
    return None if row is None else _from_row(row)


def _made(tx: Transaction, offer: Offer, one: Scored) -> Assessment:
    system, answers = one.given.facts.system, one.given.answers
    return Assessment(
        assessment_id=tx.new_id("ras"),
        system_id=system.system_id,
        revision=system.revision,
        likelihood=answers["likelihood"],
        consequence=max(answers["consequences"].values()),
        level=one.score.level,
        value=float(one.score.value),
        tier=one.score.tier,
        factors=tuple(one.score.factors),
        rationale=one.rationale,
        criteria_version=one.score.criteria_version,
        provider=offer.spec.id,
        assessed_by=tx.actor.actor_id,
        assessed_at=tx.now,
    )


def _key(offer: Offer, one: Scored) -> str:
    return digest(
        {
            "answers": one.given.answers,
            "system": one.given.facts.system.digest,
            "criteria": one.score.criteria_version,
            "provider": offer.spec.id,
            "version": offer.plugin.version,
        }
    )


def _same(row: Any, made: Assessment, key: str) -> bool:
    """Say whether the same was asked and answered; a scorer may judge anew by what it knows now."""
    names = ("revision", "level", "value", "rationale")
    said = all(getattr(row, name) == getattr(made, name) for name in names)
    return said and row.input_digest == key and row.tier == str(made.tier)


def _store(tx: Transaction, offer: Offer, new: Sequence[tuple[Scored, Assessment]]) -> None:
    _supersede(tx, [made.system_id for _, made in new])
    tx.connection.execute(sa.insert(assessment), [_row(offer, one, made) for one, made in new])
    tx.add_results([_result(offer, one, made) for one, made in new], offer=offer, schema=SCHEMA)
    tx.record(*(_event(one, made) for one, made in new))


def _supersede(tx: Transaction, system_ids: Sequence[str]) -> None:
    for start in range(0, len(system_ids), _PORTION):
        of = assessment.c.system_id.in_(system_ids[start : start + _PORTION])
        tx.connection.execute(
            sa.update(assessment).where(of, assessment.c.in_force).values(in_force=False)
        )


def _row(offer: Offer, one: Scored, made: Assessment) -> dict[str, Any]:
    values = {name: getattr(made, name) for name in made.__dataclass_fields__}
    return {
        **values,
        "factors": _factors(made),
        "answers": one.given.answers,
        "input_digest": _key(offer, one),
        "in_force": True,
    }


def _result(offer: Offer, one: Scored, made: Assessment) -> dict[str, Any]:
    return {
        "kind": KIND,
        "system_id": made.system_id,
        "input_digest": _key(offer, one),
        "tier": made.tier,
        "payload": {
            "assessment_id": made.assessment_id,
            "level": made.level,
            "value": made.value,
            "tier": str(made.tier),
            "criteria_version": made.criteria_version,
            "rationale": made.rationale,
            "factors": _factors(made),
        },
    }


def _event(one: Scored, made: Assessment) -> RiskAssessed:
    return RiskAssessed(
        system_id=made.system_id,
        assessment_id=made.assessment_id,
        level=made.level,
        value=made.value,
        tier=str(made.tier),
        criteria_version=made.criteria_version,
        answers=one.given.answers,
        rationale=made.rationale,
    )


def _factors(made: Assessment) -> list[dict[str, Any]]:
    return [asdict(factor) for factor in made.factors]


def _from_row(row: Any) -> Assessment:
    names = set(Assessment.__dataclass_fields__) - {"tier", "factors"}
    return Assessment(
        **{name: getattr(row, name) for name in names},
        tier=RiskCategory(row.tier),
        factors=tuple(Factor(**f) for f in row.factors),
    )
