"""Migrations: up, down and up again; one component's trouble is not another's."""

import pytest
import sqlalchemy as sa
from alembic import command

from aims_core import PluginHost, Settings, WorkspaceError
from aims_core.contributions import MigrationSpec
from aims_core.db.engine import make_engine
from aims_core.db.migrate import Migrator, SchemaComponent
from aims_core.testing import tampering
from aims_core.workspace import migrator

KEPT = ("aims_event", "aims_system_revision", "aims_transition", "aims_vote")


@pytest.fixture
def engine(database_url):
    made = make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def moving(database_url, tmp_path):
    settings = Settings(folder=tmp_path, organisation="x", database_url=database_url)
    return migrator(settings, PluginHost())


def test_an_empty_database_comes_to_the_newest_revision_and_stays_there(moving):
    first, second = moving.upgrade(), moving.upgrade()

    assert {before for before, _ in first.values()} == {""}
    assert all(before == after for before, after in second.values())
    assert {s.state for s in moving.status()} == {"current"}


def test_the_core_declares_exactly_what_its_migrations_make(moving, engine):
    moving.upgrade()

    with engine.connect() as connection:
        command.check(moving.config(moving.component("core"), connection))


def test_the_core_cannot_go_back_while_plugins_stand_on_it(moving):
    moving.upgrade()

    with pytest.raises(WorkspaceError, match="stand on it"):
        moving.downgrade("core")


def test_the_core_alone_goes_back_to_nothing_and_up_again(database_url, engine):
    alone = Migrator(database_url)
    alone.upgrade()

    alone.downgrade("core")

    left = {t for t in sa.inspect(engine).get_table_names() if not t.startswith("aims_alembic")}
    assert left == set()
    assert alone.upgrade()["core"] == ("", alone.status()[0].head)


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize("act", ["DELETE FROM {}", "UPDATE {} SET digest = digest"])
def test_append_only_tables_refuse_changes_at_the_newest_revision(workspace, table, act):
    workspace.act_as("olga").inventory.register(
        "one",
        name="n",
        use_case="u",
        owner="olga",
        origin="in_house",
        declared_risk_category="minimal",
    )
    if table in {"aims_transition", "aims_vote"}:
        fill(workspace, table)
    statement = act.format(table).replace("digest", "chain" if table == "aims_event" else "digest")

    with pytest.raises(sa.exc.DBAPIError, match="append-only"), tampering(workspace) as connection:
        connection.execute(sa.text(statement))


def fill(workspace, table):
    """Let a system be developed, which leaves a vote and a transition."""
    workspace.act_as("olga").inventory.revise("one", intended_use="x")
    asked = workspace.act_as("olga").approvals.request("one", "start_development")
    workspace.act_as("carl").approvals.decide(asked.approval_id, "approve")
    with workspace._desk.store.engine.connect() as connection:
        assert connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar()


def test_a_component_whose_needs_are_absent_waits_and_the_rest_moves(database_url):
    spec = MigrationSpec(
        component="lonely", location="nowhere:x", tables="", requires={"absent": "absent0001"}
    )
    lonely = SchemaComponent(spec=spec, distribution="aims-lonely", version="1")

    moved = Migrator(database_url, [lonely]).upgrade()

    assert set(moved) == {"core"}
