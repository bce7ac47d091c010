"""A backup as one file: a zip archive of the folder, read back as strictly as any stranger's."""

import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from aims_core.errors import WorkspaceError
from aims_core.evidence.archive import (
    ArchiveFault,
    ArchiveLimits,
    check_entries,
    entry_chunks,
    open_archive,
)

SUFFIX = ".zip"
_LIMITS = ArchiveLimits(entries=1_000_000, entry_bytes=1 << 40, total_bytes=1 << 42, ratio=1_000)
_STORED = frozenset({"evidence", "reports"})


def pack(folder: Path, target: Path) -> None:
    """Write a folder as a zip archive, on the disk at the end; evidence is stored as it is."""
    with target.open("xb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                name = path.relative_to(folder).as_posix()
                stored = name.split("/", 1)[0] in _STORED
                archive.write(path, name, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def unpacked(backup: Path) -> Iterator[Path]:
    """Give a backup as a folder: itself, or an archive unpacked for the block.

    Raises
    ------
    WorkspaceError
        It is neither, or the archive would do harm.
    """
    if backup.is_dir():
        yield backup
        return
    with ExitStack() as opened:
        try:
            place = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="aims-backup-")))
            _unpack(backup, place)
        except FileNotFoundError as error:
            raise WorkspaceError(f"there is no backup {backup}") from error
        except (ArchiveFault, zipfile.BadZipFile, OSError) as error:
            raise WorkspaceError(f"{backup} cannot be read as a backup: {error}") from error
        yield place


def _unpack(backup: Path, place: Path) -> None:
    with backup.open("rb") as file, open_archive(file, _LIMITS) as archive:
        check_entries(archive.infolist(), _LIMITS)
        for entry in archive.infolist():
            target = place / entry.orig_filename
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as laid:
                laid.writelines(entry_chunks(archive, entry, _LIMITS))
