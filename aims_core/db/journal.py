"""The journal of a SQLite file: write-ahead log where the library is sound, rollback journal elsewhere."""

from dataclasses import dataclass
from typing import Any

from aims_core.db.library import SqliteLibrary
from aims_core.errors import WorkspaceError

WAL = "wal"
_SWITCH_MS = 2_000
_IN_USE_ELSEWHERE = (
    "the database is in write-ahead-log mode, which a network folder does not carry, and others have it "
    "open; close the others and try again"
)
_SYNC = {0: "off", 1: "normal", 2: "full", 3: "extra"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Journal:
    """How the file of a workspace keeps its transactions, and which library decides so."""

    library: str
    mode: str
    synchronous: str
    note: str = ""


def settle(
    cursor: Any, library: SqliteLibrary, *, choose: bool, shared_memory: bool = True
) -> None:
    """Have a fresh connection keep every acknowledged commit, in the mode that its library can be trusted in.

    Parameters
    ----------
    choose : bool
        True when the file may be moved to the write-ahead log (while its schema is brought up to
        date); otherwise it is only ever moved away from it.
    shared_memory : bool
        False on a network folder, where the write-ahead log cannot be used.

    Raises
    ------
    WorkspaceError
        The file is in write-ahead-log mode, which cannot be used here, and others have it open.
    """
    # Like FULL, and it also syncs the folder where a journal is deleted: the one mode of a rollback
    # journal that would otherwise lose acknowledged commits in a power cut.
    cursor.execute("PRAGMA synchronous=EXTRA")
    # Memory-mapped pages turn a passing fault of the log into a lasting one.
    cursor.execute("PRAGMA mmap_size=0")
    mode = mode_of(cursor)
    usable = library.trusts_wal and shared_memory
    if usable and (mode == WAL or (choose and _moved(cursor, WAL))):
        return
    if not _moved(cursor, "truncate"):
        raise WorkspaceError(_in_use(library) if shared_memory else _IN_USE_ELSEWHERE)


def refuse_wal(cursor: Any, library: SqliteLibrary) -> None:
    """Raise when another program moved the file to the log under an affected library's feet."""
    if not library.trusts_wal and mode_of(cursor) == WAL:
        raise WorkspaceError(_in_use(library))


def mode_of(cursor: Any) -> str:
    """Return the journal mode of the file, such as ``wal`` or ``truncate``."""
    return str(cursor.execute("PRAGMA journal_mode").fetchone()[0]).lower()


def describe(cursor: Any, library: SqliteLibrary) -> Journal:
    """Return how the file stands, in words for ``aims db status``."""
    synchronous = _SYNC[int(cursor.execute("PRAGMA synchronous").fetchone()[0])]
    mode, note = mode_of(cursor), ""
    if not library.trusts_wal:
        note = (
            "this SQLite can damage a write-ahead log (fixed in 3.51.3), so the rollback journal is used; "
            "writing waits for readers: install aims-core[sqlite], then run `aims db upgrade`"
        )
    elif mode != WAL:
        note = "run `aims db upgrade` while nobody else works to move to the write-ahead log"
    return Journal(library=library.name, mode=mode, synchronous=synchronous, note=note)


def _moved(cursor: Any, mode: str) -> bool:
    before = int(cursor.execute("PRAGMA busy_timeout").fetchone()[0])
    cursor.execute(f"PRAGMA busy_timeout={_SWITCH_MS}")
    try:
        return bool(cursor.execute(f"PRAGMA journal_mode={mode}").fetchone()[0] == mode)
    except Exception as error:
        if "locked" in str(error):
            return False
        raise
    finally:
        cursor.execute(f"PRAGMA busy_timeout={before}")


def _in_use(library: SqliteLibrary) -> str:
    return (
        f"the database is in write-ahead-log mode, which {library.name} can damage (fixed in 3.51.3), "
        "and others have it open; install aims-core[sqlite], or close the others and try again"
    )
