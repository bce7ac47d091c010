"""Exceptions, breaches, waivers and due reviews show in every report they touch, in JSON too."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from aims_reporting import html
from aims_reporting import json as as_json

from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.intruder import tampering

HOSTILE = "<script>alert(1)</script>"


def section(workspace, system_id=""):
    scope = "system" if system_id else "portfolio"
    report = workspace.reporting.build(system_id)
    return next(s for s in report.sections if s.section_id == f"reporting.{scope}_separation")


def captions(found):
    return [b.caption for b in found.blocks[1:]]


def excepted(workspace, *, fact_at=None, **scope):
    made = workspace.act_as("olga").separation.record_exception(
        "R1",
        reason=f"We are three. {HOSTILE}",
        compensating_control="An outside reviewer.",
        expires_on=workspace.now().date() + timedelta(days=30),
        fact_at=fact_at,
        **scope,
    )
    return workspace.separation.approve_exception(made.exception_id, fact_at=fact_at)


def waived(workspace):
    made = workspace.act_as("olga").waivers.propose(
        "ticket-triage",
        "monitoring_plan",
        reason="Not yet.",
        compensating_measure=f"Read by hand. {HOSTILE}",
        expires_on=workspace.now().date() + timedelta(days=30),
    )
    for who in ("carl", "cora"):
        made = workspace.act_as(who).waivers.decide(made.waiver_id, "approve")
    return made


def test_a_sound_system_has_a_section_that_says_so(registered):
    registered.staffing.add("bert", "Bert")
    registered.staffing.grant("bert", "administrator")

    found = section(registered, "ticket-triage")

    assert captions(found) == []
    assert found.blocks[0].text.startswith("No breaches of the rules of separation without")


def test_the_founding_shows_in_the_portfolio_until_there_is_a_second_administrator(registered):
    for found in (section(registered), section(registered, "ticket-triage")):
        assert found.blocks[1].rows[0][1] == "R7"
    found = section(registered)

    exceptions = found.blocks[1]
    assert (exceptions.rows[0][1], exceptions.rows[0][3]) == ("R7", "the second administrator")
    assert {row[5] for row in found.blocks[2].rows} == {exceptions.rows[0][0]}


@pytest.mark.parametrize("scope", [{"system_id": "ticket-triage"}, {"unit": "Support"}, {}])
def test_an_exception_shows_in_the_reports_of_what_it_reaches_and_nowhere_else(registered, scope):
    registered.act_as("olga").inventory.register("other", **{**TICKET_TRIAGE, "unit": "Other"})
    made = excepted(registered, **scope)

    for system_id, touched in (("ticket-triage", True), ("other", not scope), ("", True)):
        shown = str(section(registered, system_id).blocks)
        assert (made.exception_id in shown) == touched, system_id


def test_an_exception_that_ended_still_shows_where_it_covered_something(registered):
    registered.staffing.grant("carl", "inventory_steward")
    registered.act_as("carl").inventory.revise("ticket-triage", use_case="Sorts.")
    registered.act_as("rita").risk.assess(
        "ticket-triage", likelihood=2, consequences={"individuals": 2}, rationale="Mild."
    )
    made = excepted(registered, unit="Support", fact_at=datetime(2026, 1, 5, tzinfo=UTC))
    asked = registered.act_as("olga").approvals.request("ticket-triage", "start_development")
    registered.act_as("carl").approvals.decide(
        asked.approval_id, "approve", role="committee_member"
    )
    over = datetime(2026, 2, 3, tzinfo=UTC)
    gone = registered.separation.end_exception(
        made.exception_id, reason="We are five.", fact_at=over
    )

    found = section(registered, "ticket-triage")

    assert captions(found) == ["Exceptions to rules of separation", "Breaches, newest first"]
    rows = {row[0]: row for row in found.blocks[1].rows}
    ended = f"ended {gone.ended_at:%Y-%m-%d} (in fact 2026-02-03): We are five."
    assert rows[made.exception_id][3] == ended
    assert found.blocks[2].rows[0][5] == made.exception_id


def test_a_waiver_and_an_overdue_review_show_in_both_reports(registered):
    made = waived(registered)
    with tampering(registered) as connection:
        statement = "UPDATE aims_system SET stage = 'operation_and_monitoring', registered_at = :at"
        connection.execute(sa.text(statement), {"at": "2020-01-01T00:00:00.000000Z"})

    for system_id in ("ticket-triage", ""):
        found = {b.caption: b for b in section(registered, system_id).blocks[1:]}
        assert found["Waivers of conditions, newest first"].rows[0][0] == made.waiver_id
        assert found["Periodic reviews"].rows[0][3] == "OVERDUE"


def test_json_holds_the_section_and_html_never_runs_what_people_wrote(registered):
    made, waiver = excepted(registered), waived(registered)

    report = registered.reporting.build("ticket-triage")

    told = json.loads(as_json.render(report))
    assert made.exception_id in json.dumps(told)
    assert waiver.waiver_id in json.dumps(told)
    assert HOSTILE not in html.render(report).decode()
