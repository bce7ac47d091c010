"""Treatments of risk: one for each measure, changed in place, with a result that others may read."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

import sqlalchemy as sa

from aims_core import Offer, Problem, Transaction, digest
from aims_risk.events import RiskTreated
from aims_risk.fields import LONG, NAME, check_choice, check_text
from aims_risk.records import Treatment
from aims_risk.tables import treatment
from aims_risk.terms import TREATMENT_OPTIONS, TREATMENT_STATUS

KIND = "risk_treatment"
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["treatment_id", "risk_id", "option", "status", "controls"],
    "properties": {
        "treatment_id": {"type": "string"},
        "risk_id": {"type": "string"},
        "measure": {"type": "string"},
        "option": {"enum": list(TREATMENT_OPTIONS)},
        "status": {"enum": list(TREATMENT_STATUS)},
        "controls": {"type": "array", "items": {"type": "string"}},
    },
}
_ENDED = TREATMENT_STATUS[-1]
_CONTROL_LENGTH = 64


def check(content: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with a treatment; empty when nothing is."""
    problems = [
        *check_text("measure", content["measure"], LONG),
        *check_text("responsible", content["responsible"], NAME),
        *check_choice("option", content["option"], TREATMENT_OPTIONS),
        *check_choice("status", content["status"], TREATMENT_STATUS),
    ]
    for control in content["controls"]:
        problems += check_text("controls", control, _CONTROL_LENGTH)
    return problems


def keep(
    tx: Transaction, offer: Offer, system_id: str, risk_id: str, content: Mapping[str, Any]
) -> Treatment:
    """Return the treatment; the same measure for the same risk is found, and changed where it differs."""
    found = _find(tx, system_id, risk_id, content["measure"])
    made = Treatment(
        treatment_id=found.treatment_id if found else tx.new_id("trt"),
        system_id=system_id,
        risk_id=risk_id,
        **content,
        recorded_by=tx.actor.actor_id,
        recorded_at=tx.now,
    )
    if found and all(getattr(found, name) == value for name, value in content.items()):
        return found
    if found:
        same = treatment.c.treatment_id == made.treatment_id
        tx.connection.execute(sa.update(treatment).where(same).values(**asdict(made)))
    else:
        tx.connection.execute(sa.insert(treatment).values(**asdict(made)))
    _publish(tx, offer, [made])
    return made


def end_all(tx: Transaction, offer: Offer, system_id: str, risk_id: str) -> None:
    """End the treatments of a risk that no longer exists."""
    of = (treatment.c.system_id == system_id, treatment.c.risk_id == risk_id)
    running = sa.select(treatment).where(*of, treatment.c.status != _ENDED)
    ended = [
        replace(_from_row(row), status=_ENDED) for row in tx.connection.execute(running).mappings()
    ]
    if ended:
        values = {"status": _ENDED, "recorded_by": tx.actor.actor_id, "recorded_at": tx.now}
        tx.connection.execute(sa.update(treatment).where(*of).values(**values))
        _publish(tx, offer, ended)


def _publish(tx: Transaction, offer: Offer, changed: Sequence[Treatment]) -> None:
    """Tell the trail and the results: a statement of applicability asks which controls treat a risk."""
    names = ("treatment_id", "risk_id", "measure", "option", "status", "controls")
    answers = []
    for one in changed:
        payload = {name: getattr(one, name) for name in names}
        answers.append(
            {
                "kind": KIND,
                "system_id": one.system_id,
                "subject": one.treatment_id,
                "input_digest": digest(payload),
                "payload": payload,
            }
        )
        tx.record(RiskTreated(system_id=one.system_id, **payload, responsible=one.responsible))
    tx.add_results(answers, offer=offer, schema=SCHEMA)


def _find(tx: Transaction, system_id: str, risk_id: str, measure: str) -> Treatment | None:
    query = sa.select(treatment).where(
        treatment.c.system_id == system_id,
        treatment.c.risk_id == risk_id,
        treatment.c.measure == measure,
    )
    row = tx.connection.execute(query).mappings().first()
    return None if row is None else _from_row(row)


def _from_row(row: Mapping[Any, Any]) -> Treatment:
    told = {field.name: row[field.name] for field in fields(Treatment)}
    return Treatment(**{**told, "controls": tuple(row["controls"])})
