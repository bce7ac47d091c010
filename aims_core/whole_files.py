"""Files that are there whole or not at all, also on a disk without room and when somebody presses Stop.

What is written lies under a hidden name beside its own until it is complete and on the disk.
"""

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NAME = 40
_NO_LINKS = frozenset(
    getattr(errno, name, errno.EPERM)
    for name in ("EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK", "EINVAL")
)
"""What file systems answer that know no second name for a file (FAT, some network folders)."""
_NO_FOLDER_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


def write_whole(path: Path, content: bytes, *, replace: bool = False, mode: int = 0o666) -> None:
    """Write a file so that it is there whole or not at all, on the disk when this returns.

    Parameters
    ----------
    path : Path
        The file. Its folder must exist.
    replace : bool
        Let it take the place of a file that is there, in one step: whoever reads meets the older one or
        the newer one. A link is followed. By default nothing may lie there.
    mode : int
        Rights of a new file, as ``open()`` understands them: less what the umask takes. A file that
        replaces another one has the rights of that.

    Raises
    ------
    FileExistsError
        Something lies there, and `replace` was not said.
    OSError
        It cannot be written (no room, no right, no such folder), or what lies there is no regular file.
        What was there is as it was then, and nothing is left beside it, also when interrupted.

    Notes
    -----
    Where a file system knows no second name for a file (FAT, some network folders), a new file is put in
    place by looking first and renaming then: somebody who writes the same name in between loses theirs.
    In a folder from which nothing may be removed (append-only), new files are whole all the same, and
    their hidden names stay beside them.
    """
    if not replace:
        _refuse_taken(path)  # before room is asked for: who finds the file there may not need any
    with written_beside(path, content, replace=replace, mode=mode) as waiting:
        put_in_place(waiting, path, replace=replace)


@contextmanager
def written_beside(
    path: Path, content: bytes, *, replace: bool = False, mode: int = 0o666
) -> Iterator[Path]:
    """Write a hidden file beside `path`, for :func:`put_in_place` in the block; what is left is removed.

    For whoever must know that there is room before something else is done. Parameters as of
    :func:`write_whole`.

    Yields
    ------
    Path
        The waiting file, complete and on the disk.

    Raises
    ------
    OSError
        It cannot be written.
    """
    with hidden_beside(path) as waiting:
        with _about(path):
            older = _rights(path) if replace else None
            write_synced(waiting, content, mode=mode if older is None else older)
            if older is not None and os.name == "posix":
                waiting.chmod(older)  # what the umask took from it
        yield waiting


@contextmanager
def hidden_beside(path: Path) -> Iterator[Path]:
    """Give an unused hidden name beside `path` for the block; what lies under it at the end is removed.

    For files and folders too large to be held in memory: they are made under it, synced, and put in
    place.
    """
    path = _followed(path).absolute()
    hidden = path.with_name(f".{path.name[:_NAME]}.{secrets.token_hex(8)}")
    try:
        yield hidden
    finally:
        _remove(hidden)


def put_in_place(waiting: Path, path: Path, *, replace: bool = False) -> None:
    """Give what waits under a hidden name its own, in one step, on the disk when this returns.

    Parameters
    ----------
    waiting : Path
        A file or folder on the same file system, complete and on the disk.
    replace : bool
        A file that is there gives way. By default nothing may lie there but, for a folder, an empty one.

    Raises
    ------
    FileExistsError
        Something lies there, and `replace` was not said.
    OSError
        The file system refuses, or what lies there is no regular file; it is as it was then.
    """
    if waiting.is_dir():
        with _about(path):
            if os.name == "nt" and path.is_dir():
                path.rmdir()  # Windows renames onto nothing only
            waiting.rename(path)
    elif replace:
        path = _followed(path)
        with _about(path):
            _rights(path)
            waiting.replace(path)
    else:
        _refuse_taken(path)
        with _about(path):
            _link(waiting, path)
    try:
        sync_folder(path.parent)
    except OSError:
        if not replace:
            _remove(path)
        raise


def write_synced(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Write a new file, on the disk when this returns; only for what lies under a hidden name.

    Raises
    ------
    OSError
        Something lies there, or it cannot be written; a part of it may be there then.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have the disk keep the names in a folder; Windows cannot open folders and does so by itself.

    A folder that may be written to and not be read is left to its file system.

    Raises
    ------
    OSError
        The disk does not keep them.
    """
    if os.name == "nt":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # one may lay files there and not look: a letter box
        return
    try:
        os.fsync(handle)
    except OSError as error:
        # A file system that has no such thing keeps names its own way.
        if error.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(handle)


def _link(waiting: Path, path: Path) -> None:
    """Give a file a second name, which fails where one lies, and take the first from it."""
    try:
        os.link(waiting, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _refuse_taken(path)
        waiting.rename(path)
    else:
        _remove(waiting)


def _refuse_taken(path: Path) -> None:
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def _rights(path: Path) -> int | None:
    """Return the rights of the file that gives way, None where there is none."""
    try:
        found = path.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found):  # /dev/null, a pipe: to be written into, never to be replaced
        raise OSError(errno.EINVAL, "it is no regular file")
    return stat.S_IMODE(found)


def _followed(path: Path) -> Path:
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
        return
    # Where files may be laid and never be removed, as an anchor's keeper may have it, the name stays.
    with suppress(PermissionError):
        path.unlink(missing_ok=True)


@contextmanager
def _about(path: Path) -> Iterator[None]:
    """Have an error name the file that was asked for: nobody knows the hidden one."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
