"""One walk through systems' lives, the same act in every world; see `test_lifecycle_stateful.py`."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from random import Random

import lifecycle_model as lm
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from aims_core import RequestRefused

MOSTLY, SHOWN = 0.85, 0.05
ANYBODY = sorted(lm.PERSONS)
FAKED = ("not_prohibited", "monitoring_plan", "cause_treated")
WAY = {
    "inception": "start_development",
    "acquisition": "submit_for_validation",
    "design_and_development": "submit_for_validation",
    "verification_and_validation": "approve_deployment",
    "deployment": "go_live",
    "operation_and_monitoring": "suspend",
    "re_evaluation": "modify",
}
"""The usual next step from a stage."""
YES = partial(bool, 1)
ENDS = {"retirement", "rejected"}
RUNS = {"deployment", "operation_and_monitoring", "re_evaluation"}
SEEDS = st.tuples(*[st.booleans()] * 32).map(
    lambda bits: f"{sum(b << n for n, b in enumerate(bits)):08x}"
)
"""Bit by bit: hypothesis prefers numbers that stand in the code under test, which would steer the walk."""


class Life(RuleBasedStateMachine):
    """Does to both databases what it does to the model."""

    begin = None
    visits, fired = Counter(), Counter()

    @initialize(seed=SEEDS)
    def start(self, seed):
        self.seed, self.numbers = seed, count()
        self.chance = Random(seed)  # noqa: S311 - chance, no secret
        self.model = lm.Model(now=datetime(2026, 1, 1, tzinfo=UTC))
        self.worlds = [world.open(self.model.now) for world in Life.begin()]
        self.new_system("olga", "inception")

    @rule(seed=SEEDS)
    def go(self, seed):
        """Do one of the acts. Drawn evenly here: hypothesis' own draws keep walks shallow.

        Hypothesis likes to draw the same number again, which shall not mean the same act again.
        """
        self.chance = Random(f"{self.seed}-{next(self.numbers)}-{seed}")  # noqa: S311 - no secret
        if self.model.stage in ENDS and self.chance.random() < MOSTLY:
            self.enter()
            return
        acts = {self.revise: 2, self.ask: 3, self.change_around: 3, self.lend: 2, self.wait: 1}
        acts |= {self.empty: 1, self.ask_wrongly: 1.5, self.enter_wrongly: 0.3, self.sweep: 0.5}
        if self.model.stage in WAY:
            acts[self.set_out] = 4
        if self.model.lent:
            acts[self.end_lending] = 1
        if self.model.requests:
            acts |= {self.withdraw: 1, self.decide_late: 1.5}
        if self.model.open_ones():
            acts |= {self.decide: 6, self.change_vote: 1.5, self.decide_lent: 2}
        self.chance.choices([*acts], [*acts.values()])[0]()

    # -- three ways

    def act(self, name, allowed, do, *, closes=False):
        """Take one act in every world; return what came of it in each.

        `closes` says that the act concerns requests, so what is due is closed whatever comes of it.
        """
        self.model.now += timedelta(seconds=1)
        late = self.model.touch() if closes else 0
        made = [self.act_in(world, allowed(), do, late) for world in self.worlds]
        Life.fired[name, allowed()] += 1
        return made

    def act_in(self, world, allowed, do, late):
        world.set(self.model.now)
        world.checks.unmet = set(self.model.unmet)
        if allowed:
            return do(world)
        before = world.workspace.audit.head()[0]
        with pytest.raises(RequestRefused):
            do(world)
        assert world.workspace.audit.head()[0] == before + 1 + late
        return None

    def agree(self):
        """Hold what each world shows against the model and so against each other."""
        model = self.model
        stands = (model.stage, model.status, model.revision, model.shown)
        stored = {key: request.status for key, request in model.requests.items()}
        for world in self.worlds:
            assert world.seen(self.system) == (stands, stored, {}), world.workspace.evidence_level
            if self.chance.random() < SHOWN:
                assert world.shown(self.system) == model.statuses()
        Life.visits[model.stage, model.status] += 1

    # -- systems

    def new_system(self, by, stage):
        self.system = f"system-{next(self.numbers)}"
        extra = {} if stage == "inception" else {"entry": "legacy", "stage": stage}
        self.register(by, self.system, extra)
        self.model = self.model.another(by, stage)
        for world in self.worlds:
            world.requests = {}
        self.agree()

    def register(self, by, system, extra):
        rights = {"inventory_steward"} if extra else lm.MAY_REGISTER
        allowed = bool(self.model.roles[by] & rights)
        described = {**lm.DESCRIPTION, **extra}
        self.act(
            "register legacy" if extra else "register",
            lambda: allowed,
            lambda world: world.by[by].inventory.register(system, **described),
        )

    def enter(self):
        if self.chance.random() < 0.25 and "inventory_steward" in self.model.roles["ines"]:
            self.new_system("ines", self.chance.choice(sorted(RUNS)))
        elif "system_owner" in self.model.roles["olga"]:
            self.new_system("olga", "inception")
        else:
            self.grant("olga", "system_owner")

    def enter_wrongly(self):
        extra = self.chance.choice([{}, {"entry": "legacy", "stage": "deployment"}])
        rights = {"inventory_steward"} if extra else lm.MAY_REGISTER
        by = self.chance.choice([a for a in ANYBODY if not self.model.roles[a] & rights])
        self.register(by, f"system-{next(self.numbers)}", extra)
        self.agree()

    def revise(self):
        actor = self.chance.choice(ANYBODY)
        name = f"Name {next(self.numbers)}"
        declared = self.chance.choice([*[self.model.declared] * 4, "high", "limited", "minimal"])
        changes = {"name": name, "declared_risk_category": declared}
        allowed = bool(self.model.roles[actor] & lm.MAY_REVISE) and not self.ended()
        self.act(
            "revise",
            lambda: allowed,
            lambda world: world.by[actor].inventory.revise(self.system, **changes),
        )
        if allowed:
            self.model.declared = declared
            self.model.revise(actor)
        self.agree()

    def ended(self):
        """Say whether the system's life has ended: nothing about it changes any more."""
        return lm.MACHINE.stage(self.model.stage).terminal

    def empty(self):
        """Empty a field of the description, or fill it in again."""
        model, field = self.model, self.chance.choice(sorted(lm.STATED.values()))
        actor, filled = "olga", field in model.filled
        changes = {"name": f"Name {next(self.numbers)}", field: "" if filled else "Said again"}
        needed = field in lm.MACHINE.stage(model.stage).required_for(model.governing)
        allowed = bool(model.roles[actor] & lm.MAY_REVISE) and not (filled and needed)
        allowed = allowed and not self.ended()
        self.act(
            "empty" if filled else "fill in",
            lambda: allowed,
            lambda world: world.by[actor].inventory.revise(self.system, **changes),
        )
        if allowed:
            model.filled ^= {field}
            model.revise(actor)
        self.agree()

    def fill_in(self, fields):
        changes = dict.fromkeys(fields, "Said again")
        self.act("fill in", YES, lambda w: w.by["olga"].inventory.revise(self.system, **changes))
        self.model.filled |= set(fields)
        self.model.revise("olga")
        self.agree()

    # -- requests

    def ask(self):
        near = [t.name for t in lm.MACHINE.transitions if self.model.starts_here(t)]
        every = [t.name for t in lm.MACHINE.transitions]
        name = self.chance.choice(near if near and self.chance.random() < MOSTLY else every)
        roles = set(lm.MACHINE.transition(name).asked_by)
        fitting = [a for a in ANYBODY if self.model.roles[a] & roles]
        likely = fitting and self.chance.random() < MOSTLY
        self.ask_for(self.chance.choice(fitting if likely else ANYBODY), name)

    def ask_wrongly(self):
        """Anybody asks for anything."""
        step = self.chance.choice(lm.MACHINE.transitions)
        self.ask_for(self.chance.choice(ANYBODY), step.name)

    def ask_for(self, actor, name):
        step, found = lm.MACHINE.transition(name), []

        def allowed():
            if not found:
                found.append(self.model.former(actor, name))
            return found[0] is not None or self.model.holds(step, actor)

        made = self.act(
            f"ask {name}",
            allowed,
            lambda world: world.by[actor].approvals.request(self.system, name, reason="because"),
            closes=True,
        )
        if not allowed():
            self.agree()
            return None
        key = found[0] or f"request-{next(self.numbers)}"
        for world, approval in zip(self.worlds, made, strict=True):
            assert world.requests.setdefault(key, approval.approval_id) == approval.approval_id
        if found[0] is None:
            self.model.ask(key, step, actor)
        self.agree()
        return key

    def decide(self):
        self.decide_on(*self.chance.choice(self.model.open_ones()))

    def decide_late(self):
        every = [*self.model.requests.items()]
        late = [(k, r) for k, r in every if self.model.due(r) or r.status == "expired"]
        self.decide_on(*self.chance.choice(late if late and self.chance.random() < 0.5 else every))

    def decide_on(self, key, request):
        """By one who may, by one who must not though the seat is theirs, or by anybody."""
        step = lm.MACHINE.transition(request.step)
        slots = {s.role for s in step.approvals}
        pairs = [(a, "") for a in ANYBODY]
        pairs += [(d.delegate, d.delegator) for d in self.model.lent.values()] * 2
        entitled = [p for p in pairs if self.model.held(*p) & slots]
        apart = [p for p in entitled if self.conflicted(step, request, p)]
        free = [p for p in entitled if p not in apart]
        voter = self.chance.choice(self.chance.choice([g for g in (apart, free, free, pairs) if g]))
        choice = "approve" if self.chance.random() < MOSTLY else "refuse"
        self.vote(key, *voter, choice)

    def decide_lent(self):
        """By somebody to whom a fitting seat is lent, or who lends one now."""
        key, request = self.chance.choice(self.model.open_ones())
        slots = {s.role for s in lm.MACHINE.transition(request.step).approvals}
        pairs = {(d.delegate, d.delegator) for d in self.model.lent.values()}
        fitting = sorted(p for p in pairs if self.model.held(*p) & slots)
        if fitting:
            self.vote(key, *self.chance.choice(fitting), "approve")
            return
        role = self.chance.choice(sorted(slots))
        holders = sorted(a for a in self.model.holders(role) if a not in {"nora", request.by})
        if holders:
            self.lend_to(self.chance.choice(holders), "nora", role, timedelta(days=40))

    def conflicted(self, step, request, pair):
        persons = {lm.PERSONS[a] for a in pair if a}
        return bool(self.model.conflict(step, request.by, persons, "committee_member"))

    def change_vote(self):
        """Somebody who approved refuses after all."""
        said = [(k, v) for k, r in self.model.open_ones() for v in r.newest()]
        if not said:
            self.decide()
            return
        key, vote = self.chance.choice(said)
        same = [a for a in ANYBODY if lm.PERSONS[a] == lm.PERSONS[vote.actor]]
        actor = self.chance.choice(same) if not vote.behalf else vote.actor
        self.vote(key, actor, vote.behalf, "refuse", name="change vote")

    def vote(self, key, actor, behalf, choice, name=""):
        request = self.model.requests[key]
        step = lm.MACHINE.transition(request.step)
        role, again, why = "", False, None

        def allowed():
            nonlocal role, again, why
            if why is None:
                held = self.model.held(actor, behalf)
                role = next((s.role for s in step.approvals if s.role in held), "-")
                said = [(v.actor, v.behalf, v.choice) for v in request.newest()]
                again = (actor, behalf, choice) in said
                why = (
                    ""
                    if again
                    else self.model.why_not(request, lm.Vote(actor, role, behalf, choice))
                )
            return not why

        self.act(
            name or ("decide for somebody" if behalf else "decide"),
            allowed,
            lambda world: world.by[actor].approvals.decide(
                world.requests[key], choice, reason="I looked at it", on_behalf_of=behalf
            ),
            closes=True,
        )
        Life.fired["vote refused", why.split(":")[0]] += bool(why)
        if allowed() and again and request.status == "open":
            self.model.resolve(request)
        elif allowed() and not again:
            self.model.cast(request, lm.Vote(actor, role, behalf, choice))
        self.agree()

    def withdraw(self):
        open_ones = self.model.open_ones()
        likely = self.chance.random() < MOSTLY and open_ones
        key, request = self.chance.choice(open_ones if likely else [*self.model.requests.items()])
        actor = request.by if self.chance.random() < MOSTLY else self.chance.choice(ANYBODY)
        mine, before = lm.PERSONS[actor] == lm.PERSONS[request.by], []

        def allowed():
            if not before:
                before.append(request.status)
            return mine and before[0] in {"open", "withdrawn"}

        self.act(
            "withdraw",
            allowed,
            lambda world: world.by[actor].approvals.withdraw(world.requests[key], reason="not yet"),
            closes=True,
        )
        if allowed() and request.status == "open":
            request.status = "withdrawn"
            self.model.settle()
        self.agree()

    def sweep(self):
        number = sum(map(self.model.due, self.model.requests.values()))
        made = self.act("sweep", YES, lambda w: w.by["nora"].approvals.expire(), closes=True)
        assert {len(closed) for closed in made} <= {number, number + 1}
        self.agree()

    def wait(self):
        """Days go by: requests expire, lent seats go back, approvals end."""
        self.model.now += timedelta(days=self.chance.choice([1, 5, 12, 21, 31, 51]))
        for world in self.worlds:
            world.set(self.model.now)
        Life.fired["wait", True] += 1
        self.agree()

    # -- seats

    def lend(self):
        model, roles = self.model, sorted(lm.SEATS)
        role = self.chance.choice([*roles, *roles, "auditor"])
        holders = sorted(model.holders(role))
        likely = holders and self.chance.random() < MOSTLY
        delegator = self.chance.choice(holders if likely else ANYBODY)
        delegate = self.chance.choice(["nora", *ANYBODY])
        span = timedelta(days=self.chance.choice([2, 10, 40, 40, 181]))
        self.lend_to(delegator, delegate, role, span)

    def lend_to(self, delegator, delegate, role, span):
        model = self.model
        ends = model.now + span
        allowed = model.may_lend(delegator, delegate, role, ends - model.now - timedelta(seconds=1))
        made = self.act(
            "lend",
            lambda: allowed,
            lambda world: world.by[delegator].approvals.delegate(delegate, role, until=ends),
        )
        if allowed:
            key = f"lent-{next(self.numbers)}"
            model.lent[key] = lm.Lent(delegator, delegate, role, ends)
            for world, delegation in zip(self.worlds, made, strict=True):
                world.lent[key] = delegation.delegation_id
        self.agree()

    def end_lending(self):
        key, lent = self.chance.choice([*self.model.lent.items()])
        mine = [lent.delegator, lent.delegate]
        actor = self.chance.choice(mine if self.chance.random() < 0.7 else ANYBODY)
        allowed = lm.PERSONS[actor] in {lm.PERSONS[a] for a in mine}
        self.act(
            "end lending",
            lambda: allowed,
            lambda world: world.by[actor].approvals.end_delegation(world.lent[key], reason="back"),
        )
        if allowed:
            lent.ended = True
        for world in self.worlds:
            found = {d.delegation_id for d in world.workspace.approvals.delegations()}
            still = {
                k for k, d in self.model.lent.items() if not d.ended and self.model.now < d.ends
            }
            assert found == {world.lent[k] for k in still}
        self.agree()

    # -- what happens next to a request

    def change_around(self):
        any_of = self.chance.choice
        voters = [v.actor for _, request in self.model.open_ones() for v in request.newest()]
        actor = any_of(voters if voters and self.chance.random() < 0.5 else ANYBODY)
        held = sorted(self.model.roles[actor] | {""})
        happenings = (
            lambda: self.show(any_of([*lm.EVIDENCE.values()]), any_of(["rita", "devi", "imre"])),
            lambda: self.rate(any_of(["high", "high", "limited", "minimal"])),
            lambda: self.assess(any_of(["rita", "devi", "olga", "carl"])),
            lambda: self.grant(actor, any_of(["committee_member", "developer", "risk_reviewer"])),
            lambda: self.grant(actor, next(iter(sorted(lm.ROLES[actor])), "developer")),
            lambda: self.revoke(actor, any_of(held)),
            lambda: self.turn(any_of(FAKED)),
        )
        any_of(happenings)()
        self.agree()

    def show(self, kind, actor):
        may = {
            "risk_reviewer",
            "developer",
            "system_owner",
            "incident_manager",
            "inventory_steward",
        }
        allowed, text = bool(self.model.roles[actor] & may), f"{kind} by {actor}"
        self.act(
            "show",
            lambda: allowed,
            lambda world: world.by[actor].evidence.add(self.system, kind, kind, text=text),
        )
        if allowed:
            known = self.model.evidence.setdefault(kind, set())
            if kind == "validation" and actor not in known:
                self.model.validated.append((actor, self.model.now))
            known.add(actor)

    def rate(self, tier):
        self.compute("rate", "rating", "imre", tier)
        self.model.tier = tier

    def assess(self, actor):
        self.compute("assess", "risk_assessment", actor, None)
        self.model.assessed.append((actor, self.model.now))

    def compute(self, name, kind, actor, tier):
        def do(world):
            offer = world.workspace.host.contributions("aims_checks")[0]
            about = {"kind": kind, "system_id": self.system, "tier": tier}
            with world.by[actor].writing() as tx:
                tx.add_result(**about, offer=offer, input_digest="", payload={})

        self.act(name, YES, do)

    def grant(self, actor, role):
        self.act("grant", YES, lambda world: world.workspace.staffing.grant(actor, role))
        self.model.roles[actor].add(role)
        if role == "developer":
            self.model.developed.add(actor)

    def revoke(self, actor, role):
        def do(world):
            for grant in world.workspace.staffing.roles_of(actor):
                if grant.role == role:
                    world.workspace.staffing.revoke(grant.grant_id, reason="moved on")

        self.act("revoke", YES, do)
        self.model.roles[actor].discard(role)

    def turn(self, check):
        self.model.unmet ^= {check}

    def set_out(self):
        ways = [(), ("rita",), ("rita", "carl", "cora"), ("rita", "carl", "cora")]
        self.go_on(self.chance.choice(ways))

    def go_on(self, voters):
        """Take the usual next step, or stop before its last vote; every act of it is checked too."""
        self.model.unmet.clear()
        stage = self.model.stage
        for actor in ("olga", "rita", "carl", "cora"):
            if missing := lm.ROLES[actor] - self.model.roles[actor]:
                self.grant(actor, min(missing))
        if empty := sorted(set(lm.STATED.values()) - self.model.filled):
            self.fill_in(empty)
        for kind in lm.EVIDENCE.values():
            if kind not in self.model.evidence:
                self.show(kind, "rita" if self.chance.random() < 0.1 else "olga")
        step = "resume" if self.model.status == "suspended" and stage in RUNS else WAY[stage]
        if step == "start_development" and self.chance.random() < 0.3:
            step = "start_acquisition"
        key = self.ask_for("olga", step)
        for actor in voters if key else ():
            if self.model.requests[key].status == "open":
                self.vote(key, actor, "", "approve")

    def teardown(self):
        try:
            for world in getattr(self, "worlds", ()):
                self.nobody_approved_alone(world)
                assert world.workspace.audit.verify().intact
        finally:
            for world in getattr(self, "worlds", ()):
                world.workspace.close()

    def nobody_approved_alone(self, world):
        """Whatever the walk: who asked did not approve, and each seat had its own human being."""
        for step in world.workspace.approvals.transitions(self.system):
            approval = world.workspace.approvals.get(step.approval_id)
            asked_by = lm.PERSONS[approval.requested_by]
            behind = {p for v in approval.votes for p in (v.person, v.on_behalf_person) if p}
            needed = sum(s.quorum for s in lm.MACHINE.transition(step.transition).approvals)

            assert asked_by not in behind
            assert len({v.person for v in approval.votes}) >= needed
            assert {v.digest for v in approval.votes} <= {step.digest}
