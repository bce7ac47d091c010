import uuid
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from aims_monitoring.engines import count_task, merge_answers, tasks_of
from aims_monitoring.layout import fit_layout
from aims_monitoring.profile import Profile, profile_source
from aims_monitoring.push_down import count_in_database
from aims_monitoring.samples import CALIFORNIA_HOUSING_SCHEMA, california_housing
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source
from aims_monitoring.sql_source import SqlTable

ROLES = {"feature": ["x", "c"], "prediction": "p", "score": "s", "label": "y", "group": ["g"]}

SQL = {
    pa.int64(): sa.BigInteger,
    pa.float64(): sa.Double,
    pa.string(): sa.Text,
    pa.bool_(): sa.Boolean,
    pa.timestamp("us"): sa.DateTime,
}


def make_log(n: int, seed: int, *, shift: float = 0.0) -> pa.Table:
    """A made-up prediction log with numbers, categories, scores, groups and missing values."""
    rng = np.random.default_rng(seed)
    x = rng.lognormal(shift, 1.0, n)
    score = rng.beta(2, 3, n)
    label = (rng.random(n) < score).astype(int)
    return pa.table(
        {
            "x": pa.array(x, mask=rng.random(n) < 0.05),
            "c": pa.array(rng.choice(["red", "green", "blue"], n), mask=rng.random(n) < 0.02),
            "p": pa.array((score > 0.5).astype(int)),
            "s": pa.array(score),
            "y": pa.array(label, mask=rng.random(n) < 0.1),
            "g": pa.array(rng.choice(["a", "b"], n)),
        }
    )


def make_profiles(
    reference: Any, window: Any, roles: Any = None, **more: Any
) -> tuple[Profile, Profile]:
    """Profiles of a window and of its reference, in the reference's layout."""
    schema = Schema.of({**(roles or ROLES), **more})
    before, now = open_source(reference), open_source(window)
    layout = fit_layout(before, schema)
    return profile_source(now, layout), profile_source(before, layout)


def profile_written(
    how: str, table: Any, layout: Any, folder: Any, url: str, *, ids: bool = False
) -> Profile:
    """Return the profile of a table that was written as a log of one kind."""
    if how == "database":
        log = written_in_database(url, table)
        return count_in_database(open_source(log), layout, None, ids=ids)[None]
    if how in {"parquet", "tasks"}:
        pq.write_table(table, folder / "log.parquet", row_group_size=70)
        source = open_source(folder / "log.parquet")
        if how == "parquet":
            return profile_source(source, layout, ids=ids)
        tasks = tasks_of(source, layout, 10**9, ids=ids)
        (found,) = merge_answers(map(count_task, tasks), layout).values()
        return found
    if how == "csv":
        pyarrow.csv.write_csv(table, folder / "log.csv")
        data = folder / "log.csv"
    elif how == "duckdb":
        data = pytest.importorskip("duckdb", reason="DuckDB is an extra").from_arrow(table)
    else:
        data = table.to_pandas()
    return profile_source(open_source(data), layout, ids=ids)


def written_in_database(url: str, table: Any) -> SqlTable:
    """Write a table into a database, under a name of its own."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    columns = [sa.Column(f.name, SQL[f.type]) for f in table.schema]
    rows = sa.Table(f"kinds_{uuid.uuid4().hex[:8]}", sa.MetaData(), *columns)
    rows.create(engine)
    with engine.begin() as connection:
        connection.execute(rows.insert(), table.to_pylist())
    return SqlTable(engine, rows.name)


@pytest.fixture(scope="session")
def roles() -> dict:
    return ROLES


@pytest.fixture(scope="session")
def log() -> Any:
    return make_log


@pytest.fixture(scope="session")
def profiles() -> Any:
    return make_profiles


@pytest.fixture(scope="session")
def profile_of() -> Any:
    return profile_written


@pytest.fixture(scope="session")
def in_database() -> Any:
    return written_in_database


@pytest.fixture
def housing(registered: Any) -> Any:
    """The monitoring of a workspace in which olga may monitor ticket-triage."""
    return registered.act_as("olga")


@pytest.fixture
def accuracy(housing: Any) -> Any:
    """The same, with the monitor `housing-accuracy` defined."""
    housing.monitoring.define(
        "housing-accuracy",
        "ticket-triage",
        thresholds={"accuracy": {"min": 0.75}},
        schema=CALIFORNIA_HOUSING_SCHEMA,
        reference=california_housing().reference,
    )
    return housing
