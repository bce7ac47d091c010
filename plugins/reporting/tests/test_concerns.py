"""The board sees how many concerns wait and how long, and nobody learns from a report what they say."""

from datetime import timedelta

import pytest
from aims_reporting.concern_sections import portfolio


@pytest.fixture
def hearing(registered):
    """Give the workspace, whose concerns hanna hears, and a clock that is told."""
    clock = [registered.now() + timedelta(hours=1)]
    registered._desk.store.clock = lambda: clock[0]
    registered.staffing.add("hanna", "Hanna")
    registered.staffing.grant("hanna", "concern_handler")
    return registered, clock


def test_concerns_are_counted_with_their_days_and_looked_back_at(hearing):
    workspace, clock = hearing
    assert portfolio(workspace, "").blocks[0].text == "No concerns on record, 0 not answered."
    devi = workspace.act_as("devi").concerns
    first = devi.raise_concern("It ranks by name.", system_id="ticket-triage", about=["carl"])
    clock[0] += timedelta(days=9)
    then = clock[0]
    devi.raise_concern("It is slow.")
    workspace.act_as("hanna").concerns.answer(first.concern_id, "We take the name out.")
    clock[0] += timedelta(days=1)

    now, before = portfolio(workspace, ""), portfolio(workspace, "", then - timedelta(hours=1))

    assert now.blocks[0].text == "2 concerns on record, 1 not answered."
    assert [row[1] for row in now.blocks[1].rows] == [1]
    assert before.blocks[0].text == "1 concern on record, 1 not answered."
    assert [row[1] for row in before.blocks[1].rows] == [8]


def test_no_report_says_what_a_concern_is_about(hearing):
    workspace, _ = hearing
    workspace.act_as("devi").concerns.raise_concern("It ranks by name.", about=["carl"])

    (section,) = (
        s
        for s in workspace.reporting.build("").sections
        if s.section_id == "reporting.portfolio_concerns"
    )

    assert not any(word in str(section) for word in ("ranks", "carl", "devi"))
