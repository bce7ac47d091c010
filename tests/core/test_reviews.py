"""Reviews: may each system be where it is? They write nothing and miss nobody."""

import pytest
import sqlalchemy as sa

from aims_core import RecordNotFound
from aims_core.reviews.reviews import COLUMNS
from aims_core.testing import tampering
from aims_core.testing.fixtures import TICKET_TRIAGE


def place(workspace, stage, tier="undetermined"):
    """Put every system into a stage, as a legacy import would have."""
    with tampering(workspace) as connection:
        statement = sa.text("UPDATE aims_system SET stage = :stage, tier = :tier")
        connection.execute(statement, {"stage": stage, "tier": tier})


def conditions(workspace):
    return {f.condition for f in workspace.reviews.run().findings}


def test_a_system_in_inception_needs_an_owner_only(registered):
    review = registered.reviews.run()

    assert review.reviewed == 1
    assert review.findings == ()
    assert [c.name for c in registered.reviews.conditions("ticket-triage")] == ["owner_assigned"]


def test_a_system_that_runs_without_anything_on_record_is_found_with_every_reason(
    registered, checks
):
    checks.unmet = {"initial_risk_assessment", "monitors_running"}
    place(registered, "operation_and_monitoring")

    found = conditions(registered)

    assert {"approval_in_force", "initial_risk_assessment", "monitors_running"} <= found
    assert "intended_use_stated" not in found


def test_a_high_tier_asks_for_more(registered):
    place(registered, "operation_and_monitoring", tier="high")

    assert "impact_assessment_done" in conditions(registered)


def test_a_finding_says_where_why_and_what_would_help(registered):
    place(registered, "deployment")

    for finding in registered.reviews.run().findings:
        assert finding.system_id == "ticket-triage"
        assert finding.stage == "deployment"
        assert finding.reason
        assert finding.remedy


def test_a_stage_that_the_lifecycle_no_longer_has_is_a_finding_not_an_error(registered):
    place(registered, "gone")

    assert conditions(registered) == {"stage_known"}


def test_retired_systems_are_left_in_peace(registered):
    place(registered, "retirement")

    assert conditions(registered) == set()


def test_a_review_writes_nothing(registered):
    before = registered.audit.head()

    registered.reviews.run()

    assert registered.audit.head() == before


def test_only_the_systems_asked_for_are_reviewed(registered):
    registered.act_as("olga").inventory.register("second", **TICKET_TRIAGE)
    seen = []

    review = registered.reviews.run(
        system_ids=["second"], progress=lambda done, total: seen.append((done, total))
    )

    assert review.reviewed == 1
    assert seen == [(1, 1)]


def test_the_frame_has_its_columns_also_without_findings(registered):
    empty = registered.reviews.run().frame()
    place(registered, "deployment")
    full = registered.reviews.run()

    assert list(empty.columns) == list(COLUMNS)
    assert list(empty.dtypes) == list(full.frame().dtypes)
    assert full.summary()["with_findings"] == 1


@pytest.mark.parametrize("number", [1, 40])
def test_the_number_of_statements_does_not_grow_with_the_inventory(registered, number):
    olga = registered.act_as("olga")
    for n in range(number):
        olga.inventory.register(f"system-{n}", **TICKET_TRIAGE)
    place(registered, "operation_and_monitoring")
    statements = []
    engine = registered._desk.store.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))

    registered.reviews.run()

    assert len(statements) <= 12


def test_a_system_that_is_not_there_is_an_error_not_a_clean_review(registered):
    with pytest.raises(RecordNotFound, match="Did you mean ticket-triage"):
        registered.reviews.run(system_ids=["ticket-triage", "ticket-triag"])


def test_a_system_named_twice_is_reviewed_once(registered):
    assert registered.reviews.run(system_ids=["ticket-triage"] * 2).reviewed == 1


def test_a_check_that_fails_is_a_finding_and_the_other_systems_are_reviewed(registered, checks):
    place(registered, "design_and_development")
    registered.act_as("olga").inventory.register("second", **TICKET_TRIAGE)
    checks.answer = lambda *_: 1 / 0

    review = registered.reviews.run()

    assert review.reviewed == 2
    findings = review.findings
    assert {(f.system_id, f.source) for f in findings if f.condition == "not_prohibited"} == {
        ("ticket-triage", "fake")
    }
