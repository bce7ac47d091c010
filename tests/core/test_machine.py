"""A lifecycle is checked as a whole when it is built: what is wrong in it is named, all of it at once."""

from dataclasses import replace
from pathlib import Path

import pytest

from aims_core import PluginHost, TransitionRefused, WorkspaceError, default_machine
from aims_core.lifecycle import Machine, Slot, Stage, Transition, load_machine
from aims_core.roles import ROLES

A = Stage(name="a", title="A")
B = Stage(name="b", title="B", terminal=True)
STEP = Transition(name="go", title="Go", sources=("a",), target="b", asked_by=("system_owner",))

PLUGIN_CHECKS = {
    "risk": {"initial_risk_assessment", "not_prohibited", "residual_risk_accepted"},
    "monitoring": {"monitoring_plan", "monitors_running"},
    "incidents": {"no_serious_incident_open", "cause_treated"},
}
"""Named checks of the default lifecycle that plugins answer, as their contracts say."""


def machine(*, stages=(A, B), transitions=(STEP,), initial="a"):
    return Machine(version="1", initial=initial, stages=stages, transitions=transitions)


def written(folder: Path, text: str) -> Path:
    path = folder / "machine.toml"
    path.write_text(text, encoding="utf-8")
    return path


SMALL = """
version = "7"
initial = "a"
[[stage]]
name = "a"
title = "A"
[[stage]]
name = "b"
title = "B"
terminal = true
[[transition]]
name = "go"
title = "Go"
from = ["a"]
to = "b"
asked_by = ["system_owner"]
"""


def test_a_small_machine_can_be_built():
    assert machine().transition("go").target == "b"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"stages": (A, B, A)}, "'a' is declared twice"),
        ({"transitions": (STEP, STEP)}, "'go' is declared twice"),
        ({"initial": "z"}, "initial stage 'z' is unknown"),
        ({"transitions": (replace(STEP, target="z"),)}, "go: stage 'z' is unknown"),
        ({"transitions": (replace(STEP, sources=("z", "a")),)}, "go: stage 'z' is unknown"),
        ({"transitions": (replace(STEP, sources=()),)}, "go: starts from nowhere"),
        ({"transitions": (replace(STEP, apart=(("approver", "cook"),)),)}, "duty 'cook'"),
        ({"transitions": (replace(STEP, needs_approval_of="z"),)}, "'z', which is unknown"),
        ({"transitions": (replace(STEP, target=""),)}, "leads nowhere"),
        ({"transitions": (replace(STEP, status=("active", "asleep")),)}, "status"),
        ({"transitions": (replace(STEP, asked_by=()),)}, "nobody may ask"),
        (
            {"transitions": (replace(STEP, approvals=(Slot(role="committee_member", quorum=0),)),)},
            "quorum of committee_member is below 1",
        ),
        (
            {
                "transitions": (
                    replace(
                        STEP,
                        approvals=(Slot(role="committee_member", quorum_by_tier={"high": 0}),),
                    ),
                )
            },
            "quorum of committee_member is below 1",
        ),
        ({"stages": (replace(A, approved_by=("z",)), B)}, "approved_by 'z' is unknown"),
        ({"stages": (A, B, Stage(name="c", title="C", terminal=True))}, "'c' cannot be reached"),
        ({"stages": (A, replace(B, terminal=False))}, "'b' cannot be left"),
        ({"stages": (replace(A, terminal=True), B)}, "'a' is terminal but can be left"),
    ],
)
def test_a_mistake_in_a_machine_is_named(change, says):
    with pytest.raises(WorkspaceError, match=says):
        machine(**change)


def test_all_mistakes_are_named_at_once():
    with pytest.raises(WorkspaceError) as error:
        machine(initial="z", transitions=(replace(STEP, asked_by=(), apart=(("cook", "thief"),)),))

    for word in ("'z'", "nobody", "cook", "thief"):
        assert word in str(error.value)


def test_a_machine_is_read_from_a_file(tmp_path):
    assert load_machine(written(tmp_path, SMALL)).version == "7"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('version = "7"', ""),
        ('initial = "a"', "initial = [1]"),
        ('from = ["a"]', "from = 3"),
        ('from = ["a"]', 'from = ["a"]\nstatus = ["active"]'),
        ('from = ["a"]', 'from = ["a"]\nstatus = "active"'),
        ('from = ["a"]', 'from = ["a"]\napart = [["requester"]]'),
        ('from = ["a"]', 'from = ["a"]\napprovals = ["committee_member"]'),
        ('from = ["a"]', 'from = ["a"]\napprovals = [{ role = "x", quorum = "many" }]'),
        ('from = ["a"]', 'from = ["a"]\nchecks_by_tier = { awful = ["x"] }'),
        ('asked_by = ["system_owner"]', 'asked_by = "system_owner"'),
        ("[[stage]]", "[[state]]"),
        ('name = "go"', ""),
        ("[[transition]]", "[[transition"),
    ],
)
def test_a_file_with_a_mistake_is_refused_and_named(tmp_path, old, new):
    with pytest.raises(WorkspaceError, match=r"machine\.toml|lifecycle"):
        load_machine(written(tmp_path, SMALL.replace(old, new)))


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path):
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")

    for name in ("absent.toml", "bytes.toml"):
        with pytest.raises(WorkspaceError, match=name):
            load_machine(tmp_path / name)


def test_what_the_machine_does_not_have_is_named_with_what_it_has():
    with pytest.raises(TransitionRefused, match=r"no transition 'fly'; it has start_development"):
        default_machine().transition("fly")
    with pytest.raises(TransitionRefused, match="no stage 'heaven'"):
        default_machine().stage("heaven")


def test_nothing_leaves_a_terminal_stage_of_the_default_machine():
    standing = default_machine()

    for stage in ("retirement", "rejected"):
        assert standing.stage(stage).terminal
        assert standing.possible(stage, "active") == standing.possible(stage, "suspended") == ()


def test_the_default_machine_asks_only_for_roles_that_exist():
    for step in default_machine().transitions:
        assert {*step.asked_by, *(slot.role for slot in step.approvals)} <= set(ROLES)


def test_who_asks_may_not_approve_wherever_the_default_machine_asks_for_approval():
    for step in default_machine().transitions:
        if step.approvals:
            assert ("requester", "approver") in step.apart, step.name


def test_every_check_of_the_default_machine_is_answered_by_the_core_or_a_named_plugin():
    core = {o.spec.name for o in PluginHost(discover=False).contributions("aims_checks")}
    plugins = set().union(*PLUGIN_CHECKS.values())

    assert set(default_machine().check_names()) == core | plugins


def test_a_high_tier_takes_two_committee_members_and_an_impact_assessment():
    step = default_machine().transition("approve_deployment")
    committee = next(s for s in step.approvals if s.role == "committee_member")

    assert (committee.needed("high"), committee.needed("minimal")) == (2, 1)
    assert "impact_assessment_done" in step.checks_for("high")
    assert "impact_assessment_done" not in step.checks_for("limited")


def test_suspending_needs_nobodys_leave_and_resuming_does():
    standing = default_machine()

    assert standing.transition("suspend").approvals == ()
    assert standing.transition("resume").approvals
    assert [t.name for t in standing.possible("deployment", "suspended")].count("go_live") == 0
