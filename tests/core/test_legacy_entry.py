"""Systems that ran before they were registered: taken with a date, shown, found when it has passed."""

from datetime import UTC, datetime, timedelta

import pytest

from aims_core import InvalidRecord, NotPermitted
from aims_core.testing.fixtures import TICKET_TRIAGE

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
RUNNING = {"entry": "legacy", "stage": "operation_and_monitoring"}


@pytest.fixture
def enter(workspace):
    def entering(system_id="old", actor="ines", **options):
        inventory = workspace.act_as(actor).inventory
        return inventory.register(system_id, **{**TICKET_TRIAGE, **RUNNING, **options})

    return entering


def standing(workspace, system_id="old"):
    return {c.name: c for c in workspace.reviews.conditions(system_id)}


def found(workspace):
    return {f.condition for f in workspace.reviews.run().findings if f.system_id == "old"}


def test_a_running_system_enters_in_its_stage_and_pretends_no_gate(workspace, enter, clock):
    system = enter(evidence_due=(clock.now + timedelta(days=90)).date())

    assert (system.entry, system.stage, system.approval_state) == (
        "legacy",
        "operation_and_monitoring",
        "none",
    )
    assert workspace.approvals.transitions("old") == []
    assert not standing(workspace)["approval_in_force"].met
    event = workspace.inventory.history("old")[0]
    assert (event.payload["entry"], event.payload["stage"]) == ("legacy", system.stage)
    assert event.payload["evidence_due"].startswith(str((clock.now + timedelta(days=90)).date()))


def test_the_date_is_shown_before_it_passes_and_a_finding_afterwards(workspace, enter, clock):
    due = (clock.now + timedelta(days=90)).date()
    enter(evidence_due=due)
    told = standing(workspace)["legacy_evidence"]
    assert told.met
    assert "no gate was passed here" in told.reason
    assert f"due by {due}" in told.reason
    assert "approval_in_force" in told.reason
    assert "legacy_evidence" not in found(workspace)

    clock.on(days=91)

    assert not standing(workspace)["legacy_evidence"].met
    assert {"legacy_evidence", "approval_in_force"} <= found(workspace)


@ONE_DATABASE
def test_without_a_date_the_lifecycle_names_one(workspace, enter, clock):
    enter()

    told = standing(workspace)["legacy_evidence"]

    assert str((clock.now + timedelta(days=180)).date()) in told.reason


def test_who_made_everything_up_has_no_finding_when_the_date_passes(workspace, enter, clock, lead):
    enter()
    life, _ = lead(workspace)
    life.system_id = "old"
    life.ask("re_evaluate", reason="made up")
    life.ask("modify", reason="made up")
    life.to("operation_and_monitoring")
    clock.on(days=400)

    assert "has been made up" in standing(workspace)["legacy_evidence"].reason
    assert found(workspace) == set()


def test_only_those_who_import_enter_a_running_system(workspace, enter):
    for actor in ("olga", "devi", "aude", "carl"):
        with pytest.raises(NotPermitted, match="administrator or inventory_steward"):
            enter(actor=actor)

    assert workspace.inventory.find(limit=0)[1] == 0


def test_the_same_registration_again_finds_it(workspace, enter):
    first = enter()
    head = workspace.audit.head()

    assert enter() == first
    assert workspace.audit.head() == head


@ONE_DATABASE
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"entry": "new"}, "stage"),
        ({"stage": "inception"}, "stage"),
        ({"stage": "flying"}, "stage"),
        ({"entry": "sideways"}, "entry"),
        ({"status": "asleep"}, "status"),
        ({"evidence_due": datetime(2001, 1, 1, tzinfo=UTC)}, "evidence_due"),
        ({"evidence_due": datetime(2100, 1, 1)}, "evidence_due"),  # noqa: DTZ001 - refused for it
        ({"evidence_due": "soon"}, "evidence_due"),
        ({"evidence_due": 20270101}, "evidence_due"),
        ({"entry": "new", "stage": "", "status": "suspended"}, "status"),
        (
            {"entry": "new", "stage": "", "evidence_due": datetime(2100, 1, 1, tzinfo=UTC)},
            "evidence_due",
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(workspace, enter, given, field):
    with pytest.raises(InvalidRecord) as refusal:
        enter(**given)

    assert [p.field for p in refusal.value.problems] == [field]
    assert workspace.inventory.find(limit=0)[1] == 0


@ONE_DATABASE
def test_a_retired_system_has_nothing_to_make_up(workspace, enter):
    enter(stage="retirement")

    assert "legacy_evidence" not in standing(workspace)


@ONE_DATABASE
def test_a_system_that_enters_stopped_starts_again_by_approval_only(workspace, enter, lead):
    enter(status="suspended")
    life, _ = lead(workspace)
    life.system_id = "old"

    request = life.ask("resume")

    assert request.status == "open"
    assert life.vote(request, "rita").status == "carried_out"
