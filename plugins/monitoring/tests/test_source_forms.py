"""Rows that a reader would pass over in silence, and columns in forms that Arrow does not compute with."""

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from aims_monitoring.layout import SkippedPlan, fit_layout
from aims_monitoring.profile import profile_source
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source

from aims_core import InvalidRecord


def lines(**instead):
    rows = ["x,y", *(f"{i},{i % 2}" for i in range(200))]
    for place, text in instead.items():
        rows[int(place[1:])] = text
    return "\n".join(rows) + "\n"


def test_two_marks_that_were_never_meant_as_a_pair_swallow_no_rows_unnoticed(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(lines(_50='"a,1', _120='"b,1'))

    with pytest.raises(InvalidRecord, match="quotation mark that is never closed"):
        open_source(path)


def test_one_mark_that_is_never_closed_is_refused(tmp_path):
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(lines(_50='"a,1').encode()))

    with pytest.raises(InvalidRecord, match=r"cannot be read|never closed"):
        open_source(path)


def test_a_text_of_several_lines_is_one_row(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(lines(_50='"a\nb ""c""",1', _120='"d,\n",1'))

    assert open_source(path).rows == 200


def test_an_empty_line_is_a_missing_value_where_there_is_one_column(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("x\n1\n\n3\n")

    [table] = open_source(path).batches(["x"])

    assert table["x"].to_pylist() == [1, None, 3]


FORMS = {
    "views": (pa.array(["a", "b"] * 100, pa.string_view()), {"a": 100, "b": 100}),
    "runs": (
        pa.RunEndEncodedArray.from_arrays(
            pa.array([100, 200], pa.int32()), pa.array(["a", "b"], pa.string_view())
        ),
        {"a": 100, "b": 100},
    ),
    "intervals": (pa.array([(1, 2, 3)] * 200, pa.month_day_nano_interval()), None),
    "bytes": (pa.array([b"a"] * 200, pa.binary_view()), None),
}


@pytest.mark.parametrize("form", FORMS)
def test_columns_in_forms_that_arrow_does_not_compute_with_are_read_or_named(form):
    column, counts = FORMS[form]
    schema = Schema(feature=("x",))
    source = open_source(pa.table({"x": column}))

    layout = fit_layout(source, schema)

    if counts is None:
        assert isinstance(layout.columns["x"], SkippedPlan)
        assert "neither numbers nor categories" in layout.columns["x"].reason
    else:
        found = profile_source(source, layout).columns["x"]
        assert found.rows == 200
        assert dict(zip(layout.columns["x"].vocabulary, found.counts, strict=False)) == counts


def test_views_in_a_parquet_file_are_read_as_the_texts_that_they_are(tmp_path):
    views, texts = tmp_path / "views.parquet", tmp_path / "texts.parquet"
    pq.write_table(pa.table({"x": FORMS["views"][0]}), views)
    pq.write_table(pa.table({"x": FORMS["views"][0].cast(pa.string())}), texts)
    schema = Schema(feature=("x",))

    found = [
        profile_source(open_source(p), fit_layout(open_source(texts), schema)).columns["x"].counts
        for p in (views, texts)
    ]

    assert list(found[0]) == list(found[1])
