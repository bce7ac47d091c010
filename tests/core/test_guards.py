"""Nothing is written past the services by accident, and nothing within them without an event."""

import subprocess
import sys

import pandas as pd
import pytest
import sqlalchemy as sa

from aims_core import RequestRefused
from aims_core.db.guards import core_tables
from aims_core.db.library import sqlite_library
from aims_core.testing.fixtures import TICKET_TRIAGE

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
WRITES = (
    "INSERT INTO aims_actor VALUES ('eve', 'Eve', 'person', 'eve', '', '', '')",
    "UPDATE aims_system SET stage = 'deployment'",
    "UPDATE /* a remark */ aims_system SET stage = 'deployment'",
    "WITH x AS (SELECT 1) UPDATE aims_system SET stage = 'deployment'",
    "REPLACE INTO aims_trail_head VALUES ('main', 0, '')",
    "DELETE FROM aims_grant",
    "UPDATE aims_outbox SET sequence = 1",
)


@pytest.fixture
def file(registered):
    """Give the path of the database file of a workspace that is open."""
    return registered.settings.folder / "aims.db"


@ONE_DATABASE
@pytest.mark.parametrize("statement", WRITES)
def test_another_program_cannot_write_to_the_cores_tables(registered, file, statement):
    module = sqlite_library().module
    other = module.connect(file)

    with pytest.raises(module.OperationalError, match="no such function: aims_service"):
        other.execute(statement)

    other.close()
    assert registered.inventory.get("ticket-triage").stage == "inception"


@ONE_DATABASE
def test_every_table_of_the_core_is_guarded_against_each_act(registered):
    engine = registered._desk.store.engine
    with engine.connect() as connection:
        tables = core_tables(connection)
        found = set(
            connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            .scalars()
            .all()
        )

    assert len(tables) >= 17
    assert {f"{t}_guard_{act}" for t in tables for act in ("insert", "update", "delete")} <= found


@ONE_DATABASE
def test_the_command_line_of_another_process_is_stopped_too(registered, file):
    code = (
        "import sqlite3, sys\n"
        f"sqlite3.connect({str(file)!r}).execute('DELETE FROM aims_system_component')\n"
    )

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert run.returncode == 1
    assert "no such function: aims_service" in run.stderr


def routes(engine):
    """Give ways by which a notebook might write, other than the services."""
    update = "UPDATE aims_system SET stage = 'deployment'"

    def driver():
        raw = engine.raw_connection()
        try:
            raw.cursor().execute(update)
            raw.commit()
        finally:
            raw.close()

    def begun():
        with engine.begin() as connection:
            connection.execute(sa.text(update))

    def autocommitted():
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text(update))

    def dropped():
        with engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE aims_outbox"))

    def framed():
        frame = pd.DataFrame({"sequence": [1]})
        frame.to_sql("aims_outbox", engine, if_exists="append", index=False)

    return {f.__name__: f for f in (driver, begun, autocommitted, dropped, framed)}


@pytest.mark.parametrize("route", ["driver", "begun", "dropped", "framed", "autocommitted"])
def test_the_workspaces_own_engine_writes_only_for_its_services(registered, route):
    engine = registered._desk.store.engine

    with pytest.raises(Exception, match=r"read-?only"):
        routes(engine)[route]()

    assert registered.inventory.get("ticket-triage").stage == "inception"
    assert registered.act_as("olga").inventory.revise("ticket-triage", name="New").revision == 2


def test_a_connection_kept_after_its_transaction_writes_no_more(registered):
    with registered.writing() as tx:
        kept = tx.connection

    with pytest.raises(sa.exc.SQLAlchemyError):
        kept.execute(sa.text("UPDATE aims_system SET stage = 'deployment'"))

    assert registered.inventory.get("ticket-triage").stage == "inception"


@pytest.mark.parametrize(
    "statement",
    [
        sa.text("UPDATE aims_system SET stage = 'deployment'"),
        sa.text("WITH x AS (SELECT 1) UPDATE aims_system SET stage = 'deployment'"),
        sa.text("DELETE FROM aims_grant"),
    ],
)
def test_a_change_of_which_no_event_speaks_is_refused_at_the_commit(registered, statement):
    events = registered.audit.head()[0]

    with pytest.raises(RequestRefused, match="recorded no event"), registered.writing() as tx:
        tx.connection.execute(statement)

    assert registered.inventory.get("ticket-triage").stage == "inception"
    assert registered.audit.head()[0] == events + 1
    assert registered.audit.events(limit=1)[0].type == "core.ActRefused"


def test_a_transaction_that_changes_nothing_needs_no_event(registered):
    events = registered.audit.head()[0]

    with registered.writing() as tx:
        tx.connection.execute(sa.text("UPDATE aims_system SET stage = 'x' WHERE system_id = 'no'"))

    assert registered.audit.head()[0] == events


@ONE_DATABASE
def test_a_migration_puts_back_the_guards_that_rebuilding_a_table_drops(registered):
    migrator = registered.migrator()
    with migrator._engine(migrating=True) as engine, engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER aims_system_guard_update")

    migrator.upgrade()

    with registered._desk.store.engine.connect() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    assert "aims_system_guard_update" in names
    registered.act_as("olga").inventory.register("second", **TICKET_TRIAGE)
