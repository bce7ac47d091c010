"""What every program of this folder shares: its columns, its files, and how its work is measured.

Only the standard library, as each program runs in an environment of its own. A program is called with the
name of what it is to do and the Parquet files it is about; its last line of output is JSON.
"""

import json
import resource
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

NUMBERS = [f"number_{i:02d}" for i in range(12)]
WORDS = [f"word_{i}" for i in range(8)]
FEATURES = [*NUMBERS, *WORDS]
GROUPS = ["sex", "age_band"]


class Job:
    """One piece of work of one tool: importing, loading and computing, told apart."""

    def __init__(self) -> None:
        self.asked, self.reference, self.current = sys.argv[1:4]
        self._marks = [(perf_counter(), processor_seconds())]

    def mark(self) -> None:
        """Say that a part is done: first importing, then loading."""
        self._marks.append((perf_counter(), processor_seconds()))

    def done(self, values: Mapping[str, Any], packages: Sequence[str]) -> None:
        """Print what it cost and what came out."""
        self.mark()
        (_, born), (_, imported) = self._marks[:2]
        (before, busy), (now, total) = self._marks[-2:]
        said = {
            "cpu": total - busy,
            "wall": now - before,
            "importing": imported - born,
            "preparing": busy - imported,
            "peak": peak_memory(),
            "versions": {name: version(name) for name in packages},
            "values": {name: float(value) for name, value in values.items()},
        }
        print(json.dumps(said))


def processor_seconds() -> float:
    """Return user and system time of this process and of its children that have ended."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, who))


def peak_memory() -> float:
    """Return the greatest resident memory of this process so far in MB.

    From Linux: ``ru_maxrss`` starts from that of the parent.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
