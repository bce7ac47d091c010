"""Where the file of a workspace lies: a disk of this machine, or a folder that comes over the network.

SQLite coordinates writers by file locks, and its write-ahead log by memory that all of them share. Over a
network neither can be relied on: files get damaged without a word (https://www.sqlite.org/useovernet.html).
"""

import logging
import re
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from aims_core.db.ticket import TurnNotCome, give_back, take_lock
from aims_core.errors import WorkspaceError

MOUNTS = Path("/proc/self/mountinfo")
ALONE = "alone"
"""The value of ``[database] network_folder`` by which one process at a time may use such a folder."""

_OVER_THE_NETWORK = frozenset(
    {
        *(
            "acfs",
            "afs",
            "afpfs",
            "beegfs",
            "ceph",
            "cifs",
            "coda",
            "davfs",
            "gfs",
            "gfs2",
            "glusterfs",
        ),
        *(
            "gpfs",
            "lustre",
            "ncpfs",
            "nfs",
            "nfs3",
            "nfs4",
            "ocfs2",
            "orangefs",
            "pvfs2",
            "smb3",
            "smbfs",
        ),
        *(
            "fuse.beegfs",
            "fuse.ceph",
            "fuse.davfs",
            "fuse.davfs2",
            "fuse.gcsfuse",
            "fuse.glusterfs",
        ),
        *(
            "fuse.goofys",
            "fuse.hdfs",
            "fuse.juicefs",
            "fuse.mfs",
            "fuse.rclone",
            "fuse.s3fs",
            "fuse.sshfs",
        ),
        "wekafs",
    }
)
# Folders of the host in a virtual machine: what lies behind them cannot be seen from within.
_FROM_OUTSIDE = frozenset({"9p", "prl_fs", "vboxsf", "virtiofs", "vmhgfs"})
_OF_THIS_MACHINE = frozenset({"fuse.fuse-overlayfs", "fuse.ntfs-3g", "fuse.ext2"})
_ESCAPED = re.compile(r"\\([0-7]{3})")
_log = logging.getLogger("aims.db")
_lock = threading.Lock()
_held: dict[Path, int] = {}
_users: Counter[Path] = Counter()


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a file lies: ``local``, ``network``, ``unsure`` or ``unknown``; and the system's name for it.

    ``unsure`` are kinds of folders that may come over the network, ``unknown`` is all where the system
    does not say.
    """

    kind: str
    filesystem: str = ""


def place_of(file: Path) -> Place:
    """Return where a file lies or would be made; unknown where the system does not say (not Linux)."""
    try:
        mounts = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
        target = file.resolve()
    except OSError:
        return Place(kind="unknown")
    found, depth = "", -1
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        fields, kind = left.split(), right.split(" ", 1)[0]
        if len(fields) > 4:  # noqa: PLR2004 - the fifth field is the mount point, man 5 proc
            point = Path(_ESCAPED.sub(lambda m: chr(int(m[1], 8)), fields[4]))
            # Of two on the same folder the later one hides the earlier.
            if target.is_relative_to(point) and len(point.parts) >= depth:
                found, depth = kind, len(point.parts)
    return Place(kind=_kind(found), filesystem=found)


def refuse_network(file: Path, place: Place, *, alone: bool) -> None:
    """Refuse a database file on a network folder, unless one process at a time is to use it.

    Raises
    ------
    WorkspaceError
        The file lies on a network folder; the message says what would help.
    """
    if place.kind == "network" and not alone:
        raise WorkspaceError(
            f"{file} lies on a network folder ({place.filesystem}), where SQLite can be damaged as soon as "
            "two people write. Use PostgreSQL for several people ([database] url in aims.toml), move the "
            "workspace to a disk of this machine, or, if only one process at a time will ever use it, "
            f'write network_folder = "{ALONE}" under [database] in aims.toml'
        )
    if place.kind == "network":
        _log.warning(
            "%s lies on a network folder (%s); one process at a time may use it, and a break of the "
            "network may damage it: back it up (aims backup), or use PostgreSQL",
            file.name,
            place.filesystem,
        )
    elif place.kind == "unsure":
        _log.warning(
            "%s lies on a folder of the kind %s; if that comes over the network, use PostgreSQL",
            file.name,
            place.filesystem,
        )


def occupy(file: Path) -> None:
    """Have this process be the only one that uses a file, until :func:`vacate` was called as often.

    Raises
    ------
    WorkspaceError
        Another process uses it; the message names it.
    """
    sign = file.with_name(file.name + ".alone")
    with _lock:
        if not _users[file]:
            try:
                _held[file] = take_lock(sign, patience=0)
            except TurnNotCome as error:
                raise WorkspaceError(
                    f"{file} lies on a network folder and is in use by {error.holder or 'another process'}; "
                    "only one process at a time may use it there. End that one, or use PostgreSQL"
                ) from error
        _users[file] += 1


def vacate(file: Path) -> None:
    """Let others use the file again."""
    with _lock:
        _users[file] -= 1
        if not _users[file]:
            give_back(_held.pop(file))


def _kind(filesystem: str) -> str:
    if not filesystem:
        return "unknown"
    if filesystem in _OVER_THE_NETWORK:
        return "network"
    fuse = filesystem.startswith("fuse.") and filesystem not in _OF_THIS_MACHINE
    return "unsure" if fuse or filesystem in _FROM_OUTSIDE else "local"
