"""The disk is full: it is said in plain words, nothing is half written, and later everything goes on."""

import errno
import json

import pytest
import sqlalchemy as sa

from aims_core import WorkspaceError, open_workspace
from aims_core.testing.fixtures import TICKET_TRIAGE


@pytest.mark.parametrize("aims_database", ["sqlite"])
def test_a_database_that_may_grow_no_more_refuses_in_words_and_stays_whole(workspace_folder, host):
    full = open_workspace(workspace_folder, actor="olga", host=host)
    engine, room = full._desk.store.engine, {"pages": 0}

    def limit(connection, _entry, _proxy):
        if room["pages"]:
            connection.execute(f"PRAGMA max_page_count={room['pages']}")

    sa.event.listen(engine, "checkout", limit)
    with engine.connect() as connection:
        room["pages"] = connection.exec_driver_sql("PRAGMA page_count").scalar() + 12
    done, refused = 0, ""
    while not refused and done < 500:
        try:
            full.inventory.register(f"s{done}", **{**TICKET_TRIAGE, "intended_use": "x" * 900})
            done += 1
        except WorkspaceError as error:
            refused = str(error)

    assert "cannot write to its disk" in refused
    assert done > 0
    assert full.inventory.find()[1] == done
    assert full.audit.verify().intact
    with pytest.raises(WorkspaceError, match="Make room"):
        full.inventory.register("more", **{**TICKET_TRIAGE, "intended_use": "x" * 19_000})
    room["pages"] = 1_000_000
    full.inventory.register("more", **{**TICKET_TRIAGE, "intended_use": "x" * 19_000})
    assert full.inventory.find()[1] == done + 1
    assert full.audit.verify().intact
    full.close()


@pytest.mark.slow
@pytest.mark.parametrize("aims_database", ["sqlite"])
def test_files_that_may_grow_no_more_lose_nothing_acknowledged(workspace_folder, host, victim):
    said, failed = victim("cramped", workspace_folder, 600_000).communicate(timeout=120)

    assert said, failed
    told = json.loads(said)
    assert told["readable"]
    assert told["refused"] >= 5
    assert told["unplain"] == []
    workspace = open_workspace(workspace_folder, actor="ada", host=host)
    assert workspace.inventory.find()[1] == told["done"] > 0
    assert workspace.audit.verify().intact
    assert workspace.act_as("olga").inventory.register("later", **TICKET_TRIAGE).revision == 1
    workspace.close()


def test_evidence_that_finds_no_room_leaves_neither_file_nor_record(registered, monkeypatch):
    olga = registered.act_as("olga")

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("aims_core.evidence.content.os.fsync", full)
        with pytest.raises(WorkspaceError, match="No space left"):
            olga.evidence.add("ticket-triage", "validation", "Found", text="All is well.")

    assert len(registered.evidence.frame()) == 0
    assert registered.evidence.verify().empty
    assert olga.evidence.add("ticket-triage", "validation", "Found", text="All is well.").digest


@pytest.mark.slow(seconds=10)
def test_every_file_comes_whole_or_not_at_all_on_a_small_disk(victim, tmp_path, rounds, figure):
    said, failed = victim("full_disk", tmp_path, rounds(5, 40)).communicate(timeout=1_800)

    assert said, failed
    told = json.loads(said)
    if "missing" in told:
        pytest.skip(told["missing"])
    faults = {name: one["faults"] for name, one in told.items() if one["faults"]}
    figure("files: kinds of writing", len(told))
    figure("files: writings tried on a full disk", sum(one["tried"] for one in told.values()))
    figure("files: writings refused by a full disk", sum(one["refused"] for one in told.values()))
    figure("files: torn, lost or left over", sum(map(len, faults.values())))
    assert faults == {}
    assert [name for name, one in told.items() if not one["refused"]] == []


@pytest.mark.parametrize("aims_database", ["postgresql"])
def test_a_postgresql_without_room_is_said_in_plain_words(workspace):
    raising = sa.text(
        "DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
    )

    with pytest.raises(WorkspaceError, match="Make room"), workspace.writing() as tx:
        tx.connection.execute(raising)
