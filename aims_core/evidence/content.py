"""Content on disk under its SHA-256: written whole or not at all, and verified when it is read."""

import hashlib
import os
import secrets
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from aims_core.errors import WorkspaceError
from aims_core.whole_files import sync_folder

CHUNK = 1 << 20
_STAGING = ".staging"
_IN_MEMORY = 16 << 20


@dataclass(frozen=True, slots=True)
class Staged:
    """Content that lies beside the store, whole and on the disk, and is not yet part of it."""

    path: Path
    digest: str
    size: int


class ContentFolder:
    """Files named by their SHA-256, in ``<folder>/<first two digits>/<digest>``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Return where content with this digest lies, or would lie."""
        return self.folder / digest[:2] / digest

    @contextmanager
    def staged(self, chunks: Iterable[bytes]) -> Iterator[Staged]:
        """Write content beside the store for the block; what is not placed by then is removed.

        Raises
        ------
        WorkspaceError
            It cannot be written, for instance because the disk is full.
        """
        staging = self.folder / _STAGING
        temporary = staging / secrets.token_hex(16)
        try:
            try:
                staging.mkdir(parents=True, exist_ok=True)
                staged = _write(temporary, chunks)
            except OSError as error:
                raise WorkspaceError(
                    f"evidence cannot be written to {staging}: {error.strerror or error}; "
                    "make room or give yourself the right to write there"
                ) from error
            yield staged
        finally:
            temporary.unlink(missing_ok=True)

    def place(self, staged: Staged) -> None:
        """Make staged content part of the store; a bad copy is replaced.

        The name is on the disk before a record can be committed that needs it.

        Raises
        ------
        WorkspaceError
            It cannot be put there.
        """
        target = self.path(staged.digest)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            staged.path.replace(target)
            sync_folder(target.parent)
        except OSError as error:
            raise WorkspaceError(
                f"evidence cannot be written to {target}: {error.strerror or error}; "
                "make room or give yourself the right to write there"
            ) from error

    @contextmanager
    def verified(self, digest: str) -> Iterator[IO[bytes]]:
        """Give a readable copy of content whose digest was compared before the first byte is given.

        Raises
        ------
        OSError
            There is no such file, or it cannot be read.
        ValueError
            The file is no longer what its name says.
        """
        # A copy, because the file could change between the comparison and the reading.
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
            with open_regular(self.path(digest)) as file:
                found = _copied(file, copy)
            if found != digest:
                raise ValueError(f"its SHA-256 is {found} now")
            copy.seek(0)
            yield copy

    def digest_on_disk(self, digest: str) -> str:
        """Return the SHA-256 of what lies under a name.

        Raises
        ------
        OSError
            There is no such file, or it cannot be read.
        """
        with open_regular(self.path(digest)) as file:
            return _digest(file)

    def remove(self, digest: str) -> None:
        """Remove content; what is not there is no error."""
        self.path(digest).unlink(missing_ok=True)
        with suppress(OSError):  # the folder is missing, or holds other content
            self.path(digest).parent.rmdir()

    def walk(self) -> Iterator[Path]:
        """Yield every file in the folder, staged ones included."""
        for root, _, names in os.walk(self.folder):
            for name in names:
                yield Path(root) / name

    def is_staged(self, path: Path) -> bool:
        """Say whether a file lies beside the store, left by a write that did not end."""
        return path.parent == self.folder / _STAGING


def open_regular(path: Path) -> IO[bytes]:
    """Open a file for reading; pipes, devices and folders, which might never end, are refused.

    Raises
    ------
    OSError
        It is not there, is no regular file, or cannot be read.
    """
    # Not blocking: to open a pipe nobody writes to would wait for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    raise OSError(0, "it is no regular file", str(path))


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file's content piece by piece."""
    while chunk := file.read(CHUNK):
        yield chunk


def _write(path: Path, chunks: Iterable[bytes]) -> Staged:
    seen, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for chunk in chunks:
            file.write(chunk)
            seen.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    return Staged(path, seen.hexdigest(), size)


def _digest(file: IO[bytes]) -> str:
    seen = hashlib.sha256()
    for chunk in chunks_of(file):
        seen.update(chunk)
    return seen.hexdigest()


def _copied(source: IO[bytes], copy: IO[bytes]) -> str:
    seen = hashlib.sha256()
    for chunk in chunks_of(source):
        seen.update(chunk)
        copy.write(chunk)
    return seen.hexdigest()
