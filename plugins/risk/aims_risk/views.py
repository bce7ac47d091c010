"""Reads the risk register into tables with fixed columns, and counts it into a matrix."""

from datetime import datetime

import pandas as pd
import sqlalchemy as sa

from aims_core import Transaction, as_of, fixed_frame
from aims_risk.tables import assessment, entry, treatment

ASSESSMENTS = {
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
    "in_force": "boolean",
}
RISKS = {
    "system_id": "string",
    "risk_id": "string",
    "title": "string",
    "risk_source": "string",
    "consequence": "string",
    "likelihood": "Int64",
    "gravest": "Int64",
    "level": "string",
    "risk_owner": "string",
    "status": "string",
    "recorded_by": "string",
    "recorded_at": "datetime64[us, UTC]",
}
TREATMENTS = {
    "treatment_id": "string",
    "system_id": "string",
    "risk_id": "string",
    "measure": "string",
    "option": "string",
    "responsible": "string",
    "controls": "string",
    "status": "string",
    "recorded_by": "string",
    "recorded_at": "datetime64[us, UTC]",
}


def assessments(
    tx: Transaction, system_id: str, *, history: bool, at: datetime | None = None
) -> pd.DataFrame:
    """Return assessments as a DataFrame with the columns of :data:`ASSESSMENTS`, newest first."""
    held = _held(at)
    query = sa.select(*(held.c[name] for name in ASSESSMENTS)).order_by(
        held.c.assessed_at.desc(), held.c.system_id, held.c.assessment_id
    )
    if system_id:
        query = query.where(held.c.system_id == system_id)
    if not history:
        query = query.where(held.c.in_force)
    return fixed_frame(tx.connection.execute(query).mappings(), ASSESSMENTS)


def risks(tx: Transaction, system_id: str, at: datetime | None) -> pd.DataFrame:
    """Return the risks of a time as a DataFrame with the columns of :data:`RISKS`, by system and id."""
    table = as_of(entry, at)
    query = sa.select(table).order_by(table.c.system_id, table.c.risk_id)
    if system_id:
        query = query.where(table.c.system_id == system_id)
    rows = (
        {**row, "gravest": max(row["consequences"].values())}
        for row in tx.connection.execute(query).mappings()
    )
    return fixed_frame(rows, RISKS)


def treatments(tx: Transaction, system_id: str, at: datetime | None) -> pd.DataFrame:
    """Return the treatments of a time as a DataFrame with the columns of :data:`TREATMENTS`, oldest first."""
    table = as_of(treatment, at)
    query = sa.select(table).order_by(table.c.recorded_at, table.c.treatment_id)
    if system_id:
        query = query.where(table.c.system_id == system_id)
    rows = (
        {**row, "controls": ", ".join(row["controls"])}
        for row in tx.connection.execute(query).mappings()
    )
    return fixed_frame(rows, TREATMENTS)


def matrix(tx: Transaction, at: datetime | None = None) -> dict[tuple[int, int], int]:
    """Return the number of systems by (likelihood, consequence) of the assessments in force."""
    held = _held(at)
    place = (held.c.likelihood, held.c.consequence)
    query = sa.select(*place, sa.func.count()).where(held.c.in_force).group_by(*place)
    return {(int(r[0]), int(r[1])): int(r[2]) for r in tx.connection.execute(query)}


def _held(at: datetime | None) -> sa.FromClause:
    """Return the assessments as they stood: each is a record of its own, in force until the next."""
    if at is None:
        return assessment
    place = sa.func.row_number().over(
        partition_by=assessment.c.system_id,
        order_by=[assessment.c.assessed_at.desc(), assessment.c.in_force.desc()],
    )
    others = [c for c in assessment.columns if c.name != "in_force"]
    return (
        sa.select(*others, (place == 1).label("in_force"))
        .where(assessment.c.assessed_at <= at)
        .subquery()
    )
