"""The content store: once, whole, verified; a death between file and record leaves no wrong record."""

import os
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aims_core import InvalidRecord, RecordNotFound, WorkspaceError
from aims_core.testing.fixtures import TICKET_TRIAGE

SYSTEM = "ticket-triage"


@pytest.fixture
def store(registered):
    return registered.act_as("ines").evidence


def files_of(workspace):
    folder = workspace.settings.folder / "evidence"
    return sorted(p for p in folder.rglob("*") if p.is_file())


DIES = """
import os, sys
from aims_core import open_workspace
from aims_core.evidence.content import ContentFolder

place = ContentFolder.place
def placed_and_killed(self, staged):
    if sys.argv[2] == "after":
        place(self, staged)
    os._exit(9)
ContentFolder.place = placed_and_killed

open_workspace(sys.argv[1], actor="ines").evidence.add("ticket-triage", "note", "A", text="said")
"""


@pytest.mark.parametrize(("when", "left"), [("before", 1), ("after", 1)])
def test_a_death_between_file_and_commit_leaves_a_file_that_verify_names_and_no_record(
    store, registered, when, left
):
    folder = registered.settings.folder

    died = subprocess.run([sys.executable, "-c", DIES, str(folder), when], check=False)

    assert died.returncode == 9
    assert store.of(SYSTEM) == []
    found = store.verify()
    assert list(found["finding"]) == ["unreferenced"] * left
    assert len(files_of(registered)) == left
    made = store.add(SYSTEM, "note", "A", text="said")
    assert store.read(made) == b"said"


def test_a_write_that_the_database_refuses_leaves_no_file(store, registered):
    with pytest.raises(InvalidRecord):
        store.add(SYSTEM, "note", "A", text="said", note="half\x00")

    assert files_of(registered) == []


def test_a_refused_file_leaves_one_event_and_nothing_else(store, registered, tmp_path):
    before = registered.audit.verify().events

    with pytest.raises(InvalidRecord):
        store.add(SYSTEM, "note", "A", path=tmp_path / "nowhere")

    events = registered.audit.events(SYSTEM)
    assert registered.audit.verify().events == before + 1
    assert events[0].type == "core.ActRefused"
    assert files_of(registered) == []


def test_a_full_disk_is_said_in_plain_words(store, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(WorkspaceError, match="No space left"):
        store.add(SYSTEM, "note", "A", text="said")


def test_a_pipe_or_a_device_is_refused_rather_than_waited_for(store, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    for path in (pipe, "/dev/zero"):
        with pytest.raises(InvalidRecord, match="no regular file"):
            store.add(SYSTEM, "note", "A", path=path)


def test_verify_names_missing_altered_and_unreferenced_files(store, registered):
    lost, changed, fine = (store.add(SYSTEM, "note", "A", text=t) for t in ("one", "two", "three"))
    folder = registered.settings.folder
    (folder / lost.location).unlink()
    (folder / changed.location).write_text("other")
    (folder / "evidence" / "stray.txt").write_text("nobody's")

    found = store.verify().set_index("finding")

    assert set(found.index) == {"missing", "altered", "unreferenced"}
    assert found.loc["missing", "evidence_id"] == lost.evidence_id
    assert found.loc["altered", "evidence_id"] == changed.evidence_id
    assert found.loc["unreferenced", "location"] == "evidence/stray.txt"
    assert fine.evidence_id not in set(found["evidence_id"])


def test_verify_of_an_intact_store_has_its_columns_and_no_rows(store):
    store.add(SYSTEM, "note", "A", text="said")
    seen = []

    found = store.verify(progress=lambda done, total: seen.append((done, total)))

    assert found.empty
    assert list(found.columns)[:2] == ["finding", "evidence_id"]
    assert seen == [(1, 1)]


def test_content_is_opened_by_id_and_only_when_it_is_what_it_was(store, registered):
    made = store.add(SYSTEM, "note", "A", text="said")
    with store.open(made.evidence_id) as file:
        (registered.settings.folder / made.location).write_text("changed meanwhile")
        assert file.read() == b"said"

    with pytest.raises(WorkspaceError, match="was changed"), store.open(made.evidence_id):
        pass
    with pytest.raises(RecordNotFound):
        store.read("evi-nothing")


def test_an_error_inside_the_block_is_not_taken_for_a_changed_file(store):
    made = store.add(SYSTEM, "note", "A", text="said")

    with pytest.raises(ValueError, match="mine"), store.open(made):
        raise ValueError("mine")


def test_the_limit_is_the_one_of_the_settings(registered, tmp_path):
    toml = registered.settings.folder / "aims.toml"
    toml.write_text(toml.read_text() + "\n[evidence]\nmax_megabytes = 1\n")
    registered = reopened(registered)
    big = tmp_path / "big.bin"
    big.write_bytes(b"x" * 1_000_001)

    with pytest.raises(InvalidRecord, match=r"1,000,000 bytes allowed.*aims\.toml"):
        registered.act_as("ines").evidence.add(SYSTEM, "note", "A", path=big)
    with pytest.raises(InvalidRecord, match="the text is larger"):
        registered.act_as("ines").evidence.add(SYSTEM, "note", "A", text="é" * 500_001)
    registered.close()


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("max_megabytes = 0", "evidence.max_megabytes is 0"),
        ("max_megabites = 1", "evidence.max_megabites is unknown"),
        ('retention = "long"', "evidence.retention is 'long'"),
        ('retention = {note = "a while"}', "evidence.retention.note is 'a while'"),
    ],
)
def test_a_setting_of_the_wrong_form_is_named(registered, line, named):
    toml = registered.settings.folder / "aims.toml"
    toml.write_text(f"{toml.read_text()}\n[evidence]\n{line}\n")
    again = reopened(registered)

    with pytest.raises(WorkspaceError, match=named):
        _ = again.evidence
    again.close()


def reopened(workspace):
    from aims_core import open_workspace

    return open_workspace(workspace.settings.folder, actor="ada", host=workspace.host)


def test_content_of_an_old_revision_is_said_to_be_so_until_it_is_put_on_record_again(
    store, registered
):
    first = store.add(SYSTEM, "documentation", "Manual", text="how it works")
    assert not first.outdated
    registered.act_as("olga").inventory.revise(SYSTEM, name="Other")

    assert [e.outdated for e in store.of(SYSTEM)] == [True]

    again = store.add(SYSTEM, "documentation", "Manual", text="how it works")
    assert (again.digest, again.revision, again.outdated) == (first.digest, 2, False)
    assert len(files_of(registered)) == 1
    assert [e.outdated for e in store.of(SYSTEM)] == [False, True]


def test_evidence_from_the_future_is_refused(store, registered):
    with pytest.raises(InvalidRecord, match="in the future"):
        store.add(
            *(SYSTEM, "note", "A"), text="x", collected_at=registered.now() + timedelta(days=1)
        )


def test_all_evidence_is_a_frame_with_the_same_columns_also_when_empty(store, registered):
    empty = store.frame()
    store.add(SYSTEM, "note", "A", text="said")

    full = store.frame()

    assert list(empty.columns) == list(full.columns)
    assert list(empty.dtypes) == list(full.dtypes)
    assert full.loc[0, "system_id"] == SYSTEM


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    adds=st.lists(
        st.tuples(
            st.sampled_from([SYSTEM, "second"]),
            st.sampled_from(["note", "validation"]),
            st.sampled_from(["a", "b", "c" * 1_000, "é"]),
        ),
        max_size=12,
    )
)
def test_whatever_is_added_there_is_one_record_for_each_statement_and_one_file_for_each_content(
    store, registered, adds
):
    registered.act_as("olga").inventory.register("second", **TICKET_TRIAGE)

    made = [store.add(system, kind, "A", text=text) for system, kind, text in adds]

    for (system, kind, text), one in zip(adds, made, strict=True):
        assert (one.system_id, one.kind, store.read(one)) == (system, kind, text.encode())
    statements = {(e.system_id, e.kind, e.digest): e.evidence_id for e in made}
    assert len(set(statements.values())) == len(statements)
    on_record = [e for s in (SYSTEM, "second") for e in store.of(s)]
    assert len({(e.system_id, e.kind, e.digest) for e in on_record}) == len(on_record)
    assert len(files_of(registered)) == len({e.digest for e in on_record})
    assert store.verify().empty


def test_many_who_add_the_same_at_once_make_one_record(registered):
    made, failed = [], []

    def add():
        try:
            made.append(registered.act_as("ines").evidence.add(SYSTEM, "note", "A", text="said"))
        except Exception as error:  # noqa: BLE001 - shown below
            failed.append(error)

    threads = [threading.Thread(target=add) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert failed == []
    assert len({e.evidence_id for e in made}) == 1
    assert len(registered.evidence.of(SYSTEM)) == 1
