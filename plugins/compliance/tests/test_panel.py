"""The compliance tab calls what a cell would call, and shows the same message."""

import pytest
from aims_compliance.panel import CompliancePanel, build

from aims_core import PanelContext
from aims_core.workbench.state import WorkbenchState


@pytest.fixture
def aims_database():
    """One database will do: the tab only calls the statement."""
    return "sqlite"


@pytest.fixture
def state(workspace):
    return WorkbenchState(workspace.act_as("carl"))


@pytest.fixture
def panel(state):
    return CompliancePanel(PanelContext(state))


def pages(widget):
    """Return the markup and the tables' cells that a widget shows."""
    own = str(getattr(widget, "value", "")) + str(getattr(widget, "rows", ""))
    return own + "".join(pages(child) for child in getattr(widget, "children", ()))


def press(widget, label):
    for child in widget.children:
        if getattr(child, "description", None) == label:
            child.click()
            return
        if hasattr(child, "children"):
            try:
                press(child, label)
            except LookupError:
                continue
            return
    raise LookupError(label)


def test_the_tab_shows_every_control_and_how_far_the_statement_is(state):
    shown = pages(build(PanelContext(state)))

    assert "0 of 38 controls are decided" in shown
    assert "A.2.2" in shown
    assert "Choose a control" in shown


def test_choosing_a_control_shows_what_it_asks_and_deciding_writes_it(panel, state):
    panel.form.choose("A.6.2.6")
    assert "watched against limits" in pages(panel.view)
    panel.form.applicable.value = True
    panel.form.ground.value = "risk_treatment"
    panel.form.rests_on.value = "wrong-rank"
    panel.form.implementation.value = "planned"
    panel.form.reason.value = "We run systems."

    press(panel.view, "Decide")

    assert state.message == "A.6.2.6 is included."
    row = state.workspace.compliance.statement().set_index("control_id").loc["A.6.2.6"]
    assert row["grounds"] == "risk_treatment: wrong-rank"
    assert "1 of 38 controls are decided" in pages(panel.view)


def test_nothing_is_decided_by_not_looking(panel, state):
    panel.form.choose("A.2.2")
    panel.form.reason.value = "x"

    press(panel.view, "Decide")

    assert state.level == "error"
    assert "applicable" in state.message
    assert state.workspace.compliance.progress()["not decided"] == 38


def test_an_included_control_without_a_ground_is_refused(panel, state):
    panel.form.choose("A.2.2")
    panel.form.applicable.value = True
    panel.form.reason.value = "x"

    press(panel.view, "Decide")

    assert "grounds: is empty" in state.message


def test_issuing_too_early_is_refused_in_words(panel, state):
    press(panel.view, "Issue the statement")

    assert "38 of 38 controls are not decided" in state.message


def test_markup_in_a_reason_is_shown_and_not_obeyed(panel, state):
    state.workspace.compliance.decide("A.2.2", applicable=False, reason="<img src=x onerror=a()>")
    state.changed()

    panel.form.choose("A.2.2")

    assert "<img" not in pages(panel.form.view)
