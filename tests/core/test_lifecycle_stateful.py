"""Random walks through a system's life: a small model and the real services must agree at every step.

The model knows the lifecycle's data and its rules in their plainest form; it knows no database, no
digests and no plugins. What it allows must happen, what it forbids must be refused and change nothing.
"""

import shutil
from dataclasses import dataclass, field
from itertools import count, permutations
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from aims_core import RequestRefused, default_machine, open_workspace
from aims_core.testing import PEOPLE
from aims_core.testing.fixtures import TICKET_TRIAGE

MACHINE = default_machine()
SYSTEM = "ticket-triage"
PERSONS = {
    **{name: name for name in ("olga", "devi", "rita", "carl", "cora", "ines", "otto")},
    "carl-2": "carl",
}
"""Person by actor id: carl has two ids."""
FURTHER = {
    "otto": {"system_owner"},
    "carl-2": {"committee_member"},
    "olga": {"committee_member"},
    "ines": {"committee_member"},
    "devi": {"risk_reviewer"},
}
"""Roles given besides those of the fixture, so that who asks, writes or develops might also decide."""
ROLES = {
    actor: ({PEOPLE[actor]} if actor in PEOPLE else set()) | FURTHER.get(actor, set())
    for actor in PERSONS
}
EVIDENCE = {
    "documentation_present": "documentation",
    "validation_evidence": "validation",
    "impact_assessment_done": "impact_assessment",
    "retirement_plan": "retirement_plan",
    "supplier_due_diligence": "supplier_due_diligence",
}
FAKED = ("not_prohibited", "monitoring_plan", "cause_treated")
WAY = {
    "inception": "start_development",
    "design_and_development": "submit_for_validation",
    "verification_and_validation": "approve_deployment",
    "deployment": "go_live",
    "operation_and_monitoring": "suspend",
}
"""The usual next step from a stage."""
MOSTLY = 0.85
MAY_REVISE = {"system_owner", "developer", "inventory_steward"}
ANYBODY = sorted(PERSONS)


@dataclass
class Request:
    """A request as the model sees it; a vote for it is an actor and the role they voted in."""

    step: str
    by: str
    revision: int
    status: str = "open"
    votes: list = field(default_factory=list)
    refused_by: str = ""
    tier: str = ""
    lapsed: bool = False


@dataclass
class Model:
    """The rules in plain words."""

    stage: str = "inception"
    status: str = "active"
    tier: str = "undetermined"
    shown: str = "none"
    authors: list = field(default_factory=lambda: ["olga"])
    roles: dict = field(default_factory=lambda: {name: set(held) for name, held in ROLES.items()})
    requests: dict = field(default_factory=dict)
    done: list = field(default_factory=list)
    evidence: dict = field(default_factory=dict)
    unmet: set = field(default_factory=set)
    # Since deployment was last approved: what was seen then is not held against anybody later.
    developed: set = field(default_factory=lambda: {"devi"})
    validated: set = field(default_factory=set)

    @property
    def revision(self):
        return len(self.authors)

    def open_ones(self):
        return [(key, r) for key, r in self.requests.items() if r.status == "open"]

    def starts_here(self, step):
        right = step.status is None or step.status[0] == self.status
        return self.stage in step.sources and right

    def duties(self, step, requester):
        """Persons by duty. Authors count from the revision at which this step was last approved."""
        since = max((r.revision for r in self.done if r.step == step.name), default=0)
        return {
            "requester": {PERSONS[requester]},
            "editor": {PERSONS[a] for a in self.authors[since:]},
            "developer": {PERSONS[a] for a in self.developed},
            "validator": {PERSONS[a] for a in self.validated},
        }

    def conflicted(self, step, requester, actor):
        duties = self.duties(step, requester)
        return any(
            "approver" in pair and PERSONS[actor] in duties.get(duty, ())
            for pair in step.apart
            for duty in pair
        )

    def holds(self, step, requester):
        """Everything but the votes."""
        duties, before = self.duties(step, requester), step.needs_approval_of
        checks = step.checks_for(self.tier)
        return (
            self.starts_here(step)
            and bool(self.roles[requester] & set(step.asked_by))
            and not self.unmet & set(checks)
            and all(EVIDENCE[c] in self.evidence for c in checks if c in EVIDENCE)
            and (not before or self.stands([r for r in self.done if r.step == before][-1:]))
            and not any(
                duties[a] & duties[b] for a, b in step.apart if {a, b} == {"developer", "validator"}
            )
        )

    def stands(self, given):
        """The approval is for this revision, did not lapse, and as many decided as the tier takes."""
        return any(
            r.revision == self.revision
            and not r.lapsed
            and all(
                s.needed(r.tier) >= s.needed(self.tier)
                for s in MACHINE.transition(r.step).approvals
            )
            for r in given
        )

    def seated(self, step, request):
        """Try every seating: different persons on all seats, each in a role they voted in."""
        seats = [s.role for s in step.approvals for _ in range(s.needed(self.tier))]
        roles = {}
        for actor, role in request.votes:
            if role in self.roles[actor] and not self.conflicted(step, request.by, actor):
                roles.setdefault(PERSONS[actor], set()).add(role)
        return any(
            all(role in roles[p] for p, role in zip(order, seats, strict=True))
            for order in permutations(roles, len(seats))
        )

    def resolve(self, request):
        step = MACHINE.transition(request.step)
        if self.holds(step, request.by) and self.seated(step, request):
            self.move(step, request)

    def move(self, step, request):
        self.stage = step.target or self.stage
        self.status = step.status[1] if step.status else self.status
        if step.lapses_approvals:
            for given in self.done:
                given.lapsed = True
        if step.name == "approve_deployment":
            self.developed = {a for a, held in self.roles.items() if "developer" in held}
            self.validated = set()
        request.status, request.tier = "carried_out", self.tier
        self.done.append(request)
        for other in self.requests.values():
            if other.status == "open" and not self.starts_here(MACHINE.transition(other.step)):
                other.status = "lapsed"
        self.settle()

    def settle(self):
        def gates(request):
            step = MACHINE.transition(request.step)
            return bool(step.approvals and step.target)

        past = [r for r in self.done if gates(r)]
        if any(r.status == "open" and gates(r) for r in self.requests.values()):
            self.shown = "requested"
        elif past:
            stands = past[-1].revision == self.revision and not past[-1].lapsed
            self.shown = "approved" if stands else "lapsed"
        else:
            self.shown = "none"

    def revise(self, actor):
        self.authors.append(actor)
        self.shown = "none" if self.shown == "none" else "lapsed"
        for request in self.requests.values():
            if request.status == "open":
                request.status = "lapsed"

    def former(self, actor, step):
        """A request that asking again would find: open, or the very last step taken."""
        same = [
            (key, r)
            for key, r in self.requests.items()
            if (r.step, r.by, r.revision) == (step, actor, self.revision)
        ]
        if same and (same[-1][1].status == "open" or same[-1][1] in self.done[-1:]):
            return same[-1][0]
        return None


class Life(RuleBasedStateMachine):
    """Does to the services what it does to the model."""

    begin = None
    checks = None

    @initialize(seed=st.integers(0, 2**32))
    def register(self, seed):
        self.chance = Random(seed)  # noqa: S311 - chance, no secret
        self.workspace = Life.begin()
        self.checks.unmet = set()
        for actor, roles in FURTHER.items():
            self.workspace.staffing.add(actor, actor.title(), person=PERSONS[actor])
            for role in roles:
                self.workspace.staffing.grant(actor, role)
        self.by = {actor: self.workspace.act_as(actor) for actor in PERSONS}
        self.by["olga"].inventory.register(SYSTEM, **TICKET_TRIAGE)
        self.model, self.numbers = Model(), count()
        for _ in range(self.chance.randrange(7)):
            self.go_on(("rita", "carl", "cora"))

    @rule(seed=st.integers(0, 2**32))
    def go(self, seed):
        """Do one of the acts. Drawn evenly here: hypothesis' own draws keep walks shallow."""
        self.chance = Random(seed)  # noqa: S311 - chance, no secret
        acts = {self.revise: 2, self.ask: 3, self.change_around: 3}
        if self.model.stage in WAY:
            acts[self.set_out] = 3
        if self.model.requests:
            acts |= {self.withdraw: 1, self.decide_late: 1}
        if self.model.open_ones():
            acts[self.decide] = 6
        self.chance.choices([*acts], [*acts.values()])[0]()

    def expect(self, allowed, act):
        if allowed:
            return act()
        before = self.workspace.audit.head()[0]
        with pytest.raises(RequestRefused):
            act()
        assert self.workspace.audit.head()[0] == before + 1
        return None

    def revise(self):
        actor = self.chance.choice(ANYBODY)
        allowed = bool(self.model.roles[actor] & MAY_REVISE)
        name = f"Name {next(self.numbers)}"
        self.expect(allowed, lambda: self.by[actor].inventory.revise(SYSTEM, name=name))
        if allowed:
            self.model.revise(actor)

    def ask(self):
        near = [t.name for t in MACHINE.transitions if self.model.starts_here(t)]
        every = [t.name for t in MACHINE.transitions]
        name = self.chance.choice(near if near and self.chance.random() < MOSTLY else every)
        roles = set(MACHINE.transition(name).asked_by)
        fitting = [a for a in ANYBODY if self.model.roles[a] & roles]
        actor = self.chance.choice(
            fitting if fitting and self.chance.random() < MOSTLY else ANYBODY
        )
        self.ask_for(actor, name)

    def ask_for(self, actor, name):
        step, former = MACHINE.transition(name), self.model.former(actor, name)
        allowed = former is not None or self.model.holds(step, actor)
        made = self.expect(
            allowed, lambda: self.by[actor].approvals.request(SYSTEM, name, reason="because")
        )
        if former is not None:
            assert made.approval_id == former
        elif allowed:
            request = Request(step=name, by=actor, revision=self.model.revision)
            self.model.requests[made.approval_id] = request
            if step.approvals:
                self.model.settle()
            else:
                self.model.move(step, request)

    def decide(self):
        key, request = self.chance.choice(self.model.open_ones())
        self.decide_on(key, request)

    def decide_late(self):
        self.decide_on(*self.chance.choice([*self.model.requests.items()]))

    def decide_on(self, key, request):
        """By one who may, by one who must not though the role is theirs, or by anybody."""
        step = MACHINE.transition(request.step)
        slots = {s.role for s in step.approvals}
        entitled = [a for a in ANYBODY if self.model.roles[a] & slots]
        apart = [a for a in entitled if self.model.conflicted(step, request.by, a)]
        free = [a for a in entitled if a not in apart]
        actor = self.chance.choice(self.chance.choice([g for g in (apart, free, ANYBODY) if g]))
        choice = "approve" if self.chance.random() < MOSTLY else "refuse"
        self.vote(key, request, step, actor, choice)

    def vote(self, key, request, step, actor, choice):
        said_yes, said_no = actor in [a for a, _ in request.votes], actor == request.refused_by
        again = said_yes if choice == "approve" else said_no
        role = next((s.role for s in step.approvals if s.role in self.model.roles[actor]), "")
        said = [(PERSONS[a], r) for a, r in request.votes]
        taken = choice == "approve" and (PERSONS[actor], role) in said
        allowed = again or (
            request.status == "open"
            and bool(role)
            and not taken
            and not self.model.conflicted(step, request.by, actor)
        )
        self.expect(
            allowed, lambda: self.by[actor].approvals.decide(key, choice, reason="I looked at it")
        )
        if not allowed or request.status != "open":
            return
        if choice == "refuse":
            request.status, request.refused_by = "refused", actor
            self.model.settle()
            return
        if not again:
            request.votes.append((actor, role))
        self.model.resolve(request)

    def withdraw(self):
        every = [*self.model.requests.items()]
        open_ones = self.model.open_ones()
        key, request = self.chance.choice(
            open_ones if self.chance.random() < MOSTLY and open_ones else every
        )
        actor = request.by if self.chance.random() < MOSTLY else self.chance.choice(ANYBODY)
        allowed = PERSONS[actor] == PERSONS[request.by] and request.status in {"open", "withdrawn"}
        self.expect(allowed, lambda: self.by[actor].approvals.withdraw(key, reason="not yet"))
        if allowed and request.status == "open":
            request.status = "withdrawn"
            self.model.settle()

    def change_around(self):
        """Something happens next to the request: it is assessed, documented, staffed, or blocked."""
        any_of = self.chance.choice
        voters = [a for _, request in self.model.open_ones() for a, _ in request.votes]
        actor = any_of(voters if voters and self.chance.random() < MOSTLY else ANYBODY)
        held = sorted(self.model.roles[actor] | {""})
        happenings = (
            lambda: self.show(any_of([*EVIDENCE.values()]), any_of(["rita", "devi"])),
            lambda: self.rate(any_of(["high", "minimal"])),
            lambda: self.grant(actor, any_of(["committee_member", "developer"])),
            lambda: self.revoke(actor, any_of(held)),
            lambda: self.turn(any_of(FAKED)),
        )
        any_of(happenings)()

    def show(self, kind, actor):
        held = self.model.roles[actor] & {"risk_reviewer", "developer", "system_owner"}
        text = f"{kind} by {actor}"
        evidence = self.by[actor].evidence
        self.expect(bool(held), lambda: evidence.add(SYSTEM, kind, kind, text=text))
        if held:
            known = self.model.evidence.setdefault(kind, set())
            if kind == "validation" and actor not in known:
                self.model.validated.add(actor)
            known.add(actor)

    def rate(self, tier):
        offer = self.workspace.host.contributions("aims_checks")[0]
        with self.by["rita"].writing() as tx:
            tx.add_result(
                kind="rating",
                system_id=SYSTEM,
                offer=offer,
                input_digest="",
                payload={},
                tier=tier,
            )
        self.model.tier = tier

    def grant(self, actor, role):
        self.workspace.staffing.grant(actor, role)
        self.model.roles[actor].add(role)
        if role == "developer":
            self.model.developed.add(actor)

    def revoke(self, actor, role):
        for grant in self.workspace.staffing.roles_of(actor):
            if grant.role == role:
                self.workspace.staffing.revoke(grant.grant_id, reason="moved on")
        self.model.roles[actor].discard(role)

    def turn(self, check):
        self.model.unmet ^= {check}
        self.checks.unmet = set(self.model.unmet)

    def set_out(self):
        self.go_on(self.chance.choice([(), (), ("rita",), ("carl",), ("rita", "carl", "cora")]))

    def go_on(self, voters):
        """Take the usual next step, or stop before its last vote; every act of it is checked too."""
        self.checks.unmet = self.model.unmet = set()
        for kind in EVIDENCE.values():
            self.show(kind, "olga")
        before = set(self.model.requests)
        step = "resume" if self.model.status == "suspended" else WAY[self.model.stage]
        self.ask_for("olga", step)
        for key in set(self.model.requests) - before:
            request = self.model.requests[key]
            for actor in voters:
                if request.status == "open":
                    self.vote(key, request, MACHINE.transition(step), actor, "approve")

    @invariant()
    def model_and_services_agree(self):
        system = self.workspace.inventory.get(SYSTEM)
        approvals = self.workspace.approvals.frame().set_index("approval_id").status.to_dict()

        assert (system.stage, system.status) == (self.model.stage, self.model.status)
        assert system.revision == self.model.revision
        assert system.approval_state == self.model.shown
        assert approvals == {key: r.status for key, r in self.model.requests.items()}

    def teardown(self):
        if not hasattr(self, "workspace"):
            return
        try:
            self.nobody_approved_alone()
            assert self.workspace.audit.verify().intact
        finally:
            self.workspace.close()

    def nobody_approved_alone(self):
        """Whatever the walk: who asked did not approve, and each seat had its own person."""
        for step in self.workspace.approvals.transitions(SYSTEM):
            approval = self.workspace.approvals.get(step.approval_id)
            asked_by = PERSONS[approval.requested_by]
            needed = sum(s.quorum for s in MACHINE.transition(step.transition).approvals)

            assert asked_by not in {v.person for v in approval.votes}
            assert len({v.person for v in approval.votes}) >= needed
            assert {v.digest for v in approval.votes} <= {step.digest}


def walk(begin, checks, **options):
    Life.begin, Life.checks = staticmethod(begin), checks
    run_state_machine_as_test(
        Life, settings=settings(deadline=None, suppress_health_check=list(HealthCheck), **options)
    )


def test_the_model_and_the_services_agree_on_every_walk(aims_template, tmp_path, host, checks):
    numbers = count()

    def begin():
        folder = tmp_path / str(next(numbers))
        shutil.copytree(aims_template, folder)
        return open_workspace(folder, actor="ada", host=host)

    walk(begin, checks, max_examples=12, stateful_step_count=25)


def test_the_same_walks_on_postgresql(
    aims_postgresql, aims_postgresql_template, aims_template, tmp_path, host, checks
):
    numbers = count()

    def begin():
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        text = (aims_template / "aims.toml").read_text(encoding="utf-8")
        url = aims_postgresql.url(aims_postgresql.create(template=aims_postgresql_template))
        settings_ = text.replace("sqlite:///aims.db", url)
        (folder / "aims.toml").write_text(settings_, encoding="utf-8")
        return open_workspace(folder, actor="ada", host=host)

    walk(begin, checks, max_examples=3, stateful_step_count=20)
