"""Duties stay apart by the database itself, through the product: concerns, audits, holds, bulk edits."""

from datetime import timedelta

import pytest

from aims_core import (
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RequestRefused,
    SegregationOfDuties,
)
from aims_core.testing.fixtures import TICKET_TRIAGE


def test_a_concern_reaches_who_hears_it_and_never_whom_it_concerns(team):
    _let(team, "cora", "concern_handler")
    _let(team, "rita", "concern_handler")
    olga, cora, rita = (team.at(login) for login in ("olga", "cora", "rita"))

    raised = olga.concerns.raise_concern("She waves everything through.", about=["rita"])

    with pytest.raises(RecordNotFound):
        rita.concerns.read(raised.concern_id)
    assert team.raw("rita", "SELECT * FROM aims_concern") == []
    assert team.raw("aude", "SELECT * FROM aims_concern") == []
    assert cora.concerns.read(raised.concern_id).text == "She waves everything through."
    cora.concerns.answer(raised.concern_id, "We look into it.")
    assert olga.concerns.read(raised.concern_id).answer == "We look into it."
    assert len(olga.concerns.frame()) == 1
    assert len(rita.concerns.frame()) == 0
    assert team.raw("rita", "SELECT * FROM aims_concern_access") == []


def test_an_auditor_sees_a_concern_that_went_astray_and_no_other(team):
    _let(team, "cora", "concern_handler")
    raised = team.at("olga").concerns.raise_concern("She looks away.", about=["rita"])
    team.at("cora").concerns.read(raised.concern_id)
    assert _breaches(team, "R10") == []

    with team.owner() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql(
            f"INSERT INTO aims_concern_access VALUES ('x', '{raised.concern_id}', 'rita', 'read', "
            "'2026-01-01T00:00:00.000000Z')"
        )

    assert [b.persons for b in _breaches(team, "R10")] == [("rita",)]


def test_an_auditor_says_things_and_writes_nothing_else(team):
    team.at("olga").inventory.register("ticket-triage", **TICKET_TRIAGE)
    _let(team, "cora", "concern_handler")
    aude = team.at("aude")

    aude.concerns.raise_concern("The log has holes.")
    with pytest.raises(NotPermitted):
        aude.evidence.add("ticket-triage", "documentation", "Mine", text="…")


def test_an_auditor_gets_no_seat_and_no_system(life):
    until = life.olga.now() + timedelta(days=3)
    with pytest.raises(SegregationOfDuties):
        life.carl_decide.approvals.delegate("aude", "committee_member", until=until)
    with pytest.raises(InvalidRecord):
        life.olga.inventory.revise("ticket-triage", owner="aude")


def test_a_hold_is_released_by_two_with_a_decision_credential(life):
    held = life.rita.evidence.hold("ticket-triage", "case 7")
    life.rita.evidence.propose_release(held.hold_id, "case closed")
    with pytest.raises(SegregationOfDuties):
        life.rita_decide.evidence.confirm_release(held.hold_id)
    with pytest.raises(NotPermitted, match="no decision credential"):
        life.carl.evidence.confirm_release(held.hold_id)
    life.carl.evidence.decline_release(held.hold_id, "not yet")
    life.carl.evidence.propose_release(held.hold_id, "case closed")

    assert life.rita_decide.evidence.confirm_release(held.hold_id).released_by == "rita"


def test_a_bulk_edit_of_a_grave_system_is_applied_by_another(life):
    life.rate("high", "olga")
    frame = life.olga.inventory.frame().assign(supplier="Example & Sons")
    changes = life.olga.inventory.propose(
        frame[["system_id", "revision", "supplier"]], reason="merger"
    )
    with pytest.raises(SegregationOfDuties):
        life.olga.inventory.apply(changes)
    life.ines.inventory.withdraw_changes(changes, reason="not now")
    again = life.ines.inventory.propose(
        frame[["system_id", "revision", "supplier"]], reason="merger"
    )

    assert life.olga.inventory.apply(again).status == "applied"
    with pytest.raises(RequestRefused):
        life.olga.inventory.withdraw_changes(again, reason="too late")


def _let(team, person, role):
    change = team.at("ada").staffing.propose(person, role)
    team.at("otto_decide").staffing.confirm(change.change_id)


def _breaches(team, rule):
    return [b for b in team.at("aude").separation.breaches() if b.rule == rule]
