"""Legal hold: evidence, or all evidence of a system, that must not be disposed of.

Source: rule R12 of the product's segregation of duties; ISO/IEC 42001, 7.5.3.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.errors import RecordNotFound
from aims_core.events import EvidenceHeld
from aims_core.evidence.filing import Filing
from aims_core.evidence.intake import need_reason, unfit
from aims_core.records import LegalHold
from aims_core.store import Transaction
from aims_core.store.rows import hold_from_row
from aims_core.time_of_fact import refuse_impossible, refuse_restated


class Holding(Filing):
    """The part of the evidence store that keeps evidence from being disposed of."""

    def hold(self, target: str, reason: str, *, fact_at: datetime | None = None) -> LegalHold:
        """Put evidence under legal hold and return the hold; the same again is found.

        Parameters
        ----------
        target : str
            Id of evidence, or of a system: then all its evidence is held, what is added later included.
        reason : str
            Why, for instance the name of a proceeding.
        fact_at : datetime, optional
            Since when it is held in fact, aware, where that was before it is entered. Not ahead, and not
            before the system's entry unless that was as legacy. Disposal is stopped from its entry on.

        Raises
        ------
        RecordNotFound
            Neither evidence nor a system has this id.
        InvalidRecord
            The reason is missing, the id could mean both, or it cannot have been held since it is said to
            have been.
        RequestRefused
            It is on record with another time of fact.
        NotPermitted
            Risk reviewers and committee members hold and release.

        Notes
        -----
        Writes ``EvidenceHeld``.
        """
        asked = f"hold {target}"
        with self._desk.writing() as tx:
            tx.attempt(asked)
            system_id, evidence_id = _aim(tx, target, asked)
            tx.require("retain", asked, system_id=system_id)
            system = tx.get_system(system_id, for_update=True)
            need_reason(asked, reason)
            table = tables.evidence_hold
            same = (table.c.reason == reason, *_exactly(system_id, evidence_id))
            row = tx.connection.execute(sa.select(table).where(*same).limit(1)).one_or_none()
            if row is not None:
                refuse_restated(row.fact_at, fact_at, asked)
                return hold_from_row(row)
            refuse_impossible(asked, fact_at, now=tx.now, system=system)
            hold_id = tx.new_id("hld")
            tx.connection.execute(
                sa.insert(table).values(
                    hold_id=hold_id,
                    system_id=system_id,
                    evidence_id=evidence_id or None,
                    reason=reason,
                    placed_by=tx.actor.actor_id,
                    placed_at=tx.now,
                    fact_at=fact_at,
                )
            )
            tx.record(
                EvidenceHeld(
                    system_id=system_id,
                    hold_id=hold_id,
                    evidence_id=evidence_id,
                    reason=reason,
                    fact_at=fact_at,
                )
            )
            return find_hold(tx, hold_id)

    def holds(self, system_id: str | None = None, *, released: bool = False) -> list[LegalHold]:
        """Return the legal holds of a system or of all, oldest first; with `released` the ended ones, too."""
        table = tables.evidence_hold
        query = sa.select(table).order_by(table.c.placed_at, table.c.hold_id)
        if system_id is not None:
            query = query.where(table.c.system_id == system_id)
        if not released:
            query = query.where(table.c.released_at.is_(None))
        with self._desk.reading() as tx:
            return [hold_from_row(row) for row in tx.connection.execute(query)]


def _aim(tx: Transaction, target: str, asked: str) -> tuple[str, str]:
    """Return (system, evidence) that an id means; evidence is empty when it means a system."""
    evidence, system = tables.evidence, tables.system
    owner = tx.connection.execute(
        sa.select(evidence.c.system_id).where(evidence.c.evidence_id == target)
    ).scalar_one_or_none()
    is_system = tx.connection.execute(
        sa.select(system.c.system_id).where(system.c.system_id == target)
    ).scalar_one_or_none()
    if owner is not None and is_system is not None:
        raise unfit(asked, "target", "is evidence and a system", "hold each record by its own id")
    if owner is not None:
        return str(owner), target
    if is_system is None:
        raise RecordNotFound("evidence or AI system", target)
    return target, ""


def _exactly(system_id: str, evidence_id: str) -> Iterator[sa.ColumnElement[bool]]:
    table = tables.evidence_hold
    yield table.c.system_id == system_id
    yield (table.c.evidence_id == evidence_id) if evidence_id else table.c.evidence_id.is_(None)
    yield table.c.released_at.is_(None)


def covering_holds(system_id: Any, evidence_id: Any) -> Iterator[sa.ColumnElement[bool]]:
    """Conditions under which a hold in force keeps one record, by itself or by its system."""
    table = tables.evidence_hold
    yield table.c.system_id == system_id
    yield sa.or_(table.c.evidence_id == evidence_id, table.c.evidence_id.is_(None))
    yield table.c.released_at.is_(None)


def find_hold(tx: Transaction, hold_id: str) -> LegalHold:
    """Return a legal hold.

    Raises
    ------
    RecordNotFound
        There is no such hold.
    """
    table = tables.evidence_hold
    row = tx.connection.execute(sa.select(table).where(table.c.hold_id == hold_id)).one_or_none()
    if row is None:
        raise RecordNotFound("legal hold", hold_id)
    return hold_from_row(row)
