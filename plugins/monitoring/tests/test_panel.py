import pandas as pd
import pytest
from aims_monitoring.panel import MonitoringPanel
from aims_monitoring.samples import CALIFORNIA_HOUSING_SCHEMA, california_housing

from aims_core import PanelContext
from aims_core.testing import metric_spec, plugin_of
from aims_core.workbench.state import WorkbenchState

HOUSING = california_housing()


@pytest.fixture
def aims_database():
    """One database will do: what differs between them is tested in test_monitoring."""
    return "sqlite"


def words(widget):
    """All text below a widget, as it is sent to the browser."""
    found = [str(getattr(widget, name, "")) for name in ("value", "empty", "rows", "label")]
    return " ".join([*found, *(words(child) for child in getattr(widget, "children", ()))])


@pytest.fixture
def open_panel():
    def build(workspace):
        state = WorkbenchState(workspace)
        return MonitoringPanel(PanelContext(state)), state

    return build


def test_without_monitors_it_says_what_to_do(housing, open_panel):
    panel, _ = open_panel(housing)

    assert "No monitor is defined here" in words(panel.widget)
    assert panel.monitor.disabled


def test_a_monitor_that_never_ran_says_so(accuracy, open_panel):
    panel, _ = open_panel(accuracy)

    assert panel.monitor.value == "housing-accuracy"
    assert "has not run yet" in words(panel.widget)


def test_it_shows_picture_figures_and_breaches(accuracy, open_panel):
    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    panel, _ = open_panel(accuracy)

    shown = words(panel.widget)
    assert panel.metric.value == "accuracy"
    assert "<svg" in shown
    assert "2021-08" in shown
    assert "Breaches" in shown


def test_choosing_a_metric_and_a_column_draws_them(housing, open_panel):
    housing.monitoring.define(
        "housing-drift",
        "ticket-triage",
        kind="drift",
        thresholds={"psi": {"max": 0.25}},
        schema=CALIFORNIA_HOUSING_SCHEMA,
        reference=HOUSING.reference,
    )
    housing.monitoring.run("housing-drift", HOUSING.analysis)
    panel, _ = open_panel(housing)

    panel.metric.value = "js"
    panel.column.value = "MedInc"

    assert "Jensen-Shannon distance of MedInc" in words(panel.widget)
    assert "MedInc: reference and 2022-05" in words(panel.widget)


def test_why_a_metric_has_no_figure_is_written_out(housing, open_panel):
    def broken(_window, _reference, _minimum):
        raise ValueError("no table <i>of</i> costs")

    housing.host.register(plugin_of(metric_spec(broken)), "acme", version="3")
    housing.monitoring.define(
        "costs",
        "ticket-triage",
        thresholds={"acme.hits": {"min": 0.5}},
        schema={"prediction": "p", "label": "p"},
        window=50,
    )
    housing.monitoring.run("costs", pd.DataFrame({"p": [1] * 100}))

    panel, _ = open_panel(housing)
    shown = words(panel.widget)

    assert panel.metric.value == "acme.hits"
    assert "No figure in " in shown
    assert "ValueError: no table &lt;i&gt;of&lt;/i&gt; costs" in shown
    panel.metric.value = "accuracy"
    assert "No figure in " not in words(panel.widget)


def test_a_figure_on_scores_has_its_calibration_beside_it(accuracy, open_panel):
    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)
    panel, _ = open_panel(accuracy)
    assert "Calibration" not in words(panel.widget)

    panel.metric.value = "brier"

    assert "Calibration, 2022-05" in words(panel.widget)


def test_it_follows_what_is_written_elsewhere_and_the_selected_system(accuracy, open_panel):
    panel, state = open_panel(accuracy)
    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    state.changed()
    assert "<svg" in words(panel.widget)

    state.select("another-system")
    assert "No monitor is defined here" in words(panel.widget)
    assert "<svg" not in words(panel.widget)


def test_a_refusal_is_said_on_the_status_line(accuracy, open_panel, monkeypatch):
    from aims_core import RecordNotFound

    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)
    panel, state = open_panel(accuracy)

    def refuse(*_, **__):
        raise RecordNotFound("monitor", "housing-accuracy")

    monkeypatch.setattr(type(accuracy.monitoring), "plot", refuse)
    panel.metric.value = "f1"

    assert "there is no monitor" in state.message
    assert state.level == "error"
