"""Counting inside SQLite and PostgreSQL gives what reading the same rows gives."""

import datetime as dt
import math
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa
from aims_monitoring.layout import fit_layout
from aims_monitoring.profile import profile_source
from aims_monitoring.push_down import count_in_database
from aims_monitoring.scan import scan
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source
from aims_monitoring.sql_source import SqlTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aims_core import InvalidRecord

NUMBERS = st.one_of(
    st.none(),
    st.floats(-1e6, 1e6),
    st.sampled_from([0.0, -0.0, 1.0, 0.1, math.nan, math.inf, -math.inf]),
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "x": NUMBERS,
            "k": st.one_of(st.none(), st.integers(-5, 5), st.integers(-(2**40), 2**40)),
            "c": st.one_of(st.none(), st.sampled_from(["red", "Red", "red ", "", "ünï", "a'b"])),
            "b": st.one_of(st.none(), st.booleans()),
            "s": st.one_of(
                st.none(),
                st.floats(0, 1),
                st.floats(0, 40).map(lambda power: 2.0**-power),
                st.floats(0, 40).map(lambda power: 1 - 2.0**-power),
                st.sampled_from([0.0, 1.0, 1.5, -0.1, 0.29, math.nan, math.inf]),
            ),
            "p": st.sampled_from([None, 0, 1]),
            "y": st.sampled_from([None, 0, 1]),
            "t": st.datetimes(dt.datetime(1971, 1, 1), dt.datetime(2099, 12, 31)),  # noqa: DTZ001 - as stored
        }
    ),
    max_size=40,
)
ROLES = {
    "feature": ["x", "k", "c", "b"],
    "score": "s",
    "prediction": "p",
    "label": "y",
    "group": ["c", "b"],
    "time": "t",
}
COLUMNS = {
    "x": sa.Double,
    "k": sa.BigInteger,
    "c": sa.Text,
    "b": sa.Boolean,
    "s": sa.Double,
    "p": sa.Integer,
    "y": sa.Integer,
    "t": sa.DateTime,
}
RELAXED = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@contextmanager
def stored(url, rows, columns=COLUMNS):
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    table = sa.Table("log", sa.MetaData(), *(sa.Column(n, kind) for n, kind in columns.items()))
    table.drop(engine, checkfirst=True)
    table.create(engine)
    if rows:
        with engine.begin() as connection:
            connection.execute(sa.insert(table), rows)
    try:
        yield SqlTable(engine, "log")
    finally:
        engine.dispose()


def alike(one, other, *, counts_of):
    """Compare two parts of profiles: counts exactly, sums up to rounding."""
    for key, value in one.items():
        if isinstance(value, dict):
            alike(value, other[key], counts_of=f"{counts_of}.{key}")
        elif key in ("sums", "shifted", "shifted_squares", "squares", "logs") or (
            isinstance(value, float) and key not in ("minimum", "maximum")
        ):
            flat = np.ravel([v for v in np.ravel(value) if not isinstance(v, list)])
            if key == "sums" and len(flat) != len(np.ravel(other[key])):
                raise AssertionError(counts_of)
            assert np.allclose(np.ravel(value), np.ravel(other[key]), rtol=1e-9, atol=1e-6), (
                counts_of
            )
        elif key == "means":
            # A mean half way between two places may be stored as either.
            assert np.abs(np.subtract(value, other[key])).max(initial=0) <= 1, counts_of
        else:
            assert value == other[key], f"{counts_of}.{key}"


def same(one, other):
    left, right = one.content(), other.content()
    for part in left["cubes"]:
        assert part in right["cubes"]
    for key in ("columns", "score", "histogram", "residuals"):
        if left[key] is not None:
            alike(left[key], right[key], counts_of=key)
    assert one.rows == other.rows
    assert other.adds_up()


@RELAXED
@given(rows=ROWS, reference=ROWS)
def test_counts_in_the_database_are_those_of_the_rows_read(database_url, rows, reference):
    columns = {n: [row[n] for row in reference] for n in COLUMNS}
    kinds = dict(zip("xkcbspy", "dqsbdqq", strict=True))
    arrow = {"d": pa.float64(), "q": pa.int64(), "s": pa.string(), "b": pa.bool_()}
    table = pa.table({n: pa.array(columns[n], arrow[k]) for n, k in kinds.items()})
    layout = fit_layout(open_source(table), Schema.of(ROLES | {"categorical": ["p", "y"]}))

    with stored(database_url, rows) as log:
        source = open_source(log)
        pushed = count_in_database(source, layout, None)
        read = profile_source(source, layout)

    if pushed is None:  # PostgreSQL refuses squares that leave the range; the rows are read then
        assert any(x is not None and not 1e-100 < abs(x) < 1e100 for x in (r["x"] for r in rows))
        return
    same(read, pushed[None])


@pytest.mark.parametrize("length", ["hour", "day", "week", "month", "quarter", "year"])
def test_windows_cut_in_the_database_are_those_of_the_rows_read(database_url, length):
    chance = np.random.default_rng(3)
    start = dt.datetime(2023, 12, 30, 22)  # noqa: DTZ001 - as stored
    rows = [
        {
            "x": float(chance.normal()),
            "t": start
            + dt.timedelta(minutes=int(chance.integers(0, 600_000)), microseconds=999_999),
        }
        for _ in range(300)
    ]
    rows += [{"x": 1.0, "t": None}]
    schema = Schema.of({"feature": ["x"], "time": "t"})
    with stored(database_url, rows, {"x": sa.Double, "t": sa.DateTime}) as log:
        source = open_source(log)
        layout = fit_layout(source, schema)

        pushed = count_in_database(source, layout, length)
        table = pa.concat_tables(source.batches(["x", "t"]))
        read = scan(open_source(table), layout, length)

    assert list(pushed) == list(read)
    for window, profile in read.items():
        same(profile, pushed[window])


def test_days_of_a_zone_are_cut_by_reading_the_rows_and_its_hours_in_the_database(database_url):
    start = dt.datetime(2025, 3, 29, 20)  # noqa: DTZ001 - as stored
    rows = [{"x": 1.0, "t": start + dt.timedelta(hours=i)} for i in range(40)]
    schema = Schema.of({"feature": ["x"], "time": "t", "zone": "Europe/Berlin"})
    with stored(database_url, rows, {"x": sa.Double, "t": sa.DateTime}) as log:
        source = open_source(log)
        layout = fit_layout(source, schema)

        assert count_in_database(source, layout, "day") is None
        days = scan(source, layout, "day")
        hours = count_in_database(source, layout, "hour")

    assert [(w.key, p.rows) for w, p in days.items()] == [
        ("2025-03-29", 3),
        ("2025-03-30", 23),
        ("2025-03-31", 14),
    ]
    assert next(iter(hours)).key == "2025-03-29T20"


def test_quantities_predicted_are_summed_in_the_database(database_url):
    rows = [{"y": float(i), "p": i * 1.1} for i in range(50)]
    rows += [{"y": None, "p": 1.0}, {"y": math.inf, "p": 1.0}]
    schema = Schema.of({"prediction": "p", "label": "y", "task": "regression"})
    with stored(database_url, rows, {"y": sa.Double, "p": sa.Double}) as log:
        source = open_source(log)
        layout = fit_layout(source, schema)

        pushed, read = count_in_database(source, layout, None)[None], profile_source(source, layout)

    assert (pushed.residuals.n, pushed.residuals.left_out) == (50, 2)
    assert pushed.residuals.label_spread == pytest.approx(read.residuals.label_spread)
    assert pushed.residuals.squares == pytest.approx(read.residuals.squares)


def test_the_digest_of_a_table_depends_on_its_rows_and_not_on_their_order(database_url):
    rows = [{"x": 1.0, "c": "a"}, {"x": 2.0, "c": "b"}]
    kinds = {"x": sa.Double, "c": sa.Text}
    with stored(database_url, rows, kinds) as log:
        before = open_source(log).digest()
    with stored(database_url, rows[::-1], kinds) as log:
        turned = open_source(log).digest()
    with stored(database_url, [rows[0], {"x": 2.0, "c": "c"}], kinds) as log:
        changed = open_source(log).digest()

    assert before == turned != changed


def test_a_query_is_a_log_and_a_table_that_is_missing_is_named(database_url):
    with stored(database_url, [{"x": 1.0}, {"x": 5.0}], {"x": sa.Double}) as log:
        chosen = sa.select((sa.column("x", sa.Double) * 2).label("z")).select_from(sa.table("log"))
        source = open_source(SqlTable(log.engine, chosen))

        assert (source.names, source.rows) == (("z",), 2)
        assert next(source.batches(["z"]))["z"].to_pylist() == [2.0, 10.0]
        with pytest.raises(InvalidRecord, match="no table 'nothing'"):
            open_source(SqlTable(log.engine, "nothing"))


def test_a_column_of_sqlite_that_holds_other_values_than_its_type_is_not_pushed_down(tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'log.db'}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE log (x REAL, t TIMESTAMP)")
        connection.exec_driver_sql("INSERT INTO log VALUES (1.5, '2026-01-31T23:00:00-05:00')")
    layout = fit_layout(
        open_source(pa.table({"x": [1.0, 2.0]})), Schema.of({"feature": ["x"], "time": "t"})
    )
    source = open_source(SqlTable(engine, "log"))

    assert count_in_database(source, layout, None) is not None
    assert count_in_database(source, layout, "month") is None
    assert [w.key for w in scan(source, layout, "month")] == ["2026-02"]

    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO log VALUES ('many', '2026-01-01')")
    assert count_in_database(source, layout, None) is None
    with pytest.raises(InvalidRecord, match="not of its type"):
        profile_source(source, layout)


def test_an_address_names_a_table_and_holds_no_password(tmp_path):
    base = f"sqlite:///{tmp_path / 'log.db'}"
    with stored(base, [{"x": 1.0}], {"x": sa.Double}):
        assert open_source(f"{base}#log").rows == 1
    for address, said in (
        (base, "names no table"),
        ("postgresql+psycopg://me:secret@host/base#log", "holds a password"),
        ("nothing://host#log", "no address of a database"),
    ):
        with pytest.raises(InvalidRecord, match=said) as refused:
            open_source(address)
        assert "secret" not in str(refused.value)


def test_a_monitor_runs_on_a_table_and_late_labels_join_from_another(housing, database_url):
    chance = np.random.default_rng(1)
    rows = [{"id": i, "x": float(chance.normal()), "p": i % 2} for i in range(200)]
    labels = pa.table({"id": list(range(200)), "y": [i % 2 for i in range(200)]})
    schema = {"feature": ["x"], "prediction": "p", "label": "y", "id": "id"}
    housing.monitoring.define(
        "from-table",
        "ticket-triage",
        schema=schema,
        thresholds={"accuracy": {"min": 0.9}},
        window=100,
    )
    kinds = {"id": sa.Integer, "x": sa.Double, "p": sa.Integer}
    with stored(database_url, rows, kinds) as log:
        run = housing.monitoring.run("from-table", log, labels)
        again = housing.monitoring.run("from-table", log, labels)

    assert (run.rows, run.labels_unmatched, run.status) == (200, 0, "ok")
    assert again.run_id == run.run_id
