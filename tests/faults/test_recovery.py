"""Backups are whole while people write, restores say that they are, and a damaged backup is refused."""

import json
import os
import shutil
import threading

import pytest
import sqlalchemy as sa

from aims_core import (
    AimsError,
    NotPermitted,
    PluginHost,
    RecordNotFound,
    WorkspaceError,
    canonical_json,
    create_workspace,
    open_workspace,
)
from aims_core.recovery import back_up, check_backup, drill, restore
from aims_core.recovery.backing_up import with_url
from aims_core.settings import read_settings
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.intruder import forcing

SQLITE = pytest.mark.parametrize("aims_database", ["sqlite"])
POSTGRESQL = pytest.mark.parametrize("aims_database", ["postgresql"])


@pytest.fixture
def host():
    """Give the installed plugins: their tables are part of every backup."""
    return PluginHost()


@pytest.fixture
def filled(registered, workspace_folder):
    """Give a workspace with a system, evidence, a report, odd text, and a setting of its own."""
    olga = registered.act_as("olga")
    olga.evidence.add("ticket-triage", "validation", "What was found", text="All is well.\n")
    olga.inventory.revise("ticket-triage", name="Tabs\tand\\backslashes, ä, 試験\nin two lines")
    (workspace_folder / "reports").mkdir()
    (workspace_folder / "reports" / "one.html").write_text("<p>a report</p>", encoding="utf-8")
    (workspace_folder / "own.toml").write_text("a = 1\n", encoding="utf-8")
    registered.audit.seal()
    return registered


@pytest.fixture
def empty_database(aims_database, request):
    """Give the URL of an empty PostgreSQL database, or nothing for SQLite."""
    if aims_database == "sqlite":
        yield ""
        return
    server = request.getfixturevalue("aims_postgresql")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def restored(tmp_path, empty_database, host):
    """Give the way to restore a backup and to look into what came of it."""
    opened = []

    def bring_back(backup, **options):
        outcome = restore(
            backup, tmp_path / "back", actor="ada", database=empty_database, host=host, **options
        )
        opened.append(open_workspace(outcome.folder, actor="ada", host=host))
        return outcome, opened[-1]

    yield bring_back
    for workspace in opened:
        workspace.close()


def content(workspace):
    """Return every row of every table, apart from bookkeeping that goes on by itself."""
    engine = workspace._desk.store.engine
    with engine.connect() as connection:
        names = sorted(n for n in sa.inspect(connection).get_table_names() if n.startswith("aims_"))
        return {
            n: sorted(map(repr, connection.exec_driver_sql(f'SELECT * FROM "{n}"'))) for n in names
        }


@pytest.mark.parametrize("name", ["copy", "copy.zip"])
def test_what_was_backed_up_comes_back_whole_and_says_that_it_did(
    filled, workspace_folder, tmp_path, restored, name
):
    before = content(filled)

    made = back_up(filled, tmp_path / "kept" / name)
    outcome, back = restored(made.path)

    assert (made.missing, made.faults) == ((), ())
    assert (outcome.events, outcome.known, outcome.lost) == (made.events, 0, 0)
    newest = back.audit.events(limit=1)[0]
    assert newest.type == "core.WorkspaceRestored"
    assert newest.payload["backup"] == made.digest
    assert newest.payload["size"] == made.events
    after = content(back)
    for table, rows in before.items():
        if table not in {"aims_trail_head", "aims_tree", "aims_schema_component"}:
            assert set(rows) <= set(after[table]), table
    assert back.audit.verify().intact
    assert back.audit.verify().events == made.events + 1
    assert back.evidence.verify().empty
    assert (outcome.folder / "reports" / "one.html").read_text() == "<p>a report</p>"
    assert (outcome.folder / "own.toml").exists()
    assert filled.audit.events(limit=1)[0].payload["digest"] == made.digest
    back.act_as("olga").inventory.revise("ticket-triage", name="And on")
    assert back.inventory.get("ticket-triage").revision == 3
    assert back.audit.verify().intact


def test_a_backup_is_consistent_while_others_write(workspace, workspace_folder, tmp_path, host):
    stop, failed = threading.Event(), []

    def write():
        mine = open_workspace(workspace_folder, actor="ines", host=host)
        number = 0
        while not stop.is_set():
            number += 1
            try:
                mine.inventory.register(f"s{number}", **TICKET_TRIAGE)
            except Exception as error:  # noqa: BLE001 - whatever a writer meets is the finding
                failed.append(error)
        mine.close()

    writer = threading.Thread(target=write)
    writer.start()
    made = [back_up(workspace, tmp_path / f"copy-{n}") for n in range(3)]
    stop.set()
    writer.join()

    assert failed == []
    assert [backup.faults for backup in made] == [(), (), ()]
    assert made[0].events < made[-1].events
    for backup in made:
        rows = check_backup(backup.path).tables
        assert rows["aims_system"] == rows["aims_system_revision"]


def test_a_drill_shows_that_a_backup_can_be_relied_on(filled, tmp_path, empty_database, host):
    made = back_up(filled, tmp_path / "copy.zip")

    outcome = drill(made.path, actor="ada", database=empty_database, host=host)

    assert outcome.passed
    assert (outcome.events, outcome.evidence) == (made.events, 1)


@pytest.mark.parametrize("how", ["altered", "cut", "gone", "added", "manifest"])
def test_a_backup_that_is_not_what_it_was_is_refused(filled, tmp_path, host, how):
    made = back_up(filled, tmp_path / "copy")
    (victim,) = (p for p in (made.path / "evidence").rglob("*") if p.is_file())
    if how == "altered":
        victim.write_bytes(victim.read_bytes().replace(b"well", b"lost"))
    elif how == "cut":
        victim.write_bytes(victim.read_bytes()[:-1])
    elif how == "gone":
        victim.unlink()
    elif how == "added":
        (made.path / "evidence" / "more").write_text("more")
    else:
        (made.path / "manifest.json").unlink()

    with pytest.raises(WorkspaceError, match=r"not what it was|is no backup"):
        restore(made.path, tmp_path / "back", actor="ada", host=host)

    assert not (tmp_path / "back" / "aims.toml").exists()


@SQLITE
def test_a_manifest_that_was_made_to_fit_does_not_hide_what_was_done_to_the_database(
    filled, tmp_path, host
):
    from dataclasses import replace

    from aims_core.db.engine import make_engine
    from aims_core.recovery.manifest import kept, read_manifest, write_manifest

    made = back_up(filled, tmp_path / "copy")
    engine = make_engine(f"sqlite:///{made.path / 'aims.db'}")
    with forcing(engine) as connection:
        connection.exec_driver_sql("DROP TRIGGER aims_event_keeps_update")
        connection.exec_driver_sql("UPDATE aims_event SET actor = 'mallory' WHERE sequence = 3")
    engine.dispose()
    for rest in made.path.glob("aims.db?*"):
        rest.unlink()
    said = read_manifest(made.path)
    files = tuple(f if f.path != "aims.db" else kept(made.path, "aims.db") for f in said.files)
    write_manifest(made.path, replace(said, files=files))

    outcome = drill(made.path, actor="ada", host=host)

    assert any("event" in fault for fault in outcome.faults)
    assert check_backup(made.path).digest != made.digest


@POSTGRESQL
def test_an_event_altered_in_a_backup_is_found_by_its_hash(filled, tmp_path):
    from dataclasses import replace

    from aims_core.recovery.manifest import kept, read_manifest, write_manifest

    made = back_up(filled, tmp_path / "copy")
    events = made.path / "tables" / "aims_event.copy"
    events.write_bytes(events.read_bytes().replace(b"\tolga\t", b"\tolgb\t", 1))
    said = read_manifest(made.path)
    name = "tables/aims_event.copy"
    files = tuple(f if f.path != name else kept(made.path, name) for f in said.files)
    write_manifest(made.path, replace(said, files=files))

    with pytest.raises(WorkspaceError, match="does not fit its hash"):
        check_backup(made.path)


def test_a_backup_of_a_trail_with_an_erased_event_is_made_and_restored(filled, tmp_path, restored):
    event = filled.audit.events(event_type="core.SystemRegistered")[0].event_id
    filled.audit.erase(event, reason="a request")
    filled.act_as("aude").audit.erase(event, reason="a request")

    made = back_up(filled, tmp_path / "copy")
    _, back = restored(made.path)

    assert back.audit.verify().intact
    assert back.audit.events(event_type="core.SystemRegistered")[0].payload == {}


@POSTGRESQL
def test_an_event_emptied_in_a_backup_without_a_decision_is_found(filled, tmp_path):
    from dataclasses import replace

    from aims_core.recovery.manifest import kept, read_manifest, write_manifest

    made = back_up(filled, tmp_path / "copy")
    events = made.path / "tables" / "aims_event.copy"
    head, *lines = events.read_text(encoding="utf-8").splitlines(keepends=True)
    names = head.strip().split(", ")
    cells = lines[3].rstrip("\n").split("\t")
    cells[names.index('"payload"')] = cells[names.index('"nonce"')] = ""
    events.write_text(head + "".join([*lines[:3], "\t".join(cells) + "\n", *lines[4:]]))
    said = read_manifest(made.path)
    name = "tables/aims_event.copy"
    files = tuple(f if f.path != name else kept(made.path, name) for f in said.files)
    write_manifest(made.path, replace(said, files=files))

    with pytest.raises(WorkspaceError, match="no event says that it was erased"):
        check_backup(made.path)


def test_who_is_no_administrator_neither_backs_up_nor_restores(
    filled, tmp_path, empty_database, host
):
    with pytest.raises(NotPermitted):
        back_up(filled.act_as("olga"), tmp_path / "copy")
    made = back_up(filled, tmp_path / "copy")

    options = {"database": empty_database, "host": host}
    with pytest.raises(NotPermitted):
        restore(made.path, tmp_path / "back", actor="olga", **options)

    assert not (tmp_path / "back" / "aims.toml").exists()
    assert not (tmp_path / "back" / "aims.db").exists()


def test_targets_that_are_taken_and_unknown_people_are_refused(
    filled, workspace_folder, tmp_path, host, empty_database
):
    made = back_up(filled, tmp_path / "copy")

    with pytest.raises(WorkspaceError, match="exists already"):
        back_up(filled, tmp_path / "copy")
    with pytest.raises(WorkspaceError, match="holds a workspace"):
        restore(made.path, workspace_folder, actor="ada", host=host)
    with pytest.raises(WorkspaceError, match="holds no workspace to replace"):
        restore(made.path, tmp_path / "back", actor="ada", host=host, replace=True)
    with pytest.raises(RecordNotFound):
        restore(made.path, tmp_path / "back", actor="nobody", host=host, database=empty_database)
    with pytest.raises(WorkspaceError, match="no backup"):
        check_backup(tmp_path / "absent.zip")
    (tmp_path / "junk.zip").write_bytes(b"PK")
    with pytest.raises(WorkspaceError, match="cannot be read as a backup"):
        check_backup(tmp_path / "junk.zip")


def test_evidence_that_is_gone_from_the_workspace_is_named_not_hidden(filled, tmp_path, restored):
    (lost,) = (p for p in (filled.settings.folder / "evidence").rglob("*") if p.is_file())
    lost.unlink()

    made = back_up(filled, tmp_path / "copy")
    _, back = restored(made.path)

    assert made.missing == (lost.name,)
    assert list(back.evidence.verify().finding) == ["missing"]


@POSTGRESQL
def test_a_postgresql_database_is_restored_into_an_empty_one_only(
    filled, workspace_folder, tmp_path, host
):
    made = back_up(filled, tmp_path / "copy")
    taken = read_settings(workspace_folder).database_url

    with pytest.raises(WorkspaceError, match="holds tables already"):
        restore(made.path, tmp_path / "back", actor="ada", host=host, database=taken)
    with pytest.raises(WorkspaceError, match="name an empty one"):
        restore(made.path, tmp_path / "back", actor="ada", host=host)
    with pytest.raises(WorkspaceError, match="is not replaced"):
        restore(made.path, workspace_folder, actor="ada", host=host, replace=True)


@POSTGRESQL
def test_a_login_that_does_not_see_all_rows_makes_no_backup(
    filled, workspace_folder, tmp_path, request
):
    own = sa.make_url(read_settings(workspace_folder).database_url)
    admin = sa.create_engine(own, isolation_level="AUTOCOMMIT")
    name = f"reader_{os.getpid()}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN PASSWORD '{name}'")
        connection.exec_driver_sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}")
        connection.exec_driver_sql("ALTER TABLE aims_system ENABLE ROW LEVEL SECURITY")
    theirs = own.set(username=name, password=name).render_as_string(hide_password=False)
    try:
        with pytest.raises(AimsError, match="row-level security"):
            back_up(filled, tmp_path / "copy", database=theirs)
        assert not list(tmp_path.glob("*copy*"))
        whole = back_up(filled, tmp_path / "copy", database=own.render_as_string(False))
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql("ALTER TABLE aims_system DISABLE ROW LEVEL SECURITY")
            connection.exec_driver_sql(f"DROP OWNED BY {name}")
            connection.exec_driver_sql(f"DROP ROLE {name}")
        admin.dispose()

    assert check_backup(whole.path).tables["aims_system"] == 1


@SQLITE
def test_a_restore_over_a_workspace_keeps_what_gave_way_and_says_what_is_lost(
    filled, workspace_folder, tmp_path, host
):
    made = back_up(filled, tmp_path / "copy")
    olga = filled.act_as("olga")
    olga.inventory.revise("ticket-triage", name="Later")
    later = olga.evidence.add("ticket-triage", "validation", "Later", text="Later.")

    outcome = restore(made.path, workspace_folder, actor="ada", host=host, replace=True)

    assert outcome.known == made.events + 3
    assert outcome.lost == 3
    # Who has it open sees the restored records at once.
    assert filled.inventory.get("ticket-triage").revision == 2
    newest = filled.audit.events(limit=1)[0]
    assert (newest.type, newest.payload["known_size"]) == ("core.WorkspaceRestored", outcome.known)
    assert filled.audit.verify().intact
    assert list(filled.evidence.verify().digest) == [later.digest]
    olga.inventory.revise("ticket-triage", name="Another way")
    assert outcome.before.exists()
    before = tmp_path / "before"
    shutil.copytree(workspace_folder, before)
    shutil.copyfile(outcome.before, before / "aims.db")
    for rest in before.glob("aims.db-*"):
        rest.unlink()
    looked = open_workspace(before, actor="ada", host=host)
    assert looked.inventory.get("ticket-triage").name == "Later"
    looked.close()
    assert not list(workspace_folder.glob("*.restoring*"))


@SQLITE
def test_a_damaged_database_gives_way_to_the_backup(filled, workspace_folder, tmp_path, host):
    made = back_up(filled, tmp_path / "copy")
    filled.close()
    (workspace_folder / "aims.db").write_bytes(b"no database at all " * 999)

    outcome = restore(made.path, workspace_folder, actor="ada", host=host, replace=True)

    back = open_workspace(workspace_folder, actor="ada", host=host)
    assert back.audit.verify().intact
    assert back.audit.events(limit=1)[0].type == "core.WorkspaceRestored"
    back.close()
    assert outcome.before.read_bytes().startswith(b"no database")


def test_a_checkpoint_kept_elsewhere_tells_that_a_backup_is_older(
    filled, tmp_path, restored, monkeypatch
):
    monkeypatch.setenv("AIMS_AUDIT_KEY", str(tmp_path / "elsewhere" / "checkpoint.key"))
    filled.audit.keys.make()
    made = back_up(filled, tmp_path / "copy")
    filled.act_as("olga").inventory.revise("ticket-triage", name="Later")
    kept = filled.audit.checkpoint()

    outcome, back = restored(made.path, checkpoints=[kept.note])

    assert outcome.known == kept.size
    assert outcome.lost == kept.size - made.events > 0
    assert not back.audit.verify(checkpoints=[kept.note]).intact


@SQLITE
def test_an_older_schema_in_a_backup_is_brought_up_to_date(tmp_path, host, restored):
    workspace = create_workspace(tmp_path / "w", organisation="x", administrator="ada", host=host)
    made = back_up(workspace, tmp_path / "copy")
    workspace.close()
    said = json.loads((made.path / "manifest.json").read_text())
    assert said["schema"].keys() >= {"core"}
    said["format"] = "aims-backup/2"
    (made.path / "manifest.json").write_text(canonical_json(said))

    with pytest.raises(WorkspaceError, match="aims-backup/2"):
        restored(made.path)


@pytest.mark.parametrize(
    "text",
    [
        '[database]\nurl = "sqlite:////old.db"\n[identity]\nactor = "ada"\n',
        '[organisation]\nname = "x"\n',
        '[organisation]\nname = "x"\n\n[database]\nnetwork_folder = "alone"\n[audit]\nkey = "k"\n',
    ],
)
def test_the_settings_of_a_backup_point_at_its_own_database(tmp_path, text):
    (tmp_path / "aims.toml").write_text(with_url(text, 'sqlite:///a"b.db'), encoding="utf-8")

    assert read_settings(tmp_path).database_url.endswith('a"b.db')
