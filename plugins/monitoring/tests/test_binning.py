"""The two forms of counting between edges count alike, and each processor gets the one it is good at."""

import json
import math
import os
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest
from aims_monitoring import binning
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
from aims_monitoring import binning
from aims_monitoring.layout import Layout
from aims_monitoring.profile import profile_source
from aims_monitoring.source import open_source
layout = Layout.read(json.loads(sys.argv[2]))
columns = profile_source(open_source(sys.argv[1]), layout).columns
print(json.dumps([binning.sorts_fast(), {n: c.counts.tolist() for n, c in columns.items()}]))
"""


@given(
    st.lists(ODD, max_size=80),
    st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=300),
)
def test_both_forms_count_alike(values, reference):
    array, edges = np.array(values, dtype=np.float64), quantile_edges(np.sort(np.array(reference)))

    one, other = (form(array, edges, 0.5) for form in (binning._by_sorting, binning._by_search))

    assert one.counts.tolist() == other.counts.tolist()
    for name in ("least", "greatest", "missing", "minus_infinity", "plus_infinity"):
        assert getattr(one, name) == getattr(other, name)
    assert np.allclose(one.sums, other.sums, rtol=1e-12, equal_nan=True)
    assert other.squares == pytest.approx(one.squares, rel=1e-12, nan_ok=True)
    assert len(values) == one.counts.sum() + one.missing + one.minus_infinity + one.plus_infinity


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
    sorts, counts = json.loads(done.stdout)

    assert counts == {name: column.counts.tolist() for name, column in here.items()}
    assert not sorts


@pytest.mark.parametrize(
    ("features", "fast"),
    [
        ({"X86_V3": True}, True),
        ({"AVX2": True}, True),
        ({"X86_V3": False, "AVX2": True}, False),
        ({"ASIMD": True}, True),
        ({"SSE42": True}, False),
        (None, True),
    ],
)
def test_a_processor_is_asked_what_it_has(features, fast, monkeypatch):
    monkeypatch.setattr(np._core._multiarray_umath, "__cpu_features__", features)

    assert binning.sorts_fast.__wrapped__() is fast
