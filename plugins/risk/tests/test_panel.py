"""The risk tab calls what a cell would call, and shows the same message."""

import pytest
from aims_risk.panel import RiskPanel, build

from aims_core import PanelContext
from aims_core.workbench.state import WorkbenchState


@pytest.fixture
def aims_database():
    """One database will do: the tab only calls the register."""
    return "sqlite"


@pytest.fixture
def state(registered):
    return WorkbenchState(registered.act_as("rita"))


@pytest.fixture
def panel(state):
    return RiskPanel(PanelContext(state))


def pages(widget):
    """Return the markup and the tables' cells that a widget shows."""
    own = str(getattr(widget, "value", "")) + str(getattr(widget, "rows", ""))
    return own + "".join(pages(child) for child in getattr(widget, "children", ()))


def press(widget, label):
    for child in widget.children:
        if getattr(child, "description", None) == label:
            child.click()
            return
    raise AssertionError(label)


def rate(panel):
    panel.form.likelihood.value = 3
    panel.form.consequences["individuals"].value = 4
    panel.form.circumstances["personal_data"].value = True
    panel.form.rationale.value = "A wrong rank makes people wait."
    press(panel.form.view, "Assess")


def test_rating_the_selected_system_shows_its_level_and_every_factor(panel, state):
    state.select("ticket-triage")

    rate(panel)

    assert state.level == "ok"
    assert "level high, tier high" in state.message
    assert "personal data adds 1" in pages(panel.view)
    assert "ticket-triage" in pages(panel.view)
    assert state.workspace.risk.heatmap() == {(3, 4): 1}


def test_nothing_is_rated_by_not_looking(panel, state):
    state.select("ticket-triage")

    press(panel.form.view, "Assess")

    assert state.level == "error"
    assert "likelihood: is not rated" in state.message
    assert state.workspace.risk.frame().empty


def test_who_assessed_may_not_accept_and_somebody_else_may(panel, state):
    state.select("ticket-triage")
    rate(panel)
    panel.form.reason.value = "Watched."

    press(panel.form.view, "Accept residual risk")
    assert "somebody else" in state.message
    state.act_as("carl")
    press(panel.form.view, "Accept residual risk")

    assert state.level == "ok", state.message
    assert state.workspace.results.of("ticket-triage", "risk_acceptance")


def test_ratings_of_one_system_are_not_taken_for_another(panel, state):
    state.select("ticket-triage")
    panel.form.likelihood.value = 5

    state.select("")

    assert panel.form.likelihood.value is None
    assert panel.form.view.layout.display == "none"


def test_the_empty_tab_says_what_to_do(state):
    shown = pages(build(PanelContext(state)))

    assert "Select a system" in shown
    assert 'role="img"' in shown


def test_markup_in_what_people_wrote_is_shown_and_not_obeyed(panel, state):
    state.select("ticket-triage")
    panel.form.rationale.value = ""
    state.workspace.risk.assess(
        "ticket-triage",
        likelihood=1,
        consequences={"society": 1},
        rationale="<img src=x onerror=alert(1)>",
    )
    state.changed()

    assert "<img" not in pages(panel.view)
    assert "&lt;img" in pages(panel.view)
