"""Retention and disposal: nothing goes before its time, under hold, or by one person alone.

Source: rule R12 of the product's segregation of duties; ISO/IEC 42001, 7.5.3; ISO 15489-1, 9.9.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from aims_core import tables
from aims_core.choices import choose
from aims_core.errors import ConditionsNotMet, RecordNotFound, RequestRefused
from aims_core.events import (
    EvidenceDisposalDeclined,
    EvidenceDisposalProposed,
    EvidenceDisposed,
)
from aims_core.evidence.filing import content_is_needed, find_evidence, guard_content
from aims_core.evidence.holds import covering_holds
from aims_core.evidence.intake import need_reason
from aims_core.evidence.releases import Releasing, check_second_person
from aims_core.records import Condition, Disposal, Evidence
from aims_core.store import Transaction
from aims_core.store.rows import (
    disposal_from_row,
    evidence_from_row,
    select_evidence,
)
from aims_core.terms import DisposalStatus


class Retaining(Releasing):
    """The part of the evidence store that ends the keeping of evidence, by two people."""

    def due(self) -> list[Evidence]:
        """Return the evidence whose retention has ended and that no hold keeps, the oldest end first."""
        table = tables.evidence
        held = sa.exists().where(*covering_holds(table.c.system_id, table.c.evidence_id))
        with self._desk.reading() as tx:
            query = (
                select_evidence()
                .where(table.c.disposed_at.is_(None), table.c.retain_until <= tx.now, ~held)
                .order_by(table.c.retain_until, table.c.evidence_id)
            )
            return [evidence_from_row(row) for row in tx.connection.execute(query)]

    def propose_disposal(self, evidence_id: str, reason: str) -> Disposal:
        """Propose to dispose of evidence and return the proposal; an open one is found.

        Raises
        ------
        RecordNotFound
            Nothing is on record under this id.
        ConditionsNotMet
            Its retention has not ended, a legal hold keeps it, or it was disposed of already.
        InvalidRecord
            The reason is missing.
        NotPermitted
            Whoever may add evidence may propose.

        Notes
        -----
        Writes ``EvidenceDisposalProposed``. Nothing is removed until somebody else confirms.
        """
        asked = f"dispose of {evidence_id}"
        with self._desk.writing() as tx:
            evidence = _locked(tx, asked, evidence_id, "evidence")
            need_reason(asked, reason)
            table = tables.evidence_disposal
            is_open = (
                table.c.evidence_id == evidence_id,
                table.c.status == DisposalStatus.PROPOSED,
            )
            row = tx.connection.execute(sa.select(table).where(*is_open).limit(1)).one_or_none()
            if row is not None:
                return disposal_from_row(row)
            _check_disposable(tx, asked, evidence)
            disposal_id = tx.new_id("dsp")
            tx.connection.execute(
                sa.insert(table).values(
                    disposal_id=disposal_id,
                    evidence_id=evidence_id,
                    reason=reason,
                    status=DisposalStatus.PROPOSED,
                    proposed_by=tx.actor.actor_id,
                    proposed_at=tx.now,
                )
            )
            tx.record(
                EvidenceDisposalProposed(
                    system_id=evidence.system_id,
                    disposal_id=disposal_id,
                    evidence_id=evidence_id,
                    digest=evidence.digest,
                    reason=reason,
                )
            )
            return _disposal(tx, disposal_id)

    def confirm_disposal(self, disposal_id: str, reason: str = "") -> Disposal:
        """Dispose of evidence that somebody else proposed to dispose of, and return the disposal.

        The content is removed unless another record needs it; the record stays, with its digest.
        Confirming again removes content that was left because the first time was cut short.

        Raises
        ------
        SegregationOfDuties
            The same person proposed it.
        ConditionsNotMet
            Its retention has not ended, or a legal hold keeps it.
        RequestRefused
            The proposal was declined.
        NotPermitted
            Risk reviewers and committee members confirm, and only persons do.
        RecordNotFound
            There is no such proposal.

        Notes
        -----
        Writes ``EvidenceDisposed``.
        """
        asked = f"confirm {disposal_id}"
        with self._desk.writing() as tx:
            disposal, evidence = _proposed(tx, asked, disposal_id)
            if disposal.status is DisposalStatus.PROPOSED:
                check_second_person(tx, asked, disposal.proposed_by)
                _check_disposable(tx, asked, evidence)
                self._dispose(tx, disposal, evidence, reason)
            elif disposal.status is DisposalStatus.DECLINED:
                raise RequestRefused(
                    f"{asked}: it was declined by {disposal.decided_by}; propose the disposal anew"
                )
            done = _disposal(tx, disposal_id)
        # After the commit: were the file gone first and the commit failed, evidence would be lost.
        self._remove_unneeded(evidence.digest)
        return done

    def decline_disposal(self, disposal_id: str, reason: str) -> Disposal:
        """Decline a proposed disposal, or take one's own back, and return it; the evidence stays.

        Raises
        ------
        RecordNotFound
            There is no such proposal.
        RequestRefused
            It was carried out already.
        InvalidRecord
            The reason is missing.
        NotPermitted
            Risk reviewers and committee members decide, and whoever proposed may take it back.

        Notes
        -----
        Writes ``EvidenceDisposalDeclined``.
        """
        asked = f"decline {disposal_id}"
        with self._desk.writing() as tx:
            own = _disposal(tx, disposal_id).proposed_by == tx.actor.actor_id
            permission = "evidence" if own else "retain"
            disposal, evidence = _proposed(tx, asked, disposal_id, permission)
            need_reason(asked, reason)
            if disposal.status is DisposalStatus.CARRIED_OUT:
                raise RequestRefused(f"{asked}: it was carried out by {disposal.decided_by}")
            if disposal.status is DisposalStatus.PROPOSED:
                _decide(tx, disposal_id, DisposalStatus.DECLINED, reason)
                tx.record(
                    EvidenceDisposalDeclined(
                        system_id=evidence.system_id,
                        disposal_id=disposal_id,
                        evidence_id=evidence.evidence_id,
                        reason=reason,
                    )
                )
            return _disposal(tx, disposal_id)

    def disposals(self, status: DisposalStatus | str | None = None) -> list[Disposal]:
        """Return the proposals to dispose of evidence, oldest first, in one status or in all."""
        table = tables.evidence_disposal
        query = sa.select(table).order_by(table.c.proposed_at, table.c.disposal_id)
        if status is not None:
            chosen = choose(DisposalStatus, status, field="status", asked="list disposals")
            query = query.where(table.c.status == chosen)
        with self._desk.reading() as tx:
            return [disposal_from_row(row) for row in tx.connection.execute(query)]

    def to_decide(self) -> list[tuple[Disposal, Evidence]]:
        """Return the proposals that wait for a second person, oldest first, with what each is about."""
        table = tables.evidence_disposal
        waiting = table.c.status == DisposalStatus.PROPOSED
        ids = sa.select(table.c.evidence_id).where(waiting)
        with self._desk.reading() as tx:
            query = select_evidence().where(tables.evidence.c.evidence_id.in_(ids))
            kept = [evidence_from_row(row) for row in tx.connection.execute(query)]
            by_id = {e.evidence_id: e for e in kept}
            rows = tx.connection.execute(
                sa.select(table).where(waiting).order_by(table.c.proposed_at, table.c.disposal_id)
            )
            return [(disposal_from_row(row), by_id[row.evidence_id]) for row in rows]

    @staticmethod
    def _dispose(tx: Transaction, disposal: Disposal, evidence: Evidence, reason: str) -> None:
        table = tables.evidence
        tx.connection.execute(
            sa.update(table)
            .where(table.c.evidence_id == evidence.evidence_id)
            .values(disposed_at=tx.now, disposed_by=tx.actor.actor_id)
        )
        _decide(tx, disposal.disposal_id, DisposalStatus.CARRIED_OUT, reason)
        tx.record(
            EvidenceDisposed(
                system_id=evidence.system_id,
                disposal_id=disposal.disposal_id,
                evidence_id=evidence.evidence_id,
                digest=evidence.digest,
                proposed_by=disposal.proposed_by,
                content="kept" if content_is_needed(tx, evidence.digest) else "removed",
            )
        )


def _locked(tx: Transaction, asked: str, evidence_id: str, permission: str) -> Evidence:
    """Return evidence, permitted and with its system locked: a hold cannot come in between."""
    tx.attempt(asked)
    system_id = find_evidence(tx, evidence_id).system_id
    tx.require(permission, asked, system_id=system_id)
    tx.get_system(system_id, for_update=True)
    return find_evidence(tx, evidence_id)


def _proposed(
    tx: Transaction, asked: str, disposal_id: str, permission: str = "retain"
) -> tuple[Disposal, Evidence]:
    tx.attempt(asked)
    evidence = _locked(tx, asked, _disposal(tx, disposal_id).evidence_id, permission)
    guard_content(tx, alone=True)
    return _disposal(tx, disposal_id), evidence


def _check_disposable(tx: Transaction, asked: str, evidence: Evidence) -> None:
    unmet = [c for c in _conditions(tx, evidence) if not c.met]
    if unmet:
        raise ConditionsNotMet(asked, unmet)


def _conditions(tx: Transaction, evidence: Evidence) -> Iterator[Condition]:
    end = evidence.retain_until
    yield Condition(
        name="on_record",
        met=evidence.disposed_at is None,
        reason=f"it was disposed of by {evidence.disposed_by}" if evidence.disposed_at else "it is",
    )
    yield Condition(
        name="retention_ended",
        met=end is not None and end <= tx.now,
        reason=f"it is kept until {end:%Y-%m-%d}" if end else "it has no retention end",
        remedy="wait until then",
    )
    table = tables.evidence_hold
    holds = tx.connection.execute(
        sa.select(table).where(*covering_holds(evidence.system_id, evidence.evidence_id))
    )
    named = [f"{row.hold_id} ({row.reason})" for row in holds]
    yield Condition(
        name="no_legal_hold",
        met=not named,
        reason=f"held by {'; '.join(named)}" if named else "no hold is on it",
        remedy="have the hold released",
    )


def _decide(tx: Transaction, disposal_id: str, status: DisposalStatus, reason: str) -> None:
    table = tables.evidence_disposal
    tx.connection.execute(
        sa.update(table)
        .where(table.c.disposal_id == disposal_id)
        .values(
            status=status,
            decided_by=tx.actor.actor_id,
            decided_at=tx.now,
            decision_reason=reason,
        )
    )


def _disposal(tx: Transaction, disposal_id: str) -> Disposal:
    table = tables.evidence_disposal
    row = tx.connection.execute(
        sa.select(table).where(table.c.disposal_id == disposal_id)
    ).one_or_none()
    if row is None:
        raise RecordNotFound("proposed disposal", disposal_id)
    return disposal_from_row(row)
