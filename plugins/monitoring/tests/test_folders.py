"""Logs in many files, frames of other libraries, and relations of DuckDB."""

import json

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from aims_monitoring.layout import fit_layout
from aims_monitoring.profile import profile_source
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source

from aims_core import InvalidRecord, canonical_json


def counted(profile):
    content = json.loads(canonical_json(profile.content()))
    for column in content["columns"].values():
        for name in ("sums", "shifted", "shifted_squares"):
            column.pop(name, None)
    for name in ("score", "histogram"):
        for key in ("sums", "squares", "logs"):
            content[name].pop(key, None)
    return content


def test_a_folder_a_list_and_one_table_give_the_same_counts(tmp_path, log, roles):
    table = log(3_000, 4)
    layout = fit_layout(open_source(log(2_000, 5)), Schema.of(roles))
    folder = tmp_path / "log"
    (folder / "deep").mkdir(parents=True)
    pq.write_table(table.slice(0, 1_000), folder / "a.parquet")
    pa.csv.write_csv(table.slice(1_000, 500), folder / "b.csv")
    pq.write_table(table.slice(1_500), folder / "deep" / "c.parquet", row_group_size=400)
    (folder / "_SUCCESS.csv").write_text("no part of the log")
    paths = [folder / "a.parquet", folder / "b.csv", folder / "deep" / "c.parquet"]

    whole, of_folder, of_list = (
        profile_source(open_source(data), layout) for data in (table, folder, paths)
    )

    assert open_source(folder).rows == 3_000
    assert counted(of_folder) == counted(of_list) == counted(whole)
    assert fit_layout(open_source(folder), Schema.of(roles)).columns.keys() == layout.columns.keys()


def test_partitions_become_columns_and_the_digest_covers_where_files_lie(tmp_path):
    for country, n in (("DE", 2), ("__HIVE_DEFAULT_PARTITION__", 1), ("F%20R", 3)):
        place = tmp_path / f"country={country}"
        place.mkdir()
        pq.write_table(pa.table({"x": [1.0] * n}), place / "part.parquet")
    source = open_source(tmp_path)
    before = source.digest()

    table = pa.concat_tables(source.batches(["country"]), promote_options="permissive")

    assert source.names == ("x", "country")
    assert sorted(table["country"].to_pylist(), key=str) == ["DE", "DE", "F R", "F R", "F R", None]
    (tmp_path / "country=DE").rename(tmp_path / "country=AT")
    assert open_source(tmp_path).digest() != before


def test_files_of_other_columns_are_named_and_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(InvalidRecord, match="holds no CSV or Parquet file"):
        open_source(tmp_path)
    pq.write_table(pa.table({"x": [1.0], "y": [1]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": [1.0], "z": [1]}), tmp_path / "b.parquet")

    with pytest.raises(InvalidRecord) as refused:
        open_source(tmp_path)

    assert refused.value.problems[0].field == "b.parquet"
    assert "lacks y and has z besides" in refused.value.problems[0].reason


def test_parts_of_different_kinds_are_refused_and_whole_numbers_give_way(tmp_path):
    pq.write_table(pa.table({"x": [1, 2]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": [1.5]}), tmp_path / "b.parquet")
    assert fit_layout(open_source(tmp_path), Schema(feature=("x",))).columns["x"].edges[-1] == 2.0
    pq.write_table(pa.table({"x": ["one"]}), tmp_path / "c.parquet")

    with pytest.raises(InvalidRecord, match="values of different kinds"):
        fit_layout(open_source(tmp_path), Schema(feature=("x",)))


def test_a_polars_frame_gives_the_counts_of_the_arrow_table(log, roles):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    table = log(2_000, 4)
    layout = fit_layout(open_source(table), Schema.of(roles))

    frame = open_source(polars.from_arrow(table))

    assert counted(profile_source(frame, layout)) == counted(
        profile_source(open_source(table), layout)
    )


def test_a_relation_of_duckdb_is_streamed_and_its_digest_covers_the_values(tmp_path, log, roles):
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    table = log(300_000, 4)
    pq.write_table(table, tmp_path / "log.parquet")
    with duckdb.connect() as base:
        base.execute("CREATE TABLE log AS FROM read_parquet(?)", [str(tmp_path / "log.parquet")])
        relation = base.table("log")
        source = open_source(relation)
        layout = fit_layout(open_source(table), Schema.of(roles))

        profile = profile_source(source, layout)

        assert source.rows == 300_000
        assert max(len(t) for t in source.batches(["x"])) == 262_144
        assert counted(profile) == counted(profile_source(open_source(table), layout))
        assert source.digest() == open_source(relation).digest()
        assert source.digest() != open_source(relation.filter("x > 1")).digest()
        assert [len(t) for t in open_source(relation.filter("x < -1")).batches(["x"])] == [0]
