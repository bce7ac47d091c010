import pytest
from aims_monitoring.samples import california_housing

from aims_core.testing import facts_of

HOUSING = california_housing()


@pytest.fixture
def aims_database():
    """One database will do: what differs between them is tested in test_monitoring."""
    return "sqlite"


def condition(workspace, name):
    offer = workspace.host.check(name)
    facts = facts_of(workspace, "ticket-triage", results=offer.spec.results)
    return offer.spec.run.load()([facts])["ticket-triage"]


def test_without_a_monitor_neither_condition_is_met_and_both_say_what_helps(housing):
    for name in ("monitoring_plan", "monitors_running"):
        found = condition(housing, name)
        assert not found.met
        assert "no monitor is defined" in found.reason
        assert "ws.monitoring" in found.remedy


def test_a_monitor_without_threshold_is_no_plan(housing):
    housing.monitoring.define(
        "watching",
        "ticket-triage",
        thresholds={},
        schema={"prediction": "p", "label": "y"},
        window=100,
    )

    assert "no monitor has a threshold (watching)" in condition(housing, "monitoring_plan").reason


def test_a_plan_is_met_when_defined_and_running_only_when_run(accuracy):
    assert condition(accuracy, "monitoring_plan").met
    assert "housing-accuracy" in condition(accuracy, "monitors_running").reason
    assert not condition(accuracy, "monitors_running").met

    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    assert condition(accuracy, "monitors_running").met


def test_a_monitor_that_was_changed_since_has_to_run_again(accuracy):
    from aims_monitoring.samples import CALIFORNIA_HOUSING_SCHEMA

    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)
    accuracy.monitoring.define(
        "housing-accuracy",
        "ticket-triage",
        thresholds={"accuracy": {"min": 0.5}},
        schema=CALIFORNIA_HOUSING_SCHEMA,
        reference=HOUSING.reference,
    )

    assert "not run as they are defined now" in condition(accuracy, "monitors_running").reason


def test_a_stopped_monitor_is_not_waited_for(accuracy):
    accuracy.monitoring.stop("housing-accuracy", reason="replaced")

    assert not condition(accuracy, "monitoring_plan").met
    assert not condition(accuracy, "monitors_running").met


def test_the_lifecycle_asks_for_both(accuracy):
    checks = {name for t in accuracy.machine.transitions for name in t.checks}

    assert {"monitoring_plan", "monitors_running"} <= checks
