"""The database decides by the rule rows: what the product refuses it refuses too, and the reverse."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from aims_core import NotPermitted, RequestRefused, SegregationOfDuties, utc_text
from aims_core.db.teams import rules
from aims_core.lifecycle import default_machine
from aims_core.testing.fixtures import TICKET_TRIAGE


def test_the_rule_rows_are_those_of_the_declaration(team):
    declared = rules.declared(default_machine())

    for table, rows in declared.items():
        found = team.raw("ada", f"SELECT count(*) FROM aims_teams.{table}")
        assert found == [(len(rows),)], table
    assert team.raw(
        "ada",
        "SELECT needed FROM aims_teams.seat WHERE transition = 'start_development' "
        "AND role = 'committee_member' AND tier = 'high'",
    ) == [(2,)]


@pytest.fixture
def asked(life):
    """Give a life with a request for its first gate, of a system of tier `high`: two have to approve."""
    life.rate("high", "olga")
    life.request = life.ask("start_development")
    return life


def test_what_is_declared_high_takes_two_though_nobody_assessed_it(life):
    life.olga.inventory.revise("ticket-triage", declared_risk_category="high")
    request = life.ask("start_development")
    assert life.vote(request, "carl_decide").status == "open"

    done = life.vote(request, "cora_decide")

    assert (done.status, done.tier, life.system.tier) == ("carried_out", "high", "undetermined")
    unheard = (
        "SELECT aims_teams.governing('mild', 'minimal'), aims_teams.governing('minimal', NULL)"
    )
    with life.team.owner() as connection:
        assert connection.exec_driver_sql(unheard).all() == [("prohibited", "prohibited")]


def test_a_working_credential_does_not_vote_and_a_decision_credential_does(asked):
    with pytest.raises(NotPermitted, match="no decision credential"):
        asked.vote(asked.request, "carl")

    asked.vote(asked.request, "carl_decide")

    assert asked.team.raw("ada", "SELECT actor FROM aims_vote") == [("carl",)]


def test_a_refusal_and_a_withdrawal_close_a_request(asked):
    refused = asked.vote(asked.request, "carl_decide", "refuse", reason="not yet")
    assert refused.status == "refused"

    again = asked.ask("start_development")
    withdrawn = asked.olga.approvals.withdraw(again.approval_id, reason="later")
    assert withdrawn.status == "withdrawn"
    assert asked.system.approval_state == "none"


def test_times_of_fact_are_kept_as_they_are_without_protection(asked):
    made_at = asked.request.requested_at
    refused = asked.vote(asked.request, "carl_decide", "refuse", reason="not yet", fact_at=made_at)
    assert (refused.closed_fact_at, refused.votes[0].fact_at) == (made_at, made_at)

    again = asked.olga.approvals.request("ticket-triage", "start_development", fact_at=made_at)
    withdrawn = asked.olga.approvals.withdraw(again.approval_id, reason="later", fact_at=made_at)
    assert (withdrawn.fact_at, withdrawn.closed_fact_at) == (made_at, made_at)

    third = asked.olga.approvals.request("ticket-triage", "start_development", fact_at=made_at)
    asked.vote(third, "carl_decide", fact_at=made_at)
    last = third.requested_at
    done = asked.vote(third, "cora_decide", fact_at=last)
    (step,) = asked.olga.approvals.transitions("ticket-triage")
    assert (done.status, done.closed_fact_at, step.fact_at) == ("carried_out", last, last)
    stated = asked.olga.audit.events(event_type="core.TransitionDecided")[0].payload["fact_at"]
    assert datetime.fromisoformat(stated) == last


def test_times_of_fact_of_roles_are_kept_as_they_are_without_protection(team):
    ada, otto = team.at("ada_decide").staffing, team.at("otto_decide").staffing
    asked_at, agreed_at, left_at = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))
    asked = ada.propose("uma", "inventory_steward", fact_at=asked_at)

    held = otto.confirm(asked.change_id, fact_at=agreed_at)
    gone = otto.revoke(held.grant_id, reason="left", fact_at=left_at)

    assert (gone.fact_at, gone.revoked_fact_at) == (agreed_at, left_at)
    kept = next(c for c in ada.changes(open_only=False) if c.change_id == asked.change_id)
    assert (kept.fact_at, kept.closed_fact_at) == (asked_at, agreed_at)
    other = ada.propose("uma", "inventory_steward", fact_at=asked_at)
    declined = otto.decline(other.change_id, reason="no", fact_at=agreed_at)
    assert (declined.status, declined.closed_fact_at) == ("declined", agreed_at)


def propose_waiver(life, system_id, fact_at):
    return life.olga.waivers.propose(
        system_id,
        "initial_risk_assessment",
        reason="late",
        compensating_measure="a call each week",
        expires_on=(datetime.now(UTC) + timedelta(days=3)).date(),
        fact_at=fact_at,
    ).waiver_id


def test_times_of_fact_of_waivers_are_kept_as_they_are_without_protection(life):
    asked_at, first, last, ended = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3, 4))
    description = {**TICKET_TRIAGE, "name": "Old"}
    life.ines.inventory.register("old", **description, entry="legacy", stage="deployment")
    waiver_id = propose_waiver(life, "old", asked_at)
    life.carl_decide.waivers.decide(waiver_id, "approve", fact_at=last)

    granted = life.cora_decide.waivers.decide(waiver_id, "approve", fact_at=first)
    gone = life.olga.waivers.withdraw(waiver_id, reason="over", fact_at=ended)

    assert (granted.fact_at, granted.granted_fact_at) == (asked_at, last)
    assert (gone.granted_fact_at, gone.closed_fact_at) == (last, ended)
    other = propose_waiver(life, "ticket-triage", None)
    refused = life.carl_decide.waivers.decide(other, "refuse", reason="no")
    assert (refused.status, refused.closed_fact_at) == ("refused", None)
    third = propose_waiver(life, "old", asked_at)
    refused = life.carl_decide.waivers.decide(third, "refuse", reason="no", fact_at=first)
    assert (refused.status, refused.closed_fact_at) == ("refused", first)


def test_times_of_fact_of_exceptions_are_kept_as_they_are_without_protection(life):
    said, agreed, ended = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))
    made = life.ada.separation.record_exception(
        "R1",
        reason="We are three.",
        compensating_control="An outside look.",
        expires_on=(datetime.now(UTC) + timedelta(days=3)).date(),
        unit="Support",
        fact_at=said,
    )

    life.otto_decide.separation.approve_exception(made.exception_id, fact_at=agreed)
    gone = life.otto.separation.end_exception(made.exception_id, reason="over", fact_at=ended)

    assert (gone.fact_at, gone.approved_fact_at, gone.ended_fact_at) == (said, agreed, ended)


def test_times_of_fact_of_holds_are_kept_as_they_are_without_protection(life):
    since, asked, agreed = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))
    description = {**TICKET_TRIAGE, "name": "Old"}
    life.ines.inventory.register("old", **description, entry="legacy", stage="deployment")
    held = life.rita.evidence.hold("old", "case", fact_at=since)
    life.rita.evidence.propose_release(held.hold_id, "settled", fact_at=agreed)
    assert life.carl.evidence.decline_release(held.hold_id, "no") == held
    life.rita.evidence.propose_release(held.hold_id, "settled", fact_at=asked)

    gone = life.carl_decide.evidence.confirm_release(held.hold_id, fact_at=agreed)

    assert (gone.fact_at, gone.release_proposed_fact_at, gone.released_fact_at) == (
        since,
        asked,
        agreed,
    )


def test_a_revision_lapses_a_request(asked):
    asked.vote(asked.request, "carl_decide")

    asked.olga.inventory.revise("ticket-triage", supplier="Example & Sons")

    assert asked.olga.approvals.get(asked.request.approval_id).status == "lapsed"
    assert asked.system.supplier == "Example & Sons"
    assert asked.system.revision == 2


def test_many_systems_are_revised_at_once(team):
    olga = team.at("olga")
    for number in range(3):
        name = {"name": f"Triage {number}"}
        olga.inventory.register(f"triage-{number}", **{**TICKET_TRIAGE, **name})
    edited = olga.inventory.frame().assign(supplier="Example & Sons")

    changes = olga.inventory.propose(edited[["system_id", "revision", "supplier"]], reason="merger")
    team.at("ines").inventory.apply(changes)

    assert {s.supplier for s in _systems(olga)} == {"Example & Sons"}
    assert {s.revision for s in _systems(olga)} == {2}


def test_the_same_person_under_another_id_does_not_approve_their_own_request(asked):
    with asked.team.owner() as connection:
        connection.exec_driver_sql(f"SET aims.now = '{_now(asked.team)}'")
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql("UPDATE aims_actor SET person = 'olga' WHERE actor_id = 'carl'")

    with pytest.raises(SegregationOfDuties):
        asked.vote(asked.request, "carl_decide")


def test_who_would_administer_alone_does_not_bring_that_about(team):
    ada, otto = team.at("ada_decide"), team.at("otto_decide")
    [his] = [g for g in ada.staffing.roles_of("otto") if g.role == "administrator"]
    with pytest.raises(SegregationOfDuties):
        ada.staffing.revoke(his.grant_id, reason="rival")

    otto.staffing.revoke(his.grant_id, reason="I move.")

    assert ada.staffing.grant("uma", "developer").role == "developer"
    founding = "INSERT INTO aims_exception VALUES ('x', '{}', 'r', 'c', 'organisation', '', '{}', {}, 'ada'"
    for rule, pairs, until in (
        ("R1", "[]", "NULL"),
        ("R7", "[]", "'2999-01-01'"),
        ("R7", '[["editor", "approver"]]', "NULL"),
    ):
        statement = founding.format(rule, pairs, until) + ", current_setting('aims.now'), 'ada', "
        with pytest.raises(psycopg.Error) as refused:
            team.raw(
                "ada_decide",
                f"SELECT set_config('aims.now', '{utc_text(ada.now())}', true)",
                statement + "current_setting('aims.now'))",
            )
        assert refused.value.sqlstate == "AIMS1"


def test_roles_are_granted_by_two_with_decision_credentials(team):
    ada, otto = team.at("ada_decide"), team.at("otto_decide")
    with pytest.raises(SegregationOfDuties):
        ada.staffing.grant("uma", "developer")
    change = team.at("ada").staffing.propose("uma", "developer")
    with pytest.raises(NotPermitted, match="no decision credential"):
        team.at("otto").staffing.confirm(change.change_id)

    grant = otto.staffing.confirm(change.change_id)

    assert (grant.actor, grant.role) == ("uma", "developer")
    otto.staffing.revoke(grant.grant_id, reason="a mistake")
    assert not ada.staffing.roles_of("uma")[1:]


def test_a_lent_seat_decides_as_both_persons(asked):
    until = (datetime.now(UTC) + timedelta(days=3)).date()
    asked.carl_decide.approvals.delegate("rita", "committee_member", until=until, reason="leave")

    asked.vote(asked.request, "rita_decide", on_behalf_of="carl")
    asked.vote(asked.request, "cora_decide")

    assert asked.system.stage == "design_and_development"


def test_a_waiver_takes_two_others(asked):
    waiver = asked.olga.waivers.propose(
        "ticket-triage",
        "supplier_due_diligence",
        reason="late",
        compensating_measure="a call each week",
        expires_on=(datetime.now(UTC) + timedelta(days=30)).date(),
    )
    with pytest.raises(NotPermitted, match="no decision credential"):
        asked.carl.waivers.decide(waiver.waiver_id, "approve")
    asked.carl_decide.waivers.decide(waiver.waiver_id, "approve")

    done = asked.cora_decide.waivers.decide(waiver.waiver_id, "approve")

    assert done.status == "granted"


def test_who_holds_a_role_for_a_unit_sees_that_unit_alone(team):
    olga = team.at("olga")
    olga.inventory.register("ticket-triage", **TICKET_TRIAGE)
    olga.inventory.register("payroll", **{**TICKET_TRIAGE, "unit": "Finance", "name": "Payroll"})

    uma, finn = team.at("uma"), team.at("finn")

    assert [s.system_id for s in _systems(uma)] == ["ticket-triage"]
    assert [s.system_id for s in _systems(finn)] == ["payroll"]
    assert len(_systems(olga)) == 2
    assert [uma.inventory.find("ticket-tri")[1], finn.inventory.find("ticket-tri")[1]] == [1, 0]
    assert finn.inventory.find("payroll", as_of=finn.now(), sort="name")[1] == 1
    assert finn.inventory.find("ticket-tri", as_of=finn.now())[1] == 0
    assert {e.system_id for e in finn.audit.events(limit=1_000)} == {"", "payroll"}
    with pytest.raises(RequestRefused, match="no AI system"):
        finn.inventory.get("ticket-triage")
    with pytest.raises(RequestRefused):
        finn.inventory.register("other", **{**TICKET_TRIAGE, "name": "Other"})


def _systems(workspace):
    return [workspace.inventory.get(i) for i in workspace.inventory.frame().system_id]


def _now(team):
    return team.raw(
        "ada",
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    )[0][0]
