"""Tables of Ibis are counted as the same rows from anywhere else."""

import json

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from aims_monitoring.layout import fit_layout
from aims_monitoring.profile import profile_source
from aims_monitoring.relation import IbisSource, is_ibis
from aims_monitoring.scan import scan
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source

from aims_core import canonical_json

# Ibis 12 calls DuckDB by former names.
pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")


@pytest.fixture
def backend():
    ibis = pytest.importorskip(
        "ibis", reason="Ibis is not installed: pip install aims-monitoring[ibis]"
    )
    connection = ibis.duckdb.connect()
    if not hasattr(connection.con, "fetch_record_batch"):
        pytest.skip("Ibis 12 streams from no DuckDB after 1.x: pip install 'duckdb<2'")
    yield connection
    connection.disconnect()


def stored(backend, table):
    backend.con.register("rows", table)
    backend.con.execute("CREATE TABLE decisions AS FROM rows")
    return backend.table("decisions")


def content(profile):
    return json.loads(canonical_json(profile.content()))


def test_counts_and_sums_are_bit_for_bit_those_of_the_table(backend, log, roles):
    table = log(4_000, 3)
    schema = Schema.of(roles)
    expression = stored(backend, table)

    source = open_source(expression)
    layout = fit_layout(open_source(table), schema)

    assert isinstance(source, IbisSource)
    assert (source.name, source.rows) == ("decisions", 4_000)
    assert fit_layout(source, schema).digest == layout.digest
    assert content(profile_source(source, layout)) == content(
        profile_source(open_source(table), layout)
    )
    assert source.digest() == open_source(backend.table("decisions")).digest()
    assert source.digest() != open_source(expression.filter(expression.x > 1)).digest()


def test_an_expression_is_a_log_and_windows_of_rows_cut_it(backend, log, roles):
    table = log(1_000, 3)
    expression = stored(backend, table)
    chosen = expression.filter(expression.g == "a").select("x", "c", "p", "s", "y", "g")
    rows = table.filter(pc.equal(table["g"], "a"))
    layout = fit_layout(open_source(table), Schema.of(roles))

    found = scan(open_source(chosen), layout, 100)
    expected = scan(open_source(rows), layout, 100)

    assert [p.rows for p in found.values()] == [p.rows for p in expected.values()]
    assert [content(p) for p in found.values()] == [content(p) for p in expected.values()]
    empty = open_source(expression.filter(expression.x < -1))
    assert (empty.rows, [len(t) for t in empty.batches(["x"])]) == (0, [0])


def test_other_objects_are_no_tables_of_ibis():
    assert not any(is_ibis(data) for data in (pa.table({"x": [1]}), "log.parquet", 5))
