"""The rule that says whether a step may be taken; pure, so that it can be tried on everything."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims_core import (
    Actor,
    ActorKind,
    AISystem,
    Approval,
    ApprovalState,
    ApprovalStatus,
    Condition,
    Decision,
    Entry,
    OperationalStatus,
    Origin,
    RiskCategory,
    SystemFacts,
    Vote,
    default_machine,
)
from aims_core.lifecycle import Claim, evaluate, void_votes

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MACHINE = default_machine()
DEPLOY = MACHINE.transition("approve_deployment")
PERSONS = ("ann", "bob", "cid", "dot", "eve")
ROLES = ("risk_reviewer", "committee_member")
TIERS = st.sampled_from(list(RiskCategory))


def system(stage="verification_and_validation", *, tier=RiskCategory.LIMITED, status="active"):
    return AISystem(
        system_id="ticket-triage",
        name="Ticket triage",
        use_case="Sorts tickets",
        owner="olga",
        origin=Origin.IN_HOUSE,
        declared_risk_category=RiskCategory.LIMITED,
        intended_use="Ranks tickets",
        human_oversight="The shift lead",
        incident_contact="servicedesk@example.org",
        stage=stage,
        status=OperationalStatus(status),
        tier=tier,
        approval_state=ApprovalState.NONE,
        entry=Entry.NEW,
        revision=3,
        digest="now",
        registered_at=NOW,
        revised_at=NOW,
    )


def facts(of=None, **duties):
    return SystemFacts(
        system=of or system(),
        owner=Actor(actor_id="olga", name="Olga", kind=ActorKind.PERSON, person="olga"),
        now=NOW,
        duties={duty: frozenset(persons) for duty, persons in duties.items()},
    )


def vote(person, role, decision=Decision.APPROVE, *, digest="now", actor=""):
    return Vote(
        vote_id=f"{actor or person}-{role}-{decision}-{digest}",
        approval_id="apr-1",
        actor=actor or person,
        person=person,
        role=role,
        decision=decision,
        reason="so",
        digest=digest,
        at=NOW,
    )


def claim(*votes, transition="approve_deployment", held=None, **changes):
    return Claim(
        **{
            "transition": transition,
            "person": "olga",
            "roles": frozenset({"system_owner"}),
            "digest": "now",
            "reason": "because",
            "votes": votes,
            "voter_roles": {v.actor: frozenset(ROLES) for v in votes} if held is None else held,
            **changes,
        }
    )


def met(step, tier="limited"):
    return {n: Condition(name=n, met=True, reason="fine") for n in step.checks_for(tier)}


def judge(asked, about, checked=None):
    step = MACHINE.transition(asked.transition)
    answers = met(step, about.system.tier) if checked is None else checked
    return evaluate(MACHINE, asked, about, answers)


def unmet(asked, about, checked=None):
    return {c.name for c in judge(asked, about, checked) if not c.met}


def stands(asked, about):
    """Whether each condition holds, apart from how its reason is worded."""
    return sorted((c.name, c.met) for c in judge(asked, about))


VOTES = st.lists(
    st.builds(
        vote,
        st.sampled_from(PERSONS),
        st.sampled_from(ROLES),
        digest=st.sampled_from(["now", "now", "now", "before"]),
    ),
    max_size=8,
    unique_by=lambda v: (v.person, v.role),
)


def can_be_seated(votes, tier):
    """Try every seating by hand: different persons on all seats, each in a role they voted in."""
    seats = [s.role for s in DEPLOY.approvals for _ in range(s.needed(tier))]
    roles = {}
    for one in votes:
        if one.digest == "now":
            roles.setdefault(one.person, set()).add(one.role)
    return any(
        all(role in roles[person] for person, role in zip(order, seats, strict=True))
        for order in permutations(roles, len(seats))
    )


@given(VOTES, TIERS)
def test_a_quorum_is_met_exactly_when_different_persons_can_fill_all_seats(votes, tier):
    about = facts(system(tier=tier))

    quorum = {n for n in unmet(claim(*votes), about) if n.startswith("approved_by_")}

    assert (not quorum) == can_be_seated(votes, tier)


@given(VOTES, st.randoms(), TIERS)
def test_the_order_of_votes_does_not_matter(votes, random, tier):
    about = facts(system(tier=tier), editor={"ann"}, assessor={"bob"})
    shuffled = list(votes)
    random.shuffle(shuffled)

    assert stands(claim(*shuffled), about) == stands(claim(*votes), about)


@given(VOTES, st.sampled_from(PERSONS), st.sampled_from(ROLES), TIERS)
def test_one_more_approval_never_takes_anything_away(votes, person, role, tier):
    about = facts(system(tier=tier))
    before = [v for v in votes if (v.person, v.role) != (person, role)]

    # Not a subset: a person who votes in a second role may move from one seat to the other.
    assert len(unmet(claim(*before, vote(person, role)), about)) <= len(
        unmet(claim(*before), about)
    )


@given(VOTES)
def test_what_is_enough_for_a_high_tier_is_enough_for_every_milder_one(votes):
    if unmet(claim(*votes), facts(system(tier=RiskCategory.HIGH))):
        return

    for tier in (RiskCategory.LIMITED, RiskCategory.MINIMAL, RiskCategory.UNDETERMINED):
        assert not unmet(claim(*votes), facts(system(tier=tier)))


@given(VOTES, st.sampled_from(PERSONS), st.sampled_from(ROLES))
def test_one_refusal_that_counts_blocks_however_many_approve(votes, person, role):
    others = [v for v in votes if (v.person, v.role) != (person, role)]

    refused = claim(*others, vote(person, role, Decision.REFUSE))

    assert "not_refused" in unmet(refused, facts())


@given(
    st.sampled_from(MACHINE.transitions),
    st.sampled_from(["retirement", "rejected"]),
    st.sampled_from(["active", "suspended"]),
    VOTES,
)
def test_nothing_leaves_retirement_or_rejection(step, stage, status, votes):
    about = facts(system(stage, status=status))

    assert "right_stage" in unmet(claim(*votes, transition=step.name), about)


@given(st.sampled_from(MACHINE.transitions), TIERS, st.data())
def test_a_check_that_nobody_answers_or_that_is_not_met_blocks(step, tier, data):
    names = step.checks_for(tier)
    lost = set(data.draw(st.lists(st.sampled_from(names)))) if names else set()
    failing = set(data.draw(st.lists(st.sampled_from(names)))) if names else set()
    checked = {
        n: Condition(name=n, met=n not in failing, reason="x") for n in names if n not in lost
    }
    about = facts(system(step.sources[0], tier=tier))

    conditions = judge(claim(transition=step.name), about, checked)

    judged = {c.name: c.met for c in conditions if c.name in names}
    assert judged == {n: n not in lost | failing for n in names}


def test_all_conditions_come_back_not_just_the_first_that_fails():
    asked = claim(person="stranger", roles=frozenset(), digest="before", reason="")
    about = facts(system("inception"), developer={"dot"}, validator={"dot"})

    found = unmet(asked, about, {})

    assert found == {
        "right_stage",
        "requester_entitled",
        "revision_current",
        *DEPLOY.checks,
        "developer_apart_from_validator",
        "approved_by_risk_reviewer",
        "approved_by_committee_member",
    }


def test_every_unmet_condition_says_why_and_those_a_person_can_meet_say_how():
    for condition in judge(claim(digest="before", roles=frozenset()), facts(), {}):
        assert condition.reason
        if not condition.met:
            assert condition.remedy


def test_nothing_unmet_is_all_it_takes():
    votes = (vote("ann", "risk_reviewer"), vote("bob", "committee_member"))

    assert unmet(claim(*votes), facts()) == set()


@pytest.mark.parametrize(
    ("duty", "role", "counts"),
    [
        ("requester", "risk_reviewer", False),
        ("requester", "committee_member", False),
        ("editor", "risk_reviewer", False),
        ("editor", "committee_member", False),
        ("developer", "risk_reviewer", False),
        ("developer", "committee_member", False),
        ("assessor", "risk_reviewer", False),
        ("assessor", "committee_member", False),
        ("validator", "risk_reviewer", False),
        ("validator", "committee_member", False),
    ],
)
def test_duties_that_must_be_apart_void_a_vote(duty, role, counts):
    about = facts() if duty == "requester" else facts(**{duty: {"ann"}})
    person = {"person": "ann"} if duty == "requester" else {}
    one = vote("ann", role)

    void = void_votes(DEPLOY, claim(one, **person), about)

    assert (one.vote_id not in void) == counts
    if not counts:
        assert duty in void[one.vote_id]


@pytest.mark.parametrize(
    ("duty", "counts"),
    [
        ("requester", False),
        ("editor", False),
        ("assessor", False),
        ("developer", True),
        ("validator", True),
    ],
)
def test_which_duties_are_apart_is_said_by_each_transition(duty, counts):
    start = MACHINE.transition("start_development")
    about = facts() if duty == "requester" else facts(**{duty: {"ann"}})
    person = {"person": "ann"} if duty == "requester" else {}
    one = vote("ann", "committee_member")

    void = void_votes(start, claim(one, **person), about)

    assert (one.vote_id not in void) == counts


@pytest.mark.parametrize(
    ("bad", "held", "says"),
    [
        (vote("ann", "risk_reviewer", digest="before"), ROLES, "earlier revision"),
        (vote("ann", "risk_reviewer"), ("committee_member",), "no longer holds"),
        (vote("ann", "risk_reviewer"), (), "no longer holds"),
        (vote("ann", "auditor"), ("auditor",), "does not ask for"),
    ],
)
def test_a_void_vote_does_not_count_and_the_condition_says_why(bad, held, says):
    asked = claim(bad, vote("bob", "committee_member"))
    asked = replace(asked, voter_roles={**asked.voter_roles, "ann": frozenset(held)})

    condition = next(c for c in judge(asked, facts()) if c.name == "approved_by_risk_reviewer")

    assert not condition.met
    assert says in condition.reason


def test_a_refusal_that_is_void_does_not_block():
    refusal = vote("ann", "risk_reviewer", Decision.REFUSE, digest="before")

    assert "not_refused" not in unmet(claim(refusal), facts())


def test_roles_are_those_of_the_id_that_voted_whatever_the_persons_other_ids_hold():
    votes = (
        vote("ann", "risk_reviewer", actor="ann"),
        vote("ann", "committee_member", actor="ann-2"),
        vote("bob", "committee_member"),
    )
    held = {
        "ann": frozenset({"risk_reviewer"}),
        "ann-2": frozenset({"committee_member"}),
        "bob": frozenset({"committee_member"}),
    }

    for order in permutations(votes):
        assert void_votes(DEPLOY, claim(*order, held=held), facts()) == {}


def test_one_person_with_two_ids_still_fills_one_seat():
    votes = (
        vote("ann", "risk_reviewer", actor="ann"),
        vote("ann", "committee_member", actor="ann-2"),
    )

    assert len(unmet(claim(*votes), facts())) == 1


def test_a_person_who_developed_and_validated_blocks_whoever_votes():
    votes = (vote("ann", "risk_reviewer"), vote("bob", "committee_member"))
    about = facts(developer={"dot", "cid"}, validator={"dot"})

    assert unmet(claim(*votes), about) == {"developer_apart_from_validator"}


@pytest.mark.parametrize(
    ("revision", "status", "holds"),
    [
        (3, ApprovalStatus.CARRIED_OUT, True),
        (2, ApprovalStatus.CARRIED_OUT, False),
        (3, ApprovalStatus.REFUSED, False),
        (3, ApprovalStatus.OPEN, False),
        (None, None, False),
    ],
)
def test_going_live_needs_an_approval_of_this_very_revision(revision, status, holds):
    given_before = () if revision is None else (approval(revision, status),)
    about = replace(facts(system("deployment")), approvals=given_before)

    assert ("approval_in_force" not in unmet(claim(transition="go_live"), about)) == holds


def approval(revision, status):
    return Approval(
        approval_id="apr-0",
        system_id="ticket-triage",
        transition="approve_deployment",
        revision=revision,
        digest="the same",
        requested_by="olga",
        requested_at=NOW,
        reason="",
        status=status,
        machine_version="1",
    )


@pytest.mark.parametrize("reason", ["", "  ", "\n\t"])
def test_a_step_that_needs_a_reason_takes_no_empty_one(reason):
    about = facts(system("operation_and_monitoring"))

    assert unmet(claim(transition="suspend", reason=reason), about) == {"reason_given"}


def test_what_is_suspended_cannot_be_suspended_nor_what_runs_resumed():
    running, stopped = (
        facts(system("operation_and_monitoring", status=s)) for s in ("active", "suspended")
    )

    assert "right_stage" in unmet(claim(transition="suspend"), stopped)
    assert "right_stage" in unmet(claim(transition="resume"), running)
    assert "right_stage" not in unmet(claim(transition="resume"), stopped)
