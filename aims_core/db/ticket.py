"""A queue for writers to one SQLite file: first come, first served, held only while writing.

SQLite itself lets waiting writers race, and under load some wait very long; the operating system's
file lock wakes them in turn, and frees it when a process dies. Whoever holds it has signed the file, so
that those who wait too long are told for whom.
"""

import json
import os
import platform
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from aims_core.canonical import utc_text
from aims_core.errors import WorkspaceError

try:
    import fcntl
except (
    ImportError
):  # Windows has no flock; SQLite's own lock with its busy timeout then stands alone.
    fcntl = None  # type: ignore[assignment]  # its users ask whether it is there

PATIENCE = 30.0
"""Seconds for which a writer waits for its turn."""

_LOOK_UP = 0.1
_SIGNATURE = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Who holds a ticket: a process, on a host, for a person, since a time (text in UTC)."""

    pid: int
    host: str
    person: str
    since: str

    def __str__(self) -> str:
        who = f"{self.person}, " if self.person else ""
        where = "" if self.host == platform.node() else f" on {self.host}"
        return f"{who}process {self.pid}{where}, since {self.since}"


class TurnNotCome(WorkspaceError):
    """Another writer did not make room in time; `holder` says who, None where that cannot be read."""

    def __init__(self, waited: float, holder: Holder | None) -> None:
        super().__init__(
            f"waited {waited:.0f} s to write, but the database is being written to by "
            f"{holder or 'another process'}. Let that cell or command end, or restart its kernel, and try "
            "again; nothing was written. On PostgreSQL, people who write do not wait for each other"
        )
        self.holder = holder


@contextmanager
def write_ticket(
    database: Path | None,
    *,
    holder: str = "",
    patience: float = PATIENCE,
    heed: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Wait for the turn to write to `database`, and give it up at the end; None waits for nothing.

    Parameters
    ----------
    holder : str
        Who writes, for the message to those who wait.
    patience : float
        Seconds to wait at most.
    heed : callable
        Called ten times a second while waiting; what it raises ends the waiting.

    Raises
    ------
    TurnNotCome
        The turn did not come in time; the message names who holds it.
    WorkspaceError
        The queue cannot be kept beside the database.
    """
    if database is None or fcntl is None:
        yield
        return
    ticket = database.with_name(database.name + ".ticket")
    handle = take_lock(ticket, holder=holder, patience=patience, heed=heed)
    try:
        yield
    finally:
        give_back(handle)


def take_lock(
    file: Path, *, holder: str = "", patience: float, heed: Callable[[], None] = lambda: None
) -> int:
    """Lock a file, sign it and return its open handle, for :func:`give_back`; see :func:`write_ticket`."""
    handle = _taken(file, patience, heed)
    _sign(handle, holder)
    return handle


def give_back(handle: int) -> None:
    """Unlock a file and close it."""
    # Said aloud: a process forked meanwhile holds the same file open, and closing ours would not do.
    with suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_UN)
    os.close(handle)


def read_holder(ticket: Path) -> Holder | None:
    """Return who signed a ticket last; None when nobody did or it cannot be read."""
    try:
        signed = json.loads(ticket.read_bytes()[:_SIGNATURE].rstrip(b"\x00 ") or b"null")
        return Holder(
            pid=int(signed["pid"]),
            host=str(signed["host"]),
            person=str(signed["person"]),
            since=str(signed["since"]),
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _taken(ticket: Path, patience: float, heed: Callable[[], None]) -> int:
    handle = _opened(ticket)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _queued(handle, ticket, patience, heed)
    except OSError as error:
        os.close(handle)
        raise _no_queue(error) from error
    return handle


def _queued(handle: int, ticket: Path, patience: float, heed: Callable[[], None]) -> int:
    place, ends = _Place(handle), monotonic() + patience
    try:
        while not place.came.wait(_LOOK_UP) and monotonic() < ends:
            heed()
    except BaseException:  # also when interrupted; it is raised again
        place.leave()
        raise
    if not place.came.is_set():
        place.leave()
        raise TurnNotCome(patience, read_holder(ticket))
    if place.error is not None:
        os.close(handle)
        raise _no_queue(place.error) from place.error
    return handle


class _Place:
    """A place in the queue, kept by a thread: the system's own queue knows no limit of time.

    Asking again and again for the lock would have one; but who asks in between others' turns has no
    place in the queue.
    """

    def __init__(self, handle: int) -> None:
        self.came = threading.Event()
        self.error: OSError | None = None
        self._handle = handle
        self._left = False
        self._lock = threading.Lock()
        threading.Thread(target=self._wait, name="aims-write-ticket", daemon=True).start()

    def leave(self) -> None:
        """Give the place up; the turn, when it comes, is passed on at once."""
        with self._lock:
            self._left = True
            if self.came.is_set():
                give_back(self._handle)

    def _wait(self) -> None:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
        except OSError as error:
            self.error = error
        with self._lock:
            if self._left:
                give_back(self._handle)
            self.came.set()


def _opened(ticket: Path) -> int:
    try:
        return os.open(ticket, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise WorkspaceError(f"the database cannot be opened for writing: {error}") from error


def _sign(handle: int, person: str) -> None:
    signature = json.dumps(
        {
            "pid": os.getpid(),
            "host": platform.node(),
            "person": person,
            "since": utc_text(datetime.now(UTC)),
        }
    )
    # A disk that is full for a signature is no reason not to write.
    with suppress(OSError):
        os.pwrite(handle, signature.encode().ljust(_SIGNATURE), 0)


def _no_queue(error: OSError) -> WorkspaceError:
    return WorkspaceError(
        f"the folder of the database keeps no file locks ({error}), so writers cannot wait for each "
        "other; move it to a disk of this machine, or use PostgreSQL"
    )
