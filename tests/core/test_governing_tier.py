"""One tier governs: the assessed one, or a graver one that the owner declared and nobody assessed yet."""

from datetime import timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims_core import ConditionsNotMet, InvalidRecord, RiskCategory
from aims_core.lifecycle import load_machine
from aims_core.terms import graver
from aims_core.testing import tampering

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
CHECK = "initial_risk_assessment"
TIERS = st.sampled_from(list(RiskCategory))


def declare(registered, tier, **changes):
    return registered.act_as("olga").inventory.revise(
        "ticket-triage", declared_risk_category=tier, **changes
    )


def place(registered, stage):
    with tampering(registered) as connection:
        connection.exec_driver_sql(f"UPDATE aims_system SET stage = '{stage}'")


def waive(registered):
    proposed = registered.act_as("olga").waivers.propose(
        "ticket-triage",
        CHECK,
        reason="The assessor is ill.",
        compensating_measure="No personal data is entered.",
        expires_on=registered.now().date() + timedelta(days=20),
    )
    for who in ("carl", "cora"):
        proposed = registered.act_as(who).waivers.decide(proposed.waiver_id, "approve")
    return proposed


def found(registered, **at):
    return {f.condition for f in registered.reviews.run(**at).findings}


@given(TIERS, TIERS)
def test_the_graver_tier_governs_and_that_nobody_has_looked_says_nothing(assessed, declared):
    tier = graver(assessed, declared)

    assert tier in {assessed, declared}
    assert tier.rank == max(assessed.rank, declared.rank)
    assert graver(RiskCategory.UNDETERMINED, declared) is declared


@pytest.mark.parametrize("assessed", [None, "limited"])
def test_a_waived_assessment_does_not_lower_the_quorum_of_what_is_declared_high(
    life, registered, checks, assessed
):
    checks.unmet = {CHECK}
    if assessed:
        life.rate(assessed)
    declare(registered, "high")
    waiver = waive(registered)
    request = life.ask("start_development")

    half = life.vote(request, "carl")

    assert (half.status, life.stage) == ("open", "inception")
    assert "1 of 2" in half.unmet[0].reason
    done = life.vote(request, "cora")
    assert (done.status, done.tier, waiver.tier) == ("carried_out", "high", "high")
    assert registered.inventory.get("ticket-triage").tier == (assessed or "undetermined")


@ONE_DATABASE
def test_what_was_given_to_a_declared_tier_stands_when_an_assessment_confirms_it(life, registered):
    declare(registered, "high")
    life.to("deployment")

    life.rate("high")

    conditions = registered.reviews.conditions("ticket-triage")
    assert next(c for c in conditions if c.name == "approval_in_force").met


@pytest.mark.parametrize("tier", ["high", "prohibited"])
def test_a_review_asks_of_a_declared_tier_what_it_asks_of_an_assessed_one(registered, tier):
    place(registered, "operation_and_monitoring")
    assert "impact_assessment_done" not in found(registered)

    before = registered.now()
    declare(registered, tier, human_oversight="The shift lead", incident_contact="desk 4")
    with tampering(registered) as connection:
        connection.exec_driver_sql("UPDATE aims_system SET incident_contact = ''")

    assert {"impact_assessment_done", "required_fields"} <= found(registered)
    assert "impact_assessment_done" not in found(registered, as_of=before)


def test_a_revision_is_held_to_the_tier_that_it_declares(life, registered):
    life.rate("minimal")
    place(registered, "operation_and_monitoring")

    for tier in ("high", "prohibited"):
        with pytest.raises(InvalidRecord) as refusal:
            declare(registered, tier, human_oversight="")
        assert [p.field for p in refusal.value.problems] == ["human_oversight"]
    with pytest.raises(InvalidRecord) as refusal:
        declare(registered, "grave")
    assert [p.field for p in refusal.value.problems] == ["declared_risk_category"]
    assert declare(registered, "limited", human_oversight="").governing_tier == "limited"


@ONE_DATABASE
def test_a_gate_wants_the_fields_of_a_declared_tier(life, registered):
    declare(registered, "high", human_oversight="")
    life.to("verification_and_validation")
    life.show("validation")
    life.show("impact_assessment")

    with pytest.raises(ConditionsNotMet, match="fill in human_oversight"):
        life.ask("approve_deployment")


def test_a_prohibited_system_is_asked_for_what_a_high_one_is_unless_the_lifecycle_says_more(
    tmp_path,
):
    text = (files("aims_core.lifecycle") / "default.toml").read_text(encoding="utf-8")
    assert text.count("{ high = 2 }") > 1
    path = tmp_path / "own.toml"
    path.write_text(text.replace("{ high = 2 }", "{ high = 2, prohibited = 3 }", 1), "utf-8")

    machine = load_machine(path)

    seats = [t.approvals[-1] for t in machine.transitions if t.approvals][:2]
    assert [s.needed("prohibited") for s in seats] == [3, 2]
    stage, step = machine.stage("deployment"), machine.transition("approve_deployment")
    assert stage.required_for("prohibited") == stage.required_for("high")
    assert stage.standing_for("prohibited") == stage.standing_for("high")
    assert step.checks_for("prohibited") == step.checks_for("high")


def test_a_bulk_edit_is_held_to_the_tier_that_it_declares_when_proposed_and_when_applied(
    life, registered
):
    life.rate("minimal")
    inventory = registered.act_as("olga").inventory
    place(registered, "operation_and_monitoring")
    emptied = inventory.frame()[["system_id", "revision"]].assign(human_oversight="")

    with pytest.raises(InvalidRecord) as refusal:
        inventory.propose(emptied.assign(declared_risk_category="high"), reason="a merger")
    assert [(p.field, p.row) for p in refusal.value.problems] == [("human_oversight", 1)]

    changes = inventory.propose(emptied, reason="a merger")
    life.rate("high")
    with pytest.raises(InvalidRecord, match="human_oversight: of ticket-triage is empty"):
        registered.act_as("ines").inventory.apply(changes.change_set_id)
    assert inventory.get("ticket-triage").human_oversight


@ONE_DATABASE
def test_a_finding_names_the_tier_that_was_assessed_and_the_one_it_was_judged_by(registered):
    declare(registered, "high")
    place(registered, "operation_and_monitoring")

    review = registered.reviews.run()

    assert {(f.tier, f.governing_tier) for f in review.findings} == {("undetermined", "high")}
    frame = review.frame()
    assert frame.columns.tolist()[4:6] == ["tier", "governing_tier"]
    assert set(frame["governing_tier"]) == {"high"}
