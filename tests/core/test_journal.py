"""SQLite files keep every acknowledged commit, in a mode that the library at hand can be trusted with."""

import sqlite3
import threading
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from aims_core import PluginHost, WorkspaceError, create_workspace, open_workspace
from aims_core.db import engine as engines
from aims_core.db.engine import journal_of, make_engine
from aims_core.db.library import SqliteLibrary, sqlite_library
from aims_core.testing.fixtures import TICKET_TRIAGE

PEOPLE = {"organisation": "x", "administrator": "ada"}


def library(version):
    return SqliteLibrary(module=sqlite_library().module, version=version)


SOUND, AFFECTED = library((3, 51, 3)), library((3, 40, 1))


@pytest.fixture
def with_library(monkeypatch):
    """Give the way to go on as a process with this library would."""
    return lambda one: monkeypatch.setattr(engines, "sqlite_library", lambda: one)


@pytest.fixture
def host():
    return PluginHost(discover=False)


def pragma(engine, name):
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


@pytest.mark.parametrize(
    ("version", "trusted"),
    [
        ((3, 6, 23), False),
        ((3, 40, 1), False),
        ((3, 50, 7), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), False),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_versions_with_the_wal_reset_bug_are_not_trusted_with_the_log(version, trusted):
    assert library(version).trusts_wal is trusted


def test_pythons_own_library_is_used_where_it_is_sound_else_another_that_is(monkeypatch):
    chosen = sqlite_library()
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 60, 0))
    own = sqlite_library.__wrapped__()

    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    monkeypatch.setattr(
        "aims_core.db.library.import_module",
        lambda _: SimpleNamespace(__name__="pysqlite3.dbapi2", sqlite_version_info=(3, 51, 1)),
    )
    neither = sqlite_library.__wrapped__()

    assert own.module is sqlite3
    assert neither.module is sqlite3
    assert not neither.trusts_wal
    assert chosen.name.endswith(".".join(map(str, chosen.version)))


@pytest.mark.parametrize(("one", "mode"), [(SOUND, "wal"), (AFFECTED, "truncate")])
def test_a_new_workspace_gets_the_journal_its_library_can_be_trusted_with(
    tmp_path, host, with_library, one, mode
):
    with_library(one)

    workspace = create_workspace(tmp_path / "w", **PEOPLE, host=host)

    engine = workspace._desk.store.engine
    assert pragma(engine, "journal_mode") == mode
    assert pragma(engine, "synchronous") == 3
    assert pragma(engine, "mmap_size") in {0, None}
    assert pragma(engine, "foreign_keys") == 1
    found = journal_of(engine)
    assert (found.mode, found.synchronous) == (mode, "extra")
    assert bool(found.note) == (one is AFFECTED)
    workspace.close()


def test_an_affected_library_takes_the_file_out_of_the_log_without_loss(
    tmp_path, host, with_library
):
    with_library(SOUND)
    create_workspace(tmp_path / "w", **PEOPLE, host=host).close()

    with_library(AFFECTED)
    workspace = open_workspace(tmp_path / "w", host=host)

    assert pragma(workspace._desk.store.engine, "journal_mode") == "truncate"
    workspace.staffing.add("olga", "Olga")
    assert workspace.audit.verify().intact
    workspace.close()
    assert not (tmp_path / "w" / "aims.db-wal").exists()

    with_library(SOUND)
    workspace = open_workspace(tmp_path / "w", host=host)
    assert pragma(workspace._desk.store.engine, "journal_mode") == "truncate"
    assert "aims db upgrade" in journal_of(workspace._desk.store.engine).note
    workspace.migrator().upgrade()
    assert workspace.audit.verify().intact
    assert pragma(workspace._desk.store.engine, "journal_mode") == "wal"
    workspace.close()


def test_an_affected_library_refuses_a_log_that_others_have_open(tmp_path, host, with_library):
    with_library(SOUND)
    other = create_workspace(tmp_path / "w", **PEOPLE, host=host)

    with_library(AFFECTED)
    with other.reading() as tx:
        tx.grants()
        with pytest.raises(WorkspaceError, match="can damage"):
            open_workspace(tmp_path / "w", host=host)

    other.close()


def test_an_affected_library_writes_no_more_once_others_moved_the_file_to_the_log(
    tmp_path, host, with_library
):
    with_library(AFFECTED)
    workspace = create_workspace(tmp_path / "w", **PEOPLE, host=host)
    with_library(SOUND)
    workspace.migrator().upgrade()

    with pytest.raises(WorkspaceError, match="can damage"):
        workspace.staffing.add("olga", "Olga")

    workspace.close()


@pytest.mark.parametrize("one", [SOUND, AFFECTED])
def test_readers_in_other_threads_and_writers_do_not_fail_each_other(
    tmp_path, host, with_library, one
):
    with_library(one)
    workspace = create_workspace(tmp_path / "w", **PEOPLE, host=host)
    workspace.staffing.add("olga", "Olga")
    workspace.staffing.grant("olga", "system_owner")
    stop, seen, failed = threading.Event(), [], []

    def read():
        mine = []
        seen.append(mine)
        while not stop.is_set():
            try:
                mine.append(len(workspace.inventory.frame()))
            except Exception as error:  # noqa: BLE001 - whatever a reader meets is the finding
                failed.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    olga = workspace.act_as("olga")
    for number in range(20):
        olga.inventory.register(f"system-{number}", **TICKET_TRIAGE)
    stop.set()
    for reader in readers:
        reader.join()
    workspace.close()

    assert failed == []
    assert len(seen) == 2
    assert all(mine == sorted(mine) for mine in seen)


def test_a_write_within_a_reading_block_is_refused_where_it_would_wait_for_itself(
    tmp_path, host, with_library
):
    with_library(AFFECTED)
    workspace = create_workspace(tmp_path / "w", **PEOPLE, host=host)

    with workspace.reading() as tx:
        tx.grants()
        with pytest.raises(WorkspaceError, match="end the reading"):
            workspace.staffing.add("olga", "Olga")

    assert workspace.staffing.add("olga", "Olga").actor_id == "olga"
    workspace.close()


def test_a_memory_database_has_no_journal_to_speak_of():
    engine = make_engine("sqlite://")

    assert journal_of(engine) is None
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1
    engine.dispose()
