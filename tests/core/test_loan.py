"""The database that tests share: each finds it as the first one did, whatever the one before left."""

import pytest
import sqlalchemy as sa

from aims_core import open_workspace
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.loan import Loan


@pytest.fixture
def loan(aims_postgresql, aims_postgresql_template):
    loan = Loan(aims_postgresql, aims_postgresql_template)
    yield loan
    loan.end()


@pytest.fixture
def run(aims_postgresql):
    """Give the way to run a statement on a database and get its first value."""

    def run(name, statement):
        engine = sa.create_engine(aims_postgresql.url(name), poolclass=sa.NullPool)
        with engine.begin() as connection:
            # Triggers of the core ask for the time of the transaction.
            connection.execute(sa.text(f"SET LOCAL aims.now = '{START}'"))
            result = connection.execute(sa.text(statement))
            return result.scalar() if result.returns_rows else None

    return run


START = "2026-01-01T00:00:00.000000Z"


def test_rows_of_the_test_before_are_gone_and_the_first_ones_are_back(loan, run):
    name = loan.take()
    before = run(name, "SELECT count(*) FROM aims_event")
    run(name, "DELETE FROM aims_grant")
    run(name, "UPDATE aims_tree SET size = 99")

    assert loan.take() == name

    assert run(name, "SELECT count(*) FROM aims_event") == before
    assert run(name, "SELECT count(*) FROM aims_grant") > 0
    assert run(name, "SELECT size FROM aims_tree") < 99


@pytest.mark.parametrize(
    "change",
    [
        "DROP TRIGGER aims_event_append_only ON aims_event",
        "ALTER TABLE aims_event DISABLE TRIGGER aims_event_append_only",
        "ALTER TABLE aims_system ADD COLUMN colour text",
        "DROP INDEX ix_aims_system_owner_system_id_valid_from",
        "CREATE TABLE left_behind (id int)",
    ],
)
def test_a_database_that_lost_its_shape_is_not_lent_again(loan, run, change):
    name = loan.take()
    run(name, change)

    assert loan.take() != name


def test_a_connection_left_open_does_not_keep_the_next_test_waiting(loan):
    name = loan.take()
    engine = sa.create_engine(loan._server.url(name))
    with engine.connect() as forgotten:
        forgotten.execute(sa.text("DELETE FROM aims_outbox"))

        assert loan.take() == name

        forgotten.invalidate()
    engine.dispose()


@pytest.mark.parametrize("aims_database", ["postgresql"])
def test_the_shared_database_makes_a_sound_workspace_time_and_again(workspace_folder, host):
    workspace = open_workspace(workspace_folder, actor="olga", host=host)

    workspace.inventory.register("ticket-triage", **TICKET_TRIAGE)

    assert workspace.inventory.find()[1] == 1
    assert workspace.audit.verify().intact
    workspace.close()
