"""That values have become another kind is a figure of the column, wherever the log lies."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from aims_monitoring.layout import fit_layout
from aims_monitoring.metrics.catalogue import compute_metrics
from aims_monitoring.profile import Profile, profile_source
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source
from hypothesis import given, settings
from hypothesis import strategies as st

from aims_core import canonical_json

N = 200
NUMBERS = [float(i % 90) for i in range(N)]
WORDS = [["red", "green", "blue"][i % 3] for i in range(N)]
TIMES = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=i) for i in range(N)]
SCHEMA = {"feature": ["x"]}


def changed(profiles, before, now, **more):
    tables = [pa.table({"x": values}) for values in (before, now)]
    window, reference = profiles(*tables, SCHEMA | more)
    (found,) = compute_metrics(["type_change"], window, reference)
    return found


@pytest.mark.parametrize(
    ("before", "now", "share", "said"),
    [
        (NUMBERS, NUMBERS[::-1], 0.0, ""),
        (NUMBERS, [True, False] * 100, 0.0, ""),
        (NUMBERS, [str(x) for x in NUMBERS], 0.0, ""),
        (NUMBERS, [*map(str, NUMBERS[:150]), *["?"] * 50], 0.25, "50 value(s) that cannot be read"),
        (NUMBERS, WORDS, 1.0, "200 value(s) that cannot be read"),
        (NUMBERS, TIMES, 1.0, "200 time(s) where the reference has number(s)"),
        (TIMES, NUMBERS, 1.0, "200 number(s) where the reference has time(s)"),
        (TIMES, [t.isoformat() for t in TIMES], 1.0, "200 value(s) that cannot be read"),
        (WORDS, NUMBERS, 1.0, "200 number(s) where the reference has text(s)"),
        (WORDS, TIMES, 1.0, "200 time(s) where the reference has text(s)"),
        (WORDS, [*WORDS[:100], *["yellow"] * 100], 0.0, ""),
        (WORDS, [[1.5]] * N, 1.0, "cannot be read"),
        (["1", "2"] * 100, [1, 2] * 100, 0.0, ""),
        (["1", "2"] * 100, [1, 2, 3, 3] * 50, 0.5, "100 number(s) where the reference has text(s)"),
    ],
)
def test_values_of_another_kind_are_a_share_of_all_with_a_value(profiles, before, now, share, said):
    found = changed(profiles, before, [*now, *[None] * 40])

    assert found.value == pytest.approx(share)
    assert said in found.reason
    assert bool(found.reason) == bool(share)
    assert found.n == N
    assert found.low <= found.value <= found.high


def test_codes_that_came_as_words_are_texts_where_the_reference_has_numbers(profiles):
    found = changed(profiles, [1, 2] * 100, ["1", "two"] * 100, categorical=["x"])

    assert (found.value, found.reason) == (0.5, "100 text(s) where the reference has number(s)")


def test_what_the_reference_has_of_another_kind_itself_is_no_change(profiles):
    odd = [*map(str, NUMBERS[:150]), *["?"] * 50]
    layout = fit_layout(open_source(pa.table({"x": NUMBERS})), Schema.of(SCHEMA))
    both = profile_source(open_source(pa.table({"x": odd})), layout)

    (found,) = compute_metrics(["type_change"], both, both)

    assert (found.value, found.p) == (0.0, pytest.approx(1.0))


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (NUMBERS, NUMBERS[:99], "the window has 99 row(s) with a value, 100 are needed"),
        (NUMBERS[:99], NUMBERS, "the reference has 99 row(s)"),
        ([None] * N, NUMBERS, "the reference has 0 row(s)"),
        (NUMBERS, [None] * N, "the window has 0 row(s)"),
        ([f"person {i}" for i in range(500)], WORDS, "not profiled"),
    ],
)
def test_without_enough_values_there_is_a_reason(profiles, before, now, said):
    found = changed(profiles, before, now)

    assert found.value is None
    assert said in found.reason


def test_profiles_of_before_kinds_were_counted_are_read_and_say_that_they_do_not_know(profiles):
    table = pa.table({"x": NUMBERS})
    window, reference = profiles(table, table, SCHEMA)
    content = json.loads(canonical_json(reference.content()))
    del content["columns"]["x"]["kinds"]

    old = Profile.read(reference.layout, content)
    (found,) = compute_metrics(["type_change"], window, old)

    assert found.value is None
    assert "was not counted" in found.reason
    assert old.content() == content
    assert "kinds" not in old.merge(window).content()["columns"]["x"]
    (found,) = compute_metrics(["type_change"], old, window)
    assert found.reason == "the kinds of the window's values were not counted"


def test_a_change_of_type_is_a_breach_by_default_and_says_which(housing):
    before = pd.DataFrame({"x": NUMBERS * 5, "c": WORDS * 5})
    now = before.assign(c=list(range(1000, 2000)))
    housing.monitoring.define(
        "kinds",
        "ticket-triage",
        kind="drift",
        schema={"feature": ["x", "c"]},
        reference=before,
        window=1_000,
    )

    run = housing.monitoring.run("kinds", now)

    figures = {j.name: j for j in run.windows[0].figures}
    assert figures["type_change:x"].status == "ok"
    assert figures["type_change:c"].status == "breach"
    assert "1000 number(s)" in figures["type_change:c"].measurement.reason
    series = housing.monitoring.series("kinds").set_index(["metric", "column"])
    assert "1000 number(s)" in series.loc[("type_change", "c"), "reason"]


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(
        st.one_of(st.none(), st.sampled_from(["1", "2.5", "red", "", "x"])), max_size=40
    ),
    numbers=st.lists(st.one_of(st.none(), st.integers(0, 5)), max_size=40),
    coded=st.booleans(),
)
def test_kinds_are_counted_as_one_would_by_hand_however_the_log_was_cut(values, numbers, coded):
    reference = pa.table({"x": [1, 2, 3] * 40})
    schema = Schema.of(SCHEMA | ({"categorical": ["x"]} if coded else {}))
    layout = fit_layout(open_source(reference), schema)
    parts = [pa.table({"x": pa.array(values, pa.string())}), pa.table({"x": numbers})]
    one, other, whole = (Profile.empty(layout) for _ in range(3))

    for profile, pieces in ((one, parts[:1]), (other, parts[1:]), (whole, parts)):
        for piece in pieces:
            profile.add(piece)

    texts = [v for v in values if v is not None]
    whole_numbers = [v for v in numbers if v is not None]
    if coded:
        expected = {
            "text": [len(texts), sum(v not in {"1", "2", "3"} for v in texts)],
            "number": [len(whole_numbers), sum(v not in {1, 2, 3} for v in whole_numbers)],
        }
    else:
        read = [v for v in texts if v in {"1", "2.5"}]
        expected = {"number": [len(read) + len(whole_numbers), 0]}
    expected = {kind: counts for kind, counts in expected.items() if counts[0]}
    assert whole.columns["x"].kinds == expected
    for merged in (one.merge(other), other.merge(one)):
        assert merged.columns["x"].content()["kinds"] == whole.columns["x"].content()["kinds"]


@pytest.mark.parametrize("how", ["frame", "csv", "parquet", "tasks", "duckdb", "database"])
def test_kinds_are_the_same_wherever_the_log_lies(how, profile_of, tmp_path, database_url):
    chance = np.random.default_rng(1)
    table = pa.table(
        {
            "i": chance.integers(0, 9, 500),
            "f": chance.normal(size=500),
            "c": chance.choice(["a", "b", "z"], 500),
            "b": chance.random(500) < 0.5,
        }
    )
    schema = Schema.of({"feature": ["i", "f", "c", "b"]})
    layout = fit_layout(open_source(table.slice(0, 40)), schema)
    expected = profile_source(open_source(table), layout)
    kinds = {name: column.kinds for name, column in expected.columns.items()}
    assert {name: list(held) for name, held in kinds.items()} == {
        "i": ["number"],
        "f": ["number"],
        "c": ["text"],
        "b": ["number"],
    }

    found = profile_of(how, table, layout, tmp_path, database_url)

    assert {name: column.kinds for name, column in found.columns.items()} == kinds
