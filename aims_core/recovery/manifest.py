"""What a backup holds: each file with its size and SHA-256, and how far the audit trail had come."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from aims_core.canonical import canonical_json, digest_text
from aims_core.errors import WorkspaceError
from aims_core.strict import strict_json
from aims_core.whole_files import write_whole

FILE = "manifest.json"
FORMAT = "aims-backup/1"
CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptFile:
    """A file of a backup: its path in it, its size in bytes, its SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """What a backup says about itself.

    `events` and `root` are the size of the audit trail and its head; `tables` the number of rows by
    table; `schema` the revision of each component; `missing` evidence that was not there to be copied.
    `logins` are the commands that secure a restored database and give its people their logins again.
    """

    made_at: str
    made_by: str
    organisation: str
    database: str
    version: str
    events: int
    root: str
    checkpoint: int
    schema: Mapping[str, str]
    tables: Mapping[str, int]
    sequences: Mapping[str, int] = field(default_factory=dict)
    files: tuple[KeptFile, ...] = ()
    missing: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    format: str = FORMAT

    @property
    def digest(self) -> str:
        """SHA-256 over the manifest, and so over every file: keep it elsewhere, and the backup is proven."""
        return digest_text(self.text)

    @property
    def text(self) -> str:
        """The manifest as it is written; logins are left out where there are none, as they were before."""
        return canonical_json({k: v for k, v in asdict(self).items() if k != "logins" or v})


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a backup, on the disk when this returns."""
    write_whole(folder / FILE, manifest.text.encode(), replace=True)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a backup.

    Raises
    ------
    WorkspaceError
        There is none, or it is not of a form this version knows.
    """
    try:
        said = strict_json((folder / FILE).read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise WorkspaceError(
                f"{folder} is a backup of the form {str(said['format'])[:40]!r}; this version reads {FORMAT}"
            )
        files = tuple(
            KeptFile(path=str(f["path"]), size=int(f["size"]), sha256=str(f["sha256"]))
            for f in said.pop("files")
        )
        missing = tuple(map(str, said.pop("missing")))
        logins = tuple(map(str, said.pop("logins", ())))
        return Manifest(**said, files=files, missing=missing, logins=logins)
    except FileNotFoundError:
        raise WorkspaceError(
            f"{folder} is no backup: it has no {FILE}; a backup that was broken off has none either"
        ) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise WorkspaceError(f"{folder / FILE} cannot be read: {error}") from error


def copied(source: Path, folder: Path, name: str) -> KeptFile:
    """Copy a file into a backup under `name` and return it with its digest, on the disk."""
    target, found, size = folder / name, hashlib.sha256(), 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as reader, target.open("xb") as writer:
        while chunk := reader.read(CHUNK):
            found.update(chunk)
            size += len(chunk)
            writer.write(chunk)
        writer.flush()
        os.fsync(writer.fileno())
    return KeptFile(path=name, size=size, sha256=found.hexdigest())


def kept(folder: Path, name: str) -> KeptFile:
    """Return a file of a backup as it is found there."""
    found, size = hashlib.sha256(), 0
    with (folder / name).open("rb") as reader:
        while chunk := reader.read(CHUNK):
            found.update(chunk)
            size += len(chunk)
    return KeptFile(path=name, size=size, sha256=found.hexdigest())
