"""Odd and hostile logs through a whole run: a figure or a reason for each column, and every row counted."""

import tracemalloc
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from aims_monitoring.metrics.catalogue import METRICS
from aims_monitoring.profile import Profile
from aims_monitoring.records import Status

from aims_core import InvalidRecord

N = 400
CHANCE = np.random.default_rng(3)
PER_COLUMN = [name for name, metric in METRICS.items() if metric.per_column]

PLAIN = CHANCE.normal(size=N)
WORDS = CHANCE.choice(["red", "green", "blue"], N)
MOMENTS = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=i) for i in range(N)]

# What a column was in the reference, and what it is in the window.
TURNS = {
    "constant": (np.ones(N), np.ones(N)),
    "a constant that changed": (np.ones(N), np.full(N, 2.0)),
    "gone": (PLAIN, [None] * N),
    "never there": ([None] * N, [None] * N),
    "came": ([None] * N, PLAIN),
    "half gone": (PLAIN, [v if i % 2 else None for i, v in enumerate(PLAIN)]),
    "infinite": (PLAIN, [np.inf if i % 4 else -np.inf for i in range(N)]),
    "text among numbers": (PLAIN, [v if i % 2 else "?" for i, v in enumerate(PLAIN)]),
    "truth values": ([True, False] * (N // 2), [True] * N),
    "truth values as text": ([True, False] * (N // 2), ["yes", "no"] * (N // 2)),
    "unseen categories": (WORDS, [f"new {i % 50}" for i in range(N)]),
    "every row its own": (WORDS, [f"person-{i}" for i in range(N)]),
    "identifier": ([f"person-{i}" for i in range(N)], [f"person-{N + i}" for i in range(N)]),
    "moments": (MOMENTS, [m + timedelta(days=90) for m in MOMENTS]),
    "moments elsewhere": (MOMENTS, [m.astimezone(timezone(timedelta(hours=5))) for m in MOMENTS]),
    "lists": ([[1, 2]] * N, [[1], None] * (N // 2)),
    "bytes": ([b"\xff"] * N, [b"a", b""] * (N // 2)),
    "hostile text": (WORDS, ["<script>", "=cmd()", "a\x00b", "\ud800"] * (N // 4)),
    "numbers of another size": (PLAIN, PLAIN * 1e300),
    "whole numbers beyond 2^53": ([2**53 + i for i in range(N)], [2**63 - 1 - i for i in range(N)]),
}
FEATURES = list(TURNS)


@pytest.fixture
def aims_database():
    """One database will do: what differs between them is tested in test_monitoring."""
    return "sqlite"


def frame(side):
    return pd.DataFrame({name: pd.Series(list(t[side]), dtype=object) for name, t in TURNS.items()})


def define(workspace, monitor_id="odd", **asked):
    given = {"kind": "drift", "window": 10_000, "persistence": (1, 1)} | asked
    return workspace.monitoring.define(monitor_id, "ticket-triage", **given)


def run(workspace, data, monitor_id="odd", **more):
    done = workspace.monitoring.run(monitor_id, data, **more)
    assert sum(w.rows for w in done.windows) == done.rows
    for window in done.windows:
        assert workspace.monitoring.profile(monitor_id, window.window).adds_up()
    return done


@pytest.fixture(params=[(0, 1), (1, 0)], ids=["there", "and back"])
def odd_run(housing, request):
    before, now = request.param
    limits = {name: {"max": 0.5} for name in PER_COLUMN}
    define(housing, schema={"feature": FEATURES}, reference=frame(before), thresholds=limits)
    return run(housing, frame(now))


def test_every_column_has_one_figure_of_each_kind_or_a_reason(odd_run):
    (window,) = odd_run.windows
    found = {}
    for judged in window.figures:
        m = judged.measurement
        found.setdefault(m.metric, []).append(m.subject)
        assert (m.value is not None) or m.reason, judged.name
        beside = Status.NOT_APPLICABLE, Status.INSUFFICIENT
        assert (m.value is None) == (judged.status in beside), judged.name

    assert window.rows == N
    for metric in (m for m in PER_COLUMN if METRICS[m].family == "drift"):
        assert sorted(found[metric]) == sorted(FEATURES)


def test_what_really_changed_alarms_at_the_default_limits_and_what_did_not_does_not(housing):
    define(housing, schema={"feature": FEATURES}, reference=frame(0))

    done = run(housing, frame(1))

    crossed = {j.measurement.subject for _, j in done.breaches}
    assert {
        "a constant that changed",
        "gone",
        "half gone",
        "infinite",
        "text among numbers",
        "truth values",
        "unseen categories",
        "every row its own",
        "moments",
        "numbers of another size",
        "hostile text",
    } <= crossed
    assert not crossed & {"constant", "never there", "identifier", "moments elsewhere", "lists"}


@pytest.mark.parametrize("rows", [1, 2, 29])
def test_a_handful_of_the_oddest_rows_is_insufficient_and_never_an_alarm(housing, rows):
    define(housing, schema={"feature": FEATURES}, reference=frame(0))

    done = run(housing, frame(1).head(rows))

    assert done.status is Status.INSUFFICIENT
    assert not done.breaches
    assert len(housing.monitoring.alerts()) == 0


def test_a_group_of_one_is_named_and_never_drives_an_alarm(housing):
    log = pa.table(
        {"p": [1, 0] * 100 + [1], "y": [1, 0] * 100 + [0], "g": ["a"] * 100 + ["b"] * 100 + ["c"]}
    )
    roles = {"prediction": "p", "label": "y", "group": ["g"]}
    define(housing, kind="fairness", schema=roles)

    done = run(housing, log)

    (judged,) = [j for j in done.windows[0].figures if j.name == "demographic_parity_difference:g"]
    assert (judged.measurement.value, judged.status) == (0.0, Status.OK)
    assert "too few in c" in judged.measurement.reason
    assert not done.breaches


def test_labels_and_scores_that_are_no_numbers_are_left_out_and_counted(housing):
    score = [0.9, 0.1, np.nan, np.inf, -1.0, 2.0, 0.8, 0.2] * 25
    label = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, np.nan, np.nan] * 25
    log = pd.DataFrame({"s": score, "y": label, "p": [1, 0] * 100})
    define(housing, kind="performance", schema={"score": "s", "label": "y", "prediction": "p"})

    done = run(housing, log)

    brier = next(j for j in done.windows[0].figures if j.name == "brier")
    assert brier.measurement.n == 50
    profile = housing.monitoring.profile("odd", done.windows[0].window)
    assert profile.score.left_out == 150


def test_two_thousand_columns_run_as_a_whole(housing):
    names = [f"x{i}" for i in range(2_000)]
    before = pa.table({name: CHANCE.normal(size=200) for name in names})
    now = before.set_column(7, "x7", pa.array(CHANCE.normal(9, 1, 200)))
    define(housing, schema={"feature": names}, reference=before, thresholds={"psi": {"max": 0.25}})

    done = run(housing, now)

    assert {j.name for _, j in done.breaches} == {"psi:x7"}


def test_a_hundred_thousand_categories_need_no_more_memory_than_a_few(profiles):
    few = pa.table({"c": pa.array(["red", "green"] * 500)})
    window, reference = profiles(few, few, {"feature": ["c"]})
    tracemalloc.start()
    for start in range(0, 100_000, 20_000):
        window.add(pa.table({"c": pa.array([f"{start} {v}" for v in range(20_000)])}))
        kept, _ = tracemalloc.get_traced_memory()
        assert kept < 100_000
    tracemalloc.stop()

    assert window.rows == 101_000
    assert window.columns["c"].other == 100_000
    assert len(window.columns["c"].unseen) == 20
    assert Profile.read(window.layout, window.content()).adds_up()
    assert reference.adds_up()


def test_a_group_of_a_thousand_values_is_not_kept(housing):
    log = pd.DataFrame({"p": [1, 0] * 500, "y": [1, 0] * 500, "g": [f"g{i}" for i in range(1_000)]})
    roles = {"prediction": "p", "label": "y", "group": ["g"]}
    define(housing, kind="fairness", schema=roles)

    done = run(housing, log)

    assert not done.breaches
    assert done.status is Status.INSUFFICIENT
    assert not housing.monitoring.profile("odd", done.windows[0].window).cubes[1].cells


def test_a_column_that_stands_twice_is_refused_by_name(housing):
    table = pa.Table.from_arrays([pa.array([1.0]), pa.array([2.0])], names=["x", "x"])

    with pytest.raises(InvalidRecord, match="x: the column name stands twice"):
        define(housing, schema={"feature": ["x"]}, reference=table)


def test_windows_of_zones_and_of_plain_times_are_the_same_in_utc(housing):
    zoned = [m.astimezone(timezone(timedelta(hours=-7))) for m in MOMENTS]
    texts = [m.isoformat() for m in zoned]
    plain = [m.replace(tzinfo=None) for m in MOMENTS]
    found = []
    for name, moments in (("zoned", zoned), ("texts", texts), ("plain", plain)):
        roles = {"feature": ["x"], "time": "t"}
        define(housing, name, kind="performance", schema=roles, window="day", thresholds={})
        done = run(housing, pa.table({"t": moments, "x": PLAIN}), name)
        found.append([(w.window, w.rows) for w in done.windows])

    assert found[0] == found[1] == found[2]
    assert found[0][0] == ("2024-01-01", 24)


@pytest.fixture
def watched(housing):
    roles = {"feature": ["x", "c"]}
    before = pa.table({"x": PLAIN, "c": WORDS})
    define(housing, schema=roles, reference=before)
    return housing, before


def test_a_damaged_parquet_file_is_refused_and_nothing_is_written(watched, tmp_path):
    workspace, table = watched
    whole = tmp_path / "whole.parquet"
    pq.write_table(table, whole)
    content = whole.read_bytes()
    broken = {
        "half": content[: len(content) // 2],
        "no end": content[:-4],
        "nothing": b"",
    }
    for name, damaged in broken.items():
        path = tmp_path / f"{name}.parquet"
        path.write_bytes(damaged)
        with pytest.raises(InvalidRecord, match=f"{name}.parquet"):
            workspace.monitoring.run("odd", path)

    assert len(workspace.monitoring.series("odd")) == 0


@pytest.mark.parametrize("row", ["3.0", "3.0,red,more", '3.0,"red'])
def test_a_ragged_csv_file_is_refused_with_the_row_and_nothing_is_written(watched, tmp_path, row):
    workspace, _ = watched
    path = tmp_path / "ragged.csv"
    path.write_text("x,c\n" + "1.0,red\n" * 150 + f"{row}\n" + "2.0,blue\n" * 150)

    with pytest.raises(InvalidRecord, match=r"ragged\.csv"):
        workspace.monitoring.run("odd", path)

    assert len(workspace.monitoring.series("odd")) == 0
