"""Evidence as it stood on record at a time: what had been put there by then and was not disposed of yet."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from aims_core import history, tables
from aims_core.records import Evidence
from aims_core.store import Transaction
from aims_core.store.rows import evidence_from_row, select_evidence


def listed(
    tx: Transaction,
    as_of: date | int | None,
    *,
    where: sa.ColumnElement[bool],
    order: tuple[sa.ColumnElement[Any] | sa.Column[Any], ...],
    disposed: bool,
) -> list[Evidence]:
    """Return the evidence that fits, now or as it stood at a time or at a checkpoint.

    Time of entry decides: what was collected earlier but put on record later was not there yet. `outdated`
    is judged by the revision the system had then; what was disposed of since is shown as it was.

    Raises
    ------
    InvalidRecord
        The time has no zone or lies ahead, or there is no such checkpoint.
    """
    table = tables.evidence
    at = history.moment(tx.connection, as_of, tx.now)
    gone: sa.ColumnElement[bool] = table.c.disposed_at.is_not(None)
    query = select_evidence()
    if at is not None:
        then = history.as_of(tables.system, at)
        query = select_evidence(then).where(table.c.added_at <= at)
        gone = sa.and_(gone, table.c.disposed_at <= at)
    query = query.where(where).order_by(*order)
    if not disposed:
        query = query.where(~gone)
    return [_as_it_was(evidence_from_row(row), at) for row in tx.connection.execute(query)]


def _as_it_was(evidence: Evidence, at: datetime | None) -> Evidence:
    if at is None or evidence.disposed_at is None or evidence.disposed_at <= at:
        return evidence
    return replace(evidence, disposed_at=None, disposed_by="")
