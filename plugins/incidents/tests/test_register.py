"""Incidents open once, go step by step, and are seen by the lifecycle."""

import pytest
from aims_incidents.terms import IncidentStatus

from aims_core import (
    InvalidRecord,
    NotPermitted,
    OperationalStatus,
    RecordNotFound,
    RequestRefused,
    SegregationOfDuties,
    Severity,
)


def types(workspace):
    return [e.type for e in workspace.audit.events(limit=1_000)]


def opened(workspace, **changes):
    given = {"title": "It ranked all tickets last", "severity": "major", **changes}
    return workspace.act_as("imre").incidents.open("ticket-triage", **given)


def test_a_breach_opens_an_incident_by_itself_and_suspends_the_system(running, breach):
    breach(running)

    found = running.incidents.of("ticket-triage")
    system = running.inventory.get("ticket-triage")
    assert [i.severity for i in found] == [Severity.MAJOR]
    assert "0.61" in found[0].description
    assert found[0].opened_by == "plugin:incidents"
    assert system.status is OperationalStatus.SUSPENDED
    assert running.deliveries.frame().empty
    assert running.audit.verify().intact


def test_a_mild_breach_opens_an_incident_and_lets_the_system_run(running, breach):
    breach(running, severity="minor")

    assert len(running.incidents.of("ticket-triage")) == 1
    assert running.inventory.get("ticket-triage").status is OperationalStatus.ACTIVE


def test_one_subject_has_one_open_incident(running, breach):
    breach(running)
    breach(running, value=0.5)
    breach(running, metric="recall")

    assert len(running.incidents.of("ticket-triage")) == 2


def test_a_breach_of_a_system_that_does_not_run_suspends_nothing_and_parks_nothing(
    registered, breach
):
    breach(registered)

    assert len(registered.incidents.of("ticket-triage")) == 1
    assert registered.deliveries.frame().empty


def test_without_its_role_the_tell_is_parked_and_can_be_replayed(running, breach):
    grant = running.staffing.roles_of("plugin:incidents")[0]
    running.staffing.revoke(grant.grant_id, reason="A test of what happens then.")

    breach(running)

    assert running.incidents.of("ticket-triage") == []
    assert "no role" in running.deliveries.frame().loc[0, "error"]
    running.staffing.grant("plugin:incidents", "incident_manager")
    assert running.deliveries.replay() == 1
    assert len(running.incidents.of("ticket-triage")) == 1
    assert running.deliveries.frame().empty


def test_an_incident_goes_step_by_step(registered):
    made = opened(registered)
    register = registered.act_as("imre").incidents

    with pytest.raises(RequestRefused, match="analyse it first"):
        register.treat(made.incident_id, treatment="x")
    register.analyse(made.incident_id, cause="A field was renamed.")
    with pytest.raises(RequestRefused, match="treat it first"):
        register.close(made.incident_id)
    register.treat(made.incident_id, treatment="The field is checked on arrival.")
    closed = registered.act_as("rita").incidents.close(made.incident_id)

    assert closed.status is IncidentStatus.CLOSED
    assert closed.closed_by == "rita"
    assert [e.type for e in register.timeline(made.incident_id) if "Result" not in e.type] == [
        "core.IncidentOpened",
        "incidents.IncidentAnalysed",
        "incidents.IncidentTreated",
        "core.IncidentClosed",
    ]


def test_every_step_may_be_run_twice(registered):
    made, again = opened(registered), opened(registered)
    register = registered.act_as("imre").incidents
    for _ in range(2):
        register.analyse(made.incident_id, cause="A field was renamed.")
    for _ in range(2):
        register.treat(made.incident_id, treatment="Checked on arrival.")
    for _ in range(2):
        registered.act_as("rita").incidents.close(made.incident_id)

    assert again == made
    assert types(registered).count("core.IncidentClosed") == 1


@pytest.mark.parametrize("severity", ["minor", "serious"])
def test_an_incident_is_not_closed_by_who_treated_it(registered, severity):
    made = opened(registered, severity=severity)
    register = registered.act_as("imre").incidents
    register.analyse(made.incident_id, cause="c")
    register.treat(made.incident_id, treatment="t")

    with pytest.raises(SegregationOfDuties, match="somebody else"):
        register.close(made.incident_id)

    assert registered.act_as("rita").incidents.close(made.incident_id).closed_by == "rita"


def test_wrong_input_is_named(registered):
    with pytest.raises(InvalidRecord) as refusal:
        opened(registered, title=" ", severity="awful")

    assert {p.field for p in refusal.value.problems} == {"title", "severity"}
    with pytest.raises(NotPermitted):
        registered.act_as("aude").incidents.open("ticket-triage", title="x", severity="minor")
    with pytest.raises(RecordNotFound):
        registered.incidents.get("inc-nothing")
    made = opened(registered)
    with pytest.raises(RequestRefused, match="cause is empty"):
        registered.act_as("imre").incidents.analyse(made.incident_id, cause=" ")


def test_the_checks_follow_the_incident(running, breach):
    def condition(name):
        found = running.act_as("olga").approvals.preview("ticket-triage", "resume")
        return next(c for c in found if c.name == name)

    breach(running)
    made = running.incidents.of("ticket-triage")[0]
    register = running.act_as("imre").incidents
    assert not condition("cause_treated").met
    register.analyse(made.incident_id, cause="c")
    register.treat(made.incident_id, treatment="t")
    assert condition("cause_treated").met
    assert not condition("no_serious_incident_open").met
    running.act_as("rita").incidents.close(made.incident_id)
    assert condition("no_serious_incident_open").met


def test_frame_and_section_are_there_when_empty(registered):
    from aims_incidents.section import portfolio_section, system_section

    empty = registered.incidents.frame()
    assert "No incident" in system_section(registered, "ticket-triage").blocks[0].text
    opened(registered, title="<script>alert(1)</script>")

    assert list(empty.dtypes) == list(registered.incidents.frame().dtypes)
    assert portfolio_section(registered, "").blocks[2].rows[0][4] == "<script>alert(1)</script>"
    assert registered.incidents.frame(open_only=True).shape[0] == 1
