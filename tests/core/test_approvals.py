"""Whole flows: who asks, who decides, what blocks, and what a request is worth after things changed."""

from datetime import UTC, datetime

import pytest

from aims_core import (
    Condition,
    ConditionsNotMet,
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RequestRefused,
    SegregationOfDuties,
    TransitionRefused,
    hookimpl,
)
from aims_core.approvals.requests import COLUMNS
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.intruder import granted_past_the_rules

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])


def state(workspace, system_id="ticket-triage"):
    return str(workspace.inventory.get(system_id).approval_state)


def types(workspace, count):
    events = workspace.audit.events("ticket-triage", limit=count)
    return [e.type.removeprefix("core.") for e in reversed(events)]


def test_a_step_is_asked_for_by_one_and_approved_by_another(life, registered):
    request = life.ask("start_development", reason="ready")

    assert (request.status, state(registered)) == ("open", "requested")
    assert [c.name for c in request.unmet] == ["approved_by_committee_member"]
    approved = life.vote(request, "carl")

    assert (approved.status, approved.unmet, state(registered)) == ("carried_out", (), "approved")
    assert life.stage == "design_and_development"
    assert types(registered, 3) == ["ApprovalRequested", "VoteCast", "TransitionDecided"]
    step = registered.approvals.transitions("ticket-triage")[-1]
    assert (step.actor, step.approval_id, step.reason) == ("carl", request.approval_id, "ready")
    assert (step.revision, step.machine_version) == (1, registered.machine.version)


def test_the_whole_life_can_be_lived(life, registered):
    life.to("operation_and_monitoring")
    life.ask("suspend", "imre", reason="it ranks wrong")
    life.vote(life.ask("resume"), "rita")
    life.ask("re_evaluate", reason="new language")
    life.ask("modify", reason="new language")
    life.show("retirement_plan")
    life.vote(life.ask("retire"), "cora")

    assert life.stage == "retirement"
    assert registered.approvals.possible("ticket-triage") == []
    assert [t.transition for t in registered.approvals.transitions("ticket-triage")] == [
        "start_development",
        "submit_for_validation",
        "approve_deployment",
        "go_live",
        "suspend",
        "resume",
        "re_evaluate",
        "modify",
        "retire",
    ]
    assert registered.audit.verify().intact


@ONE_DATABASE
def test_nobody_decides_on_their_own_request(life, registered):
    registered.staffing.grant("olga", "committee_member")
    request = life.ask("start_development")

    with pytest.raises(SegregationOfDuties, match="olga acted as"):
        life.vote(request, "olga")

    assert life.stage == "inception"
    assert types(registered, 1) == ["ActRefused"]
    assert registered.approvals.get(request.approval_id).votes == ()


@ONE_DATABASE
def test_a_second_id_of_the_requester_is_the_requester(life, registered):
    registered.staffing.add("olga-2", "Olga again", person="olga")
    registered.staffing.grant("olga-2", "committee_member")
    request = life.ask("start_development")

    with pytest.raises(SegregationOfDuties, match="olga-2"):
        life.vote(request, "olga-2")


def test_two_ids_of_one_person_are_one_vote(life, registered):
    life.rate("high")
    registered.staffing.add("carl-2", "Carl again", person="carl")
    registered.staffing.grant("carl-2", "committee_member")
    request = life.ask("start_development")
    life.vote(request, "carl")

    with pytest.raises(SegregationOfDuties, match=r"carl, the same person.*already decided"):
        life.vote(request, "carl-2")

    assert life.stage == "inception"
    assert life.vote(request, "cora").status == "carried_out"


@ONE_DATABASE
def test_who_edited_the_description_does_not_approve_it(life, registered):
    registered.staffing.grant("carl", "inventory_steward")
    registered.act_as("carl").inventory.revise("ticket-triage", supplier="ACME")
    request = life.ask("start_development")

    with pytest.raises(SegregationOfDuties, match="acted as editor"):
        life.vote(request, "carl")
    with pytest.raises(SegregationOfDuties):
        life.vote(request, "carl", "refuse", reason="no")

    assert life.vote(request, "cora").status == "carried_out"


@ONE_DATABASE
def test_who_develops_does_not_approve_deployment(life, registered):
    registered.staffing.grant("carl", "developer", system_id="ticket-triage")
    life.to("verification_and_validation")
    life.show("validation")
    request = life.ask("approve_deployment")

    with pytest.raises(SegregationOfDuties, match="acted as developer"):
        life.vote(request, "carl")


@ONE_DATABASE
def test_validation_by_a_developer_blocks_deployment(life):
    life.to("verification_and_validation")
    life.show("validation", "devi")

    with pytest.raises(ConditionsNotMet, match="devi acted as developer and as validator"):
        life.ask("approve_deployment")


@ONE_DATABASE
def test_a_high_tier_takes_two_members_and_a_milder_one_does_with_one(life):
    life.rate("high")
    request = life.ask("start_development")

    half = life.vote(request, "carl")

    assert (half.status, life.stage) == ("open", "inception")
    assert "1 of 2" in half.unmet[0].reason
    assert life.vote(request, "cora").status == "carried_out"


@ONE_DATABASE
def test_a_tier_that_rose_while_votes_came_in_raises_the_quorum(life):
    life.to("verification_and_validation")
    life.show("validation")
    life.show("impact_assessment")
    request = life.ask("approve_deployment")
    life.vote(request, "carl")
    life.rate("high")

    assert life.vote(request, "rita").status == "open"
    assert life.vote(request, "cora").status == "carried_out"


def test_a_role_lost_before_the_quorum_voids_the_vote(life, registered):
    life.rate("high")
    request = life.ask("start_development")
    life.vote(request, "carl")
    grant = next(g for g in registered.staffing.roles_of("carl") if g.role == "committee_member")
    registered.staffing.revoke(grant.grant_id, reason="left the committee")

    after = life.vote(request, "cora")

    assert (after.status, life.stage) == ("open", "inception")
    assert "no longer holds" in after.unmet[0].reason
    registered.staffing.grant("carl", "committee_member")
    again = registered.act_as("olga").approvals.carry_out(request.approval_id)
    assert again.status == "carried_out"


@ONE_DATABASE
def test_a_requester_who_lost_the_role_takes_the_request_with_them(life, registered):
    request = life.ask("start_development")
    grant = registered.staffing.roles_of("olga")[0]
    registered.staffing.revoke(grant.grant_id, reason="moved on")

    after = life.vote(request, "carl")

    assert after.status == "open"
    assert [c.name for c in after.unmet] == ["requester_entitled"]


def test_a_revision_lapses_the_request_and_its_votes(life, registered):
    life.rate("high")
    request = life.ask("start_development")
    life.vote(request, "carl")

    registered.act_as("olga").inventory.revise("ticket-triage", name="Other")

    assert registered.approvals.get(request.approval_id).status == "lapsed"
    assert state(registered) == "lapsed"
    with pytest.raises(RequestRefused, match="the request is lapsed"):
        life.vote(request, "cora")
    anew = life.ask("start_development")
    assert anew.approval_id != request.approval_id
    assert anew.votes == ()


def test_an_approval_lapses_with_the_description_it_was_given_for(life, registered):
    life.to("deployment")
    olga = registered.act_as("olga")
    olga.inventory.revise("ticket-triage", name="Other")

    with pytest.raises(ConditionsNotMet, match=r"revision 2 has no approval.*revision 1"):
        life.ask("go_live")

    assert state(registered) == "lapsed"


@ONE_DATABASE
def test_an_approval_that_lapsed_does_not_come_back_with_the_old_words(life, registered):
    life.to("deployment")
    olga = registered.act_as("olga")
    olga.inventory.revise("ticket-triage", name="Other")
    olga.inventory.revise("ticket-triage", name=TICKET_TRIAGE["name"])

    with pytest.raises(ConditionsNotMet, match="revision 3 has no approval"):
        life.ask("go_live")

    assert state(registered) == "lapsed"
    standing = {c.name: c.met for c in registered.reviews.conditions("ticket-triage")}
    assert standing["approval_in_force"] is False


def test_a_request_is_withdrawn_by_who_made_it_and_nobody_else(life, registered):
    request = life.ask("start_development")

    for actor in ("carl", "ada"):
        with pytest.raises(NotPermitted, match="only they can withdraw"):
            registered.act_as(actor).approvals.withdraw(request.approval_id, reason="no")
    with pytest.raises(RequestRefused, match="say why"):
        registered.act_as("olga").approvals.withdraw(request.approval_id, reason=" ")
    gone = registered.act_as("olga").approvals.withdraw(request.approval_id, reason="too soon")

    assert (gone.status, state(registered)) == ("withdrawn", "none")
    again = registered.act_as("olga").approvals.withdraw(request.approval_id, reason="too soon")
    assert again == gone
    with pytest.raises(RequestRefused, match="the request is withdrawn"):
        life.vote(request, "carl")


def test_a_refusal_needs_a_reason_and_closes_the_request(life, registered):
    request = life.ask("start_development")

    with pytest.raises(RequestRefused, match="needs a reason"):
        life.vote(request, "carl", "refuse", reason="  ")
    refused = life.vote(request, "carl", "refuse", reason="too vague")

    assert (refused.status, state(registered), life.stage) == ("refused", "none", "inception")
    with pytest.raises(RequestRefused, match="the request is refused"):
        life.vote(request, "cora")
    with pytest.raises(RequestRefused, match="already refused"):
        registered.act_as("olga").approvals.withdraw(request.approval_id, reason="oh")
    assert life.ask("start_development").approval_id != request.approval_id


def test_running_a_cell_again_finds_what_it_did(life, registered):
    request = life.ask("start_development")
    assert life.ask("start_development").approval_id == request.approval_id
    life.vote(request, "carl")
    before = registered.audit.head()

    assert life.ask("start_development").status == "carried_out"
    assert life.vote(request, "carl").status == "carried_out"
    life.show("documentation")
    moved = life.ask("submit_for_validation")
    assert life.ask("submit_for_validation") == life.ask("submit_for_validation")
    assert life.ask("submit_for_validation").approval_id == moved.approval_id

    assert registered.audit.head()[0] == before[0] + 3


@ONE_DATABASE
def test_a_step_taken_again_later_is_a_step_of_its_own(life):
    life.to("operation_and_monitoring")
    first = life.ask("suspend", reason="it ranks wrong")
    life.vote(life.ask("resume"), "rita")

    second = life.ask("suspend", reason="again")

    assert second.approval_id != first.approval_id


@ONE_DATABASE
def test_suspending_is_immediate_and_needs_a_reason(life, registered):
    life.to("operation_and_monitoring")

    with pytest.raises(ConditionsNotMet, match="no reason was given"):
        life.ask("suspend", reason=" ")
    life.ask("suspend", "rita", reason="it ranks wrong")

    system = registered.inventory.get("ticket-triage")
    assert (system.stage, system.status) == ("operation_and_monitoring", "suspended")
    assert state(registered) == "approved"
    with pytest.raises(TransitionRefused, match="starts from"):
        life.ask("suspend", "imre", reason="twice")


@ONE_DATABASE
def test_resuming_takes_a_reviewer_and_the_cause_treated(life, checks):
    life.to("operation_and_monitoring")
    life.ask("suspend", reason="it ranks wrong")
    checks.unmet = {"cause_treated"}

    with pytest.raises(ConditionsNotMet, match="cause_treated"):
        life.ask("resume")
    checks.unmet = set()
    resumed = life.vote(life.ask("resume"), "rita")

    assert resumed.status == "carried_out"


def test_votes_for_one_suspension_do_not_lift_the_next(life, registered):
    registered.staffing.add("otto", "Otto")
    registered.staffing.grant("otto", "system_owner")
    life.to("operation_and_monitoring")
    life.ask("suspend", reason="it ranks wrong")
    ottos = life.ask("resume", "otto")
    life.vote(life.ask("resume"), "rita")
    life.ask("suspend", "imre", reason="worse")

    assert registered.approvals.get(ottos.approval_id).status == "lapsed"
    with pytest.raises(RequestRefused, match="lapsed"):
        life.vote(ottos, "rita")
    assert registered.approvals.open() == []


def test_a_request_that_starts_elsewhere_lapses_when_the_system_moves(life, registered):
    request = life.ask("start_development")
    retirement = _ask_to_retire(life)

    life.ask("reject", "carl", reason="no use")

    for one in (request, retirement):
        assert registered.approvals.get(one.approval_id).status == "lapsed"
    assert state(registered) == "none"
    assert life.stage == "rejected"


@ONE_DATABASE
def test_a_request_that_still_starts_here_stays_open_when_the_system_moves(life, registered):
    retirement = _ask_to_retire(life)

    life.to("design_and_development")

    assert registered.approvals.get(retirement.approval_id).status == "open"
    assert state(registered) == "requested"
    registered.act_as("olga").approvals.withdraw(retirement.approval_id, reason="not yet")
    assert state(registered) == "approved"


def _ask_to_retire(life):
    life.show("retirement_plan")
    return life.ask("retire")


@ONE_DATABASE
def test_withdrawing_one_of_two_requests_leaves_the_other_showing(life, registered):
    life.ask("start_development")
    retirement = _ask_to_retire(life)

    registered.act_as("olga").approvals.withdraw(retirement.approval_id, reason="not yet")

    assert state(registered) == "requested"


@ONE_DATABASE
def test_a_check_that_fails_at_the_last_vote_keeps_the_request_open(life, checks, registered):
    request = life.ask("start_development")
    checks.unmet = {"not_prohibited"}

    voted = life.vote(request, "carl")

    assert (voted.status, [c.name for c in voted.unmet]) == ("open", ["not_prohibited"])
    with pytest.raises(ConditionsNotMet, match="not_prohibited"):
        registered.act_as("olga").approvals.carry_out(request.approval_id)
    checks.unmet = set()
    for stranger in ("aude", "devi"):
        with pytest.raises(NotPermitted):
            registered.act_as(stranger).approvals.carry_out(request.approval_id)
    done = registered.act_as("olga").approvals.carry_out(request.approval_id)
    assert done.status == "carried_out"


def condition(**changes):
    return Condition(**{"name": "any", "met": True, "reason": "so", **changes})


def leave():
    raise SystemExit(3)


@pytest.mark.parametrize(
    "answer",
    [
        lambda: 1 / 0,
        leave,
        lambda: None,
        lambda: True,
        dict,
        lambda: {"ticket-triage": True},
        lambda: {"ticket-triage": condition(met="yes")},
        lambda: {"ticket-triage": condition(reason=object())},
        lambda: {"ticket-triage": condition(reason="half\x00")},
        lambda: {"ticket-triage": condition(remedy="half\ud800")},
        lambda: {"other": condition()},
    ],
)
@ONE_DATABASE
def test_a_check_that_fails_or_answers_nonsense_blocks_and_is_named(life, checks, answer):
    checks.answer = lambda *_: answer()

    with pytest.raises(ConditionsNotMet) as refusal:
        life.ask("start_development")

    blocked = {c.name: c for c in refusal.value.conditions}
    assert set(blocked) == {"initial_risk_assessment", "not_prohibited"}
    assert all(c.source == "fake" for c in blocked.values())
    assert all("the check failed" in c.reason for c in blocked.values())


@ONE_DATABASE
def test_a_check_cannot_change_what_the_rule_judges_by(life, checks, registered):
    registered.staffing.grant("carl", "inventory_steward")
    registered.act_as("carl").inventory.revise("ticket-triage", supplier="ACME")
    request = life.ask("start_development")

    def tamper(name, facts):
        for one in facts:
            for held in (one.duties, one.results, one.evidence, one.system.attributes):
                held.clear()
        return {f.system.system_id: Condition(name=name, met=True, reason="hush") for f in facts}

    checks.answer = tamper

    with pytest.raises(SegregationOfDuties, match="editor"):
        life.vote(request, "carl")
    assert life.stage == "inception"


@ONE_DATABASE
def test_a_check_that_acts_itself_is_stopped_at_once(life, checks, registered):
    def act(name, facts):
        registered.act_as("olga").inventory.revise("ticket-triage", name="Taken")

    checks.answer = act

    with pytest.raises(ConditionsNotMet, match="a writing transaction is open here already"):
        life.ask("start_development")

    assert registered.inventory.get("ticket-triage").revision == 1


@ONE_DATABASE
def test_a_check_offered_by_two_plugins_blocks_until_one_is_chosen(life, checks, registered):
    registered.host.register(Again(checks), "again")

    with pytest.raises(ConditionsNotMet, match=r"several are installed .*again.*fake"):
        life.ask("start_development")
    for name in ("initial_risk_assessment", "not_prohibited"):
        registered.host.providers[name] = f"fake.{name}"

    assert life.ask("start_development").status == "open"


class Again:
    """Offers the same checks under ids of its own."""

    def __init__(self, checks):
        self.offered = [
            type(spec)(
                id=spec.id.replace("fake.", "again."), title="", name=spec.name, run=spec.run
            )
            for spec in checks.aims_checks()
        ]

    @hookimpl
    def aims_checks(self):
        return self.offered


@pytest.mark.parametrize(
    ("kind", "says"), [("plugin", "is a plugin"), ("service", "is a service"), ("unit", "a unit")]
)
@ONE_DATABASE
def test_only_persons_decide(life, registered, kind, says):
    registered.staffing.add("robot", "Robot", kind=kind)
    granted_past_the_rules(registered, "robot", "committee_member")
    request = life.ask("start_development")

    with pytest.raises(NotPermitted, match=says):
        life.vote(request, "robot")


@ONE_DATABASE
def test_those_without_the_role_neither_ask_nor_decide(life, registered):
    for actor in ("aude", "carl", "ada"):
        with pytest.raises(NotPermitted, match="system_owner"):
            life.ask("start_development", actor)
    request = life.ask("start_development")
    for actor in ("aude", "rita", "ada"):
        with pytest.raises(NotPermitted, match="committee_member"):
            life.vote(request, actor)
    with pytest.raises(NotPermitted, match="is not emperor"):
        life.vote(request, "carl", role="emperor")


@ONE_DATABASE
def test_a_role_for_one_system_decides_on_that_one_only(life, registered):
    registered.staffing.add("nora", "Nora")
    registered.staffing.grant("nora", "committee_member", system_id="ticket-triage")
    registered.act_as("olga").inventory.register("other", **TICKET_TRIAGE)
    other = registered.act_as("olga").approvals.request("other", "start_development")

    with pytest.raises(NotPermitted):
        life.vote(other, "nora")

    assert life.vote(life.ask("start_development"), "nora").status == "carried_out"


@ONE_DATABASE
def test_who_holds_two_roles_fills_the_seat_that_is_needed(life, registered):
    registered.staffing.grant("rita", "committee_member")
    life.to("verification_and_validation")
    life.show("validation")
    request = life.ask("approve_deployment")

    life.vote(request, "rita", role="committee_member")
    half = life.vote(request, "rita", role="risk_reviewer")

    assert half.status == "open"
    assert life.vote(request, "carl").status == "carried_out"


@ONE_DATABASE
def test_what_does_not_exist_is_named(life, registered):
    with pytest.raises(TransitionRefused, match="no transition 'fly'"):
        life.ask("fly")
    with pytest.raises(RecordNotFound, match="AI system 'absent'"):
        registered.act_as("olga").approvals.request("absent", "retire")
    request = life.ask("start_development")
    with pytest.raises(RecordNotFound, match=request.approval_id):
        registered.approvals.get(request.approval_id[:-1] + "x")
    with pytest.raises(InvalidRecord, match=r"'perhaps' is not known\. Use approve or refuse"):
        life.vote(request, "carl", "perhaps")


@ONE_DATABASE
def test_a_step_from_elsewhere_says_where_it_starts(life):
    with pytest.raises(TransitionRefused, match=r"in inception.*go_live starts from deployment"):
        life.ask("go_live")


@pytest.mark.parametrize("reason", ["half\x00", "half\ud800"])
def test_a_reason_that_no_database_can_hold_is_refused(life, registered, reason):
    with pytest.raises(RequestRefused, match="Remove it"):
        life.ask("start_development", reason=reason)
    request = life.ask("start_development")
    with pytest.raises(RequestRefused, match="Remove it"):
        life.vote(request, "carl", reason=reason)

    assert registered.approvals.get(request.approval_id).votes == ()
    assert registered.audit.verify().intact


@ONE_DATABASE
def test_looking_ahead_shows_all_conditions_and_writes_nothing(life, registered, checks):
    checks.unmet = {"not_prohibited"}
    before = registered.audit.head()

    conditions = registered.act_as("olga").approvals.preview("ticket-triage", "start_development")

    met = {c.name: c.met for c in conditions}
    assert met["requester_entitled"]
    assert met["intended_use_stated"]
    assert not met["not_prohibited"]
    assert not met["approved_by_committee_member"]
    assert registered.audit.head() == before


def test_requests_are_listed_in_a_frame_of_fixed_columns(life, registered):
    empty = registered.approvals.frame()
    request = life.ask("start_development")
    full = registered.approvals.frame("ticket-triage")

    for frame in (empty, full):
        assert frame.dtypes.astype(str).to_dict() == COLUMNS
    assert full.approval_id.tolist() == [request.approval_id]
    assert full.requested_at[0] <= datetime.now(UTC)
    assert [a.approval_id for a in registered.approvals.open("ticket-triage")] == [
        request.approval_id
    ]
