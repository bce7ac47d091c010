"""Run the tests of engines and databases where all of them are real, and name the versions.

Spark, Dask, Ibis, DuckDB and PostgreSQL are installed in an environment of their own, as they are too large
for ``make test``, which skips what is missing. Without Java on the path the test of Spark is skipped.

    python benchmarks/engine_tests.py [--quick] [--cache FOLDER]
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

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
        done = subprocess.run(
            [python, "-m", "pytest", "-q", "--basetemp", str(Path(name) / "kept"), *files],
            check=False,
            cwd=ROOT,
            env=os.environ | {"PYSPARK_PYTHON": python},
        )
    return int(done.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
