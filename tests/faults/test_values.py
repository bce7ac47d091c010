"""Whatever the table: what the databases would not hold alike is refused on both, with the field."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from aims_core import InvalidRecord, metadata
from aims_core.history import history_table  # noqa: F401 - the core's history tables join the metadata
from aims_core.testing.intruder import tampering

CORE = sorted(
    (t for t in metadata.tables.values() if t.name.startswith("aims_")), key=lambda t: t.name
)
TEXTS = [
    (table, column)
    for table in CORE
    for column in table.columns
    if isinstance(column.type, sa.String) and column.type.length
]
TIMES = [
    (table, column)
    for table in CORE
    for column in table.columns
    if type(column.type).__name__ == "UtcTime"
]


def named(pairs):
    return {"argvalues": pairs, "ids": [f"{t.name}.{c.name}" for t, c in pairs]}


@pytest.fixture(scope="module")
def refused():
    """Give the way to try a write on the database, which must be refused and leave nothing."""

    def attempt(workspace, statement, values=None, match=None):
        with pytest.raises(InvalidRecord, match=match), tampering(workspace) as connection:
            connection.execute(statement, values or {})

    return attempt


def test_a_text_longer_than_its_column_is_refused_in_every_table(workspace, refused):
    for table, column in TEXTS:
        statement = sa.update(table).values({column: "x" * (column.type.length + 1)})
        refused(workspace, statement, match=rf"{column.name}.*Use up to {column.type.length:,}")

    assert len(TEXTS) > 150


def test_a_naive_time_is_refused_in_every_table(workspace, refused):
    for table, column in TIMES:
        statement = sa.update(table).values({column: datetime(2026, 1, 1)})  # noqa: DTZ001 - naive on purpose
        refused(workspace, statement, match="zone")

    assert len(TIMES) > 50


@pytest.mark.parametrize(
    ("value", "match"),
    [
        (Decimal("12345678901234567.0123456789"), "Decimal"),
        (float("nan"), "finite"),
        (float("inf"), "finite"),
        (2**63, "64 bits"),
        ("a\x00b", "NUL"),
        ("\ud800", "half a character"),
        (date(2026, 1, 1), "no fixed form"),
        (datetime(2026, 1, 1), "no fixed form"),  # noqa: DTZ001 - naive on purpose
    ],
)
def test_values_that_databases_bend_are_refused_in_statements_of_any_kind(
    workspace, refused, value, match
):
    refused(
        workspace,
        sa.text("UPDATE aims_system SET revision = :value"),
        {"value": value},
        match=match,
    )
    many = [{"value": 1}, {"value": value}]
    refused(workspace, sa.text("UPDATE aims_system SET revision = :value"), many, match=match)
    with pytest.raises(InvalidRecord, match=match), workspace.reading() as tx:
        tx.connection.execute(sa.text("SELECT 1 WHERE :value IS NULL"), {"value": value})


def test_of_many_rows_the_one_that_does_not_fit_is_named(workspace):
    table = metadata.tables["aims_component"]
    now = datetime.now(UTC)
    rows = [
        {c.name: "x" for c in table.columns} | {"component_id": n, "registered_at": now}
        for n in "abc"
    ]
    rows[1]["version"] = "y" * 101

    with (
        pytest.raises(InvalidRecord, match=r"row 2, version.*101 characters"),
        tampering(workspace) as connection,
    ):
        connection.execute(sa.insert(table), rows)


def test_what_just_fits_is_taken(workspace):
    with tampering(workspace) as connection:
        table = metadata.tables["aims_actor"]
        connection.execute(sa.update(table).values(name="n" * 200))

    assert {p.name for p in workspace.staffing.people()} == {"n" * 200}
