"""Evidence is kept by its content: once, whole, and noticed when it was changed."""

from datetime import UTC, datetime

import pytest

from aims_core import InvalidRecord, NotPermitted, RecordNotFound, RequestRefused, WorkspaceError
from aims_core.testing.fixtures import TICKET_TRIAGE


@pytest.fixture
def store(registered):
    return registered.act_as("ines").evidence


def test_a_file_is_kept_with_digest_type_and_both_times(store, tmp_path):
    file = tmp_path / "validation.csv"
    file.write_text("case,passed\n1,yes\n")
    collected = datetime(2026, 3, 1, tzinfo=UTC)

    made = store.add("ticket-triage", "validation", "Test cases", path=file, collected_at=collected)

    assert (made.media_type, made.size) == ("text/csv", 18)
    assert made.collected_at == collected
    assert made.added_at > collected
    assert store.read(made) == file.read_bytes()
    assert store.of("ticket-triage", "validation") == [made]


def test_the_same_content_again_is_found(store):
    first, second = (store.add("ticket-triage", "note", "A", text="said") for _ in range(2))

    assert first == second
    assert len(store.of("ticket-triage")) == 1


def test_a_file_that_was_changed_or_lost_is_noticed(store, registered):
    made = store.add("ticket-triage", "note", "A", text="said")
    kept = registered.settings.folder / made.location
    kept.write_text("other")
    with pytest.raises(WorkspaceError, match="was changed"):
        store.read(made)
    kept.unlink()

    with pytest.raises(WorkspaceError, match="cannot be read"):
        store.read(made)


@pytest.mark.parametrize(
    "given",
    [
        {"text": ""},
        {"text": "x", "title": " "},
        {"text": "x", "kind": "k" * 41},
        {"path": "nowhere"},
        {"path": "."},
        {"path": "half\x00"},
        {"text": "half\ud800"},
        {"text": "x", "note": "half\x00"},
        {"text": "x", "title": "half\ud800"},
        {"text": "x", "collected_at": datetime(2026, 1, 1)},  # noqa: DTZ001 - what the test is about
    ],
)
def test_what_cannot_be_evidence_is_refused_with_its_field(store, given):
    given = {"kind": "note", "title": "A", **given}

    with pytest.raises(InvalidRecord) as refusal:
        store.add("ticket-triage", given.pop("kind"), given.pop("title"), **given)

    assert refusal.value.problems
    assert store.of("ticket-triage") == []


def test_a_file_or_a_text_is_needed_not_both(store):
    with pytest.raises(RequestRefused, match="one of them"):
        store.add("ticket-triage", "note", "A")


def test_who_may_not_and_what_is_not_there_are_refused(store, registered):
    with pytest.raises(NotPermitted):
        registered.act_as("aude").evidence.add("ticket-triage", "note", "A", text="x")
    with pytest.raises(RecordNotFound):
        store.of("nothing")


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(store, tmp_path):
    file = tmp_path / "recording.bin"
    with file.open("wb") as sparse:
        sparse.truncate(200_000_001)

    with pytest.raises(InvalidRecord, match=r"200,000,000 bytes allowed.*max_megabytes"):
        store.add("ticket-triage", "note", "A", path=file)


def test_the_same_file_for_two_systems_is_stored_once_and_listed_for_each(store, registered):
    registered.act_as("olga").inventory.register("second", **TICKET_TRIAGE)

    one, other = (store.add(i, "note", "A", text="said") for i in ("ticket-triage", "second"))

    assert one.digest == other.digest
    assert one.location == other.location
    assert one.evidence_id != other.evidence_id
    files = [p for p in (registered.settings.folder / "evidence").rglob("*") if p.is_file()]
    assert len(files) == 1


def test_a_bad_copy_on_the_disk_is_replaced_when_the_content_is_added_again(store, registered):
    first = store.add("ticket-triage", "note", "A", text="said")
    (registered.settings.folder / first.location).write_text("other")

    again = store.add("ticket-triage", "statement", "A", text="said")

    assert store.read(again) == b"said"
    assert store.read(first) == b"said"


def test_evidence_is_of_the_revision_it_was_collected_for(store, registered):
    store.add("ticket-triage", "note", "A", text="one")
    registered.act_as("olga").inventory.revise("ticket-triage", name="Other")

    assert store.add("ticket-triage", "note", "A", text="two").revision == 2
    assert [e.revision for e in store.of("ticket-triage")] == [2, 1]
