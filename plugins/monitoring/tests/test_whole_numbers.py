"""Whole numbers beyond 2**53, which no double holds, are told apart wherever a log lies."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from aims_monitoring.engines import SparkEngine, count_task
from aims_monitoring.layout import fit_layout
from aims_monitoring.metrics.catalogue import compute_metrics
from aims_monitoring.metrics.drift import ks_bracket
from aims_monitoring.profile import profile_source
from aims_monitoring.scan import profile_log, scan
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source
from aims_monitoring.sql_source import SqlTable
from hypothesis import given
from hypothesis import strategies as st

START = 2**53 + 2**40
SCHEMA = Schema.of({"feature": ["k"]})
CODES = Schema.of({"feature": ["k"], "categorical": ["k"]})
BEFORE = [START + i for i in range(50)] * 4
# One higher throughout, a value below all, and a gap.
NOW = [*(START + 1 + i for i in range(50)), -(2**62), None]


class OneByOne(SparkEngine):
    """Answers tasks in this process."""

    def map(self, tasks):
        return [count_task(task) for task in tasks]


def table_of(values):
    return pa.table({"k": pa.array(values, pa.int64())})


def in_database(url, values):
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    rows = sa.Table("whole", sa.MetaData(), sa.Column("k", sa.BigInteger))
    rows.drop(engine, checkfirst=True)
    rows.create(engine)
    with engine.begin() as connection:
        connection.execute(rows.insert(), [{"k": value} for value in values])
    return SqlTable(engine, "whole")


def written(how, values, folder, url):
    """Return the values as a log of one kind."""
    table = table_of(values)
    if how == "frame":
        return pd.DataFrame({"k": pd.array(values, dtype="Int64")})
    if how == "csv":
        # With a second column, as an empty line is no row.
        rows = table.append_column("row", pa.array(range(len(values))))
        pyarrow.csv.write_csv(rows, folder / "log.csv")
        return folder / "log.csv"
    if how in {"parquet", "tasks"}:
        pq.write_table(table, folder / "log.parquet", row_group_size=7)
        return folder / "log.parquet"
    if how == "duckdb":
        duckdb = pytest.importorskip("duckdb", reason="DuckDB is an extra")
        return duckdb.from_arrow(table)
    return in_database(url, values) if how == "database" else table


@pytest.mark.parametrize("how", ["table", "frame", "csv", "parquet", "tasks", "duckdb", "database"])
def test_counts_ends_and_sums_are_exact_wherever_the_log_lies(how, tmp_path, database_url):
    layout = fit_layout(open_source(table_of(BEFORE)), SCHEMA)
    source = open_source(written(how, NOW, tmp_path, database_url))

    if how == "tasks":
        (profile,) = scan(source, layout, 1_000, engine=OneByOne()).values()
    else:
        profile = profile_log(source, layout)
    column = profile.columns["k"]
    origin, edges = column.plan.origin, column.plan.edges

    assert fit_layout(source, SCHEMA).columns["k"].origin in range(START, START + 51)
    assert (column.n, column.missing, column.unreadable) == (51, 1, 0)
    assert column.maximum == START + 50 - origin
    # What is beyond the reference lies beyond it: one below, one above; each other value by itself.
    assert (column.counts[0], column.counts[-1]) == (1, 1)
    held = {
        int(edges[i]) + origin: int(column.counts[i])
        for i in range(1, len(edges))
        if column.counts[i]
    }
    assert held == dict.fromkeys(range(START + 1, START + 50), 1)
    inner = column.sums[1:] + column.plan.shift * column.counts[1:]
    assert math.fsum(inner) == sum(value - origin for value in NOW if value and value > 0)


@pytest.mark.parametrize("how", ["table", "frame", "csv", "parquet", "duckdb", "database"])
def test_codes_beyond_it_are_categories_of_their_own(how, tmp_path, database_url):
    layout = fit_layout(open_source(table_of(BEFORE)), CODES)

    profile = profile_log(open_source(written(how, NOW, tmp_path, database_url)), layout)
    column = profile.columns["k"]

    assert column.plan.vocabulary == tuple(str(START + i) for i in range(50))
    assert column.counts.tolist() == [0, *[1] * 49]
    assert (column.missing, column.unseen) == (1, {str(-(2**62)): 1, str(START + 50): 1})


def test_the_drift_of_such_a_column_is_that_of_the_whole_numbers():
    before, now = [2**60 + i for i in range(100)] * 3, [2**60 + 50 + i for i in range(100)] * 2
    layout = fit_layout(open_source(table_of(before)), SCHEMA)
    reference, window = (profile_source(open_source(table_of(v)), layout) for v in (before, now))

    assert ks_bracket(reference.columns["k"], window.columns["k"]) == pytest.approx((0.5, 0.5))
    moved = {m.metric: m.value for m in compute_metrics(["wasserstein", "mean"], window, reference)}
    assert moved["wasserstein"] == pytest.approx(50 / np.std(np.arange(100)))
    assert moved["mean"] == pytest.approx(2**60 + 99.5, rel=1e-15)


@pytest.mark.parametrize("sentinel", [-1, 0, 2**63 - 1])
def test_a_value_that_stands_for_none_takes_nothing_from_the_others(sentinel):
    start = 1_767_225_600_000_000_000
    values = [sentinel] * 30 + [start + i for i in range(60)]

    layout = fit_layout(open_source(table_of(values)), SCHEMA)
    column = profile_source(open_source(table_of(values)), layout).columns["k"]

    assert sorted(column.counts[column.counts > 0].tolist()) == [*[1] * 60, 30]


def test_numbers_without_a_sign_are_told_apart_up_to_the_last():
    values = [2**64 - 60 + i for i in range(60)]
    table = pa.table({"k": pa.array(values, pa.uint64())})

    layout = fit_layout(open_source(table), SCHEMA)
    column = profile_source(open_source(table), layout).columns["k"]
    signed = profile_source(open_source(table_of([5, 2**63 - 1])), layout).columns["k"]

    assert sorted(column.counts[column.counts > 0].tolist()) == [1] * 60
    assert (signed.n, signed.counts[0]) == (2, 2)


def test_the_first_number_that_a_double_cannot_hold_lies_beyond_the_last_that_it_can():
    layout = fit_layout(open_source(table_of([2**53 - 1, 2**53])), SCHEMA)

    column = profile_source(open_source(table_of([2**53, 2**53 + 1])), layout).columns["k"]

    assert column.counts[-1] == 1


LIMITS = {pa.int64(): (-(2**63), 2**63 - 1), pa.uint64(): (0, 2**64 - 1)}


@given(data=st.data(), kind=st.sampled_from(list(LIMITS)))
def test_counts_at_every_edge_are_exact_however_far_the_numbers_spread(data, kind):
    least, most = LIMITS[kind]
    # Far apart, and close to each other where doubles are far apart.
    number = st.one_of(
        st.integers(least, most),
        *(st.integers(max(least, s - 3_000), min(most, s + 3_000)) for s in (least, 2**62, most)),
    )
    before, now = (data.draw(st.lists(number, min_size=1, max_size=40)) for _ in range(2))
    tables = [pa.table({"k": pa.array([*values, None], kind)}) for values in (before, now)]

    layout = fit_layout(open_source(tables[0]), SCHEMA)
    column = profile_source(open_source(tables[1]), layout).columns["k"]

    at_most = np.cumsum(column.counts)[:-1].tolist()
    edges = [math.floor(Fraction(edge)) + column.plan.origin for edge in column.plan.edges]
    assert at_most == [sum(value <= edge for value in now) for edge in edges]
    assert (column.n, column.missing) == (len(now), 1)


def test_small_numbers_far_from_a_reference_at_the_end_of_64_bits_lie_below_it():
    layout = fit_layout(open_source(table_of([-(2**63), -(2**63) + 1])), SCHEMA)
    above = profile_source(open_source(table_of([1, 2, 2])), layout).columns["k"]
    unsigned = pa.table({"k": pa.array([2**64 - 1, 2**64 - 2], pa.uint64())})
    layout = fit_layout(open_source(unsigned), SCHEMA)
    below = profile_source(open_source(table_of([1, 2, 2])), layout).columns["k"]

    assert (above.counts[-1], below.counts[0]) == (3, 3)


@pytest.mark.parametrize("kind", [pa.int64(), pa.uint64()])
def test_errors_between_whole_numbers_that_no_double_holds_are_exact(kind):
    labels = [2**60 + i for i in range(100)]
    table = pa.table(
        {"y": pa.array([*labels, None], kind), "p": pa.array([*(n + 1 for n in labels), 5], kind)}
    )
    schema = Schema.of({"label": "y", "prediction": "p", "task": "regression"})
    source = open_source(table)

    found = compute_metrics(
        ["mae", "rmse", "r2"], profile_source(source, fit_layout(source, schema)), None, minimum=1
    )

    mae, rmse, r2 = (figure.value for figure in found)
    assert (mae, rmse) == (1.0, 1.0)
    assert r2 == pytest.approx(1 - 100 / sum((i - 49.5) ** 2 for i in range(100)), rel=1e-12)
