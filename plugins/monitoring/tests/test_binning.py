"""Values are counted between edges exactly, whatever their shape, and alike on every processor."""

import json
import math
import os
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest
from aims_monitoring import binning
from aims_monitoring.binning import Edges, binned
from aims_monitoring.layout import fit_layout, quantile_edges
from aims_monitoring.profile import profile_source
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source
from hypothesis import given
from hypothesis import strategies as st

ODD = st.one_of(
    st.floats(width=32),
    st.sampled_from([0.0, -0.0, 1.0, math.nan, math.inf, -math.inf, 1e300, 5e-324]),
)
_COUNTS = """
import json, sys
from aims_monitoring.layout import Layout
from aims_monitoring.profile import profile_source
from aims_monitoring.source import open_source
layout = Layout.read(json.loads(sys.argv[2]))
columns = profile_source(open_source(sys.argv[1]), layout).columns
print(json.dumps({n: c.counts.tolist() for n, c in columns.items()}))
"""


@given(
    st.lists(ODD, max_size=80),
    st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=300),
    st.sampled_from([1, 1_000]),
)
def test_values_are_counted_where_a_search_finds_them(values, reference, times):
    array = np.tile(np.array(values, dtype=np.float64), times)
    edges = quantile_edges(np.sort(np.array(reference)))
    finite = array[np.isfinite(array)]
    places = np.searchsorted(edges, finite)

    found = binned(array, Edges(edges), 0.5)

    assert found.counts.tolist() == np.bincount(places, minlength=len(edges) + 1).tolist()
    assert (found.missing, found.minus_infinity, found.plus_infinity) == (
        np.isnan(array).sum(),
        (array == -math.inf).sum(),
        (array == math.inf).sum(),
    )
    if len(finite) > 0 and abs(finite).max() < 1e100:  # beyond it squares are no number
        assert (found.least, found.greatest) == (finite.min(), finite.max())
        assert found.squares == pytest.approx(((finite - 0.5) ** 2).sum(), rel=1e-9)
        for place in set(places.tolist()):
            there = finite[places == place] - 0.5
            assert found.sums[place] == pytest.approx(
                there.sum(), rel=1e-9, abs=1e-9 * abs(there).sum()
            )


@pytest.mark.parametrize(
    "draw",
    [
        lambda r, n: r.normal(size=n),
        lambda r, n: r.lognormal(sigma=3, size=n),
        lambda r, n: r.standard_cauchy(n),
        lambda r, n: r.integers(0, 40, n).astype(np.float64),
        lambda r, n: np.where(r.random(n) < 0.5, 0.0, 1e300 * r.normal(size=n)),
        lambda r, n: 1e308 * (2 * r.random(n) - 1),
        lambda r, n: 5e-324 * r.integers(0, 400, n),
        lambda r, n: np.exp(r.uniform(-700, 700, n)),
        lambda _, n: np.full(n, 7.0),
    ],
)
def test_many_values_of_any_shape_are_counted_exactly(draw):
    values = draw(np.random.default_rng(4), 60_000)
    edges = quantile_edges(np.sort(values[:20_000]))
    # Where an edge is met, and its neighbours, it is easiest to be one off.
    near = np.concatenate((edges, np.nextafter(edges, -math.inf), np.nextafter(edges, math.inf)))
    values = np.concatenate((values, near[np.isfinite(near)]))

    found = Edges(edges).places(values)

    assert found.tolist() == np.searchsorted(edges, values).tolist()


def test_a_grid_spares_comparisons_where_values_lie_near_each_other_and_far():
    random = np.random.default_rng(8)
    for values in (random.normal(size=20_000), random.standard_cauchy(20_000)):
        grid = binning._Grid.over(quantile_edges(np.sort(values)))

        assert grid is not None
        assert grid.comparisons <= 3


def test_without_wide_vector_instructions_counts_are_the_same(tmp_path, log):
    path = tmp_path / "log.parquet"
    pq.write_table(log(5_000, 3), path, row_group_size=2_000)
    layout = fit_layout(open_source(path), Schema.of({"feature": ["x", "c", "s"]}))
    here = profile_source(open_source(path), layout).columns
    dispatched = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    narrow = {"NPY_DISABLE_CPU_FEATURES": " ".join(dispatched), "ARROW_USER_SIMD_LEVEL": "NONE"}

    done = subprocess.run(
        [sys.executable, "-c", _COUNTS, str(path), json.dumps(layout.content())],
        capture_output=True,
        check=True,
        text=True,
        env=os.environ | narrow,
    )
    assert json.loads(done.stdout) == {n: column.counts.tolist() for n, column in here.items()}


def test_a_wide_gap_of_the_reference_has_edges_within_and_a_long_tail_has_none():
    random = np.random.default_rng(4)
    apart = random.normal(100.0 * (random.random(20_000) < 0.5), 1)

    edges = quantile_edges(np.sort(apart))

    assert np.diff(edges).max() < 0.15 * apart.std()
    for values in (random.normal(size=20_000), random.standard_cauchy(20_000)):
        assert len(quantile_edges(np.sort(values))) == 101
