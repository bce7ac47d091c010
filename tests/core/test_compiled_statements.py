"""A statement is compiled once for all engines of a process on the same kind of database."""

import pytest
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import CacheStats

from aims_core import open_workspace
from aims_core.db.engine import make_engine


@pytest.fixture
def found(request):
    """Give the way to execute a query on an engine; returns whether it was compiled before, and its value."""
    engines = []

    def execute(url, query):
        engine = make_engine(url)
        engines.append(engine)
        hits = []
        sa.event.listen(
            engine, "after_cursor_execute", lambda *call: hits.append(call[4].cache_hit)
        )
        with engine.connect() as connection:
            value = connection.execute(query).scalar()
        return hits[-1], value

    yield execute
    for engine in engines:
        engine.dispose()


def query(value, label):
    return sa.select(sa.literal(value).label(label))


def test_a_second_engine_takes_what_the_first_compiled_with_its_own_values(
    found, database_url, aims_database
):
    label = f"second_engine_{aims_database}"

    first = found(database_url, query("one", label))
    second = found(database_url, query("two", label))

    assert first == (CacheStats.CACHE_MISS, "one")
    assert second == (CacheStats.CACHE_HIT, "two")


def test_another_kind_of_database_compiles_its_own(found, tmp_path, request):
    name = request.getfixturevalue("aims_postgresql").create()
    elsewhere = request.getfixturevalue("aims_postgresql").url(name)
    both = sa.select(sa.func.coalesce(sa.literal("here"), sa.bindparam("other", "there")))

    first = found(f"sqlite:///{tmp_path / 'empty.db'}", both)
    second = found(elsewhere, both)
    request.getfixturevalue("aims_postgresql").drop(name)

    assert first == (CacheStats.CACHE_MISS, "here")
    assert second == (CacheStats.CACHE_MISS, "here")


def test_a_workspace_that_is_opened_again_compiles_nothing_anew(workspace_folder, host):
    missed = []

    def count(*call):
        if call[4].compiled is not None and call[4].cache_hit is not CacheStats.CACHE_HIT:
            missed.append(call[2])

    def life():
        opened = open_workspace(workspace_folder, actor="ada", host=host)
        sa.event.listen(opened._desk.store.engine, "after_cursor_execute", count)
        opened.staffing.frame()
        opened.inventory.frame()
        opened.close()

    life()
    missed.clear()

    life()

    assert missed == []
