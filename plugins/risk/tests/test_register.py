"""Assess, treat and accept on a real workspace."""

from datetime import UTC, datetime, timedelta

import pytest

from aims_core import (
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RequestRefused,
    RiskCategory,
    SegregationOfDuties,
)

MILD = {"likelihood": 2, "consequences": {"individuals": 2}, "rationale": "A person decides."}
GRAVE = {"likelihood": 4, "consequences": {"individuals": 4}, "rationale": "It decides alone."}


def types(workspace):
    return [e.type for e in workspace.audit.events(limit=1_000)]


def test_an_assessment_gives_the_system_its_tier_and_names_its_provider(registered):
    made = registered.act_as("rita").risk.assess("ticket-triage", **GRAVE)

    system = registered.inventory.get("ticket-triage")
    result = registered.results.of("ticket-triage", "risk_assessment")[0]
    assert made.tier is RiskCategory.HIGH
    assert system.tier is RiskCategory.HIGH
    assert (result.provider, result.distribution) == ("risk.likelihood_consequence", "aims-risk")
    assert result.schema["required"]
    assert registered.risk.get("ticket-triage") == made


def test_the_same_rating_again_is_found_not_doubled(registered):
    rita = registered.act_as("rita")
    first = rita.risk.assess("ticket-triage", **MILD)
    before = len(types(registered))

    again = rita.risk.assess("ticket-triage", **MILD)

    assert again == first
    assert len(types(registered)) == before


def test_a_new_rating_replaces_the_one_in_force_and_keeps_the_former(registered):
    rita = registered.act_as("rita")
    rita.risk.assess("ticket-triage", **MILD)

    rita.risk.assess("ticket-triage", **GRAVE)

    assert len(registered.risk.frame()) == 1
    assert len(registered.risk.frame(history=True)) == 2
    assert len(registered.results.of("ticket-triage", "risk_assessment", history=True)) == 2


def test_another_rationale_is_a_new_assessment(registered):
    rita = registered.act_as("rita")
    first = rita.risk.assess("ticket-triage", **MILD)

    second = rita.risk.assess("ticket-triage", **{**MILD, "rationale": "Seen on site."})

    assert second.assessment_id != first.assessment_id
    assert registered.risk.get("ticket-triage").rationale == "Seen on site."


def test_what_was_never_assessed_is_not_found(registered):
    with pytest.raises(RecordNotFound, match="risk assessment"):
        registered.risk.get("ticket-triage")


@pytest.mark.parametrize("rationale", ["a\x00b", "\ud800", "x" * 20_001])
def test_text_that_no_database_holds_is_refused_in_words(registered, rationale):
    with pytest.raises(InvalidRecord, match="rationale"):
        registered.act_as("rita").risk.assess("ticket-triage", **{**MILD, "rationale": rationale})


def test_every_wrong_answer_is_named_and_nothing_is_stored(registered):
    with pytest.raises(InvalidRecord) as refusal:
        registered.act_as("rita").risk.assess(
            "ticket-triage", likelihood=9, consequences={}, rationale=" "
        )

    fields = {p.field for p in refusal.value.problems}
    assert fields == {"likelihood", "consequences", "rationale"}
    assert registered.risk.frame().empty


def test_who_may_not_assess_is_refused(registered):
    with pytest.raises(NotPermitted, match="risk_reviewer"):
        registered.act_as("aude").risk.assess("ticket-triage", **MILD)


def test_who_assessed_may_not_accept(registered):
    rita = registered.act_as("rita")
    rita.risk.assess("ticket-triage", **MILD)

    with pytest.raises(SegregationOfDuties, match="somebody else"):
        rita.risk.accept("ticket-triage", reason="fine")

    accepted = registered.act_as("carl").risk.accept("ticket-triage", reason="Mild, and watched.")
    assert registered.act_as("carl").risk.accept("ticket-triage", reason="again") == accepted


def test_accepting_needs_an_assessment_and_a_reason(registered):
    carl = registered.act_as("carl")
    with pytest.raises(RequestRefused, match="never assessed"):
        carl.risk.accept("ticket-triage", reason="fine")
    registered.act_as("rita").risk.assess("ticket-triage", **MILD)

    with pytest.raises(InvalidRecord, match="reason"):
        carl.risk.accept("ticket-triage", reason=" ")


def test_a_stale_assessment_or_a_prohibited_practice_cannot_be_accepted(registered):
    carl, rita = registered.act_as("carl"), registered.act_as("rita")
    rita.risk.assess("ticket-triage", **MILD, prohibited_practice=True)
    with pytest.raises(RequestRefused, match="prohibited"):
        carl.risk.accept("ticket-triage", reason="fine")
    registered.act_as("olga").inventory.revise("ticket-triage", intended_use="Something else.")

    with pytest.raises(RequestRefused, match="revision 1 was assessed, revision 2 is current"):
        carl.risk.accept("ticket-triage", reason="fine")


def test_an_acceptance_may_end_and_a_later_end_is_a_new_one(registered):
    registered.act_as("rita").risk.assess("ticket-triage", **MILD)
    carl, later = registered.act_as("carl"), datetime.now(UTC) + timedelta(days=90)

    first = carl.risk.accept("ticket-triage", reason="Watched.", valid_until=later)

    assert first.valid_until == later
    assert carl.risk.accept("ticket-triage", reason="Watched.", valid_until=later) == first
    assert carl.risk.accept("ticket-triage", reason="Watched.") == first
    earlier = later - timedelta(days=30)
    assert carl.risk.accept("ticket-triage", reason="Watched.", valid_until=earlier) != first


@pytest.mark.parametrize("end", [datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1)])  # noqa: DTZ001 - a time without zone is the case
def test_an_acceptance_that_would_be_over_or_has_no_zone_is_refused(registered, end):
    registered.act_as("rita").risk.assess("ticket-triage", **MILD)

    with pytest.raises(InvalidRecord, match="valid_until"):
        registered.act_as("carl").risk.accept("ticket-triage", reason="x", valid_until=end)


def conditions(workspace, transition):
    found = workspace.act_as("olga").approvals.preview("ticket-triage", transition)
    return {c.name: c for c in found}


def test_the_checks_follow_assessment_acceptance_and_revision(registered):
    assert not conditions(registered, "start_development")["initial_risk_assessment"].met
    registered.act_as("rita").risk.assess("ticket-triage", **MILD)
    assert conditions(registered, "start_development")["initial_risk_assessment"].met
    assert not conditions(registered, "approve_deployment")["residual_risk_accepted"].met
    registered.act_as("carl").risk.accept("ticket-triage", reason="Mild.")
    assert conditions(registered, "approve_deployment")["residual_risk_accepted"].met

    registered.act_as("olga").inventory.revise("ticket-triage", intended_use="Something else.")

    assert not conditions(registered, "start_development")["initial_risk_assessment"].met


def test_a_prohibited_practice_blocks_development(registered):
    registered.act_as("rita").risk.assess("ticket-triage", **MILD, prohibited_practice=True)

    assert not conditions(registered, "start_development")["not_prohibited"].met


def test_the_matrix_counts_systems(registered):
    registered.act_as("rita").risk.assess("ticket-triage", **GRAVE)

    assert registered.risk.heatmap() == {(4, 4): 1}


def test_frames_have_the_same_columns_when_empty(registered):
    empty = registered.risk.frame()
    registered.act_as("rita").risk.assess("ticket-triage", **MILD)

    assert list(empty.columns) == list(registered.risk.frame().columns)
    assert list(empty.dtypes) == list(registered.risk.frame().dtypes)
