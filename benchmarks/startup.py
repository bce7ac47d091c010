"""What it costs to start: ``import aims_core`` and ``aims --help`` against ``python -c pass``.

The three are run in turn, round after round, so that a busy machine slows all of them alike;
medians are compared. CPU time of the child is the figure to trust, wall time stands beside it.

    python benchmarks/startup.py [--quick] [--json FILE]
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

COMMANDS: Mapping[str, Sequence[str]] = {
    "python -c pass": ("-c", "pass"),
    "import aims_core": ("-c", "import aims_core"),
    "aims --help": ("-c", "from aims_core.cli import main; main(['--help'])"),
    "aims --no-plugins --help": (
        "-c",
        "from aims_core.cli import main; main(['--no-plugins', '--help'])",
    ),
}
GOALS_CPU_MS: Mapping[str, float] = {
    "import aims_core": 40.0,
    "aims --help": 150.0,
    "aims --no-plugins --help": 150.0,
}
"""Milliseconds of CPU above ``python -c pass`` that each may take."""


def measure(arguments: Sequence[str]) -> tuple[float, float]:
    """Return the CPU and wall milliseconds of one fresh interpreter."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu * 1000, wall * 1000


def run(rounds: int) -> list[dict[str, Any]]:
    """Return the figures of all commands, measured in turn."""
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for arguments in COMMANDS.values():
        measure(arguments)  # a first run fills the disk's cache and writes byte code
    for _ in range(rounds):
        for name, arguments in COMMANDS.items():
            seen[name].append(measure(arguments))
    middle = {
        name: tuple(statistics.median(one[i] for one in figures) for i in (0, 1))
        for name, figures in seen.items()
    }
    base_cpu, base_wall = middle["python -c pass"]
    figures = [
        figure("python -c pass, CPU", base_cpu, None),
        figure("python -c pass, wall", base_wall, None),
    ]
    for name, goal in GOALS_CPU_MS.items():
        cpu, wall = middle[name]
        figures += [
            figure(f"{name}, CPU above python", cpu - base_cpu, goal),
            figure(f"{name}, wall above python", wall - base_wall, None),
        ]
    return figures


def figure(name: str, value: float, goal: float | None) -> dict[str, Any]:
    """Return one figure in the form that all benchmarks share."""
    ok = None if goal is None else value <= goal
    return {"name": name, "value": round(value, 1), "unit": "ms", "goal": goal, "ok": ok}


def main() -> int:
    """Print the figures and return 1 when one misses its goal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="5 rounds instead of 25")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args()
    figures = run(5 if chosen.quick else 25)
    for one in figures:
        goal = "" if one["goal"] is None else f"  (goal {one['goal']:g}: {_verdict(one)})"
        print(f"{one['name']:<42}{one['value']:>9.1f} {one['unit']}{goal}")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0 if all(one["ok"] is not False for one in figures) else 1


def _verdict(one: Mapping[str, Any]) -> str:
    return "kept" if one["ok"] else "missed"


if __name__ == "__main__":
    sys.exit(main())
