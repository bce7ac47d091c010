"""Who contributed since the last approval may not decide: judged by person, and by what they were then."""

import pytest

from aims_core import ConditionsNotMet, SegregationOfDuties

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])


def ready(life):
    """Bring the system before the gate of deployment, all its evidence added by somebody apart."""
    life.to("verification_and_validation")
    life.show("validation")
    life.show("impact_assessment")
    return life.ask("approve_deployment")


def dismiss(workspace, actor, role):
    for grant in workspace.staffing.roles_of(actor):
        if grant.role == role:
            workspace.staffing.revoke(grant.grant_id, reason="moved on")


def assess(workspace, actor, system_id="ticket-triage"):
    offer = workspace.host.contributions("aims_checks")[0]
    with workspace.act_as(actor).writing() as tx:
        tx.add_result(
            kind="risk_assessment", system_id=system_id, offer=offer, input_digest="", payload={}
        )


def go_back(life):
    life.ask("re_evaluate", reason="new language")
    life.ask("modify", reason="new language")


@pytest.mark.parametrize("scope", [{}, {"unit": "Support"}, {"system_id": "ticket-triage"}])
def test_a_developer_whose_role_was_taken_back_is_still_the_developer(life, registered, scope):
    registered.staffing.grant("carl", "developer", **scope)
    dismiss(registered, "carl", "developer")
    request = ready(life)

    with pytest.raises(SegregationOfDuties, match="carl acted as developer"):
        life.vote(request, "carl")

    life.vote(request, "rita")
    assert life.vote(request, "cora").status == "carried_out"


@ONE_DATABASE
@pytest.mark.parametrize("scope", [{"unit": "Sales"}, {"system_id": "other"}])
def test_a_developer_of_something_else_decides(life, registered, scope):
    if "system_id" in scope:
        registered.act_as("olga").inventory.register("other", name="Other", use_case="u", **REST)
    registered.staffing.grant("carl", "developer", **scope)
    request = ready(life)
    life.vote(request, "rita")

    assert life.vote(request, "carl").status == "carried_out"


REST = {"owner": "olga", "origin": "in_house", "declared_risk_category": "minimal"}


def test_moving_a_system_to_another_unit_does_not_undo_who_developed_it(life, registered):
    registered.staffing.grant("carl", "developer", unit="Support")
    registered.act_as("olga").inventory.revise("ticket-triage", unit="Sales")
    request = ready(life)

    with pytest.raises(SegregationOfDuties, match="carl acted as developer"):
        life.vote(request, "carl")


def test_what_was_approved_by_others_is_not_held_against_anybody_later(life, registered):
    registered.staffing.grant("carl", "developer")
    dismiss(registered, "carl", "developer")
    request = ready(life)
    life.vote(request, "rita")
    life.vote(request, "cora")
    go_back(life)

    again = ready(life)
    life.vote(again, "rita")

    assert life.vote(again, "carl").status == "carried_out"


def test_an_assessor_whose_assessment_was_replaced_does_not_decide(life, registered):
    registered.staffing.grant("carl", "risk_reviewer")
    assess(registered, "carl")
    assess(registered, "rita")
    request = life.ask("start_development")

    with pytest.raises(SegregationOfDuties, match="carl acted as assessor"):
        life.vote(request, "carl", role="committee_member")

    assert life.vote(request, "cora").status == "carried_out"


def test_the_assessment_relied_on_counts_however_old_it_is(life, registered):
    registered.staffing.add("rolf", "Rolf")
    registered.staffing.grant("rolf", "risk_reviewer")
    assess(registered, "rita")
    request = ready(life)
    life.vote(request, "rolf")
    life.vote(request, "cora")
    go_back(life)
    again = ready(life)

    with pytest.raises(SegregationOfDuties, match="rita acted as assessor"):
        life.vote(again, "rita")


def test_who_added_the_validation_does_not_decide_on_it(life, registered):
    life.to("verification_and_validation")
    life.show("validation", "rita")
    request = life.ask("approve_deployment")

    with pytest.raises(SegregationOfDuties, match="rita acted as validator"):
        life.vote(request, "rita")


@ONE_DATABASE
def test_a_former_developer_does_not_validate(life, registered):
    registered.staffing.grant("ines", "developer")
    dismiss(registered, "ines", "developer")
    life.to("verification_and_validation")
    life.show("validation", "ines")

    with pytest.raises(ConditionsNotMet, match="ines acted as developer and as validator"):
        life.ask("approve_deployment")


@ONE_DATABASE
def test_two_who_take_turns_in_writing_do_not_approve_each_other(life, registered):
    for actor in ("carl", "cora"):
        registered.staffing.grant(actor, "inventory_steward")
    for actor in ("carl", "cora", "carl"):
        inventory = registered.act_as(actor).inventory
        inventory.revise("ticket-triage", supplier=f"ACME of {actor}")
    request = life.ask("start_development")

    for actor in ("carl", "cora"):
        with pytest.raises(SegregationOfDuties, match="acted as editor"):
            life.vote(request, actor)


@ONE_DATABASE
def test_another_account_of_a_former_developer_is_the_same_person(life, registered):
    registered.staffing.grant("devi", "developer")
    registered.staffing.add("devi-2", "Devi again", person="devi")
    registered.staffing.grant("devi-2", "committee_member")
    dismiss(registered, "devi", "developer")
    request = ready(life)

    with pytest.raises(SegregationOfDuties, match="devi-2 acted as developer"):
        life.vote(request, "devi-2")
