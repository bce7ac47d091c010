"""The portfolio's report shows every control, decided or not."""

import pytest
from aims_compliance.section import portfolio_section


@pytest.fixture
def aims_database():
    """One database will do: the section reads what test_statement stores on both."""
    return "sqlite"


def test_every_control_stands_in_the_report_also_before_any_decision(workspace):
    said, issued, figure, table = portfolio_section(workspace, "").blocks

    assert said.text.startswith("0 of 38 controls are decided")
    assert "draft" in issued.text
    assert "38" in figure.description
    assert len(table.rows) == 38
    assert table.rows[0][2:5] == ("not decided", "", "")


def test_the_report_names_the_newest_version_and_what_changed_since(workspace):
    carl = workspace.act_as("carl")
    controls = carl.compliance.controls()["control_id"]
    carl.compliance.decide_many(
        {"control_id": c, "applicable": True, "reason": "Needed."} for c in controls
    )
    made = carl.compliance.issue()
    assert "nothing has changed" in portfolio_section(workspace, "").blocks[1].text

    carl.compliance.decide("A.2.2", applicable=True, reason="Needed.", responsible="olga")

    words = portfolio_section(workspace, "").blocks[1].text
    assert "Version 1 was issued by carl" in words
    assert made.digest[:12] in words
    assert "1 entries have changed since" in words
