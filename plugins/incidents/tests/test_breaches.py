"""What a breach does to an incident that is there already, and what settings and odd values do."""

import pytest
from aims_incidents.breaches import read_breach
from aims_incidents.terms import CauseKind, IncidentStatus

from aims_core import (
    IncidentOpened,
    OperationalStatus,
    PluginError,
    RecordedEvent,
    Severity,
    WorkspaceError,
    open_workspace,
)


def only(workspace):
    (found,) = workspace.incidents.of("ticket-triage")
    return found


def types(workspace):
    return [e.type for e in workspace.audit.events(limit=1_000)]


def status(workspace):
    return workspace.inventory.get("ticket-triage").status


def settled(register, incident):
    register.analyse(incident.incident_id, "A field was renamed.", kind="integration")
    return register.treat(incident.incident_id, "The field is checked on arrival.")


def close(workspace, incident):
    workspace.act_as("rita").incidents.close(incident.incident_id)


def resume(workspace):
    asked = workspace.act_as("olga").approvals.request("ticket-triage", "resume")
    workspace.act_as("rita").approvals.decide(asked.approval_id, "approve")


def test_a_further_breach_is_added_to_the_incident_that_is_open(running, breach):
    breach(running)
    breach(running, value=0.5)

    assert only(running).description.startswith("Monitor accuracy: accuracy was 0.61")
    assert list(running.incidents.frame()["breaches"]) == [2]
    assert types(running).count("incidents.BreachRepeated") == 1


def test_a_graver_breach_makes_the_incident_graver_and_suspends(running, breach):
    breach(running, severity="minor")
    assert status(running) is OperationalStatus.ACTIVE

    breach(running, severity="serious")
    breach(running, severity="minor")

    assert only(running).severity is Severity.SERIOUS
    assert status(running) is OperationalStatus.SUSPENDED
    assert types(running).count("incidents.IncidentEscalated") == 1


def test_a_breach_after_the_treatment_opens_the_incident_again(running, imre, breach):
    breach(running)
    settled(imre, only(running))

    breach(running)

    again = only(running)
    assert again.status is IncidentStatus.OPEN
    assert (again.cause, again.treatment, again.cause_kind) == ("", "", CauseKind.UNKNOWN)
    assert len(running.incidents.of("ticket-triage")) == 1


def test_a_breach_after_the_closing_opens_another_incident(running, imre, breach):
    breach(running)
    close(running, settled(imre, only(running)))

    breach(running)

    assert len(running.incidents.of("ticket-triage")) == 2
    assert len(running.incidents.of("ticket-triage", open_only=True)) == 1


def test_an_event_that_is_told_again_later_does_nothing(running, imre, breach):
    from aims_incidents.listener import on_breach

    event = breach(running)
    close(running, settled(imre, only(running)))
    resume(running)
    before = running.audit.head()

    on_breach(event, running.act_as("plugin:incidents"))

    assert status(running) is OperationalStatus.ACTIVE
    assert only(running).status is IncidentStatus.CLOSED
    assert running.audit.head() == before


def test_told_again_after_a_crash_it_still_suspends(running, breach):
    from aims_incidents.listener import on_breach

    # The incident was opened, and then the process died before it suspended.
    event = breach(running, severity="minor")
    graver = RecordedEvent(
        sequence=event.sequence,
        event_id="evt-crash",
        type=event.type,
        at=event.at,
        actor=event.actor,
        system_id=event.system_id,
        payload={**event.payload, "severity": "major"},
    )
    acting = running.act_as("plugin:incidents")
    acting.incidents.record_breach(graver)
    assert status(running) is OperationalStatus.ACTIVE

    on_breach(graver, acting)

    assert status(running) is OperationalStatus.SUSPENDED
    assert list(running.incidents.frame()["breaches"]) == [2]


def test_a_severity_that_nobody_knows_is_read_as_major_and_said_to_be(running, breach):
    breach(running, severity="apocalyptic")

    assert only(running).severity is Severity.MAJOR
    assert "'apocalyptic' is not known" in only(running).description
    assert running.deliveries.frame().empty


@pytest.mark.parametrize(("value", "side"), [(0.9, "above"), (0.1, "below")])
def test_the_title_says_on_which_side_of_the_limit_the_value_lies(running, breach, value, side):
    event = breach(running, value=value, direction="whatever")

    assert read_breach(event).title == f"accuracy {side} its limit"


def configured(workspace, text):
    path = workspace.settings.folder / "aims.toml"
    path.write_text(path.read_text(encoding="utf-8") + f"\n[incidents]\n{text}\n", encoding="utf-8")
    return open_workspace(workspace.settings.folder, actor="ada")


@pytest.mark.parametrize(
    ("limit", "severity", "suspended"),
    [
        ("minor", "minor", True),
        ("serious", "major", False),
        ("serious", "serious", True),
        ("never", "serious", False),
    ],
)
def test_the_severity_that_suspends_is_a_setting(running, breach, limit, severity, suspended):
    workspace = configured(running, f'suspends_at = "{limit}"')

    breach(workspace, severity=severity)

    assert (status(workspace) is OperationalStatus.SUSPENDED) is suspended
    workspace.close()


@pytest.mark.parametrize("text", ['suspends_at = "mayor"', "suspends_at = 3"])
def test_a_wrong_setting_is_named_and_the_breach_waits_for_it(running, breach, text):
    workspace = configured(running, text)

    breach(workspace)

    assert "incidents.suspends_at" in workspace.deliveries.frame().loc[0, "error"]
    with pytest.raises((WorkspaceError, PluginError), match="major, serious or never"):
        _ = workspace.incidents.suspends_at
    workspace.close()


def test_the_timeline_tells_everything_from_the_breach_to_the_way_back(running, imre, breach):
    breach(running)
    breach(running)
    incident = only(running)
    imre.assign(incident.incident_id, "devi")
    close(running, settled(imre, incident))
    resume(running)

    told = [e.type for e in imre.timeline(incident.incident_id) if "Result" not in e.type]

    assert told == [
        "core.ThresholdBreached",
        "core.IncidentOpened",
        "core.TransitionDecided",
        "core.ThresholdBreached",
        "incidents.BreachRepeated",
        "incidents.IncidentAssigned",
        "incidents.IncidentAnalysed",
        "incidents.IncidentTreated",
        "core.IncidentClosed",
    ]


def test_two_who_open_the_same_at_once_open_one(running, imre, monkeypatch):
    from aims_incidents import ledger

    from aims_core import RevisionConflict

    made = imre.open("ticket-triage", title="It fell over", severity="minor")
    monkeypatch.setattr(ledger, "open_on", lambda *_: None)
    monkeypatch.setattr(ledger, "reported", lambda *_, **__: None)

    with pytest.raises(RevisionConflict, match="repeat"):
        imre.open("ticket-triage", title="It fell over", severity="minor")

    assert imre.of("ticket-triage") == [made]


def test_an_incident_opened_by_hand_suspends_nothing_by_itself(running, imre):
    imre.open("ticket-triage", title="It fell over", severity="serious")

    assert status(running) is OperationalStatus.ACTIVE
    assert IncidentOpened.__name__ in types(running)[1]
