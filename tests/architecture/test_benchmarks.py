"""Every benchmark runs in a small form and hands its figures on, so `make bench` can call them all."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted(
    path for path in (ROOT / "benchmarks").glob("*.py") if "\nif __name__" in path.read_text()
)


def told(target):
    """Return the lines that make would run for a target."""
    return subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()


def test_make_bench_calls_every_benchmark():
    called = set(re.findall(r"benchmarks/(\w+)\.py", " ".join(told("bench"))))

    assert {path.stem for path in PROGRAMS} <= called


def test_each_part_of_the_night_runs_once_and_in_its_long_form():
    lines = told("nightly")
    suites = [line for line in lines if "-m pytest" in line]
    faults = [line for line in lines if "python benchmarks/faults.py" in line]
    engines = [line for line in lines if "python benchmarks/engine_tests.py" in line]
    others = [line for line in lines if line.startswith("for each in") or "; for each in" in line]
    small = re.findall(r"benchmarks/(\w+)\.py", others[0].partition("; do ")[0])

    # Faults are tried by the benchmark, which runs their suite; all other suites by pytest, which looks
    # for them itself. The mutants of the database's rules are one of those.
    # So are engines that `make test` lacks, in an environment of their own.
    assert len(suites) == len(faults) == len(engines) == len(others) == 1
    assert suites[0].startswith("AIMS_NIGHTLY=1 ")
    assert re.findall(r"\btests/\S+", suites[0]) == ["tests/faults"]
    assert "--ignore=tests/faults" in suites[0]
    assert "--quick" not in faults[0] + engines[0]
    assert sorted([*small, "faults", "engine_tests"]) == sorted(path.stem for path in PROGRAMS)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_a_benchmark_has_a_small_form_and_writes_json(program):
    said = subprocess.run(
        [sys.executable, str(program), "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert "--quick" in said
    assert "--json" in said


def test_the_guide_names_every_benchmark():
    guide = (ROOT / "docs" / "how-to" / "measure.md").read_text(encoding="utf-8")

    assert [p.name for p in PROGRAMS if f"`{p.name}`" not in guide] == []
