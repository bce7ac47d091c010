"""Evidence as it stood on record: time of entry decides, and what came later changes nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from aims_core import InvalidRecord
from aims_core.cli import main

SYSTEM = "ticket-triage"


@pytest.fixture
def ines(registered):
    return registered.act_as("ines").evidence


def titles(found):
    return [e.title for e in found]


def test_what_was_entered_later_was_not_there_whenever_it_was_collected(registered, ines, clock):
    clock.on(days=2)
    ines.add(SYSTEM, "documentation", "First", text="a")
    between = clock()
    clock.on(days=1)
    ines.add(SYSTEM, "validation", "Second", text="b", collected_at=between - timedelta(days=1))

    assert titles(ines.of(SYSTEM, as_of=between)) == ["First"]
    assert titles(ines.all(as_of=between)) == ["First"]
    assert ines.frame(as_of=between).title.tolist() == ["First"]
    assert titles(ines.of(SYSTEM, "validation", as_of=between)) == []
    assert titles(ines.of(SYSTEM, as_of=clock())) == titles(ines.of(SYSTEM)) == ["Second", "First"]
    assert ines.of(SYSTEM, as_of=between - timedelta(days=9)) == []


def test_the_instant_of_entry_belongs_to_it(ines, clock):
    made = ines.add(SYSTEM, "documentation", "Manual", text="a")
    clock()

    assert ines.of(SYSTEM, as_of=made.added_at) == [made]
    assert ines.of(SYSTEM, as_of=made.added_at - timedelta(microseconds=1)) == []


def test_it_is_outdated_by_the_revision_of_then(registered, ines, clock):
    ines.add(SYSTEM, "documentation", "Manual", text="a")
    before = clock()
    registered.act_as("olga").inventory.revise(SYSTEM, name="Renamed")

    assert [e.outdated for e in ines.of(SYSTEM, as_of=before)] == [False]
    assert [e.outdated for e in ines.of(SYSTEM, as_of=clock())] == [True]


def test_what_was_disposed_of_since_is_shown_as_it_was(registered, ines, clock):
    made = ines.add(SYSTEM, "documentation", "Manual", text="a")
    clock.on(days=4_018)
    before = clock()
    proposed = ines.propose_disposal(made.evidence_id, "retention ended")
    registered.act_as("rita").evidence.confirm_disposal(proposed.disposal_id)
    gone = ines.get(made.evidence_id).disposed_at

    assert ines.of(SYSTEM, as_of=before) == [made]
    assert ines.frame(as_of=before).disposed_at.isna().all()
    clock()
    assert ines.of(SYSTEM, as_of=gone) == []
    assert [e.disposed_at for e in ines.of(SYSTEM, disposed=True, as_of=gone)] == [gone]


def test_a_checkpoint_names_a_time_too(signed, clock):
    ines = signed.act_as("ines").evidence
    ines.add(SYSTEM, "documentation", "Manual", text="a")
    clock()

    assert ines.of(SYSTEM, as_of=1) == []
    with pytest.raises(InvalidRecord, match="is no checkpoint"):
        ines.all(as_of=7)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (datetime(2026, 1, 1), "no zone"),  # noqa: DTZ001 - that is the mistake
        (datetime(2999, 1, 1, tzinfo=UTC), "lies ahead"),
    ],
)
def test_a_time_that_cannot_be_is_refused(ines, wrong, reason):
    for ask in (lambda: ines.of(SYSTEM, as_of=wrong), lambda: ines.frame(as_of=wrong)):
        with pytest.raises(InvalidRecord, match=reason):
            ask()


def test_the_command_looks_back(registered, ines, workspace_folder):
    ines.add(SYSTEM, "documentation", "Manual", text="a")

    def run(*arguments):
        given = ["--no-plugins", "--workspace", str(workspace_folder), "evidence", "list"]
        return CliRunner().invoke(main, [*given, *arguments])

    assert "Manual" in run(SYSTEM).output
    past = run(SYSTEM, "--as-of", "2001-01-01")
    assert past.exit_code == 0
    assert "No evidence is on record" in past.output
    assert run("--due", "--as-of", "2001-01-01").exit_code == 2
