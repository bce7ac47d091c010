"""Ids that repeat: as pandas counts them, in bounded memory, wherever the log lies."""

import decimal
import json
import uuid
from datetime import datetime
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from aims_monitoring import engines, ids
from aims_monitoring.engines import count_task
from aims_monitoring.id_hashes import BITS, hashed
from aims_monitoring.ids import IdCounts
from aims_monitoring.layout import fit_layout
from aims_monitoring.metrics.catalogue import compute_metrics
from aims_monitoring.packing import pack, unpack
from aims_monitoring.profile import Profile, profile_source
from aims_monitoring.push_down import count_in_database
from aims_monitoring.scan import scan
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source
from hypothesis import given, settings
from hypothesis import strategies as st

from aims_core import InvalidRecord, canonical_json

SCHEMA = Schema.of({"feature": ["x"], "id": "id"})

some_ids = st.one_of(
    st.lists(st.one_of(st.none(), st.integers(-9, 9), st.integers(-(2**63), 2**63 - 1))),
    st.lists(st.one_of(st.none(), st.text(max_size=3), st.text("ab", min_size=7, max_size=17))),
    st.lists(st.one_of(st.none(), st.sampled_from([0.0, -0.0, 1.0, 1.5, 2.0**60, 1e300, -1e-9]))),
    st.lists(st.one_of(st.none(), st.binary(max_size=9))),
    st.lists(st.one_of(st.none(), st.decimals(-9, 9, places=2))),
    st.lists(st.one_of(st.none(), st.datetimes(), st.datetimes())),
    st.lists(st.one_of(st.none(), st.booleans())),
)


def counted(values, cuts=()):
    """Count values in parts, all in one."""
    array = pa.array(values, None if any(v is not None for v in values) else pa.int64())
    found = IdCounts()
    for start, end in pairwise([0, *sorted(cuts), len(array)]):
        found.add(array.slice(start, max(0, end - start)))
    return found


def figure(window, reference=None):
    (found,) = compute_metrics(["duplicate_share"], window, reference)
    return found


@settings(max_examples=300, deadline=None)
@given(values=some_ids, data=st.data())
def test_distinct_ids_are_those_of_a_set_however_the_log_was_cut(values, data):
    cuts = data.draw(st.lists(st.integers(0, len(values)), max_size=3))
    found = counted(values, cuts)
    edges = [0, *sorted(cuts), len(values)]
    parts = [counted(values[a:b]) for a, b in pairwise(edges)]

    merged = parts[0]
    for part in parts[1:]:
        merged = part.merge(merged)

    known = [value for value in values if value is not None]
    assert found.distinct == len(set(known))
    assert (found.n, found.missing, found.rows) == (
        len(known),
        len(values) - len(known),
        len(values),
    )
    assert merged.content() == found.content()
    assert merged.smallest.tolist() == found.smallest.tolist()


@settings(max_examples=150, deadline=None)
@given(
    values=st.lists(st.integers(0, 400), max_size=300),
    cut=st.integers(0, 300),
    kept=st.integers(3, 40),
)
def test_of_many_ids_the_same_hashes_are_kept_however_the_log_was_cut(values, cut, kept):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ids, "KEPT", kept)
        whole = counted(values)
        one, other = counted(values[:cut]), counted(values[cut:])

        assert counted(values[::-1], [cut]).smallest.tolist() == whole.smallest.tolist()
        for merged in (one.merge(other), other.merge(one)):
            assert merged.smallest.tolist() == whole.smallest.tolist()
            assert merged.content() == whole.content()
    assert len(whole.smallest) <= kept
    assert (whole.sample == 0) == (len(set(values)) <= kept)


@pytest.mark.parametrize("n", [200_000, 1_000_000])
@pytest.mark.parametrize("repeated", [0.0, 0.3])
def test_an_estimate_lies_within_its_interval_and_its_memory_is_bounded(n, repeated):
    distinct = n - int(n * repeated)
    values = np.concatenate((np.arange(distinct), np.zeros(n - distinct, np.int64)))

    found = counted(values, range(0, n, 65_536))

    assert found.sample == len(found.smallest) == ids.KEPT
    low, high = found.bounds
    assert low <= distinct <= high
    assert abs(found.distinct - distinct) < 0.01 * distinct
    assert found.smallest.nbytes == 8 * ids.KEPT


def test_the_interval_holds_in_about_95_of_100_cases():
    chance = np.random.default_rng(5)
    held = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ids, "KEPT", 200)
        for _ in range(400):
            low, high = counted(chance.choice(2**60, 2_000, replace=True)).bounds
            held += low <= 2_000 <= high

    assert 0.92 <= held / 400 <= 1


def test_hashes_are_spread_evenly_and_ids_that_follow_each_other_share_none():
    for array in (
        pa.array(range(100_000)),
        pa.array([f"user-{i:06d}" for i in range(100_000)]),
        pa.array([str(uuid.UUID(int=i << 64)) for i in range(100_000)]),
    ):
        hashes = np.sort(hashed(array))
        assert len(np.unique(hashes)) == 100_000
        assert int(hashes[-1]) < 2**BITS
        shares = (np.arange(100_000) + 1) / 100_000
        assert np.abs(hashes / 2**BITS - shares).max() < 0.006  # Kolmogorov at 0.1 %


def test_the_same_id_has_the_same_hash_in_each_form_of_its_kind():
    whole = hashed(pa.array([7, 300])).tolist()
    text = hashed(pa.array(["seven", ""])).tolist()

    for array in (
        pa.array([7, 300], pa.int16()),
        pa.array([7, 300], pa.uint64()),
        pa.array([7.0, 300.0]),
        pa.array([7, None, 300]),
        pa.chunked_array([[7], [300]]),
        pa.array([1, 7, 300]).slice(1),
    ):
        assert hashed(array).tolist() == whole
    for array in (
        pa.array(["seven", ""], pa.large_string()),
        pa.array([b"seven", b""]),
        pa.array(["seven", None, ""]).dictionary_encode(),
        pa.DictionaryArray.from_arrays(pa.array([1, 0, 2]), pa.array([None, "seven", ""])),
        pa.array(["x", "seven", "", "y"]).slice(1, 2),
    ):
        assert hashed(array).tolist() == text
    one = hashed(pa.array([decimal.Decimal("1.50"), decimal.Decimal("2.00")]))
    assert one.tolist() == hashed(pa.array(["1.5", "2"])).tolist()
    assert hashed(pa.array([[1], [2]])) is None
    assert hashed(pa.nulls(3)).tolist() == []


@settings(max_examples=50, deadline=None)
@given(values=st.lists(st.one_of(st.none(), st.sampled_from("abcdefgh")), max_size=80))
def test_the_share_is_that_of_pandas(values):
    frame = pd.DataFrame({"x": range(len(values)), "id": pd.Series(values, dtype=object)})
    layout = fit_layout(open_source(frame), SCHEMA)
    window = profile_source(open_source(frame), layout, ids=True)

    found = figure(window)

    known = frame["id"].dropna()
    assert found.n == len(known)
    if len(known) < 30:
        assert found.value is None
        assert f"{len(known)} row(s) with an id; 30 are needed" in found.reason
    else:
        assert found.value == pytest.approx(known.duplicated().mean())
        assert (found.low, found.high, found.p) == (None, None, None)


def test_an_estimated_share_has_an_interval(monkeypatch):
    monkeypatch.setattr(ids, "KEPT", 500)
    values = np.arange(10_000) % 8_000
    table = pa.table({"x": values, "id": values})
    window = profile_source(open_source(table), fit_layout(open_source(table), SCHEMA), ids=True)

    found = figure(window)

    assert found.low < found.value < found.high
    assert found.low <= 0.2 <= found.high
    assert (found.high - found.low) == pytest.approx(0.14, abs=0.02)


def test_ids_that_are_none_and_a_log_without_the_column_have_a_reason():
    layout = fit_layout(open_source(pa.table({"x": [1.0]})), SCHEMA)
    for table, said in (
        (pa.table({"x": [1.0] * 50, "id": [[1]] * 50}), "0 row(s) with an id and 50 with a value"),
        (pa.table({"x": [1.0] * 50}), "0 row(s) with an id; 30"),
    ):
        window = profile_source(open_source(table), layout, ids=True)
        assert window.adds_up()
        assert said in figure(window).reason
    assert "set a limit on duplicate_share" in figure(Profile.empty(layout)).reason


def test_hashes_are_not_stored_and_a_stored_window_keeps_its_figure_and_digest():
    table = pa.table({"x": [1.0] * 100, "id": [i % 80 for i in range(100)]})
    layout = fit_layout(open_source(table), SCHEMA)
    window = profile_source(open_source(table), layout, ids=True)
    bare = profile_source(open_source(table), layout)

    packed = pack(window.content())
    read = Profile.read(layout, unpack(packed))

    assert read.digest == window.digest
    assert figure(read) == figure(window)
    assert figure(read).value == 0.2
    assert len(packed) - len(pack(bare.content())) < 100
    assert set(window.content()) - set(bare.content()) == {"ids"}
    assert figure(window.merge(window)).value == pytest.approx(0.6)
    added = read.merge(window)
    assert added.rows == 200
    assert "ids are not stored" in figure(added).reason
    assert Profile.read(layout, json.loads(canonical_json(added.content()))).digest == added.digest
    assert window.merge(bare).ids is None


@pytest.mark.parametrize("kind", ["whole", "text"])
@pytest.mark.parametrize("how", ["frame", "csv", "parquet", "tasks", "duckdb", "database"])
def test_hashes_are_bit_for_bit_the_same_wherever_the_log_lies(
    how, kind, profile_of, tmp_path, database_url
):
    values = np.random.default_rng(2).integers(0, 2**50, 400) // 2**42
    column = pa.array([f"id {v}" for v in values] if kind == "text" else values)
    table = pa.table({"x": np.arange(400.0), "id": column})
    layout = fit_layout(open_source(table), SCHEMA)
    expected = profile_source(open_source(table), layout, ids=True)

    found = profile_of(how, table, layout, tmp_path, database_url, ids=True)

    assert found.ids.content() == expected.ids.content()
    assert found.ids.smallest.tolist() == expected.ids.smallest.tolist()
    assert found.ids.distinct == len(np.unique(values))


def test_windows_are_counted_apart_in_the_database(in_database, database_url):
    times = [datetime(2026, 1 + i // 60, 10) for i in range(120)]  # noqa: DTZ001 - as stored
    table = pa.table(
        {
            "x": np.arange(120.0),
            "id": [i % 30 for i in range(120)],
            "t": pa.array(times, pa.timestamp("us")),
        }
    )
    schema = Schema.of({"feature": ["x"], "id": "id", "time": "t"})
    layout = fit_layout(open_source(table), schema)
    rows = scan(open_source(table), layout, "month", ids=True)

    pushed = count_in_database(
        open_source(in_database(database_url, table)), layout, "month", ids=True
    )
    lacking = open_source(in_database(database_url, table.select(["x"])))
    (without,) = count_in_database(lacking, layout, None, ids=True).values()

    assert [figure(profile).value for profile in rows.values()] == [0.5, 0.5]
    assert list(pushed) == list(rows)
    for window, profile in rows.items():
        assert pushed[window].ids.smallest.tolist() == profile.ids.smallest.tolist()
    assert (without.ids.missing, without.ids.n) == (120, 0)


def test_windows_that_cross_tasks_are_counted_as_in_one_scan(tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "_ROWS_OF_A_TASK", 100)
    monkeypatch.setattr(ids, "KEPT", 50)
    table = pa.table({"x": np.arange(900.0), "id": [i % 70 for i in range(900)]})
    pq.write_table(table, tmp_path / "log.parquet", row_group_size=90)
    source = open_source(tmp_path / "log.parquet")
    layout = fit_layout(source, SCHEMA)

    class OneByOne:
        def map(self, tasks):
            return [count_task(task) for task in tasks]

    apart = scan(source, layout, 250, engine=OneByOne(), ids=True)
    whole = scan(source, layout, 250, ids=True)

    assert list(apart) == list(whole)
    for one, other in zip(apart.values(), whole.values(), strict=True):
        assert one.ids.content() == other.ids.content()
        assert one.ids.smallest.tolist() == other.ids.smallest.tolist()


def test_ids_are_read_only_where_a_limit_asks_for_them(housing):
    frame = pd.DataFrame({"id": [i % 90 for i in range(200)], "x": np.arange(200.0)})
    asked = {"schema": {"feature": ["x"], "id": "id"}, "reference": frame, "window": 100}
    asked |= {"kind": "drift"}
    limits = {"duplicate_share": {"max": 0.0}}
    housing.monitoring.define("without", "ticket-triage", **asked)
    housing.monitoring.define("with", "ticket-triage", **asked, thresholds=limits)
    housing.monitoring.define(
        "relative", "ticket-triage", **asked, thresholds={"duplicate_share": {"rise": 0.1}}
    )

    runs = {name: housing.monitoring.run(name, frame) for name in ("without", "with", "relative")}

    key = runs["with"].windows[0].window
    assert housing.monitoring.profile("without", key).ids is None
    assert housing.monitoring.profile("with", key).ids.distinct == 90
    figures = {
        name: [j for w in run.windows for j in w.figures if j.name == "duplicate_share"]
        for name, run in runs.items()
    }
    assert figures["without"] == []
    assert [(j.measurement.value, j.status) for j in figures["with"]] == [
        (pytest.approx(0.1), "breach"),
        (pytest.approx(0.1), "breach"),
    ]
    assert [j.status for j in figures["relative"]] == ["ok", "ok"]


def test_ids_that_late_labels_are_joined_on_are_counted_as_well(housing, tmp_path):
    frame = pa.table({"id": [f"r{i % 90}" for i in range(100)], "p": [1] * 100})
    pq.write_table(frame, tmp_path / "log.parquet", row_group_size=30)
    labels = pa.table({"id": [f"r{i}" for i in range(90)], "y": [1] * 90})
    housing.monitoring.define(
        "joined",
        "ticket-triage",
        schema={"prediction": "p", "label": "y", "id": "id"},
        thresholds={"accuracy": {"min": 0.9}, "duplicate_share": {"max": 0.2}},
        window=100,
    )

    run = housing.monitoring.run("joined", tmp_path / "log.parquet", labels)

    figures = {j.name: (j.measurement.value, j.status) for j in run.windows[0].figures}
    assert figures["duplicate_share"] == (pytest.approx(0.1), "ok")
    assert figures["accuracy"] == (1.0, "ok")


def test_a_text_far_longer_than_the_others_is_an_id_like_them():
    texts = ["a" * 100_000, "a" * 100_001, "a", "", "a" * 100_000]

    assert counted(texts).distinct == 4


def test_a_limit_on_repeated_ids_needs_an_id(housing):
    with pytest.raises(InvalidRecord, match=r"duplicate_share needs an? id"):
        housing.monitoring.define(
            "m",
            "ticket-triage",
            schema={"feature": ["x"], "prediction": "x"},
            thresholds={"duplicate_share": {"max": 0.0}},
        )
