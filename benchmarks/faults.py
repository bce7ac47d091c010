"""Faults in their long form: how often each was tried, and what was lost (goal: nothing).

Runs tests/faults with AIMS_NIGHTLY=1 (without, with --quick) and prints the figures they note. A figure
is noted before it is asserted, so a loss shows here as well as in the failed test.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from figures import Figure, show

FAULTS = Path(__file__).resolve().parents[1] / "tests" / "faults"
_MOST = {
    "kills of a writer": 200,
    "kills of the server": 20,
    "acts acknowledged before a kill of the server": None,
    "rounds of 8 on one decision": 1_000,
    "power cuts": 1_000,
    "signals while writing": 1_000,
    "moments at which an act failed": 1_000,
    "the core: acts that failed": 60,
    "the plugins: acts that failed": 25,
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
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        noted = Path(folder) / "figures.jsonl"
        code = _run(noted, quick=chosen.quick, database=chosen.database)
        lines = noted.read_text(encoding="utf-8").splitlines() if noted.exists() else []
    figures = [_figure(*json.loads(line), quick=chosen.quick) for line in lines]
    missed = show(figures, chosen.json) if figures else 1
    return missed or code


def _run(noted: Path, *, quick: bool, database: str | None) -> int:
    environment = {k: v for k, v in os.environ.items() if k != "AIMS_NIGHTLY"}
    environment["AIMS_FAULT_FIGURES"] = str(noted)
    if not quick:
        environment["AIMS_NIGHTLY"] = "1"
    command = [sys.executable, "-m", "pytest", "-q", str(FAULTS)]
    if database:
        command += ["-k", database]
    return subprocess.run(command, env=environment, check=False).returncode


def _figure(name: str, value: float, *, quick: bool) -> Figure:
    kind = next((kind for kind in _MOST if name.endswith(kind)), None)
    if kind is None:
        return Figure(name=name, value=value, unit="", goal=0)
    goal = None if quick else _MOST[kind]
    return Figure(name=name, value=value, unit="", goal=goal, at_least=True)


if __name__ == "__main__":
    sys.exit(main())
