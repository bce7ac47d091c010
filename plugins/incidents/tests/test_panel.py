"""The incidents tab, driven as a person drives it: fields are filled in and buttons clicked."""

import pytest
from aims_incidents.panel import IncidentPanel
from aims_incidents.terms import CauseKind, IncidentStatus

from aims_core import PanelContext
from aims_core.workbench.presenters.waiting import Waiting
from aims_core.workbench.state import WorkbenchState


@pytest.fixture
def aims_database():
    """One database will do: what differs between them is tested with the register."""
    return "sqlite"


@pytest.fixture
def state(running):
    return WorkbenchState(running.act_as("imre"))


@pytest.fixture
def panel(state):
    return IncidentPanel(PanelContext(state))


def below(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from below(child)


def click(panel, label):
    next(w for w in below(panel.view) if getattr(w, "description", "") == label).click()


def words(panel):
    names = ("value", "empty", "rows", "label")
    return " ".join(str(getattr(w, n, "")) for w in below(panel.view) for n in names)


def test_without_incidents_it_says_how_they_come_about(panel):
    assert "A breached threshold opens one by itself" in words(panel)


def test_an_incident_is_opened_assigned_analysed_treated_and_closed(running, state, panel):
    state.select("ticket-triage")
    panel.title.value = "It fell over"
    click(panel, "Open incident")
    panel.assigned_to.value = "devi"
    click(panel, "Assign")
    panel.cause.value, panel.cause_kind.value = "A field was renamed.", "integration"
    click(panel, "Put cause on record")
    panel.treatment.value = "Checked on arrival."
    click(panel, "Put treatment on record")
    click(panel, "Close incident")
    assert "somebody else" in state.message
    state.act_as("rita")
    click(panel, "Close incident")

    (found,) = running.incidents.of("ticket-triage")
    assert found.status is IncidentStatus.CLOSED
    assert (found.assigned_to, found.cause_kind) == ("devi", CauseKind.INTEGRATION)
    assert state.level == "ok"
    assert "incident closed" in words(panel)


def test_an_empty_cause_is_refused_in_words(running, state, panel, breach):
    breach(running)
    state.changed()
    panel.choose(running.incidents.of("ticket-triage")[0].incident_id)

    click(panel, "Put cause on record")

    assert state.level == "error"
    assert "cause is empty" in state.message
    click(panel, "Assign")
    assert "Choose who" in state.message


def test_what_people_wrote_is_never_run(running, state, panel):
    made = state.workspace.incidents.open(
        "ticket-triage", title="<script>alert(1)</script>", severity="minor"
    )
    panel.choose(made.incident_id)

    shown = [str(w.value) for w in below(panel.view) if type(w).__name__ == "HTML"]
    assert not any("<script>" in html for html in shown)


def serious(state, panel):
    made = state.workspace.act_as("imre").incidents.open(
        "ticket-triage", title="It hurt somebody", severity="serious"
    )
    panel.choose(made.incident_id)
    return made.incident_id


def test_reporting_is_proposed_by_the_second_line_and_confirmed_by_legal(running, state, panel):
    running.staffing.add("lea", "Lea")
    running.staffing.grant("lea", "legal_counsel")
    incident_id = serious(state, panel)
    assert "Nobody decided yet" in words(panel)
    state.act_as("rita")
    form = panel.reporting
    form.reason.value = "Art. 3(49)(a): somebody was hurt."
    click(panel, "Propose")
    assert "reportable: is not chosen" in words(panel)
    assert form.reason.value.startswith("Art. 3(49)")
    form.reportable.value = "must be reported"
    click(panel, "Propose")
    assert "rita proposes that it must be reported" in words(panel)
    click(panel, "Confirm")
    assert "let a legal counsel confirm it" in words(panel) or "no role" in words(panel)

    state.act_as("lea")
    assert Waiting(state).items[0].words == "reporting to confirm: Ticket triage"
    click(panel, "Decline")
    assert "say why" in words(panel)
    click(panel, "Confirm")

    found = running.incidents.reporting.of(incident_id)
    assert (found.status, found.reportable, found.decided_by) == ("decided", True, "lea")
    assert "Decided: it must be reported" in words(panel)
    assert not any(getattr(w, "description", "") == "Propose" for w in below(panel.view))


def test_a_declined_proposal_is_proposed_anew_and_what_was_typed_is_of_its_incident(
    running, state, panel
):
    running.staffing.add("lea", "Lea")
    running.staffing.grant("lea", "legal_counsel")
    first = serious(state, panel)
    state.act_as("rita")
    panel.reporting.reportable.value = "need not be reported"
    panel.reporting.reason.value = "<b>Nobody</b> was hurt."
    click(panel, "Propose")
    assert "<b>Nobody" not in words(panel)
    state.act_as("lea")
    panel.reporting.objection.value = "Somebody was."
    click(panel, "Decline")
    assert "lea declined what was proposed: Somebody was." in words(panel)
    panel.reporting.reason.value = "Half a reason"

    running.act_as("imre").incidents.open("ticket-triage", title="Other", severity="minor")
    other = next(i for i in running.incidents.of("ticket-triage") if i.incident_id != first)
    panel.choose(other.incident_id)

    assert panel.reporting.reason.value == ""
    assert running.incidents.reporting.of(first).status == "declined"


def test_who_owns_the_system_is_refused_in_the_form(running, state, panel):
    serious(state, panel)
    state.act_as("olga")
    panel.reporting.reportable.value = "need not be reported"
    panel.reporting.reason.value = "I say so."

    click(panel, "Propose")

    assert "let the second line and legal decide" in words(panel)
    assert panel.reporting.reason.value == "I say so."
