"""Dask and Spark count what this process counts."""

import json
import shutil
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from aims_monitoring import engines
from aims_monitoring.layout import fit_layout
from aims_monitoring.scan import scan
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source

from aims_core import InvalidRecord, canonical_json


class OneByOne:
    """Answers tasks in this process: what every engine does, without its machinery."""

    def map(self, tasks):
        return [engines.count_task(task) for task in tasks]


@pytest.fixture
def counted(tmp_path, log, roles, monkeypatch):
    """Count a folder of two partitions and five row groups with an engine, and without one."""
    monkeypatch.setattr(engines, "_ROWS_OF_A_TASK", 700)
    table = log(3_000, 4)
    for name, part in (("DE", table.slice(0, 1_400)), ("FR", table.slice(1_400))):
        (tmp_path / f"country={name}").mkdir()
        pq.write_table(part, tmp_path / f"country={name}" / "a.parquet", row_group_size=400)
    schema = Schema.of(roles | {"feature": ["x", "c", "country"]})
    source = open_source(tmp_path)
    layout = fit_layout(source, schema)

    def count(engine, length=1_000):
        return scan(source, layout, length, engine=engine)

    return count


def counts(profiles):
    found = {}
    for window, profile in profiles.items():
        content = json.loads(canonical_json(profile.content()))
        for part in (*content["columns"].values(), content["score"], content["histogram"]):
            for name in ("sums", "shifted", "shifted_squares", "squares", "logs", "means"):
                part.pop(name, None)
        found[window] = content
    return found


def test_tasks_counted_apart_add_up_to_one_scan_whatever_window_they_cross(counted):
    assert counts(counted(OneByOne())) == counts(counted(None))
    assert list(counted(OneByOne(), 1_000)) == list(counted(None, 1_000))


def test_sums_counted_apart_are_those_of_one_scan_up_to_rounding(counted):
    apart, whole = counted(OneByOne(), 5_000), counted(None, 5_000)

    for one, other in zip(apart.values(), whole.values(), strict=True):
        assert one.columns["x"].sums == pytest.approx(other.columns["x"].sums, rel=1e-7, abs=1e-7)
        assert one.columns["x"].mean == pytest.approx(other.columns["x"].mean)


def test_dask_gives_the_same_counts(counted):
    pytest.importorskip("dask", reason="dask is not installed: pip install aims-monitoring[dask]")

    assert counts(counted(engines.DaskEngine())) == counts(counted(None))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets to its workers, which it keeps
def test_spark_gives_the_same_counts(counted, monkeypatch):
    pyspark = pytest.importorskip(
        "pyspark.sql", reason="pyspark is not installed: pip install aims-monitoring[spark]"
    )
    if not shutil.which("java"):
        pytest.skip("Spark needs Java 17 or newer, and there is no java on the path")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    builder = pyspark.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.host", "localhost").getOrCreate()
    try:
        assert counts(counted(engines.SparkEngine())) == counts(counted(None))
    finally:
        session.stop()


def test_an_engine_is_chosen_by_name_or_setting_and_a_wrong_one_is_refused(monkeypatch):
    assert engines.chosen_engine() is None
    assert engines.chosen_engine("embedded") is None
    with pytest.raises(InvalidRecord, match="embedded, dask, spark"):
        engines.chosen_engine("flink")
    monkeypatch.setenv(engines.SETTING, "beam")
    with pytest.raises(InvalidRecord, match="'beam' is none"):
        engines.chosen_engine()
    monkeypatch.setitem(engines._PACKAGES, "spark", "a_package_nobody_has")
    with pytest.raises(InvalidRecord, match=r"Install aims-monitoring\[spark\]"):
        engines.chosen_engine("spark")


def test_what_cannot_be_divided_is_counted_in_this_process(log, roles):
    source = open_source(log(100, 1))
    layout = fit_layout(source, Schema.of(roles))

    class Refusing:
        def map(self, tasks):
            raise AssertionError(tasks)

    assert [p.rows for p in scan(source, layout, 100, engine=Refusing()).values()] == [100]
    assert engines.tasks_of(open_source(pa.table({"x": [1]})), layout, 10) == []
