"""Opens transactions: writers get record, audit entry and tells in one; a refusal leaves only itself."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic

import sqlalchemy as sa

from aims_core import audit, tables
from aims_core.canonical import utc_text, writable
from aims_core.db import guards
from aims_core.db.engine import (
    for_writing,
    make_engine,
    reading_only,
    sqlite_file,
    telling_time,
    waits_for_readers,
)
from aims_core.db.teams import LoginIdentity
from aims_core.db.teams import identity as identity_of
from aims_core.db.teams.calls import ENFORCED
from aims_core.db.ticket import write_ticket
from aims_core.db.writers import be_seen_writing
from aims_core.errors import RecordNotFound, RequestRefused, WorkspaceError
from aims_core.events import ActRefused, Event
from aims_core.records import Actor
from aims_core.store.identifiers import new_id
from aims_core.store.interrupts import shielded
from aims_core.store.rows import actor_from_row
from aims_core.store.transaction import Transaction
from aims_core.terms import Assurance

_here = threading.local()
_log = logging.getLogger("aims.store")
_BETWEEN_SEALS = 1.0
_LOCK_NOT_AVAILABLE = "55P03"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Store:
    """The only way to the database.

    Parameters
    ----------
    url : str
        Database URL, SQLite or PostgreSQL.
    clock : callable, optional
        Returns the time, aware; the machine's by default.
    alone : bool
        Allow a SQLite file on a network folder; see :func:`aims_core.db.engine.make_engine`.
    """

    def __init__(
        self, url: str, *, clock: Callable[[], datetime] | None = None, alone: bool = False
    ) -> None:
        self.engine = make_engine(url, alone=alone)
        self.clock = clock or _utc_now
        self._file = sqlite_file(self.engine.url)
        self._sealed = float("-inf")
        self._identity: LoginIdentity | None = None
        self._looked = False

    @property
    def identity(self) -> LoginIdentity | None:
        """Who the database says is connected; None where it cannot tell (see :mod:`aims_core.db.teams`)."""
        if not self._looked:
            if self.dialect == "postgresql":
                with self.engine.connect() as connection:
                    self._identity = identity_of(connection)
            self._looked = True
        return self._identity

    def look_again(self, connection: sa.Connection | None = None) -> None:
        """Ask the database anew who is connected: at once on a connection, or when it is asked for."""
        self._identity = None if connection is None else identity_of(connection)
        self._looked = connection is not None

    @property
    def keeps_books(self) -> bool:
        """Whether this login seals the trail and delivers tells; on a secured database a service does."""
        return self.identity is None or self.identity.keeps_books

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return str(self.engine.dialect.name)

    @property
    def assurance(self) -> Assurance:
        """How sure this database can be of who acts: SQLite takes everybody at their word.

        So does PostgreSQL, until it is secured and every person has an own login.
        """
        return Assurance.SELF_DECLARED if self.identity is None else Assurance.DATABASE_LOGIN

    @contextmanager
    def begin(self, actor: Actor) -> Iterator[Transaction]:
        """Open a writing transaction; it commits at the end of the block.

        Yields
        ------
        Transaction
            Events recorded in it are appended to the trail just before the commit.

        Notes
        -----
        A :class:`RequestRefused` rolls everything back and leaves one ``ActRefused`` event. So does
        a transaction that changed rows and recorded no event.

        Raises
        ------
        InterruptedAfterCommit
            An interrupt came meanwhile: it had to wait for the commit, and says so.
        """
        tx: Transaction | None = None
        with shielded() as shield:
            try:
                with self._writing(actor.actor_id) as (connection, now):
                    before = guards.changes(connection)
                    tx = Transaction(connection, actor, now, new_id)
                    yield tx
                    _refuse_silence(tx, guards.changes(connection) - before)
                    self._flush(tx)
                shield.committed(tx.act, tx.events, tx.result)
            except RequestRefused as refusal:
                self._note_refusal(actor, tx, refusal)
                raise

    @contextmanager
    def read(self, actor: Actor) -> Iterator[Transaction]:
        """Open a reading transaction: one consistent view, in which writing fails.

        An interrupt ends it at once, and the connection with it.
        """
        enforced = self.identity is not None
        with (
            shielded() as shield,
            _reading_here(str(self.engine.url)),
            self.engine.connect() as connection,
            reading_only(connection),
            _thrown_away_when_broken_off(connection),
            shield.exposed(),
        ):
            connection.info[ENFORCED] = enforced
            yield Transaction(connection, actor, self.clock(), new_id)

    @contextmanager
    def keeping_books(self) -> Iterator[sa.Connection]:
        """Open a writing connection for delivery bookkeeping, which is no act and leaves no event."""
        with self._writing() as (connection, _):
            yield connection

    @contextmanager
    def looking(self) -> Iterator[sa.Connection]:
        """Open a reading connection for one statement; on PostgreSQL without the ways of a transaction."""
        with self.engine.connect() as connection:
            if self.dialect == "postgresql":
                connection.execution_options(isolation_level="AUTOCOMMIT")
            yield connection

    def seal(self, *, wait: bool = True, at_most: int | None = None) -> int | None:
        """Give committed events their place in the trail's tree and return how many.

        None when another sealer is at it: at once without `wait`, after two seconds with it. Nothing is
        lost by that. It is bookkeeping over what was committed, no act, and leaves no event.
        On a secured database a service does it (`aims db work`), and nobody else: None.
        """
        if not self.keeps_books:
            return None
        try:
            # On PostgreSQL no writer waits for a sealer, so it may also run inside somebody's writing.
            own = self._own() if self.dialect == "postgresql" else self._writing()
            with own as (connection, _):
                return audit.seal(connection, wait=wait, at_most=at_most)
        except audit.SealerBusy:
            return None

    def seal_now_and_then(self) -> None:
        """Seal after a commit where events wait for it (PostgreSQL), unless another one does or just did.

        Once a second and process is enough: checkpoints, verifying and tells seal for themselves.
        """
        if self.dialect == "postgresql" and monotonic() - self._sealed > _BETWEEN_SEALS:
            self._sealed = monotonic()
            self.seal_if_possible(wait=False)

    def seal_if_possible(self, *, wait: bool) -> None:
        """Seal, and where that fails only log it: what was committed stays, and `aims audit verify` tells."""
        try:
            self.seal(wait=wait)
        except (WorkspaceError, sa.exc.DBAPIError) as error:
            _log.warning("events wait for their place in the audit trail: %s", error)

    def actor(self, actor_id: str) -> Actor:
        """Return a known actor.

        Raises
        ------
        RecordNotFound
            Nobody is known by this id; near ones are suggested.
        """
        table = tables.actor
        with shielded(), self.engine.connect() as connection:
            row = connection.execute(
                sa.select(table).where(table.c.actor_id == actor_id)
            ).one_or_none()
            if row is not None:
                return actor_from_row(row)
            known = connection.execute(sa.select(table.c.actor_id).limit(1_000)).scalars().all()
        raise RecordNotFound("actor", actor_id, list(known))

    def close(self) -> None:
        """Give the database's connections back."""
        self.engine.dispose()

    @contextmanager
    def _writing(self, holder: str = "") -> Iterator[tuple[sa.Connection, datetime]]:
        with (
            shielded() as shield,
            _one_at_a_time(str(self.engine.url)),
            write_ticket(self._file, holder=holder, heed=shield.heed),
            self._own() as own,
        ):
            yield own
            shield.commits()

    @contextmanager
    def _own(self) -> Iterator[tuple[sa.Connection, datetime]]:
        """Open a transaction and say what time it is in it: read behind the lock, so that it runs on."""
        enforced = self.identity is not None
        with (
            self.engine.connect() as connection,
            _thrown_away_when_broken_off(connection),
            _waited_in_vain(),
        ):
            connection.info[ENFORCED] = enforced
            self._refuse_to_wait_for_itself(connection)
            writer = for_writing(connection)
            with writer.begin():
                be_seen_writing(writer)
                now = self.clock()
                with telling_time(writer, utc_text(now)):
                    yield writer, now

    def _refuse_to_wait_for_itself(self, connection: sa.Connection) -> None:
        """Refuse to write within a reading block of this thread, where the journal makes writers wait."""
        if _readings()[str(self.engine.url)] and waits_for_readers(connection):
            raise WorkspaceError(
                "a reading transaction is open here, and with SQLite's rollback journal a write waits for "
                "it; end the reading first, or install aims-core[sqlite] and run `aims db upgrade`"
            )

    def _flush(self, tx: Transaction) -> None:
        if tx.events:
            who = audit.Attribution(actor=tx.actor.actor_id, at=tx.now, assurance=self.assurance)
            numbered: list[tuple[str, Event]] = [(new_id("evt"), event) for event in tx.events]
            audit.append(tx.connection, numbered, who)

    def _note_refusal(self, actor: Actor, tx: Transaction | None, refusal: RequestRefused) -> None:
        act = writable(tx.act if tx is not None else "")
        system_id = writable(tx.act_system if tx is not None else "")
        who = self.identity
        if who is not None and who.actor != actor.actor_id:
            if not who.actor:
                return  # nobody is behind this login, so nobody can sign; the refusal itself is raised
            actor = self.actor(who.actor)
        with self._writing(actor.actor_id) as (connection, now):
            note = Transaction(connection, actor, now, new_id)
            reason = writable(str(refusal))
            note.record(ActRefused(system_id=system_id[:64], act=act, reason=reason))
            self._flush(note)


def _refuse_silence(tx: Transaction, changed: int) -> None:
    """Refuse what no event speaks of: nobody could say later who changed it."""
    if changed and not tx.events:
        raise RequestRefused(
            f"{tx.act or 'this act'} changed {changed} row(s) and recorded no event, so nobody could say "
            "later who did what; record one with tx.record(…), or write through the services"
        )


@contextmanager
def _waited_in_vain() -> Iterator[None]:
    """Say in plain words that a row stayed locked for too long (PostgreSQL)."""
    try:
        yield
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
            raise
        raise WorkspaceError(
            f"waited {guards.LOCK_PATIENCE_MS // 1_000} s for a record that somebody else has been "
            "changing; nothing was written. Try again, and if it stays so, have their cell ended or "
            "their kernel restarted"
        ) from error


@contextmanager
def _thrown_away_when_broken_off(connection: sa.Connection) -> Iterator[None]:
    """Close a connection for good whose work was broken off anywhere; with it goes the write lock."""
    try:
        yield
    except KeyboardInterrupt:
        connection.invalidate()
        raise


def _readings() -> Counter[str]:
    counted: Counter[str] = vars(_here).setdefault("readings", Counter())
    return counted


@contextmanager
def _reading_here(database: str) -> Iterator[None]:
    _readings()[database] += 1
    try:
        yield
    finally:
        _readings()[database] -= 1


@contextmanager
def _one_at_a_time(database: str) -> Iterator[None]:
    """Refuse a second writing transaction in the same thread: it would wait for the first for ever."""
    open_here: set[str] = vars(_here).setdefault("databases", set())
    if database in open_here:
        raise WorkspaceError(
            "a writing transaction is open here already; end it first, or write through its `tx`"
        )
    open_here.add(database)
    try:
        yield
    finally:
        open_here.discard(database)
