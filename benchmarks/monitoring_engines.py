"""What counting a log costs: memory, processor time, bytes of a stored window, start-up, and Spark.

Each measurement of memory or processor time is a process of its own; its peak is read from Linux, as
``ru_maxrss`` starts from that of the parent. DuckDB decodes the same columns in turn
with ours, in the same run; it is told to SUM, as its counts would come from the file's statistics.

    python benchmarks/monitoring_engines.py [--quick] [--json FILE]
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from aims_monitoring.layout import Layout, fit_layout
from aims_monitoring.metrics.catalogue import METRICS, compute_metrics
from aims_monitoring.packing import pack, unpack
from aims_monitoring.profile import Profile, profile_source
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source
from figures import Figure, middle, seconds, show
from monitoring_logs import NUMBERS, SCHEMA, WORDS, write_decisions, write_log

WINDOWS = 90

_OWN = """
import json, sys, time
from aims_monitoring.layout import fit_layout
from aims_monitoring.metrics.catalogue import METRICS, compute_metrics
from aims_monitoring.profile import profile_source
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source
def status(name):
    return int(open("/proc/self/status").read().split(name + ":")[1].split()[0]) / 1024
loaded = status("VmRSS")
before, schema = time.process_time(), Schema.of(json.loads(sys.argv[2]))
source = open_source(sys.argv[1])
if sys.argv[3] == "scan":
    layout = fit_layout(open_source(sys.argv[4]), schema)
    before = time.process_time()
    profile_source(source, layout)
else:
    layout = fit_layout(source, schema)
    profiles = [profile_source(open_source(path), layout) for path in (sys.argv[1], sys.argv[4])]
    compute_metrics([n for n, m in METRICS.items() if m.family == "drift"], profiles[1], profiles[0])
print(json.dumps([time.process_time() - before, status("VmHWM"), loaded]))
"""
_DUCKDB = """
import json, sys, time, duckdb
names = json.loads(sys.argv[2])["feature"]
parts = [f"sum({n})" if n[0] == "n" else f"sum(length({n}))" for n in names]
duckdb.execute("SET threads = 2")
before = time.process_time()
duckdb.execute(f"SELECT {', '.join(parts)} FROM read_parquet('{sys.argv[1]}')").fetchall()
peak = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024
print(json.dumps([time.process_time() - before, peak, 0.0]))
"""


def measured(program: str, *arguments: str, **environment: str) -> tuple[float, float, float]:
    """Return processor seconds, peak memory (MB) and memory after import of a process of its own."""
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(
        command, capture_output=True, check=True, text=True, env=os.environ | environment
    )
    took, peak, loaded = json.loads(done.stdout.splitlines()[-1])
    return took, peak, loaded


def scale(folder: Path, rows: int, rounds: int) -> list[Figure]:
    """Return peak memory of all-column drift, and processor time over what DuckDB needs to decode."""
    before, now = folder / f"before{rows}.parquet", folder / f"now{rows}.parquet"
    for seed, path in enumerate((before, now)):
        write_log(path, rows, seed)
    small = folder / "small.parquet"
    write_log(small, 50_000, 9)
    roles = json.dumps(SCHEMA)
    runs = [measured(_OWN, str(before), roles, "drift", str(now)) for _ in range(rounds)]
    took, peak, loaded = (middle([run[i] for run in runs]) for i in (0, 1, 2))
    name = f"{rows // 1_000_000}M"
    figures = [
        Figure(name=f"drift, {name} x 20 against {name}", value=took, unit="CPU s"),
        Figure(name=f"peak memory, {name}", value=peak, unit="MB", goal=300.0),
        Figure(name=f"of which after import, {name}", value=loaded, unit="MB"),
    ]
    if find_spec("duckdb"):
        pairs = [
            (
                measured(_OWN, str(now), roles, "scan", str(small))[0],
                measured(_DUCKDB, str(now), roles)[0],
            )
            for _ in range(rounds)
        ]
        ratio = middle([own / other for own, other in pairs])
        goal = 2.5 if rows >= 10_000_000 else None  # noqa: PLR2004 - the size the goal is set for
        figures.append(
            Figure(name=f"scan over DuckDB SUM, {name}", value=ratio, unit="x CPU", goal=goal)
        )
    return figures


def narrow(folder: Path, rows: int, rounds: int) -> list[Figure]:
    """Return what counting takes where numpy and Arrow have no wide vector instructions."""
    log, small = str(folder / f"now{rows}.parquet"), str(folder / "small.parquet")
    built: Any = np.show_config(mode="dicts")  # typed as if it only printed
    found = built["SIMD Extensions"].get("found", [])
    none = {"NPY_DISABLE_CPU_FEATURES": " ".join(found), "ARROW_USER_SIMD_LEVEL": "NONE"}
    trials = [
        [
            measured(_OWN, log, json.dumps(SCHEMA), "scan", small, **environment)[0]
            for environment in (none, {})
        ]
        for _ in range(rounds)
    ]
    ratio = middle([one / wide for one, wide in trials])
    return [Figure(name="scan without wide vectors over with", value=ratio, unit="x CPU", goal=3.0)]


def stored(folder: Path) -> list[Figure]:
    """Return the bytes of a stored window, and how long the drift of 90 takes from storage."""
    path = folder / "window.parquet"
    write_log(path, 1_000_000, 5)
    layout = fit_layout(open_source(path), Schema.of(SCHEMA))
    profile = profile_source(open_source(path), layout)
    packed = pack(profile.content())
    drift = [name for name, metric in METRICS.items() if metric.family == "drift"]

    def derive() -> None:
        for _ in range(WINDOWS):
            compute_metrics(drift, Profile.read(layout, unpack(packed)), profile)

    took = middle([_spent(derive) for _ in range(3)])
    return [
        Figure(name="stored window, 20 columns", value=len(packed) / 1000, unit="kB", goal=12.0),
        Figure(name=f"drift of {WINDOWS} windows from storage", value=took, unit="CPU s", goal=0.5),
        *frames(path),
        *fairness(folder),
    ]


def frames(path: Path) -> list[Figure]:
    """Return what pandas frames in memory cost over the same rows in Parquet, by what their columns are."""
    frame = pq.read_table(path).to_pandas()
    texts = frame.astype(dict.fromkeys(WORDS, object))
    shared = frame.astype(dict.fromkeys(WORDS, "category")).astype(dict.fromkeys(WORDS, object))
    figures = []
    for name, one, columns in (
        ("numbers", frame[NUMBERS], NUMBERS),
        ("numbers and texts", frame, [*NUMBERS, *WORDS]),
        ("numbers and shared objects", shared, [*NUMBERS, *WORDS]),
        ("numbers and an object a row", texts, [*NUMBERS, *WORDS]),
    ):
        layout = fit_layout(open_source(path), Schema.of({"feature": columns}))
        pairs = [(_counted(one, layout), _counted(path, layout)) for _ in range(5)]
        ratio = middle([a / b for a, b in pairs])
        figures.append(
            Figure(name=f"pandas over Parquet, {name}", value=ratio, unit="x CPU", goal=1.0)
        )
    return figures


def fairness(folder: Path) -> list[Figure]:
    """Return what rates by two groups and both at once take, of a million decisions in Parquet."""
    path = folder / "decisions.parquet"
    write_decisions(path, 1_000_000, 3)
    roles = {"group": ["sex", "age"], "label": "label", "prediction": "prediction"}
    layout = fit_layout(open_source(path), Schema.of(roles))
    names = [name for name, metric in METRICS.items() if metric.family == "fairness"]

    def count() -> None:
        compute_metrics(names, profile_source(open_source(path), layout), None)

    took = middle([_spent(count) for _ in range(5)])
    return [Figure(name="fairness by two groups, 1M", value=took, unit="CPU s", goal=0.05)]


def _counted(data: Any, layout: Layout) -> float:
    """Return the processor seconds that opening and counting a log takes in this process."""
    return _spent(lambda: profile_source(open_source(data), layout))


def _spent(act: Callable[[], Any]) -> float:
    before = time.process_time()
    act()
    return time.process_time() - before


def start_up() -> list[Figure]:
    """Return what importing the plugin's reading and counting takes, less Python's own start, in turn."""
    code = "import aims_monitoring.scan"
    pairs = [(_started(code), _started("pass")) for _ in range(7)]
    by_clock, by_processor = (
        middle([one[i] for one, _ in pairs]) - middle([other[i] for _, other in pairs])
        for i in (0, 1)
    )
    return [
        Figure(name="import", value=by_clock, unit="s", goal=0.3),
        Figure(name="import, processor time", value=by_processor, unit="CPU s", goal=0.3),
    ]


def _started(code: str) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def spark(folder: Path, rows: int) -> list[Figure]:
    """Return how long Spark on two cores takes for reference and window, its session running already."""
    if not (find_spec("pyspark") and shutil.which("java")):
        print("Spark is left out: pyspark or java is missing")
        return []
    from aims_monitoring.engines import SparkEngine
    from aims_monitoring.scan import scan
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.host", "localhost").getOrCreate()
    paths = [folder / f"{name}{rows}.parquet" for name in ("before", "now")]
    layout = fit_layout(open_source(paths[0]), Schema.of(SCHEMA))

    def count() -> None:
        for path in paths:
            scan(open_source(path), layout, 10 * rows, engine=SparkEngine())

    count()
    took = seconds(count)
    session.stop()
    goal = 8.0 if rows >= 10_000_000 else None  # noqa: PLR2004 - the size the goal is set for
    name = f"Spark local[2], 2 x {rows // 1_000_000}M rows"
    return [Figure(name=name, value=took, unit="s", goal=goal)]


def main() -> int:
    """Print the figures and return 1 when one misses its goal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one million rows only")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args()
    figures = start_up()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures += stored(folder)
        for rows in (1_000_000,) if chosen.quick else (1_000_000, 10_000_000):
            figures += scale(folder, rows, 3)
        figures += narrow(folder, 1_000_000, 3)
        figures += spark(folder, rows)
    return show(figures, chosen.json)


if __name__ == "__main__":
    sys.exit(main())
