"""What monitoring tells and what it costs: false alarms, detection, size of a profile, speed.

False alarms: windows drawn at random from a year of the US Census employment log, in which nothing
changes, are compared with the rest by the default thresholds, and by limits learnt from such windows; the
alert opens when two of three are in breach. Detection: the months of the California housing log, which
shifts strongly, and its weeks against limits learnt from the weeks of the reference.

    python benchmarks/monitoring.py [--quick] [--json FILE]
"""

import argparse
import sys
import tempfile
import time
from datetime import UTC
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from aims_monitoring.alerts import Rule, turns
from aims_monitoring.judgement import Background, judge
from aims_monitoring.layout import Layout, fit_layout
from aims_monitoring.limits import LEAST_HISTORY
from aims_monitoring.metrics.catalogue import DEFAULT_THRESHOLDS, METRICS, compute_metrics
from aims_monitoring.packing import pack
from aims_monitoring.profile import Profile, profile_source
from aims_monitoring.records import Judged, Status, WindowFigures
from aims_monitoring.samples import (
    CALIFORNIA_HOUSING_SCHEMA,
    CENSUS_EMPLOYMENT_SCHEMA,
    california_housing,
    census_employment,
)
from aims_monitoring.scan import scan
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source
from aims_monitoring.thresholds import read_thresholds
from figures import Figure, middle, seconds, show

from aims_core import create_workspace

SIZES = (100, 300, 1_000)
DRIFT = "monitoring.drift"
LASTING = Rule(hits=2, of=3, hysteresis=0.1)
# Windows of a series after those that limits are learnt from.
WATCHED = 30
LEARNT = {
    "mean": {"deviations_below": 4, "deviations_above": 4},
    "psi": {"deviations_above": 4},
}


def judged(window: Profile, reference: Profile, kind: str = DRIFT) -> tuple[Judged, ...]:
    """Return the figures of a window under the default thresholds."""
    limits = DEFAULT_THRESHOLDS[kind]
    return judge(compute_metrics(list(limits), window, reference), read_thresholds(limits))


def false_alarms(draws: int) -> list[Figure]:
    """Return the share of windows that alarm although nothing changed, by size of the window."""
    table = pq.read_table(census_employment())
    schema = Schema.of(CENSUS_EMPLOYMENT_SCHEMA)
    order = np.random.default_rng(20_261_126).permutation(len(table))
    half = len(table) // 2
    layout = fit_layout(open_source(table.take(pa.array(order[:half]))), schema)
    reference = profile_source(open_source(table.take(pa.array(order[:half]))), layout)
    rest = table.take(pa.array(order[half:]))
    figures = []
    for size in SIZES:
        alarms, cells = _alarms(rest, layout, reference, size, draws)
        name = f"false alarms, windows of {size:,} rows"
        figures += [
            Figure(name=name, value=100 * alarms / draws, unit="% of windows", goal=1.0),
            Figure(name=f"{name}, by figure", value=100 * cells, unit="%"),
        ]
    return figures


def _alarms(
    rest: Any, layout: Layout, reference: Profile, size: int, draws: int
) -> tuple[int, float]:
    chance = np.random.default_rng(size)
    alarms = breaches = held = 0
    for _ in range(draws):
        window = Profile.empty(layout)
        window.add(rest.take(pa.array(chance.choice(len(rest), size, replace=False))))
        found = judged(window, reference)
        crossed = sum(j.status is Status.BREACH for j in found)
        alarms += bool(crossed)
        breaches += crossed
        held += len(found)
    return alarms, breaches / held


def detection() -> list[Figure]:
    """Return in how many months of the shifted log the default thresholds see it."""
    log, schema = california_housing(), Schema.of(CALIFORNIA_HOUSING_SCHEMA)
    source = open_source(log.reference)
    layout = fit_layout(source, schema)
    reference = profile_source(source, layout)
    windows = scan(open_source(log.analysis), layout, "month")
    seen = sum(
        any(j.status is Status.BREACH for j in judged(profile, reference))
        for profile in windows.values()
    )
    share = 100 * seen / len(windows)
    return [Figure(name="shifted months seen", value=share, unit="%", goal=100.0, at_least=True)]


def fairness_false_alarms(draws: int) -> list[Figure]:
    """Return the share of windows that alarm for fairness although groups were given by chance."""
    table, chance = pq.read_table(census_employment()), np.random.default_rng(5)
    for name in CENSUS_EMPLOYMENT_SCHEMA["group"]:
        mixed = table[name].take(pa.array(chance.permutation(len(table))))
        table = table.set_column(table.column_names.index(name), name, mixed)
    layout = fit_layout(open_source(table), Schema.of(CENSUS_EMPLOYMENT_SCHEMA))
    nothing = Profile.empty(layout)
    figures = []
    for size in SIZES:
        alarms = 0
        for _ in range(draws):
            window = Profile.empty(layout)
            window.add(table.take(pa.array(chance.choice(len(table), size, replace=False))))
            found = judged(window, nothing, "monitoring.fairness")
            alarms += any(j.status is Status.BREACH for j in found)
        name = f"false alarms of fairness, windows of {size:,} rows"
        figures.append(Figure(name=name, value=100 * alarms / draws, unit="% of windows", goal=1.0))
    return figures


def learnt_false_alarms(series: int) -> list[Figure]:
    """Return what alarms although nothing changed, where all limits are learnt from earlier windows."""
    table = pq.read_table(census_employment())
    schema = Schema.of(CENSUS_EMPLOYMENT_SCHEMA)
    order = np.random.default_rng(20_261_127).permutation(len(table))
    half = len(table) // 2
    before = open_source(table.take(pa.array(order[:half])))
    layout = fit_layout(before, schema)
    reference = profile_source(before, layout)
    rest = table.take(pa.array(order[half:]))
    figures = []
    for size in SIZES:
        crossed = opened = 0
        for number in range(series):
            drawn = _stable_windows(rest, layout, size, number)
            judged = _course(drawn, reference)
            told = turns(judged, fresh={w.window for w in judged}, open_alerts={}, rule=LASTING)
            crossed += sum(w.status is Status.BREACH for w in judged)
            opened += len(told.new)
        windows = series * WATCHED
        name = f"learnt limits, windows of {size:,} rows"
        figures += [
            Figure(name=f"{name}: in breach", value=100 * crossed / windows, unit="%"),
            Figure(name=f"{name}: alerts", value=100 * opened / windows, unit="%", goal=1.0),
        ]
    return figures


def _stable_windows(rest: Any, layout: Layout, size: int, number: int) -> list[Profile]:
    chance = np.random.default_rng([size, number])
    found = []
    for _ in range(LEAST_HISTORY + WATCHED):
        window = Profile.empty(layout)
        window.add(rest.take(pa.array(chance.choice(len(rest), size, replace=False))))
        found.append(window)
    return found


def _course(windows: list[Profile], reference: Profile | None) -> list[WindowFigures]:
    """Return the figures of windows in order, each held against limits learnt from those before it."""
    limits, background = read_thresholds(LEARNT), Background()
    names = [name for name in LEARNT if reference or not METRICS[name].needs_reference]
    found = []
    for place, window in enumerate(windows):
        figures = judge(compute_metrics(names, window, reference), limits, background)
        background.learn(figures)
        held = tuple(j for j in figures if j.minimum is not None or j.maximum is not None)
        found.append(
            WindowFigures(
                window=f"{place:04d}",
                starts_at=None,
                rows=window.rows,
                profile="",
                figures=held,
            )
        )
    return found


def learnt_detection() -> list[Figure]:
    """Return what share of the shifted weeks limits see that were learnt from the weeks before.

    Weeks of the reference differ among themselves in place, so some of them alarm too.
    """
    log = california_housing()
    roles = {"feature": CALIFORNIA_HOUSING_SCHEMA["feature"], "time": "timestamp"}
    columns = [*roles["feature"], "timestamp"]
    tables = [pq.read_table(path, columns=columns) for path in (log.reference, log.analysis)]
    source = open_source(pa.concat_tables(tables))
    layout = fit_layout(open_source(tables[0]), Schema.of(roles))
    reference = profile_source(open_source(tables[0]), layout)
    windows = scan(source, layout, "week")
    judged = _course(list(windows.values()), reference)
    start = tables[1]["timestamp"][0].as_py().replace(tzinfo=UTC)
    shifted = [j for w, j in zip(windows, judged, strict=True) if w.starts_at >= start]
    seen = sum(w.status is Status.BREACH for w in shifted)
    share = 100 * seen / len(shifted)
    name = "shifted weeks seen by limits learnt from the weeks before"
    return [Figure(name=name, value=share, unit="%", goal=80.0, at_least=True)]


def cost(folder: Path, rows: int) -> list[Figure]:
    """Return the speed of a scan, the size of a profile, and the time of all drift figures from it."""
    path = folder / "log.parquet"
    pq.write_table(_wide(rows), path, row_group_size=100_000)
    schema = Schema.of({"feature": [f"n{i}" for i in range(12)] + [f"c{i}" for i in range(8)]})
    source = open_source(path)
    layout = fit_layout(source, schema)
    took = middle([seconds(lambda: profile_source(open_source(path), layout)) for _ in range(3)])
    decode = middle([seconds(lambda: _decode(path)) for _ in range(3)])
    profile = profile_source(source, layout)
    stored = len(pack(profile.content()))
    drift = [name for name, metric in METRICS.items() if metric.family == "drift"]
    derive = middle([seconds(lambda: compute_metrics(drift, profile, profile)) for _ in range(9)])
    return [
        Figure(name="scan, 20 columns", value=rows / took / 1e6, unit="million rows/s"),
        Figure(name="scan over reading the file with pyarrow", value=took / decode, unit="x"),
        Figure(name="profile of 20 columns, as stored", value=stored / 1000, unit="kB", goal=12.0),
        Figure(name="drift of 20 columns from profiles", value=derive * 1000, unit="ms", goal=10.0),
    ]


def portfolio(folder: Path, monitors: int) -> list[Figure]:
    """Return how long it takes to run the monitors of a portfolio that are due, each on a small log."""
    workspace = create_workspace(folder / "ws", organisation="Bench", administrator="ada")
    workspace.staffing.add("olga", "Olga")
    for role in ("system_owner", "inventory_steward"):
        workspace.staffing.grant("olga", role)
    owner = workspace.act_as("olga")
    log = folder / "small.parquet"
    pq.write_table(pq.read_table(california_housing().reference).slice(0, 500), log)
    for number in range(monitors):
        system = f"system-{number:04d}"
        owner.inventory.register(
            system,
            name=system,
            use_case="Reads.",
            owner="olga",
            origin="in_house",
            declared_risk_category="minimal",
        )
        owner.monitoring.define(
            f"monitor-{number:04d}",
            system,
            thresholds={"accuracy": {"min": 0.5}},
            schema=CALIFORNIA_HOUSING_SCHEMA,
        )
        owner.monitoring.schedule(f"monitor-{number:04d}", every="day", data=str(log))
    before = time.process_time()
    took = seconds(owner.monitoring.run_due)
    busy = time.process_time() - before
    left = len(owner.monitoring.due())
    workspace.close()
    return [
        Figure(
            name="monitors due, per thousand",
            value=took / monitors * 1000,
            unit="s",
            goal=60.0,
        ),
        Figure(
            name="monitors due, per thousand, CPU of this process",
            value=busy / monitors * 1000,
            unit="CPU s",
            goal=60.0,
        ),
        Figure(name="monitors left over", value=left, unit="", goal=0.0),
    ]


def _wide(rows: int) -> Any:
    chance = np.random.default_rng(1)
    columns: dict[str, Any] = {f"n{i}": chance.gamma(1 + i, 2, rows) for i in range(12)}
    for i in range(8):
        words = np.array([f"word {k}" for k in range(2 + 6 * i)])
        columns[f"c{i}"] = pa.array(words).take(pa.array(chance.integers(0, len(words), rows)))
    return pa.table(columns)


def _decode(path: Path) -> None:
    file = pq.ParquetFile(path)
    for group in range(file.num_row_groups):
        file.read_row_group(group)


def main() -> int:
    """Print the figures and return 1 when one misses its goal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer windows and rows")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args()
    figures = false_alarms(100 if chosen.quick else 1_000) + detection()
    figures += fairness_false_alarms(100 if chosen.quick else 1_000)
    figures += learnt_false_alarms(5 if chosen.quick else 60) + learnt_detection()
    with tempfile.TemporaryDirectory() as folder:
        figures += cost(Path(folder), 200_000 if chosen.quick else 1_000_000)
        figures += portfolio(Path(folder), 50 if chosen.quick else 1_000)
    return show(figures, chosen.json)


if __name__ == "__main__":
    sys.exit(main())
