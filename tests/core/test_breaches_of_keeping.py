"""Breaches of R12, R13 and R15: disposal, lent seats, and persons behind accounts; as of any date."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from aims_core import ConditionsNotMet, SegregationOfDuties, tables
from aims_core.testing.intruder import tampering

SYSTEM = "ticket-triage"


def write(workspace, table, **values):
    """Write a row as somebody would who goes round the services."""
    with tampering(workspace) as connection:
        connection.execute(sa.insert(table).values(**values))


def change(workspace, table, **values):
    with tampering(workspace) as connection:
        connection.execute(sa.update(table).values(**values))


def later(workspace, **span):
    """Let the workspace's clock run ahead."""
    store = workspace._desk.store
    clock = store.clock
    store.clock = lambda: clock() + timedelta(**span)


def found(workspace, rule, **options):
    return [b for b in workspace.separation.breaches(**options) if b.rule == rule]


def cast(workspace, approval, actor, *, person=None, role="committee_member", for_=""):
    write(
        workspace,
        tables.vote,
        vote_id=f"vot-{actor}-{for_}",
        approval_id=approval.approval_id,
        on_behalf_of=for_,
        on_behalf_person=for_,
        ordinal=1,
        actor=actor,
        person=person or actor,
        role=role,
        decision="approve",
        reason="",
        digest=approval.digest,
        at=workspace.now(),
    )


@pytest.fixture
def by(registered):
    return lambda actor: registered.act_as(actor).evidence


@pytest.fixture
def manual(by):
    return by("ines").add(SYSTEM, "documentation", "Manual", text="how it works")


def test_disposal_and_release_by_the_rules_show_no_breach(by, manual, registered):
    held = by("rita").hold(SYSTEM, "proceeding")
    by("rita").propose_release(held.hold_id, "settled")
    by("carl").confirm_release(held.hold_id)
    later(registered, days=4_018)
    asked = by("ines").propose_disposal(manual.evidence_id, "ended")
    by("rita").confirm_disposal(asked.disposal_id)

    assert found(registered, "R12") == []


def test_disposal_before_its_time_under_hold_or_alone_is_refused_and_past_the_guards_a_breach(
    by, manual, registered
):
    held = by("rita").hold(SYSTEM, "proceeding")
    with pytest.raises(ConditionsNotMet):
        by("ines").propose_disposal(manual.evidence_id, "room")
    before = registered.now()
    later(registered, hours=1)
    change(registered, tables.evidence, disposed_at=registered.now(), disposed_by="ines")

    [breach] = found(registered, "R12")

    assert (breach.persons, breach.system_id) == (("ines",), SYSTEM)
    assert breach.records == (manual.evidence_id,)
    for fault in ("by one person alone", "before the end", f"while {held.hold_id} kept it"):
        assert fault in breach.what
    assert found(registered, "R12", as_of=before) == []
    assert found(registered, "R12", system_ids=[SYSTEM]) == [breach]


def test_one_who_proposed_and_disposed_under_two_accounts_breaches_r12_and_r15(
    by, manual, registered
):
    registered.staffing.add("rita2", "Rita again", person="rita")
    later(registered, days=4_018)
    asked = by("rita").propose_disposal(manual.evidence_id, "ended")
    change(registered, tables.evidence, disposed_at=registered.now(), disposed_by="rita2")
    change(registered, tables.evidence_disposal, status="carried_out", decided_by="rita2")

    [breach] = found(registered, "R12")
    [across] = found(registered, "R15")

    assert (breach.persons, breach.what.partition(" by ")[2]) == (("rita",), "one person alone")
    assert asked.disposal_id in breach.records
    assert across.records == breach.records
    assert "another account" in across.what


def test_a_hold_released_by_one_is_refused_and_past_the_guards_a_breach(by, registered):
    held = by("rita").hold(SYSTEM, "proceeding")
    by("rita").propose_release(held.hold_id, "settled")
    with pytest.raises(SegregationOfDuties):
        by("rita").confirm_release(held.hold_id)
    before = registered.now()
    later(registered, hours=1)
    change(registered, tables.evidence_hold, released_at=registered.now(), released_by="rita")

    [breach] = found(registered, "R12")

    assert (breach.persons, breach.records) == (("rita",), (held.hold_id,))
    assert found(registered, "R12", as_of=before) == []


def test_what_a_hold_kept_at_the_time_still_counts_after_its_release(by, manual, registered):
    held = by("rita").hold(SYSTEM, "proceeding")
    change(registered, tables.evidence, disposed_at=registered.now(), disposed_by="ines")
    seen_at = registered.now()
    later(registered, hours=1)
    by("rita").propose_release(held.hold_id, "settled")
    by("carl").confirm_release(held.hold_id)

    assert found(registered, "R12", as_of=seen_at) == found(registered, "R12")


@pytest.fixture
def lent(life):
    """Let carl lend his seat to paula for a week."""
    workspace = life.workspace
    workspace.staffing.add("paula", "Paula")
    until = workspace.now() + timedelta(days=7)
    workspace.act_as("carl").approvals.delegate(
        "paula", "committee_member", until=until, reason="away"
    )
    return life


def test_a_vote_for_who_lent_their_seat_shows_no_breach(lent):
    lent.vote(lent.ask("start_development"), "paula", on_behalf_of="carl")

    assert lent.stage == "design_and_development"
    assert found(lent.workspace, "R13") == []


def test_a_vote_for_who_wrote_it_is_refused_and_past_the_guards_a_breach_of_r13(lent):
    workspace = lent.workspace
    workspace.staffing.grant("carl", "inventory_steward")
    workspace.act_as("carl").inventory.revise(SYSTEM, use_case="Sorts.")
    request = lent.ask("start_development")
    with pytest.raises(SegregationOfDuties, match="for whom paula decides"):
        lent.vote(request, "paula", on_behalf_of="carl")
    before = workspace.now()
    later(workspace, hours=1)
    cast(workspace, request, "paula", for_="carl")
    lent.vote(request, "cora")

    [breach] = found(workspace, "R13")

    assert (breach.persons, breach.pair) == (("paula", "carl"), ("editor", "approver"))
    assert "for carl, who wrote it" in breach.what
    assert found(workspace, "R13", as_of=before) == []


def test_a_seat_that_nobody_lent_is_a_breach_of_r13_and_one_taken_back_too(lent):
    workspace = lent.workspace
    request = lent.ask("start_development")
    cast(workspace, request, "paula", for_="cora")
    lent.vote(request, "carl")

    [breach] = found(workspace, "R13")

    assert "was not lent" in breach.what
    assert breach.persons == ("paula", "cora")


def test_an_exception_to_r1_covers_the_lent_seat_of_a_writer_too(lent):
    workspace = lent.workspace
    made = workspace.act_as("olga").separation.record_exception(
        "R1",
        reason="We are three.",
        compensating_control="An outside look.",
        expires_on=(workspace.now() + timedelta(days=9)).date(),
        system_id=SYSTEM,
    )
    workspace.act_as("ada").separation.approve_exception(made.exception_id)
    workspace.staffing.grant("carl", "inventory_steward")
    workspace.act_as("carl").inventory.revise(SYSTEM, use_case="Sorts.")
    lent.vote(lent.ask("start_development"), "paula", on_behalf_of="carl")

    [breach] = found(workspace, "R13")

    assert breach.exception == made.exception_id


def test_persons_are_judged_at_the_vote_and_two_accounts_of_one_show_as_r15(life):
    workspace = life.workspace
    life.rate("high")
    workspace.staffing.add("carl2", "Carl again", person="carl")
    workspace.staffing.grant("carl2", "committee_member")
    request = life.ask("start_development")
    life.vote(request, "carl")
    with pytest.raises(SegregationOfDuties, match="same person"):
        life.vote(request, "carl2")
    before = workspace.now()
    later(workspace, hours=1)
    cast(workspace, request, "carl2", person="somebody")
    life.vote(request, "cora")

    breaches = found(workspace, "R15")

    assert [b.persons for b in breaches] == [("carl",), ("carl",)]
    assert {b.what.partition(" as ")[2] for b in breaches} == {
        "carl2, counted for somebody, who is somebody else",
        "carl and carl2, which are one person",
    }
    assert found(workspace, "R15", as_of=before) == []


def test_a_role_laid_down_before_the_act_shows_as_r15(life):
    life.to("verification_and_validation")
    life.rate("high")
    workspace = life.workspace
    workspace.act_as("olga").inventory.revise(SYSTEM, use_case="Sorts.")
    grant = next(g for g in workspace.staffing.roles_of("devi") if g.role == "developer")
    workspace.staffing.grant("devi", "inventory_steward")
    workspace.staffing.revoke(grant.grant_id, reason="for a moment")
    life.show("validation", actor="devi")

    [breach] = found(workspace, "R15")

    assert breach.persons == ("devi",)
    assert "after the role was laid down (R2)" in breach.what


def test_a_breach_under_the_very_account_is_none_of_r15(life):
    request = life.ask("start_development")
    cast(life.workspace, request, "olga")
    life.vote(request, "carl")

    assert len(found(life.workspace, "R1")) == 1
    assert found(life.workspace, "R15") == []


def test_two_seats_that_one_person_fills_are_one_in_a_grave_release(life):
    """R3 counts seats: who decides for somebody fills one seat together with them."""
    life.rate("high")
    workspace = life.to("verification_and_validation")
    life.show("validation")
    life.show("impact_assessment")
    request = life.ask("approve_deployment")
    life.vote(request, "rita")
    life.vote(request, "carl")
    cast(workspace, request, "carl", for_="cora")
    write(
        workspace,
        tables.transition,
        transition_id="trn-forged",
        system_id=SYSTEM,
        transition="approve_deployment",
        from_stage="verification_and_validation",
        to_stage="deployment",
        from_status="active",
        to_status="active",
        revision=1,
        digest=request.digest,
        approval_id=request.approval_id,
        actor="carl",
        at=workspace.now(),
        machine_version="1",
        reason="",
        conditions=[],
    )

    [breach] = found(workspace, "R3")

    assert "1 of 2 committee members apart" in breach.what
