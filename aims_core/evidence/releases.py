"""The release of a legal hold: proposed by one person, confirmed or declined by another.

Source: rule R12 of the product's segregation of duties; ISO/IEC 42001, 7.5.3.
"""

from datetime import datetime

import sqlalchemy as sa

from aims_core import tables
from aims_core.errors import NotPermitted, RequestRefused, SegregationOfDuties
from aims_core.events import (
    EvidenceHoldReleased,
    EvidenceHoldReleaseDeclined,
    EvidenceHoldReleaseProposed,
)
from aims_core.evidence.holds import Holding, find_hold
from aims_core.evidence.intake import need_reason
from aims_core.records import LegalHold
from aims_core.store import Transaction
from aims_core.terms import ActorKind
from aims_core.time_of_fact import in_fact, refuse_impossible, refuse_restated


class Releasing(Holding):
    """The part of the evidence store that ends legal holds, by two people."""

    def propose_release(
        self, hold_id: str, reason: str, *, fact_at: datetime | None = None
    ) -> LegalHold:
        """Propose to end a legal hold and return it; it holds until a second person confirms.

        A release that is proposed already, or was carried out, is returned as it is.

        Parameters
        ----------
        fact_at : datetime, optional
            When it was proposed in fact, aware; not ahead, and not before it was held in fact.

        Raises
        ------
        RecordNotFound
            There is no such hold.
        InvalidRecord
            The reason is missing, or it cannot have been proposed when it is said to have been.
        RequestRefused
            It is on record with another time of fact.
        NotPermitted
            Risk reviewers and committee members hold and release.

        Notes
        -----
        Writes ``EvidenceHoldReleaseProposed``.
        """
        asked = f"propose to release {hold_id}"
        with self._desk.writing() as tx:
            held = _locked(tx, asked, hold_id)
            need_reason(asked, reason)
            if held.released_at is not None or held.release_proposed_at is not None:
                refuse_restated(held.release_proposed_fact_at, fact_at, asked)
                return held
            after = ("the hold", in_fact(held.fact_at, held.placed_at))
            refuse_impossible(asked, fact_at, now=tx.now, after=after)
            _update(
                tx,
                hold_id,
                release_proposed_by=tx.actor.actor_id,
                release_proposed_at=tx.now,
                release_reason=reason,
                release_proposed_fact_at=fact_at,
            )
            tx.record(EvidenceHoldReleaseProposed(**_named(held), reason=reason, fact_at=fact_at))
            return find_hold(tx, hold_id)

    def confirm_release(self, hold_id: str, *, fact_at: datetime | None = None) -> LegalHold:
        """End a legal hold whose release somebody else proposed, and return it.

        Parameters
        ----------
        fact_at : datetime, optional
            When it was released in fact, aware; not ahead, and not before that was proposed in fact. Until
            its entry it holds.

        Raises
        ------
        RecordNotFound
            There is no such hold.
        InvalidRecord
            It cannot have been released when it is said to have been.
        RequestRefused
            Nobody proposed its release, or it was released with another time of fact.
        SegregationOfDuties
            The same person proposed it.
        NotPermitted
            Risk reviewers and committee members release, and only persons do.

        Notes
        -----
        Writes ``EvidenceHoldReleased``. Other holds on the same evidence stay.
        """
        asked = f"release {hold_id}"
        with self._desk.writing() as tx:
            held = _locked(tx, asked, hold_id)
            if held.released_at is not None:
                refuse_restated(held.released_fact_at, fact_at, asked)
                return held
            if held.release_proposed_at is None:
                raise RequestRefused(
                    f"{asked}: nobody proposed it; propose the release with a reason, and let a "
                    "second person confirm it"
                )
            check_second_person(tx, asked, held.release_proposed_by)
            after = (
                "the proposal to release it",
                in_fact(held.release_proposed_fact_at, held.release_proposed_at),
            )
            refuse_impossible(asked, fact_at, now=tx.now, after=after)
            _update(
                tx,
                hold_id,
                released_by=tx.actor.actor_id,
                released_at=tx.now,
                released_fact_at=fact_at,
            )
            tx.record(
                EvidenceHoldReleased(
                    **_named(held),
                    reason=held.release_reason,
                    proposed_by=held.release_proposed_by,
                    fact_at=fact_at,
                )
            )
            return find_hold(tx, hold_id)

    def decline_release(self, hold_id: str, reason: str) -> LegalHold:
        """Decline a proposed release, or take one's own back, and return the hold; it stays.

        Raises
        ------
        RecordNotFound
            There is no such hold.
        RequestRefused
            It was released already.
        InvalidRecord
            The reason is missing.
        NotPermitted
            Risk reviewers and committee members decide.

        Notes
        -----
        Writes ``EvidenceHoldReleaseDeclined``.
        """
        asked = f"decline the release of {hold_id}"
        with self._desk.writing() as tx:
            held = _locked(tx, asked, hold_id)
            need_reason(asked, reason)
            if held.released_at is not None:
                raise RequestRefused(
                    f"{asked}: {held.released_by} released it; put it on hold again"
                )
            if held.release_proposed_at is None:
                return held
            _update(
                tx,
                hold_id,
                release_proposed_by=None,
                release_proposed_at=None,
                release_reason=None,
                release_proposed_fact_at=None,
            )
            tx.record(EvidenceHoldReleaseDeclined(**_named(held), reason=reason))
            return find_hold(tx, hold_id)


def check_second_person(tx: Transaction, asked: str, proposed_by: str) -> None:
    """Return when the actor is a person, and another one than who proposed.

    Raises
    ------
    NotPermitted
        The actor is no person.
    SegregationOfDuties
        The same person proposed it, under this or another account.
    """
    if tx.actor.kind is not ActorKind.PERSON:
        raise NotPermitted(f"{asked}: {tx.actor.actor_id} is no person; a person confirms")
    table = tables.actor
    proposer = tx.connection.execute(
        sa.select(table.c.person).where(table.c.actor_id == proposed_by)
    ).scalar_one()
    if proposer == tx.actor.person:
        raise SegregationOfDuties(
            f"{asked}: {proposed_by} proposed it and is the same person; a second person confirms"
        )


def _locked(tx: Transaction, asked: str, hold_id: str) -> LegalHold:
    """Return a hold, permitted and with its system locked: a disposal cannot come in between."""
    tx.attempt(asked)
    system_id = find_hold(tx, hold_id).system_id
    tx.require("retain", asked, system_id=system_id)
    tx.get_system(system_id, for_update=True)
    return find_hold(tx, hold_id)


def _named(held: LegalHold) -> dict[str, str]:
    return {
        "system_id": held.system_id,
        "hold_id": held.hold_id,
        "evidence_id": held.evidence_id,
    }


def _update(tx: Transaction, hold_id: str, **values: object) -> None:
    table = tables.evidence_hold
    tx.connection.execute(sa.update(table).where(table.c.hold_id == hold_id).values(**values))
