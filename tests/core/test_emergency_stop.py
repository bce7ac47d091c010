"""Anybody entitled stops a system alone and at once, wherever it runs; nobody starts it again alone."""

from dataclasses import replace

import pytest

from aims_core import SegregationOfDuties, WorkspaceError, default_machine

MACHINE = default_machine()
ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
RUNS = ("deployment", "operation_and_monitoring", "re_evaluation")


def bring(life, stage):
    if stage == "re_evaluation":
        life.to("operation_and_monitoring")
        life.ask("re_evaluate", reason="new language")
    else:
        life.to(stage)


@pytest.mark.parametrize("actor", ["olga", "rita", "imre"])
@pytest.mark.parametrize("stage", RUNS)
def test_a_running_system_is_stopped_by_one_person_at_once(life, registered, checks, stage, actor):
    bring(life, stage)
    checks.unmet = set(MACHINE.check_names())

    done = life.ask("suspend", actor, reason="it ranks wrong")

    assert done.status == "carried_out"
    system = registered.inventory.get("ticket-triage")
    assert (system.stage, system.status) == (stage, "suspended")


@ONE_DATABASE
@pytest.mark.parametrize("stage", RUNS)
def test_it_starts_again_where_it_was_and_only_by_somebody_else(life, registered, stage):
    registered.staffing.grant("olga", "risk_reviewer")
    bring(life, stage)
    life.ask("suspend", "imre", reason="it ranks wrong")
    request = life.ask("resume")

    with pytest.raises(SegregationOfDuties):
        life.vote(request, "olga")
    life.vote(request, "rita")

    system = registered.inventory.get("ticket-triage")
    assert (system.stage, system.status) == (stage, "active")


@ONE_DATABASE
def test_going_back_through_the_gates_does_not_start_it_again(life, registered):
    life.to("operation_and_monitoring")
    life.ask("suspend", "imre", reason="it ranks wrong")
    life.ask("re_evaluate", reason="repair")
    life.ask("modify", reason="repair")
    life.to("deployment")

    assert registered.inventory.get("ticket-triage").status == "suspended"
    life.vote(life.ask("resume"), "rita")
    life.go_live()
    assert registered.inventory.get("ticket-triage").status == "active"


def test_every_way_from_stopped_to_running_takes_an_approval_by_another():
    restarts = [t for t in MACHINE.transitions if t.status == ("suspended", "active")]

    assert restarts
    assert all(t.approvals and ("requester", "approver") in t.apart for t in restarts)
    stops = [t for t in MACHINE.transitions if t.status == ("active", "suspended")]
    assert {s for t in stops for s in t.sources} == set(RUNS)


@pytest.mark.parametrize(
    ("name", "changed", "says"),
    [
        ("resume", {"approvals": ()}, "a restart takes an approval"),
        ("resume", {"apart": ()}, "a restart takes an approval"),
        ("suspend", {"checks": ("not_prohibited",)}, "stopping must not wait"),
        ("suspend", {"checks_by_tier": {"high": ("any",)}}, "stopping must not wait"),
        (
            "suspend",
            {"approvals": MACHINE.transition("resume").approvals},
            "stopping must not wait",
        ),
    ],
)
def test_a_lifecycle_that_hinders_stopping_or_eases_restarting_is_refused(name, changed, says):
    other = replace(MACHINE.transition(name), **changed)
    steps = tuple(other if t.name == name else t for t in MACHINE.transitions)

    with pytest.raises(WorkspaceError, match=says):
        replace(MACHINE, transitions=steps)
