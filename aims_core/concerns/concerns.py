"""Concerns of people about AI systems and those who answer for them; reached as ``workspace.concerns``.

Source: ISO/IEC 42001, A.3.3; rule R10 of the product's segregation of duties.
"""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.canonical import text_problem
from aims_core.concerns.concern import Concern, concern_from_row
from aims_core.concerns.hearing import (
    PERMISSION,
    heard_by_actor,
    hearers,
    person_by_actor,
    persons_of,
)
from aims_core.errors import (
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RequestRefused,
    SegregationOfDuties,
)
from aims_core.events import ConcernAnswered, ConcernRaised, ConcernRead
from aims_core.frames import TEXT, TIME, fixed_frame
from aims_core.plugin_host import Desk
from aims_core.records import Problem
from aims_core.store import Transaction
from aims_core.terms import ActorKind

COLUMNS = {
    "concern_id": TEXT,
    "system_id": TEXT,
    "raised_at": TIME,
    "answered_at": TIME,
    "own": TEXT,
}
_LONGEST = 20_000


class Concerns:
    """Concerns reach those who hear them, never whom they concern, and are answered."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def raise_concern(
        self, text: str, *, about: Collection[str] = (), system_id: str = ""
    ) -> Concern:
        """Raise a concern and return it; anybody may.

        It reaches ``concern_handler`` and ``top_management``, except whom it concerns. The trail says
        that the actor raised a concern, and neither about what nor about whom.

        Parameters
        ----------
        text : str
            In one's own words, up to 20,000 characters.
        about : collection of str
            Ids of the actors it concerns.
        system_id : str, optional
            The system it is about; its owner is then among those it concerns.

        Raises
        ------
        InvalidRecord
            The text is empty, too long or unfit.
        RecordNotFound
            A system or somebody named is not known.
        RequestRefused
            Nobody is left to hear it.

        Notes
        -----
        Writes ``ConcernRaised``. The same concern again is found while it is not answered.
        """
        asked = "raise a concern"
        with self._desk.writing() as tx:
            tx.attempt(asked)
            if problem := _unfit(text):
                raise InvalidRecord(asked, [problem])
            concerned = _concerned(tx, about, system_id)
            if (known := _known(tx, text.strip(), concerned, system_id)) is not None:
                return known
            if not hearers(tx, [*concerned, tx.actor.actor_id]):
                raise RequestRefused(
                    f"{asked}: nobody is left to hear it, as whoever may is concerned; have an "
                    "administrator grant the role concern_handler to somebody else"
                )
            concern_id = tx.new_id("cnc")
            tx.connection.execute(
                sa.insert(tables.concern).values(
                    concern_id=concern_id,
                    system_id=system_id or None,
                    about=concerned,
                    text=text.strip(),
                    raised_by=tx.actor.actor_id,
                    raised_at=tx.now,
                )
            )
            tx.record(ConcernRaised(concern_id=concern_id))
            return _read(tx, concern_id)

    def read(self, concern_id: str) -> Concern:
        """Return a concern that the actor raised or may hear; that it was heard is put on record.

        Raises
        ------
        NotPermitted
            The actor holds no role that hears concerns.
        RecordNotFound
            There is no such concern, or it concerns the actor: that is not told apart.

        Notes
        -----
        Writes ``ConcernRead``, but not for one's own.
        """
        with self._desk.writing() as tx:
            found, own = self._reachable(tx, concern_id, f"read {concern_id}")
            if not own:
                _note(tx, concern_id, "read")
                tx.record(ConcernRead(concern_id=concern_id))
            return found

    def answer(self, concern_id: str, answer: str) -> Concern:
        """Answer a concern and return it; who raised it can read the answer.

        Raises
        ------
        NotPermitted, RecordNotFound
            As for :meth:`read`; and only persons answer.
        SegregationOfDuties
            The same person raised it.
        InvalidRecord
            The answer is empty, too long or unfit.
        RequestRefused
            It was answered otherwise before.

        Notes
        -----
        Writes ``ConcernAnswered``.
        """
        asked = f"answer {concern_id}"
        with self._desk.writing() as tx:
            found, own = self._reachable(tx, concern_id, asked)
            if own:
                raise SegregationOfDuties(
                    f"{asked}: you raised it; let somebody else who hears concerns answer it"
                )
            if tx.actor.kind is not ActorKind.PERSON:
                raise NotPermitted(f"{asked}: {tx.actor.actor_id} is no person; a person answers")
            if problem := _unfit(answer, "answer"):
                raise InvalidRecord(asked, [problem])
            if found.answered_at is not None:
                if found.answer == answer.strip():
                    return found
                raise RequestRefused(f"{asked}: {found.answered_by} answered it")
            table = tables.concern
            tx.connection.execute(
                sa.update(table)
                .where(table.c.concern_id == concern_id)
                .values(answer=answer.strip(), answered_by=tx.actor.actor_id, answered_at=tx.now)
            )
            _note(tx, concern_id, "answered")
            tx.record(ConcernAnswered(concern_id=concern_id))
            return _read(tx, concern_id)

    def frame(self, *, open_only: bool = False) -> Any:
        """Return the concerns that may reach the actor, without their words, newest first.

        Returns
        -------
        DataFrame
            With the columns of :data:`COLUMNS`; `own` says ``yes`` for those the actor raised.
        """
        with self._desk.reading() as tx:
            found = [c for c in heard_by_actor(tx) if not (open_only and c.answered_at)]
            persons = person_by_actor(tx, {c.raised_by for c in found})
            mine = {a for a, person in persons.items() if person == tx.actor.person}
            rows = [
                {name: getattr(c, name) for name in COLUMNS if name != "own"}
                | {"own": "yes" if c.raised_by in mine else "no"}
                for c in found
            ]
            return fixed_frame(rows, COLUMNS)

    @staticmethod
    def _reachable(tx: Transaction, concern_id: str, asked: str) -> tuple[Concern, bool]:
        """Return a concern, and whether the actor raised it."""
        tx.attempt(asked)
        within = {c.concern_id: c for c in heard_by_actor(tx)}
        found = within.get(concern_id)
        if found is None:
            tx.require(PERMISSION, asked)
            # As if it were not there: that a concern exists is already told to whom it concerns.
            raise RecordNotFound("concern", concern_id, list(within))
        return found, tx.actor.person in persons_of(tx, [found.raised_by])


def _concerned(tx: Transaction, about: Collection[str], system_id: str) -> list[str]:
    named = sorted(set(about))
    known = person_by_actor(tx, named)
    for actor_id in named:
        if actor_id not in known:
            raise RecordNotFound("actor", actor_id, [])
    owner = [tx.get_system(system_id).owner] if system_id else []
    return sorted({*named, *owner})


def _known(tx: Transaction, text: str, about: list[str], system_id: str) -> Concern | None:
    table = tables.concern
    query = sa.select(table).where(
        table.c.raised_by == tx.actor.actor_id,
        table.c.answered_at.is_(None),
        table.c.text == text,
    )
    for row in tx.connection.execute(query):
        if (list(row.about), row.system_id or "") == (about, system_id):
            return concern_from_row(row)
    return None


def _read(tx: Transaction, concern_id: str) -> Concern:
    table = tables.concern
    query = sa.select(table).where(table.c.concern_id == concern_id)
    return concern_from_row(tx.connection.execute(query).one())


def _note(tx: Transaction, concern_id: str, act: str) -> None:
    tx.connection.execute(
        sa.insert(tables.concern_access).values(
            access_id=tx.new_id("cna"),
            concern_id=concern_id,
            actor=tx.actor.actor_id,
            act=act,
            at=tx.now,
        )
    )


def _unfit(words: str, field: str = "text") -> Problem | None:
    if not words.strip():
        return Problem(field=field, reason="is empty", remedy="say it in a sentence")
    if len(words) > _LONGEST:
        remedy = f"use up to {_LONGEST:,} characters"
        return Problem(field=field, reason="is too long", remedy=remedy)
    if problem := text_problem(words):
        return Problem(field=field, reason=problem, remedy="use plain characters")
    return None
