import pytest
from aims_monitoring.samples import (
    CENSUS_EMPLOYMENT_SCHEMA,
    california_housing,
    census_employment,
)
from aims_monitoring.section import of_portfolio, of_system

from aims_core import DataTable, Figure, Paragraph

HOUSING = california_housing()


@pytest.fixture
def aims_database():
    """One database will do: what differs between them is tested in test_monitoring."""
    return "sqlite"


def test_a_system_without_monitors_says_so(registered):
    section = of_system(registered, "ticket-triage")

    assert section.blocks == (Paragraph(text="No monitor is defined for this system."),)


def test_a_monitored_system_shows_monitors_picture_figures_and_breaches(accuracy):
    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    section = of_system(accuracy, "ticket-triage")

    tables = {b.caption: b for b in section.blocks if isinstance(b, DataTable)}
    assert set(tables) == {"Monitors", "Newest figures with a threshold", "Breaches, newest first"}
    assert tables["Monitors"].rows[0][0] == "housing-accuracy"
    assert all(len(row) == len(t.columns) for t in tables.values() for row in t.rows)
    assert next(b for b in section.blocks if isinstance(b, Figure)).svg.startswith("<svg")


def test_a_monitor_that_never_ran_draws_no_picture(accuracy):
    section = of_system(accuracy, "ticket-triage")

    assert not [b for b in section.blocks if isinstance(b, Figure)]
    assert "1 never run" in section.blocks[0].text


def test_the_portfolio_counts_monitors_by_status(accuracy):
    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    section = of_portfolio(accuracy, "")

    assert "1 monitor(s) over 1 system(s)" in section.blocks[0].text
    assert "1 ok" in section.blocks[0].text


def test_a_monitor_of_fairness_shows_its_groups(housing):
    housing.monitoring.define(
        "fair",
        "ticket-triage",
        kind="fairness",
        schema=CENSUS_EMPLOYMENT_SCHEMA,
        window=100_000,
    )
    housing.monitoring.run("fair", census_employment())

    section = of_system(housing, "ticket-triage")

    pictures = [b.description for b in section.blocks if isinstance(b, Figure)]
    assert len(pictures) == 2
    assert pictures[1].startswith("Selection rate by group")
