"""The incidents tab, driven as a person drives it: fields are filled in and buttons clicked."""

import pytest
from aims_incidents.panel import IncidentPanel
from aims_incidents.terms import CauseKind, IncidentStatus

from aims_core import PanelContext
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
