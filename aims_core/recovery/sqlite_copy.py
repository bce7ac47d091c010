"""A SQLite database copied while others write: one consistent state, checked page by page.

``VACUUM INTO`` reads in one transaction and writes a compact file: content that was erased does not
travel along in free pages. A copy in steps (``backup(pages=n)``) starts anew with every foreign commit and
never ends while people work; a copy of the file alone leaves the write-ahead log behind.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aims_core.db.library import sqlite_library
from aims_core.db.ticket import write_ticket
from aims_core.errors import WorkspaceError
from aims_core.whole_files import sync_folder

_BUSY_S = 30.0


def copy_out(database: Path, target: Path) -> None:
    """Write a consistent copy of a database to `target`, which must not exist; on the disk at the end.

    Raises
    ------
    WorkspaceError
        The copy is damaged, so the database is, or it cannot be written.
    """
    library = sqlite_library().module
    source = library.connect(str(database), isolation_level=None, timeout=_BUSY_S)
    try:
        source.execute("VACUUM INTO ?", (str(target),))
    except library.Error as error:
        target.unlink(missing_ok=True)
        raise WorkspaceError(
            f"{database} cannot be copied: {error}; make room where the copy is to lie"
        ) from error
    finally:
        source.close()
    _to_disk(target)
    check_pages(target)


def copy_in(source: Path, database: Path, *, holder: str) -> None:
    """Replace the content of a database by that of another, in one transaction, for all who have it open.

    Raises
    ------
    WorkspaceError
        Others keep the database busy, or it cannot be written; then it is as it was.
    """
    library = sqlite_library().module
    reader = library.connect(str(source), isolation_level=None)
    writer = library.connect(str(database), isolation_level=None, timeout=_BUSY_S)
    try:
        with write_ticket(database, holder=holder):
            writer.execute("PRAGMA synchronous=EXTRA")
            reader.backup(writer, pages=-1)
    except library.Error as error:
        raise WorkspaceError(
            f"{database} cannot be replaced: {error}; end what others do with it and try again"
        ) from error
    finally:
        reader.close()
        writer.close()
    check_pages(database)


@contextmanager
def reading(database: Path) -> Iterator[sa.Connection]:
    """Open a copy for reading, as it lies there: no journal, no lock, nothing written beside it."""
    library, uri = sqlite_library().module, f"{database.absolute().as_uri()}?mode=ro&immutable=1"
    engine = sa.create_engine(
        "sqlite://",
        module=library,
        creator=lambda: library.connect(uri, uri=True),
        poolclass=sa.NullPool,
    )
    with engine.connect() as connection:
        yield connection


def check_pages(database: Path) -> None:
    """Check every page of a database file, and every reference.

    Raises
    ------
    WorkspaceError
        It is damaged; the message says where.
    """
    library = sqlite_library().module
    connection = library.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
    try:
        faults = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
        faults += [
            f"row {row[1]} of {row[0]} lacks its parent in {row[2]}"
            for row in connection.execute("PRAGMA foreign_key_check").fetchmany(5)
        ]
    except library.Error as error:
        faults = [str(error)]
    finally:
        connection.close()
    if faults != ["ok"]:
        told = "; ".join(fault for fault in faults if fault != "ok")
        raise WorkspaceError(f"{database} is damaged: {told}")


def rows_by_table(database: Path) -> dict[str, int]:
    """Return the number of rows of each table."""
    connection: Any = sqlite_library().module.connect(
        f"{database.absolute().as_uri()}?mode=ro", uri=True
    )
    try:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        names = sorted(row[0] for row in connection.execute(query))
        return {
            name: int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])
            for name in names
        }
    finally:
        connection.close()


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    sync_folder(path.parent)
