"""AIMS with Spark on two cores: reference and window, and whether it counts what this process counts.

Called with the place of the two files; the session runs already when time is taken, and has counted once.
"""

import hashlib
import json
import os
import sys
from importlib.metadata import version
from time import perf_counter
from typing import Any

from job import FEATURES

ROUNDS = 3
_SUMS = {"sums", "shifted", "shifted_squares"}


def main() -> None:
    """Count with Spark and without it, and print how long either took."""
    from aims_monitoring.engines import SparkEngine
    from aims_monitoring.layout import fit_layout
    from aims_monitoring.scan import scan
    from aims_monitoring.schema import Schema
    from aims_monitoring.source import open_source
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.host", "localhost").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    paths = sys.argv[2:4]
    layout = fit_layout(open_source(paths[0]), Schema.of({"feature": FEATURES}))
    spark: list[float] = []
    embedded: list[float] = []
    seen = set()
    for turn in range(ROUNDS + 1):
        for engine, took in ((SparkEngine(), spark), (None, embedded)):
            before = perf_counter()
            profiles = [scan(open_source(p), layout, 10**12, engine=engine) for p in paths]
            took.append(perf_counter() - before)
            if turn == 0:
                seen.add(counted([p for side in profiles for p in side.values()]))
    session.stop()
    said = {
        "spark": sorted(spark[1:])[ROUNDS // 2],
        "embedded": sorted(embedded[1:])[ROUNDS // 2],
        "same": len(seen) == 1,
        "versions": {name: version(name) for name in ("pyspark", "aims-monitoring")},
    }
    print(json.dumps(said))


def counted(profiles: list[Any]) -> str:
    """Return a digest of all counts; sums are left out, which are equal up to rounding."""
    columns = [
        {name: {k: v for k, v in part.items() if k not in _SUMS} for name, part in c.items()}
        for c in (profile.content()["columns"] for profile in profiles)
    ]
    rows = [profile.rows for profile in profiles]
    said = json.dumps([rows, columns], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


if __name__ == "__main__":
    main()
