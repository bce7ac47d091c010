"""The audit trail and the tells, as people read them; reached as ``workspace.audit`` and ``.deliveries``."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aims_core import audit, events, tables
from aims_core.audit.notes import SignedCheckpoint, parse_checkpoint
from aims_core.canonical import canonical_json, utc_text
from aims_core.checkpoints import (
    Checkpoints,
    Keyring,
    erase,
    export_trail,
    exported_leaves,
    prove_event,
    prove_extension,
)
from aims_core.choices import no_choice
from aims_core.db.teams import calls
from aims_core.errors import InvalidRecord, NotPermitted
from aims_core.events import RecordedEvent
from aims_core.frames import TEXT, TIME, WHOLE, fixed_frame
from aims_core.history import moment
from aims_core.plugin_host import Desk, deliver, parked, replay
from aims_core.records import Checkpoint, Erasure, Problem, Verification
from aims_core.store import Transaction

COLUMNS = {
    "sequence": WHOLE,
    "at": TIME,
    "actor": TEXT,
    "type": TEXT,
    "system_id": TEXT,
    "payload": TEXT,
    "event_id": TEXT,
}
DELIVERY_COLUMNS = {
    "sequence": WHOLE,
    "event_id": TEXT,
    "type": TEXT,
    "system_id": TEXT,
    "listener": TEXT,
    "version": TEXT,
    "attempts": WHOLE,
    "error": TEXT,
    "at": TIME,
}
_LARGEST = 2**63


class Trail:
    """Who did what and when: append-only, every event in a tree that checkpoints sign."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @cached_property
    def keys(self) -> Keyring:
        """The keys that sign checkpoints."""
        return Keyring(self._desk)

    def verify(
        self,
        expect_head: str = "",
        *,
        checkpoints: Sequence[str] = (),
        export: Path | str | None = None,
    ) -> Verification:
        """Recompute the whole trail and return every place that does not fit.

        Parameters
        ----------
        expect_head : str
            A head noted earlier, on a report say; the trail must still contain it.
        checkpoints : sequence of str
            Texts of checkpoints kept elsewhere; the trail must still be a continuation of each.
        export : path, optional
            An export made earlier; it names exactly which events differ.

        Raises
        ------
        InvalidRecord
            A text is no checkpoint.
        WorkspaceError
            The folder holds no export.
        NotPermitted
            The login of a secured database sees the events of some units alone.
        """
        against = audit.Against(
            head=expect_head,
            checkpoints=[_checkpoint(text) for text in checkpoints],
            leaves=exported_leaves(Path(export)) if export is not None else (),
        )
        self._settle()
        with self._desk.reading() as tx:
            _require_whole(tx, "verify the audit trail")
            return audit.verify(tx.connection, against)

    def seal(self) -> int | None:
        """Give every committed event its place in the tree and return how many got one.

        None when somebody else is at it. Checkpoints and verifying do this by themselves.
        """
        return self._desk.store.seal()

    def checkpoint(self, passphrase: str = "") -> Checkpoint:
        """Sign the trail as it stands and hand it to every anchor; see :class:`Checkpoints`.

        Notes
        -----
        Writes ``CheckpointMade`` and ``CheckpointAnchored``.
        """
        return Checkpoints(self._desk).make(passphrase)

    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """Return every checkpoint, the first one first, with where it is kept."""
        return Checkpoints(self._desk).all()

    def newest_checkpoint(self) -> Checkpoint | None:
        """Return the newest checkpoint, None before there is one; reports are pinned to its number."""
        return Checkpoints(self._desk).newest()

    def prove(
        self,
        event: str | int | None = None,
        *,
        since: int | None = None,
        checkpoint: int | None = None,
    ) -> Mapping[str, Any]:
        """Return a proof in JSON form that ``verify_trail.py`` checks without the database.

        Parameters
        ----------
        event : str or int, optional
            Id or sequence of an event that the checkpoint covers: it stands in the trail.
        since : int, optional
            Number of an earlier checkpoint: the trail was only added to since.
        checkpoint : int, optional
            Number of the checkpoint to prove it against; the newest by default.

        Raises
        ------
        ValueError
            Neither or both of `event` and `since` are given.
        RecordNotFound
            There is no such event or checkpoint.
        WorkspaceError
            The checkpoint does not cover the event, or is older than `since`.
        """
        if (event is None) == (since is None):
            raise ValueError(
                "give either an event or the checkpoint since which nothing was changed"
            )
        if event is not None:
            return prove_event(self._desk, event, checkpoint)
        return prove_extension(self._desk, since or 0, checkpoint)

    def export(self, folder: Path | str) -> int:
        """Write the trail, its checkpoints and the offline verifier into a new folder.

        Returns
        -------
        int
            Number of events.

        Raises
        ------
        WorkspaceError
            The folder is not empty or cannot be written.
        NotPermitted
            The login of a secured database sees the events of some units alone.
        """
        self._settle()
        with self._desk.reading() as tx:
            _require_whole(tx, "export the audit trail")
        return export_trail(self._desk, Path(folder))

    def erase(self, event_id: str, *, reason: str) -> Erasure:
        """Ask for an event's content to be erased, or as the second of two people have it erased.

        It takes an administrator and an auditor. The event's place, kind, time and actor stay, and so does
        its leaf: `verify` says what was erased by which event, and proofs hold.

        Raises
        ------
        RecordNotFound
            No event has this id.
        InvalidRecord
            There is no reason, or this event must stay.
        NotPermitted, SegregationOfDuties
            Not these two roles, or not two people.

        Notes
        -----
        Writes ``ErasureRequested``, then ``EventErased``.
        """
        return erase(self._desk, event_id, reason)

    def head(self) -> tuple[int, str]:
        """Return the number of events and the value that stands for all of them: keep it elsewhere.

        On SQLite that is the chain value of the last event, on PostgreSQL the root of the events' tree.
        """
        self._settle()
        with self._desk.reading() as tx:
            return audit.head(tx.connection)

    def events(
        self,
        system_id: str = "",
        *,
        event_type: str = "",
        limit: int = 100,
        before: int | None = None,
        as_of: date | int | None = None,
    ) -> list[RecordedEvent]:
        """Return the newest events, newest first; `before` a sequence goes further back.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: only what stood in the trail then.

        Raises
        ------
        RecordNotFound
            Nothing is on record about a system of this id, and there is none.
        InvalidRecord
            `limit` or `before` is no number from 0 on, the core has no such type of event, or `as_of`
            names no time up to now.
        """
        _refuse_unfit(event_type, limit, before)
        table = tables.event
        query = sa.select(table).order_by(table.c.sequence.desc()).limit(limit)
        if system_id:
            query = query.where(table.c.system_id == system_id)
        if event_type:
            query = query.where(table.c.type == event_type)
        if before is not None:
            query = query.where(table.c.sequence < before)
        with self._desk.reading() as tx:
            if (at := moment(tx.connection, as_of, tx.now)) is not None:
                query = query.where(table.c.at <= utc_text(at))
            found = audit.read(tx.connection, query)
            if system_id and not found:
                tx.get_system(system_id)
            return found

    def frame(self, system_id: str = "", **options: Any) -> Any:
        """Return events as a DataFrame with the columns of :data:`COLUMNS`; options as for :meth:`events`."""
        return fixed_frame(_rows(self.events(system_id, **options)), COLUMNS)

    def _settle(self) -> None:
        # On SQLite every event has its place when it is written.
        if self._desk.store.dialect == "postgresql":
            self._desk.store.seal()


class Deliveries:
    """Tells that failed: shown until somebody has them tried again."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def frame(self) -> Any:
        """Return the parked tells as a DataFrame with the columns of :data:`DELIVERY_COLUMNS`."""
        return fixed_frame(parked(self._desk.store), DELIVERY_COLUMNS)

    def replay(self) -> int:
        """Try every parked tell again and return how many were tried; what fails is parked again."""
        return replay(self._desk.store, self._desk.host, self._desk.acting)

    def work(self) -> tuple[int, int]:
        """Seal what waits and tell the listeners; return how many events were sealed and told.

        On a secured database this is what the login of a service does, now and then.

        Raises
        ------
        NotPermitted
            This login keeps no books.
        """
        store = self._desk.store
        if not store.keeps_books:
            raise NotPermitted(
                "seal and deliver: this login keeps no books; use that of the service "
                "(`aims db grant SERVICE --service`)"
            )
        sealed = store.seal() or 0
        return sealed, deliver(store, self._desk.host, self._desk.acting)


def _checkpoint(text: str) -> SignedCheckpoint:
    try:
        return parse_checkpoint(text)
    except ValueError as error:
        remedy = "give the text of a checkpoint as it was exported"
        problem = Problem(field="checkpoint", reason=str(error), remedy=remedy)
        raise InvalidRecord("verify against a checkpoint", [problem]) from error


def _refuse_unfit(event_type: str, limit: int, before: int | None) -> None:
    problems = [
        Problem(field=field, reason=f"{given!r} is no number of events", remedy="use 0 or more")
        for field, given in (("limit", limit), ("before", before))
        if given is not None and not (isinstance(given, int) and 0 <= given < _LARGEST)
    ]
    # What plugins call their events is theirs to say; one of the core's that is not there is a slip.
    own = [f"core.{name}" for name in events.__all__]
    if event_type.startswith("core.") and event_type not in own:
        remedy = "they are listed in the reference of events"
        problems.append(no_choice(event_type, own, field="event_type", remedy=remedy))
    if problems:
        raise InvalidRecord("read the audit trail", problems)


def _rows(events: Iterable[RecordedEvent]) -> Iterable[dict[str, Any]]:
    for event in events:
        yield {
            "sequence": event.sequence,
            "at": event.at,
            "actor": event.actor,
            "type": event.type,
            "system_id": event.system_id,
            "payload": canonical_json(event.payload),
            "event_id": event.event_id,
        }


def _require_whole(tx: Transaction, asked: str) -> None:
    if not calls.sees_all(tx.connection):
        raise NotPermitted(
            f"{asked}: the login of {tx.actor.actor_id} sees the events of some units alone, and the trail "
            "is looked at whole; let somebody do it who holds a role for the whole organisation, or have an "
            f"administrator give a login that reads all (`aims db grant {tx.actor.actor_id} --read-only "
            "--login NAME`)"
        )
