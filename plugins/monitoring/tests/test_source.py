import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from aims_monitoring.labels import Labels
from aims_monitoring.layout import fit_layout
from aims_monitoring.profile import profile_source
from aims_monitoring.schema import Schema
from aims_monitoring.shared_texts import encoded_by_identity
from aims_monitoring.source import open_source, require_columns

from aims_core import InvalidRecord

SCHEMA = Schema(feature=("x",), prediction="p", label="y", id="id")


def test_a_missing_file_and_an_unknown_kind_are_named(tmp_path):
    (tmp_path / "log.xlsx").write_bytes(b"")

    with pytest.raises(InvalidRecord, match=r"there is no file 'none\.csv'"):
        open_source(tmp_path / "none.csv")
    with pytest.raises(InvalidRecord, match=r"ends in one of \.csv"):
        open_source(tmp_path / "log.xlsx")


def test_a_truncated_parquet_file_is_a_plain_refusal(tmp_path, log):
    path = tmp_path / "log.parquet"
    pq.write_table(log(100, 1), path)
    path.write_bytes(path.read_bytes()[:-200])

    with pytest.raises(InvalidRecord, match="cannot be read"):
        open_source(path)


def test_a_csv_row_with_too_many_cells_is_refused_with_its_number(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("a,b\n1,2\n3,4,5\n")

    with pytest.raises(InvalidRecord, match="Row #3"):
        open_source(path)


def test_a_csv_file_that_is_empty_or_has_unreadable_headings_is_refused(tmp_path):
    (tmp_path / "latin.csv").write_bytes("a,b\nä,1\n".encode("latin-1"))
    (tmp_path / "header.csv").write_bytes("ä,b\n1,1\n".encode("latin-1"))
    (tmp_path / "empty.csv").write_bytes(b"")

    for name in ("header.csv", "empty.csv"):
        with pytest.raises(InvalidRecord, match="cannot be read"):
            open_source(tmp_path / name)

    # Text in another encoding comes as bytes: its rows are counted, and as unreadable.
    assert open_source(tmp_path / "latin.csv").rows == 1


def test_a_column_name_that_stands_twice_is_refused(tmp_path):
    (tmp_path / "log.csv").write_text("a,b,a\n1,2,3\n")
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])

    for data in (tmp_path / "log.csv", frame):
        with pytest.raises(InvalidRecord, match="stands twice"):
            open_source(data)


def test_empty_text_in_a_csv_file_is_missing_and_na_is_not(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("country,n\nNA,1\n,NA\nDE,3\n")

    table = next(open_source(path).batches(["country", "n"]))

    assert table["country"].to_pylist() == ["NA", None, "DE"]
    assert table["n"].to_pylist() == [1, None, 3]


def test_something_that_holds_no_rows_is_a_programming_error():
    with pytest.raises(TypeError, match="no prediction log"):
        open_source(42)


def test_the_digest_depends_on_the_values_and_not_on_how_they_are_cut(log):
    table = log(1_000, 1)
    cut = pa.concat_tables([table.slice(0, 300), table.slice(300)])

    assert open_source(table).digest() == open_source(cut).digest()
    assert open_source(table).digest() != open_source(table.slice(1)).digest()


def test_missing_columns_are_named_together_with_near_ones_and_the_label_may_be_absent():
    source = open_source(pa.table({"x1": [1], "p": [1], "id": [1]}))
    schema = Schema(feature=("x", "z"), prediction="p", label="y", time="when")

    with pytest.raises(InvalidRecord) as refused:
        require_columns(source, schema, asked="run", time=True)

    assert [p.field for p in refused.value.problems] == ["x", "z", "when"]
    assert "x1" in refused.value.problems[0].remedy


def test_late_labels_find_their_rows_in_any_order_and_type():
    predictions = pa.table({"id": [3, 1, 2, 9], "x": [0.0] * 4, "p": [1] * 4})
    labels = pa.table({"id": ["1", "2", "3", "7", None], "y": [0, 1, 1, 0, 1]})
    joined = Labels(open_source(labels), SCHEMA)

    table = joined.join(predictions)

    assert table["y"].to_pylist() == [1, 0, 1, None]
    assert joined.matched == 3
    assert joined.unmatched == 2


def test_labels_with_an_id_twice_or_without_the_columns_are_refused():
    twice = pa.table({"id": [1, 1], "y": [0, 1]})
    other = pa.table({"key": [1], "y": [0]})

    with pytest.raises(InvalidRecord, match="more than once"):
        Labels(open_source(twice), SCHEMA)
    with pytest.raises(InvalidRecord, match="an id and a label column"):
        Labels(open_source(other), SCHEMA)


def test_labels_beside_labels_are_refused():
    labels = Labels(open_source(pa.table({"id": [1], "y": [0]})), SCHEMA)

    with pytest.raises(InvalidRecord, match="hold labels already"):
        labels.join(pa.table({"id": [1], "y": [1]}))


def test_an_unknown_role_is_refused_with_those_there_are():
    with pytest.raises(InvalidRecord, match="Use one of feature, prediction"):
        Schema.of({"features": ["x"]})
    with pytest.raises(InvalidRecord, match="no feature, prediction or score"):
        Schema.of({"time": "t"})


def test_a_row_group_decodes_column_by_column_what_a_table_of_it_holds(tmp_path, log):
    path = tmp_path / "log.parquet"
    table = log(3_000, 7)
    pq.write_table(table, path, row_group_size=1_200)
    source = open_source(path)

    whole = pa.concat_tables(
        [p.table() for p in source.pieces(["c", "x"])], promote_options="default"
    )
    assert [len(piece) for piece in source.pieces(["x"])] == [1_200, 1_200, 600]
    assert whole["c"].cast(pa.string()).to_pylist() == table["c"].to_pylist()
    assert whole["x"].to_pylist() == table["x"].to_pylist()
    pieces = source.pieces(["c", "x"])
    piece = next(pieces)
    assert piece.slice(0, 1_200) is piece
    assert piece.slice(10, 5)["x"].to_pylist() == table["x"][10:15].to_pylist()
    more = piece.append_column("one", pa.nulls(1_200)).select(["one", "x"])
    assert more.table().column_names == more.column_names == ["one", "x"]
    with pytest.raises(KeyError, match="c"):
        more["c"]


def test_a_row_group_too_large_to_decode_by_column_is_read_in_batches(tmp_path, log, monkeypatch):
    path = tmp_path / "log.parquet"
    table = log(3_000, 7)
    pq.write_table(table, path, row_group_size=2_000)
    schema = Schema.of({"feature": ["x", "c"]})
    layout = fit_layout(open_source(path), schema)
    expected = profile_source(open_source(path), layout)
    monkeypatch.setattr("aims_monitoring.parquet_source._LARGE", 1_500)

    pieces = list(open_source(path).pieces(["x", "c"]))
    found = profile_source(open_source(path), layout)

    assert [type(piece).__name__ for piece in pieces[:-1]] == ["Table"]
    assert [found.columns[c].counts.tolist() for c in ("x", "c")] == [
        expected.columns[c].counts.tolist() for c in ("x", "c")
    ]


def test_damage_within_a_row_group_is_a_plain_refusal(tmp_path, log):
    path = tmp_path / "log.parquet"
    pq.write_table(log(5_000, 7), path, compression="gzip")
    content = bytearray(path.read_bytes())
    start = pq.read_metadata(path).row_group(0).column(0).data_page_offset
    content[start + 40 : start + 400] = bytes(360)
    path.write_bytes(content)
    source = open_source(path)

    with pytest.raises(InvalidRecord, match="cannot be read"):
        profile_source(source, fit_layout(source, Schema.of({"feature": ["x", "c"]})))


COLUMNS = {
    "shared": ["yes", "no", None, math.nan, "yes"],
    "shared with a number": ["yes", 1, None, "no", "yes"],
    "shared without a text": [None, math.nan, None, None, math.nan],
    "shared that is no UTF-8": ["yes", "\ud800", None, "no", "yes"],
}


@pytest.mark.parametrize("name", COLUMNS)
def test_objects_that_stand_many_times_are_counted_as_if_each_were_its_own(name):
    column = COLUMNS[name] * 300
    own = [f"{v} "[:-1] if isinstance(v, str) else v for v in column]
    frames = [pd.DataFrame({"c": pd.Series(values, dtype=object)}) for values in (column, own)]
    layout = fit_layout(open_source(frames[0]), Schema.of({"feature": ["c"]}))

    shared, apart = [profile_source(open_source(frame), layout) for frame in frames]

    assert shared.adds_up()
    assert shared.digest == apart.digest
    assert open_source(frames[0]).digest() == open_source(frames[1]).digest()


def test_objects_of_few_texts_come_as_a_dictionary_and_many_or_none_come_as_they_are():
    few = np.array(["a", "b", None, "ab"[:1]] * 10, dtype=object)
    found = encoded_by_identity(few)

    assert found.to_pylist() == few.tolist()
    assert found.dictionary.to_pylist() == ["a", "b"]
    assert encoded_by_identity(few[1::2]).to_pylist() == ["b", "a"] * 10
    assert encoded_by_identity(np.array([f"x{i}" for i in range(1_000)], dtype=object)) is None
    assert encoded_by_identity(np.array([], dtype=object)) is None


def test_numbers_of_a_frame_are_read_where_they_lie_and_gaps_are_missing():
    values = np.array([1.5, -math.inf, math.inf, 2.5])
    frame = pd.DataFrame({"x": values, "gaps": [1.0, None, 2.0, 3.0]})

    table = next(open_source(frame).batches(["x", "gaps"]))
    lies = table["x"].chunk(0).buffers()[1].address

    assert lies == frame["x"].to_numpy().ctypes.data
    assert table["x"].to_pylist() == values.tolist()
    assert table["gaps"].null_count == 1
