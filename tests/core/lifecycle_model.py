"""The lifecycle's rules in their plainest form: no database, no digests, no plugins, one system at a time.

It reads the lifecycle's data and knows who holds what, who did what and what time it is. The walks of
`test_lifecycle_stateful.py` hold the real services against it.
"""

import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.resources import files
from itertools import permutations
from pathlib import Path

from aims_core.lifecycle import load_machine
from aims_core.testing import PEOPLE
from aims_core.testing.fixtures import TICKET_TRIAGE

OWN = (files("aims_core.lifecycle") / "default.toml").read_text(encoding="utf-8")
_PLACE = 'name = "approve_deployment"\n'
assert OWN.count(_PLACE) == 1
OWN = OWN.replace(_PLACE, _PLACE + "valid_for = { days = 50 }\nexpires_after = { days = 20 }\n")
"""The default lifecycle, but deployment is decided in 20 days and approved for 50."""
with tempfile.TemporaryDirectory() as _folder:
    (Path(_folder) / "own.toml").write_text(OWN, encoding="utf-8")
    MACHINE = load_machine(Path(_folder) / "own.toml")

PERSONS = {
    **{
        name: name
        for name in ("olga", "devi", "rita", "carl", "cora", "ines", "imre", "otto", "nora")
    },
    "carl-2": "carl",
}
"""Person by actor id: carl has two ids, nora holds nothing."""
FURTHER = {
    "otto": {"system_owner"},
    "carl-2": {"committee_member"},
    "olga": {"committee_member"},
    "ines": {"committee_member"},
    "devi": {"risk_reviewer"},
    "nora": set(),
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
STATED = {
    "intended_use_stated": "intended_use",
    "human_oversight_named": "human_oversight",
    "incident_contact_named": "incident_contact",
}
DECLARED = TICKET_TRIAGE["declared_risk_category"]
MILDEST_FIRST = ("undetermined", "minimal", "limited", "high", "prohibited")
MAY_REVISE = {"system_owner", "developer", "inventory_steward"}
MAY_REGISTER = {"system_owner", "inventory_steward"}
SEATS = {s.role for t in MACHINE.transitions for s in t.approvals}


@dataclass
class Vote:
    """One vote: by whom, in which role, for whom (or nobody), and what they said."""

    actor: str
    role: str
    behalf: str
    choice: str

    @property
    def seat(self):
        return (PERSONS[self.actor], self.role, PERSONS.get(self.behalf, ""))

    @property
    def persons(self):
        return {PERSONS[a] for a in (self.actor, self.behalf) if a}


@dataclass
class Request:
    """A request as the model sees it."""

    step: str
    by: str
    revision: int
    at: object
    expires: object = None
    status: str = "open"
    votes: list = field(default_factory=list)
    tier: str = ""
    lapsed: bool = False
    done_at: object = None

    def newest(self):
        """The vote that counts of each seat."""
        return list({v.seat: v for v in self.votes}.values())


@dataclass
class Lent:
    """A seat that one lends another until some time."""

    delegator: str
    delegate: str
    role: str
    ends: object
    ended: bool = False


@dataclass
class Model:
    """The rules in plain words."""

    now: object
    stage: str = "inception"
    status: str = "active"
    tier: str = "undetermined"
    declared: str = DECLARED
    shown: str = "none"
    registered: object = None
    authors: list = field(default_factory=lambda: ["olga"])
    filled: set = field(default_factory=lambda: set(STATED.values()))
    requests: dict = field(default_factory=dict)
    done: list = field(default_factory=list)
    evidence: dict = field(default_factory=dict)
    developed: set = field(default_factory=set)
    validated: list = field(default_factory=list)
    assessed: list = field(default_factory=list)
    # What belongs to the workspace and goes on when another system is looked at.
    roles: dict = field(default_factory=lambda: {name: set(held) for name, held in ROLES.items()})
    lent: dict = field(default_factory=dict)
    unmet: set = field(default_factory=set)

    def another(self, by, stage):
        """Return the model of a system registered now."""
        return Model(
            now=self.now,
            registered=self.now,
            stage=stage,
            authors=[by],
            developed=self.holders("developer"),
            roles=self.roles,
            lent=self.lent,
            unmet=self.unmet,
        )

    @property
    def revision(self):
        return len(self.authors)

    @property
    def governing(self):
        """The graver of what was assessed and what the owner says."""
        return max(self.tier, self.declared, key=MILDEST_FIRST.index)

    def holders(self, role):
        return {a for a, held in self.roles.items() if role in held}

    def due(self, request):
        return (
            request.status == "open" and request.expires is not None and request.expires <= self.now
        )

    def open_ones(self):
        return [(k, r) for k, r in self.requests.items() if r.status == "open" and not self.due(r)]

    def statuses(self):
        """What people see: one that is due shows as expired before anybody closed it."""
        return {k: "expired" if self.due(r) else r.status for k, r in self.requests.items()}

    def starts_here(self, step):
        right = step.status is None or step.status[0] == self.status
        return self.stage in step.sources and right

    def duties(self, step, requester):
        """Persons by duty, from when this step was last approved on."""
        past = [r for r in self.done if r.step == step.name]
        since, at = (past[-1].revision, past[-1].done_at) if past else (0, self.registered)
        assessors = {a for a, when in self.assessed if when >= at}
        if self.assessed:
            assessors.add(self.assessed[-1][0])
        return {
            "requester": {PERSONS[requester]},
            "editor": {PERSONS[a] for a in self.authors[since:]},
            "developer": {PERSONS[a] for a in self.developed},
            "validator": {PERSONS[a] for a, when in self.validated if when >= at},
            "assessor": {PERSONS[a] for a in assessors},
        }

    def conflict(self, step, requester, persons, role):
        """The first duty that keeps one of some persons from approving in a role, or nothing."""
        duties = self.duties(step, requester)
        taken = {"approver", "reviewer"} if role == "risk_reviewer" else {"approver"}
        for pair in step.apart:
            for here, there in (pair, pair[::-1]):
                if here in taken and persons & duties.get(there, set()):
                    return there
        return ""

    def lent_roles(self, actor, behalf):
        return {
            d.role
            for d in self.lent.values()
            if (d.delegate, d.delegator) == (actor, behalf)
            and not d.ended
            and self.now < d.ends
            and d.role in self.roles[behalf]
        }

    def held(self, actor, behalf):
        return self.lent_roles(actor, behalf) if behalf else self.roles[actor]

    def empty(self, stage):
        """Fields that a stage needs and that are empty."""
        return set(MACHINE.stage(stage).required_for(self.governing)) - self.filled

    def holds(self, step, requester):
        """Everything but the votes."""
        before, checks = step.needs_approval_of, step.checks_for(self.governing)
        duties, stops = self.duties(step, requester), step.name == "suspend"
        return (
            self.starts_here(step)
            and bool(self.roles[requester] & set(step.asked_by))
            and not self.unmet & set(checks)
            and all(EVIDENCE[c] in self.evidence for c in checks if c in EVIDENCE)
            and all(STATED[c] in self.filled for c in checks if c in STATED)
            and (stops or not self.empty(step.target or self.stage))
            and (not before or self.stands([r for r in self.done if r.step == before][-1:]))
            and not any(
                duties[a] & duties[b] for a, b in step.apart if {a, b} == {"developer", "validator"}
            )
        )

    def stands(self, given):
        """The approval is of this revision and of today, and as many decided as the tier takes."""
        return any(
            r.revision == self.revision
            and not r.lapsed
            and self.valid(r)
            and all(
                s.needed(r.tier) >= s.needed(self.governing)
                for s in MACHINE.transition(r.step).approvals
            )
            for r in given
        )

    def valid(self, request):
        span = MACHINE.transition(request.step).valid_for
        return span is None or self.now < request.done_at + span

    def seated(self, step, request):
        """Try every seating: each seat its vote, and no human being behind two of them."""
        seats = [s.role for s in step.approvals for _ in range(s.needed(self.governing))]
        counted = [
            v
            for v in request.newest()
            if v.choice == "approve"
            and v.role in self.held(v.actor, v.behalf)
            and not self.conflict(step, request.by, v.persons, v.role)
        ]
        for chosen in permutations(counted, len(seats)):
            persons = [p for v in chosen for p in v.persons]
            right = all(v.role == role for v, role in zip(chosen, seats, strict=True))
            if right and len(set(persons)) == len(persons):
                return True
        return False

    def why_not(self, request, vote):
        """Why a vote is not taken; nothing when it is. A role of ``-`` means none fits."""
        step = MACHINE.transition(request.step)
        if request.status != "open":
            return request.status
        if vote.role == "-":
            return "role"
        if duty := self.conflict(step, request.by, {PERSONS[vote.actor]}, vote.role):
            return duty
        if vote.behalf and (
            duty := self.conflict(step, request.by, {PERSONS[vote.behalf]}, vote.role)
        ):
            return f"lender:{duty}"
        for other in request.newest():
            back = not vote.behalf and PERSONS.get(other.behalf) == PERSONS[vote.actor]
            same = (other.role, other.choice) == (vote.role, vote.choice)
            if same and other.persons & vote.persons and not back:
                return "seat"
        return ""

    def cast(self, request, vote):
        request.votes.append(vote)
        if vote.choice == "refuse":
            request.status = "refused"
            self.settle()
        else:
            self.resolve(request)

    def resolve(self, request):
        step = MACHINE.transition(request.step)
        if self.holds(step, request.by) and self.seated(step, request):
            self.move(step, request)

    def ask(self, key, step, by):
        span = MACHINE.expires_after_for(step)
        expires = self.now + span if span and step.approvals else None
        request = Request(step.name, by, self.revision, at=self.now, expires=expires)
        self.requests[key] = request
        if step.approvals:
            self.settle()
        else:
            self.move(step, request)

    def move(self, step, request):
        self.stage = step.target or self.stage
        self.status = step.status[1] if step.status else self.status
        if step.lapses_approvals:
            for given in self.done:
                given.lapsed = True
        if step.name == "approve_deployment":
            self.developed = self.holders("developer")
        request.status, request.tier, request.done_at = "carried_out", self.governing, self.now
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

    def touch(self):
        """Close what is due, as every act on requests does; return how many that were."""
        late = [r for r in self.requests.values() if self.due(r)]
        for request in late:
            request.status = "expired"
        if late:
            self.settle()
        return len(late)

    def revise(self, actor):
        self.authors.append(actor)
        self.shown = "none" if self.shown == "none" else "lapsed"
        for request in self.requests.values():
            if request.status == "open":
                request.status = "expired" if self.due(request) else "lapsed"

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

    def may_lend(self, delegator, delegate, role, span):
        return (
            PERSONS[delegator] != PERSONS[delegate]
            and role in SEATS
            and role in self.roles[delegator]
            and timedelta() < span <= MACHINE.longest_delegation
        )


DESCRIPTION = dict(TICKET_TRIAGE)
