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


def test_make_bench_calls_every_benchmark():
    said = subprocess.run(
        ["make", "--dry-run", "bench"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    called = set(re.findall(r"benchmarks/(\w+)\.py", said))

    assert {path.stem for path in PROGRAMS} <= called


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
