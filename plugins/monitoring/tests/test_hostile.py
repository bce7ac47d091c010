import datetime as dt
import decimal
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from aims_monitoring.metrics.catalogue import METRICS, compute_metrics

from aims_core import canonical_json

N = 200
RNG = np.random.default_rng(0)

COLUMNS = {
    "constant": [1.0] * N,
    "all missing": [None] * N,
    "all NaN": [math.nan] * N,
    "infinite": [math.inf, -math.inf, 1.0, math.nan] * (N // 4),
    "huge": [1.7e308, -1.7e308] * (N // 2),
    "tiny": [5e-324, 0.0] * (N // 2),
    "beyond 2^53": [2**63 - 1 - i for i in range(N)],
    "truth values": [True, False, None, True] * (N // 4),
    "text": ["a", "b"] * (N // 2),
    "every row its own text": [f"person-{i}@example.org" for i in range(2 * N)][:N],
    "a very long text": ["x" * 10_000, "y" * 10_000] * (N // 2),
    "NUL and formula": ["a\x00b", "=cmd()|' /C calc'!A0", "<script>", "$\\frac$"] * (N // 4),
    "half a character": ["\ud800", "ok"] * (N // 2),
    "mixed": ([1, "two", 3.0, None, "4"] * N)[:N],
    "decimals": [decimal.Decimal("1.5"), decimal.Decimal("2.25")] * (N // 2),
    "days": [dt.date(2024, 1, 1 + i % 28) for i in range(N)],
    "times": [dt.datetime(2024, 1, 1, i % 24, tzinfo=dt.UTC) for i in range(N)],
    "lists": [[1, 2], [3]] * (N // 2),
    "mappings": [{"a": 1}, {"a": 2}] * (N // 2),
    "bytes": [b"\xff\x00", b"a"] * (N // 2),
    "whole numbers": RNG.integers(0, 1_000, N).tolist(),
}


@pytest.mark.parametrize("before", COLUMNS)
def test_any_column_against_any_other_gives_a_figure_or_a_reason_and_loses_no_row(before, profiles):
    for now in COLUMNS:
        frames = [
            pd.DataFrame({"x": pd.Series(COLUMNS[name], dtype=object), "p": 1, "y": 1})
            for name in (before, now)
        ]
        window, reference = profiles(*frames, {"feature": ["x"], "prediction": "p", "label": "y"})

        figures = compute_metrics(list(METRICS), window, reference)

        assert window.rows == N
        assert window.adds_up()
        assert reference.adds_up()
        canonical_json(window.content())
        canonical_json(window.layout.content())
        for one in figures:
            # A change of type says which kinds came instead, beside its value.
            said = bool(one.reason) and not (one.metric == "type_change" and one.value)
            assert (one.value is None) == said, (now, one)
            assert one.value is None or math.isfinite(one.value), (now, one)


def test_one_row_gives_reasons(profiles):
    frame = pd.DataFrame({"x": [1.0], "p": [1], "y": [1]})

    window, reference = profiles(frame, frame, {"feature": ["x"], "prediction": "p", "label": "y"})

    figures = compute_metrics(["psi", "accuracy"], window, reference)
    assert all(m.value is None and "needed" in m.reason for m in figures)


def test_missing_labels_are_left_out_and_counted(profiles):
    frame = pd.DataFrame({"p": [1.0, 0.0] * 50, "y": [1.0, math.nan] * 50})

    window, _ = profiles(frame, frame, {"prediction": "p", "label": "y"})

    (accuracy,) = compute_metrics(["accuracy"], window, None)
    assert (accuracy.value, accuracy.n) == (1.0, 50)
    assert window.confusion.cells[None, "0"] == 50


def test_continuous_labels_are_no_classes(profiles):
    values = np.random.default_rng(1).normal(size=500)
    frame = pd.DataFrame({"p": values, "y": values})

    window, _ = profiles(frame, frame, {"prediction": "p", "label": "y"})

    (accuracy,) = compute_metrics(["accuracy"], window, None)
    assert accuracy.value is None
    assert "no classes" in accuracy.reason


def test_identifiers_are_not_kept(profiles):
    frame = pd.DataFrame({"who": [f"person-{i}@example.org" for i in range(1_000)]})

    window, _ = profiles(frame, frame, {"feature": ["who"]})

    assert "example.org" not in canonical_json(window.content())
    assert "example.org" not in canonical_json(window.layout.content())
    assert "identifier" in window.layout.columns["who"].reason


def test_text_among_numbers_is_counted_as_unreadable_and_its_share_as_missing(profiles):
    before = pd.DataFrame({"x": np.arange(200.0)})
    now = pd.DataFrame({"x": pd.Series([*range(150), *["?"] * 50], dtype=object)})

    window, reference = profiles(before, now, {"feature": ["x"]})

    (share,) = compute_metrics(["missing_share"], window, reference)
    assert window.columns["x"].unreadable == 50
    assert share.value == 0.25


def test_two_thousand_columns_are_no_trouble(profiles):
    table = pa.table({f"x{i}": RNG.normal(size=150) for i in range(2_000)})

    window, reference = profiles(table, table, {"feature": table.column_names})

    assert len(compute_metrics(["psi"], window, reference)) == 2_000


def test_polars_like_streams_are_read(profiles):
    class Stream:
        def __arrow_c_stream__(self, schema=None):
            return pa.table({"x": np.arange(200.0)}).__arrow_c_stream__(schema)

    window, _ = profiles(Stream(), Stream(), {"feature": ["x"]})

    assert window.rows == 200
