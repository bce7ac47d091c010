"""Identified risks of a system: found when they say the same, revised when they say something else."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

import sqlalchemy as sa

from aims_core import InvalidRecord, Problem, RecordNotFound, Transaction
from aims_risk.answers import check_ratings
from aims_risk.criteria import RiskCriteria
from aims_risk.events import RiskIdentified, RiskRevised
from aims_risk.fields import ACTOR, LONG, NAME, check_id, check_text
from aims_risk.records import Risk
from aims_risk.tables import entry

_CONTENT = (
    "title",
    "risk_source",
    "consequence",
    "likelihood",
    "consequences",
    "level",
    "risk_owner",
    "status",
)


def check(content: Mapping[str, Any], risk_id: str, criteria: RiskCriteria) -> list[Problem]:
    """Return what is wrong with the description of a risk; empty when nothing is."""
    return [
        *check_id("risk_id", risk_id),
        *check_text("title", content["title"], NAME),
        *check_text("risk_source", content["risk_source"], NAME),
        *check_text("consequence", content["consequence"], LONG),
        *check_text("risk_owner", content["risk_owner"], ACTOR),
        *check_ratings(content, criteria),
    ]


def level_of(content: Mapping[str, Any], criteria: RiskCriteria) -> str:
    """Return the level that the ratings of a risk give."""
    return criteria.level(content["likelihood"] * max(content["consequences"].values())).name


def keep(tx: Transaction, system_id: str, risk_id: str, content: Mapping[str, Any]) -> Risk:
    """Return the risk with this content, stored or revised where it was not so before."""
    found = find(tx, system_id, risk_id)
    made = Risk(
        system_id=system_id,
        risk_id=risk_id,
        **content,
        recorded_by=tx.actor.actor_id,
        recorded_at=tx.now,
    )
    if found is None:
        tx.connection.execute(sa.insert(entry).values(**asdict(made)))
        tx.record(
            RiskIdentified(
                system_id=system_id, risk_id=risk_id, level=made.level, content=_content(made)
            )
        )
        return made
    return revise(tx, found, made)


def revise(tx: Transaction, before: Risk, after: Risk, reason: str = "") -> Risk:
    """Store how a risk stands now and return it; changing nothing writes nothing."""
    changed = {k: v for k, v in _content(after).items() if v != _content(before)[k]}
    if not changed:
        return before
    now: dict[str, Any] = {"recorded_by": tx.actor.actor_id, "recorded_at": tx.now}
    tx.connection.execute(
        sa.update(entry)
        .where(entry.c.system_id == before.system_id, entry.c.risk_id == before.risk_id)
        .values(**changed, **now)
    )
    tx.record(
        RiskRevised(
            system_id=before.system_id,
            risk_id=before.risk_id,
            level=after.level,
            changed=changed,
            reason=reason,
        )
    )
    return replace(after, **now)


def find(tx: Transaction, system_id: str, risk_id: str) -> Risk | None:
    """Return a risk, or None when the system has none by this id."""
    query = sa.select(*(entry.c[field.name] for field in fields(Risk))).where(
        entry.c.system_id == system_id, entry.c.risk_id == risk_id
    )
    row = tx.connection.execute(query).mappings().one_or_none()
    return None if row is None else Risk(**row)


def must_find(tx: Transaction, system_id: str, risk_id: str) -> Risk:
    """Return a risk.

    Raises
    ------
    RecordNotFound
        The system has no risk by this id; near ones are suggested.
    """
    if found := find(tx, system_id, risk_id):
        return found
    query = sa.select(entry.c.risk_id).where(entry.c.system_id == system_id).limit(500)
    known = list(tx.connection.execute(query).scalars())
    raise RecordNotFound(f"risk of {system_id} named", risk_id, known)


def refuse(asked: str, problems: list[Problem]) -> None:
    """Refuse what has problems.

    Raises
    ------
    InvalidRecord
        There is at least one.
    """
    if problems:
        raise InvalidRecord(asked, problems)


def _content(risk: Risk) -> dict[str, Any]:
    return {name: getattr(risk, name) for name in _CONTENT}
