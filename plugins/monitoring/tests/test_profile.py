import json
import math
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from aims_monitoring.columns import NumericColumn
from aims_monitoring.cube import Cube
from aims_monitoring.layout import Layout, NumericPlan, fit_layout, quantile_edges
from aims_monitoring.profile import Profile, profile_source
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source
from hypothesis import given, settings
from hypothesis import strategies as st

from aims_core import canonical_json

odd_floats = st.lists(
    st.one_of(
        st.floats(width=32),
        st.sampled_from([0.0, -0.0, 1.0, math.nan, math.inf, -math.inf, 1e300, 5e-324]),
        st.none(),
    ),
    max_size=60,
)


def _parts(table: pa.Table, *cuts: int) -> list[pa.Table]:
    edges = [0, *sorted(cuts), len(table)]
    return [table.slice(a, b - a) for a, b in pairwise(edges)]


def _counts(profile: Profile) -> dict:
    """Everything of a profile that is counted; sums are equal only up to rounding."""
    content = json.loads(canonical_json(profile.content()))
    for column in content["columns"].values():
        for name in ("sums", "shifted", "shifted_squares"):
            column.pop(name, None)
    for name in ("sums", "squares"):
        content["score"].pop(name)
    content["histogram"].pop("means")
    content["histogram"].pop("logs")
    return content


def test_merging_the_parts_of_a_log_gives_the_profile_of_the_whole(log, profiles):
    whole, reference = profiles(log(5_000, 1), log(4_000, 2, shift=0.5))

    parts = [Profile.empty(whole.layout) for _ in range(4)]
    for part, rows in zip(parts, _parts(log(4_000, 2, shift=0.5), 7, 1_000, 1_001), strict=True):
        part.add(rows)
    merged = parts[0].merge(parts[1]).merge(parts[2]).merge(parts[3])
    other_way = parts[3].merge(parts[1].merge(parts[0])).merge(parts[2])

    assert merged.adds_up()
    assert whole.adds_up()
    assert reference.adds_up()
    assert _counts(merged) == _counts(whole) == _counts(other_way)
    assert np.allclose(merged.columns["x"].sums, whole.columns["x"].sums, rtol=1e-12)
    assert merged.score.squares == pytest.approx(whole.score.squares, rel=1e-12)


def test_profiles_of_different_layouts_do_not_merge(log, profiles):
    one, _ = profiles(log(200, 1), log(200, 2))
    other, _ = profiles(log(200, 3), log(200, 2))

    with pytest.raises(ValueError, match="different layouts"):
        one.merge(other)


def test_the_stored_form_of_a_profile_reads_back_to_the_same_profile(log, profiles):
    window, _ = profiles(log(2_000, 1), log(1_000, 2))

    layout = Layout.read(json.loads(canonical_json(window.layout.content())))
    read = Profile.read(layout, json.loads(canonical_json(window.content())))

    assert layout.digest == window.layout.digest
    assert read.digest == window.digest
    assert read.merge(read).rows == 2_000


def test_a_profile_of_an_unknown_version_is_refused_not_misread(log, profiles):
    window, _ = profiles(log(200, 1), log(200, 2))
    content = window.content() | {"version": 99}

    with pytest.raises(ValueError, match="version 99"):
        Profile.read(window.layout, content)
    with pytest.raises(ValueError, match="version 99"):
        Layout.read(window.layout.content() | {"version": 99})


def test_the_same_log_gives_the_same_profile_from_pandas_arrow_csv_and_parquet(
    tmp_path, log, roles
):
    import pyarrow.csv
    import pyarrow.parquet

    table = log(3_000, 4)
    layout = fit_layout(open_source(log(3_000, 5)), Schema.of(roles))
    pyarrow.csv.write_csv(table, tmp_path / "log.csv")
    pyarrow.parquet.write_table(table, tmp_path / "log.parquet", row_group_size=700)
    sources = [table, table.to_pandas(), tmp_path / "log.csv", tmp_path / "log.parquet"]

    first, *others = [profile_source(open_source(source), layout) for source in sources]

    assert all(_counts(other) == _counts(first) for other in others)
    assert all(
        np.allclose(other.columns["x"].sums, first.columns["x"].sums, rtol=1e-12)
        for other in others
    )


@settings(max_examples=150, deadline=None)
@given(reference=odd_floats, window=odd_floats, cut=st.integers(0, 60))
def test_every_row_is_accounted_for_whatever_the_numbers_are(reference, window, cut):
    layout = fit_layout(
        open_source(pa.table({"x": pa.array(reference, pa.float64())})),
        Schema(feature=("x",)),
    )
    table = pa.table({"x": pa.array(window, pa.float64())})
    whole, first, second = (Profile.empty(layout) for _ in range(3))

    whole.add(table)
    for part, rows in zip((first, second), _parts(table, min(cut, len(table))), strict=True):
        part.add(rows)
    merged = first.merge(second)

    assert whole.rows == len(window)
    assert whole.adds_up()
    assert merged.adds_up()
    assert merged.columns["x"].counts.tolist() == whole.columns["x"].counts.tolist()
    canonical_json(merged.content())


@settings(max_examples=100, deadline=None)
@given(values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=300))
def test_edges_ascend_and_separate_values_that_stand_for_themselves(values):
    ordered = np.sort(np.array(values))

    edges = quantile_edges(ordered)

    assert np.all(np.diff(edges) > 0)
    assert np.isfinite(edges).all()
    if len(np.unique(ordered)) <= 100:
        column = NumericColumn.empty(NumericPlan(edges))
        column.add(pa.array(ordered))
        _, times = np.unique(ordered, return_counts=True)
        assert sorted(column.counts[column.counts > 0].tolist()) == sorted(times.tolist())


def test_values_outside_the_reference_range_are_counted_apart(profiles):
    window, _ = profiles(
        pa.table({"x": [1.0, 2.0, 3.0]}), pa.table({"x": [0.5, 2.0, 9.0, 9.5]}), {"feature": ["x"]}
    )

    counts = window.columns["x"].counts

    assert counts[0] == 1
    assert counts[-1] == 2


def test_mean_and_deviation_are_those_of_numpy_even_far_from_zero(profiles):
    values = np.random.default_rng(0).normal(1e9, 3.0, 10_000)

    window, _ = profiles(
        pa.table({"x": values[:5_000]}), pa.table({"x": values}), {"feature": ["x"]}
    )

    assert window.columns["x"].mean == pytest.approx(values.mean(), rel=1e-14)
    assert window.columns["x"].deviation == pytest.approx(values.std(), rel=1e-9)


def test_a_category_nobody_has_seen_is_counted_and_named_and_names_are_bounded(profiles):
    reference = pa.table({"c": ["a", "b"] * 50})
    table = pa.table({"c": ["a", *(f"new-{i:04d}" for i in reversed(range(1_000)))]})

    window, _ = profiles(reference, table, {"feature": ["c"]})

    column = window.columns["c"]
    assert column.other == 1_000
    assert list(column.unseen) == [f"new-{i:04d}" for i in range(20)]
    assert column.rows == 1_001


def test_a_cube_of_too_many_classes_counts_rows_only_and_however_it_was_cut():
    table = pa.table({"y": [str(i) for i in range(150)], "p": ["1"] * 150})
    parts = [Cube(("y", "p")) for _ in range(2)]
    for cube, rows in zip(parts, _parts(table, 75), strict=True):
        cube.add(rows)
    whole = Cube(("y", "p"))
    whole.add(table)

    merged = parts[0].merge(parts[1])

    assert not parts[0].too_wide
    assert merged.too_wide
    assert merged.content() == whole.content()
    assert merged.rows == 150


def test_confusion_counts_by_group_add_up_to_the_confusion_counts(log, profiles):
    window, _ = profiles(log(500, 1), log(2_000, 2))
    pair, by_group = window.cubes

    summed: dict = {}
    for (_, label, prediction), n in by_group.cells.items():
        summed[label, prediction] = summed.get((label, prediction), 0) + n

    assert summed == pair.cells
    assert sum(pair.cells.values()) == 2_000


def test_a_profile_of_the_first_version_is_read_and_merged_without_what_it_lacks(log, profiles):
    window, _ = profiles(log(200, 1), log(300, 2))
    old = {k: v for k, v in window.content().items() if k not in {"histogram", "residuals"}}

    read = Profile.read(window.layout, old | {"version": 1})
    both = read.merge(window)

    assert (read.histogram, both.histogram) == (None, None)
    assert (read.rows, both.rows, both.adds_up()) == (300, 600, True)


def test_whole_numbers_beyond_what_a_double_holds_are_told_apart(profiles):
    start = 2**53 + 2**40
    reference = pa.table({"k": pa.array([start + i for i in range(50)] * 4, pa.int64())})
    moved = pa.table(
        {"k": pa.array([start + 1 + i for i in range(49)] + [None, -(2**62)], pa.int64())}
    )

    window, before = profiles(reference, moved, {"feature": ["k"]})

    column = window.columns["k"]
    held = before.columns["k"].counts
    assert sorted(held[held > 0].tolist()) == [4] * 50
    assert (column.n, column.missing, column.counts[0]) == (50, 1, 1)
    assert int(column.counts[1:].max()) == 1
    assert before.columns["k"].mean == pytest.approx(start + 24.5)
    assert (
        Layout.read(json.loads(canonical_json(window.layout.content()))).digest
        == window.layout.digest
    )
