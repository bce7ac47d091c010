"""The main job, end to end: what people run first must work from an empty folder, twice."""

import json

import pytest
from click.testing import CliRunner

from aims_core import Workbench, open_workspace
from aims_core.cli import main

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Run the demo once and return its folder and what it printed."""
    folder = tmp_path_factory.mktemp("main-job") / "demo"
    result = CliRunner().invoke(main, ["demo", str(folder)])
    assert result.exit_code == 0, result.output
    return folder, result


def test_the_demo_tells_every_turn_of_the_life(shown):
    _, result = shown

    for turn in ("REFUSED", "breach", "incident", "suspended", "resume", "intact", "make lab"):
        assert turn in result.stdout
    assert "Traceback" not in result.output


def test_the_inventory_is_whole_and_no_row_is_lost(shown):
    folder, result = shown
    workspace = open_workspace(folder, actor="aude")

    # One system was there before: it is entered by hand, to have a review that is overdue.
    registered = sum(workspace.inventory.counts("stage").values()) - 1
    (event,) = workspace.audit.events(event_type="core.SystemsImported", limit=5)
    workspace.close()

    taken, refused = event.payload["registered"], event.payload["refused"]
    assert event.payload["read"] == 1757
    assert taken + refused + event.payload["revised"] + event.payload["unchanged"] == 1757
    assert registered == taken > 1700
    assert "1,757 rows read" in result.stdout


def test_one_system_lived_from_inception_to_operation_through_suspension(shown):
    folder, _ = shown
    workspace = open_workspace(folder, actor="aude")
    moved = workspace.audit.events(event_type="core.TransitionDecided", limit=50)
    (system_id,) = {e.system_id for e in moved}

    steps = [e.payload["transition"] for e in reversed(moved)]
    system = workspace.inventory.get(system_id)
    workspace.close()

    assert steps == [
        "start_development",
        "submit_for_validation",
        "approve_deployment",
        "go_live",
        "suspend",
        "resume",
    ]
    assert (system.stage, system.status) == ("operation_and_monitoring", "active")


def test_the_suspension_was_not_the_act_of_a_person(shown):
    folder, _ = shown
    workspace = open_workspace(folder, actor="aude")
    events = workspace.audit.events(event_type="core.TransitionDecided", limit=50)
    workspace.close()

    suspended = next(e for e in events if e.payload["transition"] == "suspend")
    assert suspended.actor == "plugin:incidents"


def test_the_reports_and_the_review_lie_in_the_folder(shown):
    folder, _ = shown

    assert "<html" in (folder / "report.html").read_text(encoding="utf-8")
    assert json.loads((folder / "report-system.json").read_text(encoding="utf-8"))
    findings = json.loads((folder / "review.json").read_text(encoding="utf-8"))
    lines = (folder / "review.csv").read_text(encoding="utf-8").splitlines()
    assert len(findings) > 100
    assert len(lines) > len(findings)


def test_the_review_and_the_trail_can_be_repeated_by_command(shown):
    folder, _ = shown
    own = ["--workspace", str(folder), "--as", "aude"]

    review = CliRunner().invoke(main, [*own, "review", "--format", "json"])
    verified = CliRunner().invoke(main, [*own, "audit", "verify"])

    assert review.exit_code == 1
    assert verified.exit_code == 0


def test_the_workbench_opens_with_an_approval_and_an_overdue_review_to_do(shown):
    folder, result = shown
    workspace = open_workspace(folder)
    assert workspace.actor.actor_id == "carl"
    bench = Workbench(workspace)

    assert [item.words for item in bench.header.waiting.items] == [
        "start development: Ask Complaints",
        "review overdue: Meeting transcripts",
    ]
    [due] = workspace.reviews.due()
    request, _ = bench.header.waiting.items
    [asked] = workspace.approvals.open(request.system_id)
    done = workspace.approvals.decide(asked.approval_id, "approve")
    workspace.reviews.complete(due.system_id, outcome="continue_with_actions", note="Read ten.")
    bench.state.changed()
    assert (done.status, due.overdue) == ("carried_out", True)
    assert workspace.approvals.open() == []
    assert workspace.reviews.due() == []
    workspace.close()
    assert "it waits" in result.stdout


def test_the_demo_replaces_itself(shown):
    folder, _ = shown

    again = CliRunner().invoke(main, ["demo", str(folder)])

    assert again.exit_code == 0, again.output
    assert "the former demo" in again.stdout
