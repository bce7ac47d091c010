"""Waivers (R8): two persons apart, a reason, a measure, an end; never more than that."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from aims_core import (
    Condition,
    ConditionsNotMet,
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RequestRefused,
    RiskCategory,
    SegregationOfDuties,
    WaiverStatus,
    WorkspaceError,
    open_workspace,
    tables,
)
from aims_core.gate.waivers import Waiver, sort_waivers, waiver_policy, why_ended
from aims_core.testing.intruder import forcing, granted_past_the_rules, tampering
from aims_core.waivers import COLUMNS

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
CHECK = "initial_risk_assessment"


def later(workspace, days):
    """Let the workspace's clock run ahead."""
    store = workspace._desk.store
    clock = store.clock
    store.clock = lambda: clock() + timedelta(days=days)


def today(workspace):
    return workspace.now().date()


def propose(workspace, check=CHECK, *, actor="olga", days=30, **said):
    return workspace.act_as(actor).waivers.propose(
        "ticket-triage",
        check,
        **{
            "reason": "The assessor is ill.",
            "compensating_measure": "No personal data is entered.",
            "expires_on": today(workspace) + timedelta(days=days),
            **said,
        },
    )


def granted(workspace, check=CHECK, **options):
    waiver = propose(workspace, check, **options)
    for who in ("carl", "cora"):
        waiver = workspace.act_as(who).waivers.decide(waiver.waiver_id, "approve")
    assert waiver.status is WaiverStatus.GRANTED
    return waiver


def start(life):
    return life.vote(life.ask("start_development"), "carl")


def test_a_waiver_granted_by_two_lets_the_step_pass_and_the_condition_names_it(life, checks):
    checks.unmet = {CHECK}
    with pytest.raises(ConditionsNotMet, match=CHECK):
        life.ask("start_development")

    waiver = granted(life.workspace)
    done = start(life)

    assert done.status == "carried_out"
    met = next(c for c in done.conditions if c.name == CHECK)
    assert (met.met, met.waiver, met.source) == (True, waiver.waiver_id, "fake")
    assert waiver.waiver_id in met.reason
    assert "as the test says" in met.reason
    decided = life.workspace.audit.events(event_type="core.TransitionDecided")[0]
    kept = {c["name"]: c["waiver"] for c in decided.payload["conditions"]}
    assert kept[CHECK] == waiver.waiver_id
    assert {w for n, w in kept.items() if n != CHECK} == {""}


def test_one_approval_is_not_enough(life, checks):
    checks.unmet = {CHECK}
    waiver = propose(life.workspace)

    life.workspace.act_as("carl").waivers.decide(waiver.waiver_id, "approve")
    again = life.workspace.act_as("carl").waivers.decide(waiver.waiver_id, "approve")

    assert (again.status, again.approved_by) == ("proposed", ("carl",))
    with pytest.raises(ConditionsNotMet, match=CHECK):
        life.ask("start_development")


def test_a_second_account_of_the_same_person_is_no_second_person(registered):
    registered.staffing.add("carl-2", "Carl again", person="carl")
    registered.staffing.grant("carl-2", "committee_member")
    waiver = propose(registered)
    registered.act_as("carl").waivers.decide(waiver.waiver_id, "approve")

    found = registered.act_as("carl-2").waivers.decide(waiver.waiver_id, "approve")

    assert found.status is WaiverStatus.PROPOSED
    with pytest.raises(SegregationOfDuties, match="the same person"):
        registered.act_as("carl-2").waivers.decide(waiver.waiver_id, "refuse", reason="no")


def test_who_proposed_or_wrote_it_does_not_decide_under_any_account(registered):
    registered.staffing.grant("olga", "committee_member")
    registered.staffing.add("rita-2", "Rita again", person="rita")
    registered.staffing.grant("rita-2", "committee_member")
    waiver = propose(registered, actor="rita")

    with pytest.raises(SegregationOfDuties, match="acted as editor"):
        registered.act_as("olga").waivers.decide(waiver.waiver_id, "approve")
    with pytest.raises(SegregationOfDuties, match="proposed it"):
        registered.act_as("rita-2").waivers.decide(waiver.waiver_id, "approve")

    assert registered.waivers.get(waiver.waiver_id).approved_by == ()


def test_a_vote_whose_role_is_gone_or_whose_giver_became_an_editor_does_not_count(registered):
    registered.staffing.add("nora", "Nora")
    registered.staffing.grant("nora", "committee_member")
    waiver = propose(registered)
    registered.act_as("carl").waivers.decide(waiver.waiver_id, "approve")
    grant = next(g for g in registered.staffing.roles_of("carl") if g.role == "committee_member")
    registered.staffing.revoke(grant.grant_id, reason="left")

    second = registered.act_as("cora").waivers.decide(waiver.waiver_id, "approve")
    registered.staffing.grant("cora", "inventory_steward")
    registered.act_as("cora").inventory.revise("ticket-triage", use_case="Sorts tickets.")
    third = registered.act_as("nora").waivers.decide(waiver.waiver_id, "approve")

    assert second.status is WaiverStatus.PROPOSED
    assert third.status is WaiverStatus.PROPOSED


@pytest.mark.parametrize("actor", ["olga", "rita", "ada", "aude", "devi", "imre"])
@ONE_DATABASE
def test_only_committee_members_decide(registered, actor):
    waiver = propose(registered, actor="rita")

    with pytest.raises(NotPermitted, match="committee_member"):
        registered.act_as(actor).waivers.decide(waiver.waiver_id, "approve")


@pytest.mark.parametrize("kind", ["service", "plugin", "unit"])
@ONE_DATABASE
def test_what_is_no_person_may_propose_and_never_decide(registered, kind):
    registered.staffing.add("robot", "Robot", kind=kind)
    granted_past_the_rules(registered, "robot", "committee_member")
    waiver = propose(registered)

    assert propose(registered, "monitoring_plan", actor="robot")
    with pytest.raises(NotPermitted, match="only persons decide"):
        registered.act_as("robot").waivers.decide(waiver.waiver_id, "approve")


@pytest.mark.parametrize("check", ["not_prohibited", "residual_risk_accepted"])
@ONE_DATABASE
def test_some_checks_can_never_be_waived(registered, check):
    with pytest.raises(RequestRefused, match="never be waived"):
        propose(registered, check)


@pytest.mark.parametrize("check", ["approved_by_committee_member", "right_stage", "", "nonsense"])
@ONE_DATABASE
def test_nothing_but_a_named_check_can_be_waived(registered, check):
    with pytest.raises(RequestRefused, match="only its named checks"):
        propose(registered, check)


def test_a_row_for_what_can_never_be_waived_opens_nothing(life, checks):
    checks.unmet = {"not_prohibited"}
    waiver = granted(life.workspace)
    with tampering(life.workspace) as connection:
        table = sa.table("aims_waiver", sa.column("condition"))
        connection.execute(sa.update(table).values(condition="not_prohibited"))

    with pytest.raises(ConditionsNotMet, match=f"{waiver.waiver_id} is void"):
        life.ask("start_development")


@ONE_DATABASE
def test_an_organisation_may_forbid_more_and_never_less(workspace_folder, host):
    path = workspace_folder / "aims.toml"
    path.write_text(path.read_text() + f'\n[waivers]\nnever = ["{CHECK}"]\n')
    workspace = open_workspace(workspace_folder, actor="ada", host=host)

    assert {CHECK, "not_prohibited"} <= set(workspace.waivers.policy().never)
    workspace.close()
    path.write_text(path.read_text() + "longest = 9999\n")
    wrong = open_workspace(workspace_folder, actor="ada", host=host)
    with pytest.raises(WorkspaceError, match="waivers"):
        wrong.waivers.policy()
    wrong.close()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reason", " "),
        ("compensating_measure", ""),
        ("reason", "x" * 4_001),
        ("reason", "half \ud800"),
        ("compensating_measure", "nul \x00"),
        ("expires_on", date(2020, 1, 1)),
        ("expires_on", date(2999, 1, 1)),
        ("expires_on", "2030-01-01"),
    ],
)
def test_a_waiver_without_a_reason_a_measure_or_a_day_is_refused(registered, field, value):
    with pytest.raises(InvalidRecord, match=field):
        propose(registered, **{field: value})

    assert registered.waivers.of("ticket-triage") == []
    assert registered.audit.events(limit=1)[0].type == "core.ActRefused"


def test_an_expired_waiver_blocks_the_next_step_and_is_a_finding(life, checks):
    checks.unmet = {CHECK}
    waiver = granted(life.workspace, days=10)
    start(life)
    life.show("documentation")
    assert [f.condition for f in life.workspace.reviews.run().findings] == []

    later(life.workspace, 11)

    found = [f for f in life.workspace.reviews.run().findings if f.condition == CHECK]
    assert len(found) == 1
    assert f"{waiver.waiver_id} expired" in found[0].reason
    with pytest.raises(ConditionsNotMet, match="expired"):
        life.ask("submit_for_validation")


def test_a_condition_of_a_passed_gate_is_asked_again_when_its_waiver_ends(life, checks):
    checks.unmet = {"monitoring_plan"}
    life.to("verification_and_validation")
    granted(life.workspace, "monitoring_plan", days=10)
    life.to("deployment")

    later(life.workspace, 11)
    with pytest.raises(ConditionsNotMet, match="monitoring_plan"):
        life.ask("go_live")
    stopped = life.ask("suspend", actor="rita")
    checks.unmet = set()

    assert stopped.status == "carried_out"
    resumed = life.vote(life.ask("resume"), "rita", role="risk_reviewer")
    assert resumed.status == "carried_out"


def test_it_holds_on_its_last_day_and_not_on_the_next(life, checks):
    checks.unmet = {CHECK}
    granted(life.workspace, days=5)
    later(life.workspace, 5)

    assert start(life).status == "carried_out"
    later(life.workspace, 1)
    assert CHECK in {f.condition for f in life.workspace.reviews.run().findings}


def test_a_graver_tier_ends_a_waiver_and_a_milder_one_does_not(life, checks):
    checks.unmet = {CHECK}
    waiver = granted(life.workspace)
    life.rate(RiskCategory.MINIMAL)
    shown = life.workspace.act_as("olga").approvals.preview("ticket-triage", "start_development")
    assert next(c for c in shown if c.name == CHECK).waiver == waiver.waiver_id

    life.rate(RiskCategory.HIGH)

    with pytest.raises(ConditionsNotMet, match="given for tier limited, the tier is high"):
        life.ask("start_development")
    assert "tier is high" in life.workspace.waivers.frame().holds[0]


def test_a_withdrawn_waiver_asks_for_its_condition_again(life, checks):
    checks.unmet = {CHECK}
    waiver = granted(life.workspace)
    start(life)

    with pytest.raises(NotPermitted):
        life.workspace.act_as("devi").waivers.withdraw(waiver.waiver_id, reason="no")
    with pytest.raises(RequestRefused, match="say why"):
        life.workspace.act_as("rita").waivers.withdraw(waiver.waiver_id, reason=" ")
    gone = life.workspace.act_as("rita").waivers.withdraw(waiver.waiver_id, reason="It is over.")
    again = life.workspace.act_as("rita").waivers.withdraw(waiver.waiver_id, reason="It is over.")

    assert gone == again
    assert (gone.status, gone.closed_by, gone.close_reason) == ("withdrawn", "rita", "It is over.")
    assert CHECK in {f.condition for f in life.workspace.reviews.run().findings}


def test_a_refused_waiver_is_closed_and_another_may_be_proposed(registered):
    waiver = propose(registered)
    carl = registered.act_as("carl").waivers
    with pytest.raises(RequestRefused, match="needs a reason"):
        carl.decide(waiver.waiver_id, "refuse")

    refused = carl.decide(waiver.waiver_id, "refuse", reason="Have it assessed.")

    assert refused.status is WaiverStatus.REFUSED
    assert carl.decide(waiver.waiver_id, "refuse", reason="Have it assessed.") == refused
    with pytest.raises(RequestRefused, match="it is refused"):
        registered.act_as("cora").waivers.decide(waiver.waiver_id, "approve")
    assert propose(registered).waiver_id != waiver.waiver_id


def test_the_same_proposal_is_found_and_another_waits_for_it(registered):
    first = propose(registered)
    before = registered.audit.head()

    assert propose(registered) == first
    assert registered.audit.head() == before
    with pytest.raises(RequestRefused, match="proposed already"):
        propose(registered, reason="Another reason.")


def test_a_longer_waiver_may_be_granted_while_one_holds(life, checks):
    checks.unmet = {CHECK}
    granted(life.workspace, days=5)
    longer = granted(life.workspace, days=50)
    later(life.workspace, 6)

    done = start(life)

    assert next(c for c in done.conditions if c.name == CHECK).waiver == longer.waiver_id


def test_a_proposal_whose_day_or_tier_is_past_cannot_be_granted(life):
    old = propose(life.workspace, days=3)
    life.workspace.act_as("carl").waivers.decide(old.waiver_id, "approve")
    later(life.workspace, 4)
    with pytest.raises(RequestRefused, match="expired"):
        life.workspace.act_as("cora").waivers.decide(old.waiver_id, "approve")

    fresh = propose(life.workspace)
    life.rate(RiskCategory.HIGH)
    with pytest.raises(RequestRefused, match="tier"):
        life.workspace.act_as("carl").waivers.decide(fresh.waiver_id, "approve")


@ONE_DATABASE
def test_a_plugin_cannot_mark_its_answer_as_waived(life, checks):
    life.to("verification_and_validation")
    checks.answer = lambda name, facts: {
        f.system.system_id: Condition(
            name=name, met=name != "monitoring_plan", reason="so it is", waiver="wvr-forged"
        )
        for f in facts
    }

    shown = life.workspace.act_as("olga").approvals.preview("ticket-triage", "approve_deployment")

    by_name = {c.name: c for c in shown}
    assert not by_name["monitoring_plan"].met
    assert {c.waiver for c in shown} == {""}


def test_a_waiver_that_is_not_there_is_named(registered):
    waiver = propose(registered)

    with pytest.raises(RecordNotFound, match="Did you mean"):
        registered.waivers.get(waiver.waiver_id[:-1])
    with pytest.raises(RecordNotFound, match="AI system"):
        registered.act_as("olga").waivers.propose(
            "absent", CHECK, reason="x", compensating_measure="y", expires_on=date(2030, 1, 1)
        )


def test_votes_on_waivers_are_append_only(registered):
    granted(registered)

    for act in ("DELETE FROM aims_waiver_vote", "UPDATE aims_waiver_vote SET reason = 'x'"):
        engine = registered._desk.store.engine
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), forcing(engine) as connection:
            connection.execute(sa.text(act))


def test_the_frame_has_its_columns_also_when_empty_and_says_whether_each_holds(registered):
    empty = registered.waivers.frame()
    granted(registered)
    propose(registered, "monitoring_plan")
    full = registered.waivers.frame("ticket-triage")

    assert empty.dtypes.astype(str).to_dict() == full.dtypes.astype(str).to_dict() == COLUMNS
    assert full.set_index("condition").holds.to_dict() == {
        CHECK: "yes",
        "monitoring_plan": "not yet",
    }
    assert full.set_index("condition").approved_by[CHECK] == "carl, cora"


def test_every_act_on_a_waiver_is_in_the_trail(registered):
    waiver = granted(registered)
    registered.act_as("carl").waivers.withdraw(waiver.waiver_id, reason="over")

    types = [e.type for e in registered.audit.events("ticket-triage", limit=5)]

    assert types[::-1] == [
        "core.WaiverProposed",
        "core.WaiverVoteCast",
        "core.WaiverVoteCast",
        "core.WaiverGranted",
        "core.WaiverClosed",
    ]
    assert registered.audit.verify().intact


TIERS = st.sampled_from(list(RiskCategory))
DAYS = st.integers(min_value=-400, max_value=400)
SAMPLE = Waiver(
    waiver_id="wvr-1",
    system_id="s",
    condition=CHECK,
    reason="r",
    compensating_measure="m",
    expires_on=date(2027, 1, 1),
    tier=RiskCategory.LIMITED,
    revision=1,
    status=WaiverStatus.GRANTED,
    proposed_by="olga",
    proposed_at=None,
)


@given(tier=TIERS, now=TIERS, days=DAYS, status=st.sampled_from(list(WaiverStatus)))
def test_once_ended_a_waiver_never_comes_back(tier, now, days, status):
    waiver = replace(SAMPLE, tier=tier, status=status)
    day = SAMPLE.expires_on + timedelta(days=days)

    if why_ended(waiver, now, day):
        later_on = day + timedelta(days=1)
        graver = max(RiskCategory, key=lambda t: t.rank)
        assert why_ended(waiver, now, later_on)
        assert why_ended(waiver, max(now, graver, key=lambda t: t.rank), day)
    else:
        assert day <= waiver.expires_on
        assert now.rank <= tier.rank
        assert status is not WaiverStatus.WITHDRAWN


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "not_prohibited"]), TIERS, DAYS, st.booleans()),
        max_size=8,
    ),
    TIERS,
)
def test_a_condition_is_waived_or_asked_again_and_only_an_unmet_one_is_marked(given_, now):
    day = SAMPLE.expires_on
    made = [
        replace(
            SAMPLE,
            waiver_id=f"wvr-{n}",
            condition=name,
            tier=tier,
            expires_on=day + timedelta(days=days),
            proposed_at=n,
            granted_at=n if was_granted else None,
        )
        for n, (name, tier, days, was_granted) in enumerate(given_)
    ]

    sorted_ = sort_waivers(made, now, day)

    assert not set(sorted_.in_force) & set(sorted_.ended)
    assert set(sorted_.in_force) | set(sorted_.ended) == {
        w.condition for w in made if w.granted_at is not None
    }
    assert not set(sorted_.in_force) & set(waiver_policy().never)
    for name in ("a", "b", "not_prohibited", "c"):
        met = Condition(name=name, met=True, reason="it is")
        unmet = Condition(name=name, met=False, reason="it is not")
        assert sorted_.apply(met) == met
        assert sorted_.apply(unmet).met == (name in sorted_.in_force)
        assert bool(sorted_.apply(unmet).waiver) == (name in sorted_.in_force)


@ONE_DATABASE
def test_a_review_of_many_systems_reads_waivers_with_one_statement(registered):
    granted(registered)
    statements = []
    engine = registered._desk.store.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))

    registered.reviews.run()

    assert len([s for s in statements if "aims_waiver" in s]) == 1


@pytest.fixture
def nora(registered):
    """Give the id of a committee member who developed the system until today, and who has two accounts."""
    staffing = registered.staffing
    staffing.add("nora", "Nora")
    staffing.add("nora-2", "Nora again", person="nora")
    grant = staffing.grant("nora-2", "developer", unit="Support")
    staffing.revoke(grant.grant_id, reason="moved")
    staffing.grant("nora", "committee_member")
    return "nora"


def approve(workspace, waiver, actor):
    return workspace.act_as(actor).waivers.decide(waiver.waiver_id, "approve")


def test_who_developed_it_since_the_last_waiver_does_not_decide_under_any_account(registered, nora):
    waiver = propose(registered)
    with pytest.raises(SegregationOfDuties, match="nora acted as developer of this system"):
        approve(registered, waiver, nora)
    approve(registered, waiver, "carl")
    approve(registered, waiver, "cora")

    again = approve(registered, propose(registered, reason="Once more."), nora)

    assert again.approved_by == (nora,)


def test_its_owner_does_not_decide_on_it(registered):
    registered.act_as("ines").inventory.revise("ticket-triage", owner="carl")
    waiver = propose(registered)

    with pytest.raises(SegregationOfDuties, match="carl is the owner of this system"):
        approve(registered, waiver, "carl")
    with pytest.raises(SegregationOfDuties, match="carl is the owner of this system"):
        registered.act_as("carl").waivers.decide(waiver.waiver_id, "refuse", reason="no")
    registered.act_as("ines").inventory.revise("ticket-triage", owner="olga")

    assert approve(registered, waiver, "carl").approved_by == ("carl",)


def test_who_waits_for_a_step_does_not_decide_on_it(life, registered):
    registered.staffing.grant("carl", "system_owner")
    waiver = propose(registered)
    asked = life.ask("start_development", "carl")

    with pytest.raises(SegregationOfDuties, match="carl waits for a step of this system"):
        approve(registered, waiver, "carl")
    registered.act_as("carl").approvals.withdraw(asked.approval_id, reason="not now")

    assert approve(registered, waiver, "carl").approved_by == ("carl",)


@pytest.mark.parametrize("interest", ["owner", "developer", "requester"])
def test_an_approval_of_who_has_an_interest_by_then_does_not_count(life, registered, interest):
    registered.staffing.add("nora", "Nora")
    registered.staffing.grant("nora", "committee_member")
    waiver = propose(registered)
    approve(registered, waiver, "carl")
    if interest == "owner":
        registered.act_as("ines").inventory.revise("ticket-triage", owner="carl")
    elif interest == "developer":
        registered.staffing.grant("carl", "developer")
    else:
        registered.staffing.grant("carl", "system_owner")
        life.ask("start_development", "carl")

    assert approve(registered, waiver, "cora").status is WaiverStatus.PROPOSED
    assert approve(registered, waiver, "nora").status is WaiverStatus.GRANTED
    assert [b for b in registered.separation.breaches() if b.rule == "R8"] == []


@pytest.mark.parametrize("interest", ["owner", "developer", "requester"])
def test_a_waiver_by_who_has_an_interest_breaches_r8(life, registered, interest):
    if interest == "owner":
        registered.act_as("ines").inventory.revise("ticket-triage", owner="carl")
    elif interest == "developer":
        registered.staffing.grant("carl", "developer")
    else:
        registered.staffing.grant("carl", "system_owner")
        life.ask("start_development", "carl")
    waiver = propose(registered)
    approve(registered, waiver, "cora")
    at = registered.now()
    with tampering(registered) as connection:
        vote = {"waiver_id": waiver.waiver_id, "person": "carl", "actor": "carl"}
        said = {"decision": "approve", "reason": "", "at": at}
        connection.execute(sa.insert(tables.waiver_vote).values(**vote, **said))
        row = sa.update(tables.waiver).where(tables.waiver.c.waiver_id == waiver.waiver_id)
        connection.execute(row.values(status="granted", granted_at=at))

    [found] = [b for b in registered.separation.breaches() if b.rule == "R8"]

    assert "by 1 of 2 persons apart" in found.what
    assert found.records == (waiver.waiver_id,)
