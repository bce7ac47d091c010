"""What becomes of an approval that was given: modified away, outgrown by the tier, given anew."""

import pytest

from aims_core import ConditionsNotMet

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])


def in_force(workspace):
    conditions = workspace.reviews.conditions("ticket-triage")
    return next(c for c in conditions if c.name == "approval_in_force")


def types(workspace, count):
    events = workspace.audit.events("ticket-triage", limit=count)
    return [e.type.removeprefix("core.") for e in reversed(events)]


def test_modifying_lapses_every_approval_though_no_word_of_the_description_changed(
    life, registered
):
    life.to("operation_and_monitoring")
    life.ask("re_evaluate", reason="new language")
    assert registered.inventory.get("ticket-triage").approval_state == "approved"

    life.ask("modify", reason="new language")

    assert registered.inventory.get("ticket-triage").approval_state == "lapsed"
    assert types(registered, 3) == ["ApprovalRequested", "ApprovalsLapsed", "TransitionDecided"]
    frame = registered.approvals.frame("ticket-triage").set_index("approval_id")
    lapsed = {i for i in frame.index if registered.approvals.get(i).lapsed_at is not None}
    assert {frame.transition[i] for i in lapsed} >= {"start_development", "approve_deployment"}
    assert "modify" not in {frame.transition[i] for i in lapsed}
    assert "lapsed on" in in_force(registered).reason


def test_after_a_modification_the_gate_takes_a_new_approval(life, registered):
    life.to("operation_and_monitoring")
    life.ask("re_evaluate", reason="new language")
    life.ask("modify", reason="new language")
    before = len(registered.approvals.frame())

    life.to("deployment")

    assert in_force(registered).met
    assert registered.inventory.get("ticket-triage").approval_state == "approved"
    assert len(registered.approvals.frame()) == before + 2


def test_a_tier_that_rises_after_the_approval_makes_its_quorum_too_small(life, registered):
    life.to("deployment")
    assert in_force(registered).met

    life.rate("high")

    told = in_force(registered)
    assert not told.met
    assert "1 as committee_member, 2 are needed" in told.reason
    with pytest.raises(ConditionsNotMet, match="limited; it is high now"):
        life.ask("go_live")
    found = [f.condition for f in registered.reviews.run().findings]
    assert found.count("approval_in_force") == 1


@ONE_DATABASE
def test_what_was_approved_by_enough_stands_whatever_the_tier_becomes(life, registered):
    life.rate("high")
    life.to("deployment")
    for tier in ("limited", "minimal", "high"):
        life.rate(tier)

        assert in_force(registered).met
    life.ask("go_live")

    assert life.stage == "operation_and_monitoring"


@ONE_DATABASE
def test_an_outgrown_approval_is_renewed_by_going_back_and_through_the_gate_again(life, registered):
    life.to("deployment")
    life.rate("high")
    life.ask("re_evaluate", reason="it is high now")
    life.ask("modify", reason="it is high now")

    life.to("operation_and_monitoring")

    assert in_force(registered).met
