"""Files that are there whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aims_core import WorkspaceError


@contextmanager
def written_beside(target: Path, body: bytes) -> Iterator[Path]:
    """Write `body` to a file beside `target`, for :func:`put_in_place`; what is left is removed.

    Yields
    ------
    Path
        The waiting file, complete and on disk.

    Raises
    ------
    WorkspaceError
        The folder is missing or cannot be written to.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.stem[:40]}-", dir=target.parent)
    except OSError as error:
        raise _unwritable(target, error) from error
    waiting = Path(name)
    try:
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            waiting.chmod(0o644)
        except OSError as error:
            raise _unwritable(target, error) from error
        yield waiting
    finally:
        waiting.unlink(missing_ok=True)


def ready(folder: Path) -> Path:
    """Return the folder, made where it is missing.

    Raises
    ------
    WorkspaceError
        It cannot be made.
    """
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return folder


def put_in_place(waiting: Path, target: Path) -> None:
    """Let `waiting` take the place of `target` in one step.

    Raises
    ------
    WorkspaceError
        The file system refuses, for instance because `target` is a folder.
    """
    try:
        waiting.replace(target)
    except OSError as error:
        raise _unwritable(target, error) from error


def _unwritable(target: Path, error: OSError) -> WorkspaceError:
    return WorkspaceError(
        f"the report cannot be written to {target}: {error.strerror or error}; "
        "choose a file in a folder that exists and that you may write to"
    )
