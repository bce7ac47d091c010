"""A migration is killed before any statement: each component is before or after it, and goes on later."""

import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from aims_core import PluginHost, Settings
from aims_core.db.engine import make_engine
from aims_core.testing.intruder import forcing
from aims_core.workspace import migrator

ROOT = Path(__file__).parents[2]
NIGHTLY = bool(os.environ.get("AIMS_NIGHTLY"))
POSTGRESQL_SHAPE = """
SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull,
  pg_get_expr(adbin, adrelid)) FROM pg_attribute
  LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  WHERE attnum > 0 AND NOT attisdropped
  AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
  WHERE NOT tgisinternal
UNION ALL SELECT concat_ws(' ', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT concat_ws(' ', proname, md5(prosrc)) FROM pg_proc
  WHERE pronamespace = 'public'::regnamespace
"""


def earlier():
    """Return every revision of every component but its newest, as the files of migrations name them."""
    folders = [ROOT / "migrations" / "versions", *sorted(ROOT.glob("plugins/*/aims_*/migrations"))]
    for folder in folders:
        names = sorted(p.stem.partition("_")[0] for p in folder.glob("*0*_*.py"))
        yield from names[:-1]


STARTS = ("nothing", *earlier())
TRIED = STARTS if NIGHTLY else ("nothing", "core0001")


class Databases:
    """Copies of one database as it stood before a migration.

    Parameters
    ----------
    url : str
        An empty database, which becomes what the others are copied from.
    server : Server or None
        The PostgreSQL server, None on SQLite.
    """

    def __init__(self, url, server):
        self._server, self._first = server, sa.make_url(url)
        self._last = None

    def migrator(self, url=None):
        settings = Settings(
            folder=None,
            organisation="x",
            database_url=url or self._first.render_as_string(hide_password=False),
        )
        return migrator(settings, PluginHost())

    def copy(self):
        """Return the URL of a fresh copy; the one before it is dropped."""
        if self._server is None:
            source = Path(self._first.database)
            target = source.with_name("copy.db")
            for left in source.parent.glob("copy.db*"):
                left.unlink()
            if source.exists():
                shutil.copyfile(source, target)
            return f"sqlite:///{target}"
        if self._last:
            self._server.drop(self._last)
        self._last = self._server.create(template=self._first.database)
        return self._server.url(self._last)


@pytest.fixture
def databases(database_url, aims_database, request):
    """Give the way to copies of an empty database, with every installed plugin's tables to come."""
    server = request.getfixturevalue("aims_postgresql") if aims_database == "postgresql" else None
    return Databases(database_url, server)


def begin(databases, start, write_first_events):
    """Bring the first database to where an older installation stood: one component behind, with events."""
    moving = databases.migrator()
    if start == "nothing":
        return moving
    heads = {s.component: s.head for s in moving.status()}
    component = start.rstrip("0123456789")
    if component != "core":
        moving.upgrade(heads | {component: start})
    else:
        moving.upgrade({"core": "core0001"})
        with (
            opened(databases._first.render_as_string(hide_password=False)) as engine,
            forcing(engine) as connection,
        ):
            write_first_events(connection, 5)
        moving.upgrade({"core": start})
        moving.upgrade({name: head for name, head in heads.items() if name != "core"})
    if databases._server is None:
        # Copies take one file: what the write-ahead log still holds is moved into it first.
        with opened(databases._first.render_as_string(hide_password=False)) as engine:
            raw = engine.raw_connection()
            raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            raw.close()
    return moving


@contextmanager
def opened(url):
    """Give an engine for the length of a block."""
    engine = make_engine(url, migrating=True)
    yield engine
    engine.dispose()


def content(url):
    """Return all that makes up a database: its schema, and the rows of every table."""
    with opened(url) as engine, engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            shape = connection.exec_driver_sql(POSTGRESQL_SHAPE).scalars().all()
            return json.dumps([sorted(shape), rows_of(connection)])
        shape = connection.exec_driver_sql(
            "SELECT coalesce(sql, name), type, name FROM sqlite_master"
        )
        shape = sorted(map(tuple, shape))
        rows = {
            name: sorted(map(repr, connection.exec_driver_sql(f'SELECT * FROM "{name}"')))
            for _, kind, name in shape
            if kind == "table"
        }
        return json.dumps([shape, rows])


def rows_of(connection):
    """Return a digest of the rows of every table, in one query: a PostgreSQL that is asked often is slow."""
    listed = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    query = " UNION ALL ".join(
        f"SELECT '{name}', md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM \"{name}\" t"
        for name in connection.exec_driver_sql(listed).scalars()
    )
    return sorted(map(tuple, connection.exec_driver_sql(query))) if query else []


def boundaries(databases):
    """Return the content before a migration and after each component of it, the last one whole."""
    url = databases.copy()
    moving, found = databases.migrator(url), [content(url)]
    heads = {s.component: s.head for s in moving.status()}
    for part in moving.order():
        moving.upgrade({part.name: heads[part.name]})
        found.append(content(url))
    return found


@pytest.mark.slow(seconds=5)
@pytest.mark.parametrize("start", TRIED)
def test_a_migration_killed_before_any_statement_is_before_or_after_and_goes_through_again(
    databases, start, victim, rounds, aims_database, figure, write_first_events
):
    begin(databases, start, write_first_events)
    known = boundaries(databases)
    nursery = victim("migrating")
    assert nursery.stdout.readline() == "ready\n", nursery.stderr.read()

    def run(url, moment):
        nursery.stdin.write(f"{url} {moment}\n")
        nursery.stdin.flush()
        return nursery.stdout.readline().split()

    url = databases.copy()
    word, moments = run(url, 0)
    assert word == "done"
    assert content(url) == known[-1]
    wanted = rounds(6, int(moments))
    at = sorted({1 + int(moments) * step // wanted for step in range(wanted)})
    torn, repeated = [], set()
    for number, moment in enumerate(at):
        url = databases.copy()
        assert run(url, moment) == ["killed"], moment
        left = content(url)
        if left not in known:
            torn.append(moment)
        # What is alike to the last byte goes on alike: it is repeated now and then, not each time.
        if left in repeated and number % 10:
            continue
        repeated.add(left)
        if run(url, 0)[0] != "done" or content(url) != known[-1]:
            torn.append(moment)
    figure(f"{aims_database}: migrations killed", len(at))
    figure(f"{aims_database}: statements of migrations", int(moments))
    figure(f"{aims_database}: migrations left in between, or not gone through again", len(torn))
    assert torn == []
