"""Run the tests of engines and databases where all of them are real, and name the versions.

Spark, Dask, Ibis, DuckDB and PostgreSQL are installed in an environment of their own, as they are too large
for ``make test``, which skips what is missing. Without Java on the path the test of Spark is skipped.

    python benchmarks/engine_tests.py [--quick] [--json FILE] [--cache FOLDER]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from figures import Figure, show
from peers.environments import ENVIRONMENTS, ROOT

TESTS = ("engines", "ibis", "push_down", "whole_numbers")
_VERSIONS = """
from importlib.metadata import version
for name in ("pyspark", "dask", "ibis-framework", "duckdb", "sqlalchemy", "psycopg", "pandas", "pyarrow"):
    print(name, version(name))
"""


def main() -> int:
    """Run the tests; pytest says what it skipped and why. Return 1 when one fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="only where the environment lies there already"
    )
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "peers")
    chosen = parser.parse_args()
    environment, cache = ENVIRONMENTS["engines"], chosen.cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    obstacle = environment.obstacle(cache, install=not chosen.quick)
    if obstacle:
        print(f"not run: {obstacle}")
        return 0 if chosen.quick else 1
    python = str(environment.python(cache))
    said = subprocess.run([python, "-c", _VERSIONS], capture_output=True, check=True, text=True)
    print(", ".join(said.stdout.splitlines()))
    with tempfile.TemporaryDirectory() as name:
        files = [f"plugins/monitoring/tests/test_{one}.py" for one in TESTS]
        told = Path(name) / "told.xml"
        done = subprocess.run(
            [
                python,
                "-m",
                "pytest",
                "-q",
                f"--basetemp={name}/kept",
                f"--junit-xml={told}",
                *files,
            ],
            check=False,
            cwd=ROOT,
            env=os.environ | {"PYSPARK_PYTHON": python},
        )
        missed = show(_figures(told), chosen.json) if told.exists() else 1
    return missed or int(done.returncode != 0)


def _figures(told: Path) -> list[Figure]:
    """Return what pytest told: how many tests ran with real engines, and how many failed or were skipped."""
    [suite] = ET.parse(told).getroot().iter("testsuite")  # noqa: S314 - pytest wrote it just now
    counts = {name: int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped")}
    failed = counts["failures"] + counts["errors"]
    return [
        Figure(name="tests with real engines", value=counts["tests"], unit=""),
        Figure(name="failed", value=failed, unit="", goal=0),
        Figure(name="skipped, as something is missing", value=counts["skipped"], unit="", goal=0),
    ]


if __name__ == "__main__":
    sys.exit(main())
