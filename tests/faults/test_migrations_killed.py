"""A migration is killed at any statement: each component is before or after it, and it goes through again."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from aims_core import PluginHost, Settings
from aims_core.db.engine import make_engine
from aims_core.workspace import migrator

POSTGRESQL_SHAPE = """
SELECT concat_ws(' ', table_name, column_name, data_type, character_maximum_length, is_nullable,
  column_default) FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
  WHERE NOT tgisinternal
UNION ALL SELECT concat_ws(' ', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT concat_ws(' ', proname, md5(prosrc)) FROM pg_proc
  WHERE pronamespace = 'public'::regnamespace
"""


@pytest.fixture
def moving(database_url):
    """Give the migrator of an empty database, with every installed plugin's tables."""
    settings = Settings(folder=None, organisation="x", database_url=database_url)
    return migrator(settings, PluginHost())


@pytest.fixture
def engine(database_url):
    made = make_engine(database_url, migrating=True)
    yield made
    made.dispose()


def shape(engine):
    """Return all that makes up a schema."""
    sqlite = "SELECT coalesce(sql, name) FROM sqlite_master"
    with engine.connect() as connection:
        query = sqlite if engine.dialect.name == "sqlite" else POSTGRESQL_SHAPE
        return sorted(row[0] for row in connection.exec_driver_sql(query))


def emptied(engine):
    """Drop everything."""
    if engine.dialect.name == "sqlite":
        engine.dispose()
        path = engine.url.database
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(path + suffix).unlink(missing_ok=True)
        return
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")


@pytest.mark.slow
def test_a_migration_killed_at_any_statement_is_before_or_after_and_goes_through_again(
    database_url, moving, engine, victim, rounds, aims_database, figure
):
    nursery = victim("migrating")
    assert nursery.stdout.readline() == "ready\n", nursery.stderr.read()

    def run(moment):
        nursery.stdin.write(f"{database_url} {moment}\n")
        nursery.stdin.flush()
        return nursery.stdout.readline().split()

    word, moments = run(0)
    assert word == "done"
    whole, heads = shape(engine), {s.component: s.head for s in moving.status()}
    assert all(s.state == "current" for s in moving.status())
    wanted = rounds(4, 80)
    at = sorted({1 + int(moments) * step // wanted for step in range(wanted)})
    for number, moment in enumerate(at):
        emptied(engine)
        if number % 2:
            # From the first revision of the core, as an old installation would be.
            moving.upgrade({"core": "core0001"})
        said = run(moment)
        assert said in (["killed"], ["done", *said[1:]]), said

        revisions = {s.component: s.revision for s in moving.status()}
        former = {"core": "core0001"} if number % 2 else {}
        for component, revision in revisions.items():
            assert revision in {former.get(component, ""), heads[component]}, (moment, component)
        with engine.connect() as connection:
            tables = sa.inspect(connection).get_table_names()
        for component, revision in revisions.items():
            if not revision and component != "core":
                assert not [t for t in tables if t.startswith(f"{component}_")], (moment, component)
        moving.upgrade()
        assert shape(engine) == whole, moment
    figure(f"{aims_database}: migrations killed", len(at))
