"""A log that has grown is the same log: its rows stay in the windows in which they were counted."""

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from aims_monitoring.engines import count_task, merge_answers, tasks_of
from aims_monitoring.fingerprints import Fingerprints, fingerprints_of
from aims_monitoring.layout import fit_layout
from aims_monitoring.scan import scan
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source
from hypothesis import given, settings
from hypothesis import strategies as st

from aims_core import PluginHost, open_workspace
from aims_core.workspace import migrator

SCHEMA = {"prediction": "p", "label": "y", "id": "id"}
LIMITS = {"accuracy": {"min": 0.8}}


def made(*wrong, rows=100):
    """Return a log with this share of wrong predictions in each hundred rows."""
    missed = np.concatenate([np.arange(rows) < round(share * rows) for share in wrong])
    n = len(missed)
    texts = [f"text {i % 7}" for i in range(n)]
    return pa.table(
        {"id": range(n), "p": [1] * n, "y": (~missed).astype(int), "more": texts, "s": [0.5] * n}
    )


def as_csv(folder, table):
    pyarrow.csv.write_csv(table, folder / "log.csv")
    return folder / "log.csv"


def as_parquet(folder, table):
    pq.write_table(table, folder / "log.parquet", row_group_size=70)
    return folder / "log.parquet"


def as_folder(folder, table):
    (folder / "logs").mkdir(exist_ok=True)
    for start in range(0, len(table), 130):
        part = table.slice(start, 130)
        pq.write_table(part, folder / "logs" / f"{start:06d}.parquet")
    return folder / "logs"


def as_frame(_folder, table):
    return table.to_pandas()


def as_relation(_folder, table):
    return pytest.importorskip("duckdb", reason="DuckDB is an extra").from_arrow(table)


WRITTEN = [as_csv, as_parquet, as_folder, as_frame, as_relation]


@pytest.fixture
def monitoring(housing):
    """The monitoring of a workspace with the monitor `rows`, of windows of 100 rows."""
    defined(housing.monitoring)
    return housing.monitoring


def defined(monitoring, name="rows", **more):
    given = {"thresholds": LIMITS, "schema": SCHEMA, "window": 100, "persistence": (1, 1), **more}
    monitoring.define(name, "ticket-triage", **given)


def standing(monitoring, name="rows"):
    """Return window, rows and accuracy of the windows in force, in their order."""
    found = monitoring.series(name)
    found = found[found["metric"] == "accuracy"]
    return list(zip(found["window"], found["rows"], found["value"], strict=True))


@pytest.mark.parametrize("write", WRITTEN)
def test_a_log_that_has_grown_keeps_its_windows_and_the_last_one_fills(write, monitoring, tmp_path):
    log = made(0.1, 0.05, 0.1, 0.15, 0.0)
    first = monitoring.run("rows", write(tmp_path, log.slice(0, 250)))
    name = first.windows[0].window.partition(":")[0]

    again = monitoring.run("rows", write(tmp_path, log.slice(0, 430)))
    last = monitoring.run("rows", write(tmp_path, log))

    keys = [f"{name}:{place:06d}" for place in range(1, 6)]
    assert [w.window for w in first.windows] == keys[:3]
    assert [w.window for w in again.windows] == keys
    assert [w.rows for w in last.windows] == [100] * 5
    shares = [0.9, 0.95, 0.9, 0.85, 1.0]
    assert standing(monitoring) == [
        (k, 100, pytest.approx(v)) for k, v in zip(keys, shares, strict=True)
    ]


@pytest.mark.parametrize("engine", ["dask", "spark", "tasks"])
def test_whoever_counts_finds_the_same_fingerprints(engine, tmp_path):
    log = made(0.1, 0.2, 0.3)
    source = open_source(as_folder(tmp_path, log))
    schema = Schema.of(SCHEMA)
    layout = fit_layout(source, schema)
    here, there = (Fingerprints([1, 130, 137, 300], source.names) for _ in range(2))
    windows = scan(source, layout, 100, fingerprints=here)
    if engine == "tasks":
        tasks = tasks_of(source, layout, 100, fingerprints=there)
        found = merge_answers(map(count_task, tasks), layout, there)
    else:
        from aims_monitoring.engines import chosen_engine

        why = f"{engine} is not installed: pip install aims-monitoring[{engine}]"
        pytest.importorskip({"spark": "pyspark"}.get(engine, engine), reason=why)
        found = scan(source, layout, 100, engine=chosen_engine(engine), fingerprints=there)

    assert [there.at(n) for n in there.lengths] == [here.at(n) for n in here.lengths]
    assert len({here.at(n) for n in here.lengths}) == 4
    assert [w.key for w in found] == [w.key for w in windows]


def test_counted_by_another_engine_a_log_that_has_grown_is_the_same(monitoring, tmp_path):
    pytest.importorskip("dask", reason="Dask is an extra")
    log = made(0.1, 0.1, 0.1)
    first = monitoring.run("rows", as_folder(tmp_path, log.slice(0, 150)))
    again = monitoring.run("rows", as_folder(tmp_path, log), engine="dask")

    assert [w.window for w in again.windows[:2]] == [w.window for w in first.windows]
    assert len(standing(monitoring)) == 3


def test_what_is_another_log_has_windows_of_its_own(monitoring):
    log = made(0.1, 0.1, 0.1)
    other = log.set_column(0, "id", pa.array(range(1_000, 1_300)))
    edited = log.to_pylist()
    edited[120]["more"] = "edited"
    monitoring.run("rows", log.slice(0, 250))

    runs = [
        monitoring.run("rows", other),
        monitoring.run("rows", pa.Table.from_pylist(edited)),
        monitoring.run("rows", log.slice(1)),
        monitoring.run("rows", pa.concat_tables([log.slice(0, 249), log.slice(250)])),
        monitoring.run("rows", log.take(pa.array([1, 0, *range(2, 300)]))),
        monitoring.run("rows", log.slice(0, 150)),
    ]

    names = {run.windows[0].window.partition(":")[0] for run in runs}
    assert len(names) == 6
    assert len(standing(monitoring)) == 3 + 3 + 3 + 3 + 3 + 3 + 2
    assert [key for key, *_ in standing(monitoring)][-2:] == [w.window for w in runs[-1].windows]


def test_labels_that_come_later_leave_a_log_the_same(monitoring):
    log = made(0.1, 0.3, 0.1)
    known = log.column("y").to_pylist()
    early = log.set_column(2, "y", pa.array([*known[:100], *[None] * 200]))
    monitoring.run("rows", early.slice(0, 250))
    apart = monitoring.run("rows", log.drop_columns(["y"]), log.select(["id", "y"]))
    within = monitoring.run("rows", log)

    assert [w.window for w in apart.windows] == [w.window for w in within.windows]
    assert [value for *_, value in standing(monitoring)] == pytest.approx([0.9, 0.7, 0.9])


def test_a_former_state_of_a_log_leaves_the_fuller_windows_in_force(monitoring):
    log = made(0.1, 0.1, 0.1)
    early, labels = log.slice(0, 150).drop_columns(["y"]), log.select(["id", "y"])
    monitoring.run("rows", early)
    monitoring.run("rows", log)

    again = monitoring.run("rows", early, labels)

    assert [w.rows for w in again.windows] == [100, 50]
    assert [rows for _, rows, _ in standing(monitoring)] == [100] * 3
    assert monitoring.profile("rows", again.windows[1].window).rows == 100


def test_a_log_keeps_its_place_when_it_is_measured_again(monitoring):
    log = made(0.1, 0.1)
    monitoring.run("rows", log.slice(0, 150))
    newer = monitoring.run("rows", log.set_column(0, "id", pa.array(range(1_000, 1_200))))
    monitoring.run("rows", log)

    assert standing(monitoring)[-1][0] == newer.windows[-1].window
    assert monitoring.frame()["newest_window"].tolist() == [newer.windows[-1].window]


def test_a_breach_that_must_last_lasts_over_the_growth_of_a_log(housing):
    monitoring = housing.monitoring
    defined(monitoring, persistence=(2, 3))
    log = made(0.1, 0.4, 0.1, 0.1, 0.4, 0.1, 0.4, 0.1, 0.1, 0.1)

    opened = []
    for rows in (230, 350, 560, 700, 1_000):
        monitoring.run("rows", log.slice(0, rows))
        opened.append(len(monitoring.alerts()))

    # The second window is measured five times and is one breach; the fifth and the seventh are two of three.
    assert opened == [0, 0, 0, 1, 1]
    (alert,) = monitoring.alerts().to_dict("records")
    assert alert["window"].endswith(":000007")
    assert alert["ended_window"].endswith(":000008")


def test_windows_of_before_there_were_fingerprints_keep_their_names(registered):
    log = made(0.1, 0.1, 0.1)
    early, labels = log.slice(0, 250).drop_columns(["y"]), log.select(["id", "y"])
    monitoring = registered.act_as("olga").monitoring
    defined(monitoring)
    first = monitoring.run("rows", early)
    moving = migrator(registered.settings, PluginHost())
    registered.close()
    moving.downgrade("monitoring", "monitoring0005")
    moving.upgrade()
    again = open_workspace(registered.settings.folder, actor="olga")

    labelled = again.monitoring.run("rows", early, labels)
    grown = again.monitoring.run("rows", log)
    again.close()

    assert [w.window for w in labelled.windows] == [w.window for w in first.windows]
    assert [w.window for w in grown.windows] == [w.window for w in first.windows]


def test_windows_that_left_the_series_are_no_log_to_go_on(monitoring):
    log = made(0.1, 0.1)
    monitoring.run("rows", log.slice(0, 150))
    defined(monitoring, window=50)

    run = monitoring.run("rows", log)

    assert [w.rows for w in run.windows] == [50] * 4
    assert len(standing(monitoring)) == 4


values = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.sampled_from([0, 1, 2**53, 2**53 + 1])
)


@settings(max_examples=60, deadline=None)
@given(
    whole=st.lists(values, min_size=1, max_size=30),
    texts=st.lists(st.one_of(st.none(), st.text(max_size=12)), min_size=30, max_size=30),
    cut=st.integers(0, 30),
    length=st.integers(1, 30),
)
def test_a_fingerprint_does_not_depend_on_how_a_log_is_read(whole, texts, cut, length):
    n = len(whole)
    table = pa.table({"a": pa.array(whole, pa.int64()), "b": pa.array(texts[:n], pa.string())})
    encoded = table.set_column(1, "b", table["b"].dictionary_encode())
    more = table.append_column("empty", pa.nulls(n))

    def at(table, names, cut=n):
        first, rest = Fingerprints([min(length, n), n], names), None
        first.add(table.slice(0, min(cut, n)))
        rest = Fingerprints(first.lengths, names, seen=min(cut, n))
        rest.add(table.slice(min(cut, n)))
        first.take(rest.sums())
        return [first.at(each) for each in first.lengths]

    wanted = at(table, ["a", "b"])
    assert at(table, ["b", "a"], cut) == wanted
    assert at(encoded, ["a", "b"], cut) == wanted
    assert at(more, ["a", "b", "empty"], cut) == wanted
    assert at(table.slice(0, min(length, n)), ["a", "b"])[0] == wanted[0]


@settings(max_examples=60, deadline=None)
@given(
    whole=st.lists(values, min_size=2, max_size=20),
    place=st.integers(0, 19),
    other=values,
)
def test_a_value_that_is_another_makes_another_fingerprint(whole, place, other):
    place %= len(whole)
    changed = [*whole[:place], other, *whole[place + 1 :]]

    def of(values):
        prints = Fingerprints([len(values)], ["a"])
        prints.add(pa.table({"a": pa.array(values, pa.int64())}))
        return prints.at(len(values))

    assert (of(changed) == of(whole)) == (changed == whole)


def test_whole_numbers_that_have_become_floats_are_the_same_and_texts_are_not():
    def of(values):
        prints = Fingerprints([3], ["a"])
        prints.add(pa.table({"a": values}))
        return prints.at(3)

    whole = of(pa.array([1, 0, None]))
    assert of(pa.array([1.0, -0.0, float("nan")])) == whole
    assert of(pa.array([True, False, None])) == whole
    assert of(pa.array(["1", "0", None])) != whole
    assert of(pa.array([[1], [0], None])) == of(pa.nulls(3))


def test_columns_count_that_nobody_declared_and_the_label_does_not(
    tmp_path, in_database, database_url
):
    log = made(0.1)
    schema = Schema.of(SCHEMA)

    found = fingerprints_of(open_source(as_parquet(tmp_path, log)), schema, [])
    assert set(found.names) == {"id", "p", "more", "s"}
    there = fingerprints_of(open_source(in_database(database_url, log)), schema, [])
    assert set(there.names) == {"id", "p"}
