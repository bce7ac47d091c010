"""A small real disk that has no room left while files are written to it; tells what came of it as JSON.

It is mounted where this process and its children alone see it; where that is not allowed, it says so.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import traceback
from pathlib import Path

_DISK, _NAMES = 24 << 20, 300
_PAGE = 4_096
_FEW = 5
_ALONE = (("unshare", "--map-root-user", "--mount"), ("unshare", "--mount"))
_UNPLAIN = re.compile(r"Errno|Traceback|\w+Error\b|\.[0-9a-f]{16}")


class Disk:
    """A disk whose room can be taken away: `place` is the folder for files, the ballast lies beside it."""

    def __init__(self, folder):
        options = f"size={_DISK},nr_inodes={_NAMES}"
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        subprocess.run(command, check=True, capture_output=True)
        self._folder, self.place, self._ballast = folder, folder / "place", folder / "ballast"

    def free(self):
        """Return the room there is, in bytes and in names."""
        told = os.statvfs(self._folder)
        return told.f_bfree * told.f_bsize, told.f_ffree

    def leave(self, kind, amount):
        """Leave so many bytes, or names for so many files."""
        self._ballast.mkdir()
        if kind == "bytes":
            with (self._ballast / "weight").open("xb") as file:
                if (weight := self.free()[0] - amount) > 0:
                    os.posix_fallocate(file.fileno(), 0, weight)
        else:
            for number in range(self.free()[1] - amount):
                (self._ballast / str(number)).touch()

    def clear(self):
        """Give the room back."""
        shutil.rmtree(self._ballast, ignore_errors=True)

    def empty(self):
        """Leave nothing on the disk but an empty `place`."""
        self.clear()
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir()

    def files(self):
        """Return every file with its content, and every hidden folder."""
        return {
            path.relative_to(self.place).as_posix(): path.read_bytes() if path.is_file() else None
            for path in self.place.rglob("*")
            if path.is_file() or path.name.startswith(".")
        }


def tried(disk, writing, amounts):
    """Try one writing with each amount of room and return what came of it."""
    told = {"tried": 0, "refused": 0, "done": 0, "faults": []}
    disk.empty()
    before = disk.free()[0]
    _laid(disk, writing)
    writing.write(disk.place)
    need = before - disk.free()[0]
    for kind, amount in _rooms(need, writing, amounts):
        _try(disk, writing, (kind, amount), told)
    _try(disk, writing, ("bytes", _DISK), told)  # with room again it goes through
    if not told["done"]:
        told["faults"].append("it does not go through where there is room")
    return told


def _rooms(need, writing, amounts):
    pages = -(-need // _PAGE)
    few = [0, pages // 2, pages - 1] if writing.heavy else [0, 1, pages // 2, pages - 1, pages]
    spread = few if amounts <= _FEW else range(0, 3 * pages, max(1, 3 * pages // amounts))
    yield from (("bytes", page * _PAGE) for page in sorted({p for p in spread if p >= 0}))
    yield from (("names", names) for names in ((0,) if writing.heavy else (0, 1, 2)))


def _laid(disk, writing):
    disk.empty()
    if writing.older is not None:
        (disk.place / writing.target).write_bytes(writing.older)
    return disk.files()


def _try(disk, writing, room, told):
    from aims_core import AimsError

    before = _laid(disk, writing)
    disk.leave(*room)
    told["tried"] += 1
    try:
        writing.write(disk.place)
    except AimsError as error:
        told["refused"] += 1
        after = disk.files()
        changed = sorted(
            name
            for name in before.keys() | after.keys()
            if before.get(name, 0) != after.get(name, 0) and not writing.may_stay(name, after)
        )
        if changed:
            told["faults"].append(f"{room}: refused, but changed: {changed}")
        if _UNPLAIN.search(str(error)) or len(str(error)) < 40:
            told["faults"].append(f"{room}: in no plain words: {error}")
        told["said"] = str(error)
    except Exception as error:  # noqa: BLE001 - whatever else it meets is the finding
        said = "".join(traceback.format_exception(error)[-3:])
        told["faults"].append(f"{room}: {said}")
    else:
        told["done"] += 1
        disk.clear()
        if hidden := [name for name in disk.files() if "/." in f"/{name}"]:
            told["faults"].append(f"{room}: done, but left: {hidden}")
        if not writing.whole(disk.place / writing.target):
            told["faults"].append(f"{room}: done, but not whole")
    disk.clear()


def _alone(arguments):
    """Start this program anew where it may mount a disk; return why that cannot be."""
    for command in _ALONE:
        probe = [*command, "mount", "-t", "tmpfs", "tmpfs", arguments[0]]
        try:
            found = subprocess.run(probe, check=False, capture_output=True, text=True)
        except OSError as error:
            return f"unshare cannot be started: {error.strerror}"
        if found.returncode == 0:
            os.execvp(command[0], [*command, sys.executable, __file__, *arguments, "mounted"])  # noqa: S606 - this program
    return f"no disk may be mounted here: {found.stderr.strip()}"


def main(folder, amounts, mounted=""):
    """Try every writing, or tell why no disk can be had."""
    if not mounted:
        sys.stdout.write(json.dumps({"missing": _alone([folder, amounts])}))
        return
    from writings import writings

    place = Path(folder).resolve()
    (place / "disk").mkdir()
    disk, told = Disk(place / "disk"), {}
    for writing in writings(place):
        told[writing.name] = tried(disk, writing, int(amounts))
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
