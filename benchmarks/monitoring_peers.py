"""What monitoring costs beside other tools, and whether the figures agree.

Each tool runs in an environment and a process of its own, in turn with ours, round after round; medians
are compared. Processor time (user and system, children too) is what counts; wall time stands beside it.
Theirs leaves out loading, which they do with pandas before; ours includes reading the files. The
small form measures on 100,000 rows what is installed already.

    python benchmarks/monitoring_peers.py [--quick] [--json FILE] [--cache FOLDER] [--rounds N]
        [--only PEER ...]
"""

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from figures import Figure, middle, show
from peers.agreement import agreement
from peers.environments import ENVIRONMENTS, ROOT, ran
from peers.prediction_log import write_logs

PROGRAMS = Path(__file__).with_name("peers")
FULL, SMALL = 1_000_000, 100_000
SPARK_ROWS = 10_000_000
# A run of ours takes a hundredth of theirs, so it is taken more often.
OWN_RUNS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """A job of ours and of a peer; `goal` is how many times our processor time it should take."""

    name: str
    own: str
    environment: str
    program: str
    job: str
    goal: float
    runs: list[dict[str, Any]] = field(default_factory=list)


COMPARISONS = tuple(
    Comparison(name=name, own=own, environment=where, program=program, job=job, goal=goal)
    for name, own, where, program, job, goal in (
        ("scipy", "drift", "scipy", "run_scipy.py", "drift", 15),
        ("nannyml CBPE", "estimate", "nannyml", "run_nannyml.py", "estimate", 30),
        ("aequitas", "fairness", "aequitas", "run_aequitas.py", "fairness", 3),
        ("nannyml", "drift", "nannyml", "run_nannyml.py", "drift", 55),
        ("whylogs", "drift", "whylogs", "run_whylogs.py", "drift", 55),
        ("evidently psi", "drift", "evidently", "run_evidently.py", "psi", 50),
        ("evidently default", "drift", "evidently", "run_evidently.py", "default", 100),
        ("fairlearn", "fairness", "fairlearn", "run_fairlearn.py", "fairness", 2_000),
    )
)

EVERYONE = (*dict.fromkeys(one.environment for one in COMPARISONS), "spark")


def job(python: Path, program: str, *arguments: str) -> dict[str, Any] | str:
    """Return what a program said about itself, or the last line of why it failed."""
    done = ran([str(python), str(PROGRAMS / program), *arguments])
    if done.returncode:
        return (done.stderr.strip() or "it said nothing").splitlines()[-1][:200]
    said: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return said


def measure(
    cache: Path, paths: tuple[Path, Path], rounds: int, only: Sequence[str], *, install: bool
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, str]]:
    """Run all comparisons in turn; return our runs by job, and why a comparison could not be made."""
    files = [str(path) for path in paths]
    chosen = [one for one in COMPARISONS if one.environment in only]
    obstacles = {
        c.name: reason
        for c in chosen
        if (reason := ENVIRONMENTS[c.environment].obstacle(cache, install=install))
    }
    own: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for turn in range(rounds):
        for one in chosen:
            if one.name in obstacles:
                continue
            for _ in range(OWN_RUNS):
                said = job(Path(sys.executable), "own.py", one.own, *files)
                if isinstance(said, str):
                    raise SystemExit(f"our own {one.own} failed: {said}")
                own[one.own].append(said)
            python = ENVIRONMENTS[one.environment].python(cache)
            theirs = job(python, one.program, one.job, *files)
            if isinstance(theirs, str):
                obstacles[one.name] = theirs
            else:
                one.runs.append(theirs)
                told = f"{theirs['cpu']:.2f} s of CPU, ours {of(own[one.own], 'cpu'):.3f} s"
                print(f"round {turn + 1} of {rounds}: {one.name}, {told}", file=sys.stderr)
    return own, obstacles


def of(runs: list[dict[str, Any]], what: str) -> float:
    """Return the median of a measured quantity."""
    return middle([run[what] for run in runs])


def costs(own: list[dict[str, Any]], one: Comparison, *, full: bool) -> list[Figure]:
    """Return the figures of a comparison: ratios first."""
    goal = one.goal if full else None
    ratios = {what: of(one.runs, what) / of(own, what) for what in ("cpu", "wall")}
    return [
        Figure(
            name=f"{one.name}: CPU", value=ratios["cpu"], unit="x ours", goal=goal, at_least=True
        ),
        Figure(name=f"{one.name}: wall", value=ratios["wall"], unit="x ours"),
        Figure(name=f"{one.name}: CPU of a run", value=of(one.runs, "cpu"), unit="s"),
        Figure(name=f"{one.name}: peak memory", value=of(one.runs, "peak"), unit="MB"),
        Figure(name=f"{one.name}: importing", value=of(one.runs, "importing"), unit="CPU s"),
    ]


def own_costs(own: dict[str, list[dict[str, Any]]]) -> list[Figure]:
    """Return what our own jobs cost."""
    return [
        Figure(name=f"ours, {name}: {title}", value=of(runs, what), unit=unit)
        for name, runs in own.items()
        for title, what, unit in (
            ("CPU of a run", "cpu", "s"),
            ("CPU before it: the layout of a monitor", "preparing", "s"),
            ("wall", "wall", "s"),
            ("peak memory", "peak", "MB"),
            ("importing", "importing", "CPU s"),
        )
    ]


def spark(cache: Path, folder: Path, *, quick: bool) -> list[Figure]:
    """Return how long Spark takes on two cores, and whether it counts the same."""
    rows = SMALL if quick else SPARK_ROWS
    name = f"Spark local[2], 2 x {rows:,} rows"
    goal = None if quick else 8.0
    where = ENVIRONMENTS["spark"]
    said: dict[str, Any] | str = where.obstacle(cache, install=not quick)
    if not said:
        files = (str(path) for path in write_logs(folder, rows))
        said = job(where.python(cache), "own_spark.py", "drift", *files)
    if isinstance(said, str):
        print(f"not measured: Spark, as {said}")
        return [] if quick else [Figure(name=name, value=None, unit="s", goal=goal)]
    print("spark:", ", ".join(f"{k} {v}" for k, v in said["versions"].items()))
    return [
        Figure(name=name, value=said["spark"], unit="s", goal=goal),
        Figure(name=f"{name}, in this process", value=said["embedded"], unit="s"),
        Figure(name=f"{name}, counts unlike", value=float(not said["same"]), unit="", goal=0.0),
    ]


def table(own: dict[str, list[dict[str, Any]]]) -> None:
    """Print a line for each comparison."""
    form = "{:<18} {:<10} {:>9} {:>9} {:>9} {:>15} {:>13} {:>13}"
    print(
        form.format(
            *("peer", "version", "ours CPU", "CPU s", "ratio", "wall s (ours)", "MB (ours)"),
            "import (ours)",
        )
    )
    for one in COMPARISONS:
        if not one.runs:
            continue
        ours, theirs = (
            {what: of(runs, what) for what in ("cpu", "wall", "peak", "importing")}
            for runs in (own[one.own], one.runs)
        )
        print(
            form.format(
                one.name,
                next(iter(one.runs[0]["versions"].values())),
                f"{ours['cpu']:.3f}",
                f"{theirs['cpu']:.2f}",
                f"{theirs['cpu'] / ours['cpu']:,.1f}",
                f"{theirs['wall']:.1f} ({ours['wall']:.2f})",
                f"{theirs['peak']:,.0f} ({ours['peak']:,.0f})",
                f"{theirs['importing']:.2f} ({ours['importing']:.2f})",
            )
        )


def main() -> int:
    """Print the figures and return 1 when one misses its goal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="100,000 rows, nothing is installed")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument(
        "--cache",
        type=Path,
        default=ROOT / "build" / "peers",
        help="where environments and logs are kept (default: build/peers)",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        default=EVERYONE,
        choices=EVERYONE,
        metavar="PEER",
        help=f"measure only these: {', '.join(EVERYONE)}",
    )
    parser.add_argument("--rounds", type=int, help="rounds (default 3, in the small form 1)")
    chosen = parser.parse_args()
    cache, full = chosen.cache.resolve(), not chosen.quick
    cache.mkdir(parents=True, exist_ok=True)
    paths = write_logs(cache, FULL if full else SMALL)
    rounds = chosen.rounds or (3 if full else 1)
    own, obstacles = measure(cache, paths, rounds, chosen.only, install=full)
    figures: list[Figure] = []
    for one in COMPARISONS:
        if one.runs:
            figures += costs(own[one.own], one, full=full)
            figures += agreement(one.name, own[one.own][0]["values"], one.runs[0]["values"])
        elif one.name in obstacles:
            print(f"not measured: {one.name}, as {obstacles[one.name]}")
            if full:
                missing = Figure(
                    name=f"{one.name}: CPU", value=None, unit="x ours", goal=one.goal, at_least=True
                )
                figures.append(missing)
    figures += own_costs(own)
    if "spark" in chosen.only:
        figures += spark(cache, cache, quick=chosen.quick)
    for name, runs in {
        "ours": next(iter(own.values()), []),
        **{c.environment: c.runs for c in COMPARISONS},
    }.items():
        if runs:
            print(f"{name}:", ", ".join(f"{k} {v}" for k, v in runs[0]["versions"].items()))
    print(f"load over the last 15 minutes: {os.getloadavg()[2]:.1f}")
    missed = show(figures, chosen.json)
    table(own)
    return missed


if __name__ == "__main__":
    sys.exit(main())
