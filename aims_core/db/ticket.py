"""A queue for writers to one SQLite file: first come, first served, held only while writing.

SQLite itself lets waiting writers race, and under load some wait very long; the operating system's
file lock wakes them in turn.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aims_core.errors import WorkspaceError

try:
    import fcntl
except (
    ImportError
):  # Windows has no flock; SQLite's own lock with its busy timeout then stands alone.
    fcntl = None  # type: ignore[assignment]


@contextmanager
def write_ticket(database: Path | None) -> Iterator[None]:
    """Wait for the turn to write to `database`, and give it up at the end; None waits for nothing."""
    if database is None or fcntl is None:
        yield
        return
    ticket = database.with_name(database.name + ".ticket")
    try:
        handle = os.open(ticket, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise WorkspaceError(f"the database cannot be opened for writing: {error}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
