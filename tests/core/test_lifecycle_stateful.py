"""A guided walk through a system's life: a small model and the real services must agree at every step."""

import itertools
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from aims_core import ApprovalStatus, RequestRefused, open_workspace

PEOPLE = ("olga", "devi", "rita", "carl", "cora", "imre", "ines")
VOTERS = ("olga", "rita", "carl", "cora", "devi")
COMMITTEE = {"carl", "cora"}


class Life(RuleBasedStateMachine):
    """One system; the model knows its stage, its revision, and what is asked for and by whom."""

    template: Path
    factory = staticmethod(lambda folder: open_workspace(folder, actor="ada"))

    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp()) / "workspace"
        shutil.copytree(self.template, self.folder)
        self.workspace = self.factory(self.folder)
        self.by = {name: self.workspace.act_as(name) for name in PEOPLE}
        self.by["olga"].inventory.register(
            "s",
            name="System",
            use_case="Sorts.",
            owner="olga",
            origin="in_house",
            declared_risk_category="minimal",
            intended_use="Sorting.",
        )
        self.numbers = itertools.count()
        self.stage, self.assessed, self.asked, self.editors = "inception", False, None, {"olga"}

    def teardown(self):
        if hasattr(self, "workspace"):
            self.workspace.close()
            shutil.rmtree(self.folder.parent)

    @rule(who=st.sampled_from(["olga", "devi", "ines"]))
    def revise(self, who):
        self.by[who].inventory.revise("s", intended_use=f"Sorting {next(self.numbers)}.")
        self.assessed, self.asked = False, None
        self.editors |= {who}

    @rule()
    def assess(self):
        self.by["rita"].risk.assess(
            "s", likelihood=1, consequences={"society": 1}, rationale="Mild, and watched."
        )
        self.assessed = True

    @rule(who=st.sampled_from(PEOPLE))
    def ask(self, who):
        allowed = who == "olga" and self.stage == "inception" and self.assessed
        if self.asked or self.stage != "inception":
            return
        approval = self.expect(
            allowed, lambda: self.by[who].approvals.request("s", "start_development")
        )
        if allowed:
            self.asked = approval.approval_id

    @precondition(lambda self: self.asked)
    @rule(who=st.sampled_from(VOTERS))
    def approve(self, who):
        allowed = who in COMMITTEE - self.editors
        after = self.expect(allowed, lambda: self.by[who].approvals.decide(self.asked, "approve"))
        if allowed:
            assert after.status is ApprovalStatus.CARRIED_OUT
            self.stage, self.asked = "design_and_development", None

    @precondition(lambda self: self.asked)
    @rule(who=st.sampled_from(VOTERS), reason=st.sampled_from(["", "Not yet."]))
    def refuse(self, who, reason):
        allowed = who in COMMITTEE - self.editors and bool(reason)
        self.expect(
            allowed, lambda: self.by[who].approvals.decide(self.asked, "refuse", reason=reason)
        )
        if allowed:
            self.asked = None

    @precondition(lambda self: self.asked)
    @rule(who=st.sampled_from(["olga", "carl"]))
    def withdraw(self, who):
        self.expect(
            who == "olga", lambda: self.by[who].approvals.withdraw(self.asked, reason="Changed.")
        )
        if who == "olga":
            self.asked = None

    @rule(who=st.sampled_from(PEOPLE))
    def reject(self, who):
        allowed = who in COMMITTEE and self.stage == "inception"
        if self.stage == "rejected":
            return
        self.expect(allowed, lambda: self.by[who].approvals.request("s", "reject", reason="No."))
        if allowed:
            self.stage = "rejected"

    def expect(self, allowed, act):
        """Do it; the services must allow and refuse exactly what the model does."""
        if allowed:
            return act()
        with pytest.raises(RequestRefused):
            act()
        return None

    @invariant()
    def model_and_services_agree(self):
        if not hasattr(self, "workspace"):
            return
        system = self.workspace.inventory.get("s")
        open_ = [a.approval_id for a in self.workspace.approvals.open("s")]
        assert system.stage == self.stage
        if self.stage == "inception":
            assert open_ == ([self.asked] if self.asked else [])
        for step in self.workspace.approvals.transitions("s"):
            for vote in self.workspace.approvals.get(step.approval_id).votes:
                assert vote.person != "olga"
                assert vote.digest == step.digest
        assert self.workspace.audit.verify().intact


def test_the_model_and_the_services_agree_on_every_walk(aims_template):
    Life.template = aims_template

    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
