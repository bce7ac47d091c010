"""A run of which not one figure has a value is no monitoring; one on too few rows is as it was."""

from dataclasses import replace
from types import SimpleNamespace

import pyarrow as pa
import pytest
from aims_monitoring.metrics.catalogue import METRICS, compute_metrics
from aims_monitoring.records import Judged, Status, WindowFigures
from aims_monitoring.unmeasured import _too_few, unmeasured
from aims_monitoring.windows import UNDATED

from aims_core import (
    Measurement,
    PluginHost,
    open_workspace,
)
from aims_core.testing import facts_of, metric_spec, plugin_of

ROLES = {"prediction": "p", "label": "y"}
CLASSES = {"feature": ["x", "c"], "prediction": "p", "score": "s", "label": "y", "group": ["g"]}
LOG = pa.table({"p": ["yes", "no"] * 50, "y": ["yes", "no"] * 50})


def hits(_window, _reference, _minimum):
    return [Measurement(metric="acme.hits", value=0.5, n=100, direction="high")]


@pytest.fixture
def opened(registered, workspace_folder):
    """Give the way to open the workspace with the plugin of the metric, and without."""
    open_ones = []

    def open_with(*, plugin):
        host = PluginHost()
        if plugin:
            host.register(
                plugin_of(metric_spec(hits)), "acme", distribution="acme-aims", version="3"
            )
        open_ones.append(open_workspace(workspace_folder, actor="olga", host=host))
        return open_ones[-1]

    yield open_with
    for one in open_ones:
        one.close()


def running(workspace):
    offer = workspace.host.check("monitors_running")
    facts = facts_of(workspace, "ticket-triage", results=offer.spec.results)
    return offer.spec.run.load()([facts])["ticket-triage"]


def define(workspace, thresholds, **more):
    facts = {"schema": ROLES, "window": 100, **more}
    workspace.monitoring.define("hits", "ticket-triage", thresholds=thresholds, **facts)


def test_a_run_without_the_plugin_of_its_metric_is_no_monitoring_until_it_is_back(opened):
    define(opened(plugin=True), {"acme.hits": {"min": 0.1}})
    gone = opened(plugin=False)

    gone.monitoring.run("hits", LOG)
    without = running(gone)
    back = opened(plugin=True)
    back.monitoring.run("hits", LOG)

    assert not without.met
    assert without.reason.startswith("the last run measured nothing: hits (acme.hits: no installed")
    assert "install the plugin again" in without.remedy
    assert running(back).met


def test_a_run_on_too_few_rows_counts_as_it_did(housing):
    define(housing, {"accuracy": {"min": 0.5}})

    run = housing.monitoring.run("hits", LOG.slice(0, 20))

    assert run.status is Status.INSUFFICIENT
    assert running(housing).met


def test_a_run_counts_that_was_recorded_before_this_was(housing):
    define(housing, {"ks": {"max": 0.5}}, kind="monitoring.drift", reference=LOG)
    housing.monitoring.run("hits", LOG)
    offer = housing.host.check("monitors_running")
    facts = facts_of(housing, "ticket-triage", results=offer.spec.results)
    (now,) = facts.results["measurement"]
    older = {name: value for name, value in now.payload.items() if name != "unmeasured"}
    results = {**facts.results, "measurement": (replace(now, payload=older),)}

    before = offer.spec.run.load()([replace(facts, results=results)])["ticket-triage"]

    assert not running(housing).met
    assert before.met


def measured(name="psi", value=None, n=0, reason="", **more):
    figure = Measurement(metric=name, value=value, n=n, direction="low", reason=reason, **more)
    return Judged(measurement=figure, status=Status.WATCHED)


def said(*windows, thresholds=None, foreign=None, minimum=None):
    """Return what is said of a run with these figures by window."""
    named = [(UNDATED, w[1:]) if w[:1] == [UNDATED] else (str(n), w) for n, w in enumerate(windows)]
    found = tuple(
        WindowFigures(window=key, starts_at=None, rows=9, profile="", figures=tuple(figures))
        for key, figures in named
    )
    monitor = SimpleNamespace(thresholds=thresholds or {}, minimum_rows=minimum)
    return unmeasured(SimpleNamespace(windows=found), monitor, foreign or {})


FEW = measured(reason="the window has 9 row(s) with a value, 1,000 are needed")
ODD = measured(reason="all labels are one class")


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ([[measured(value=0.0), ODD], [ODD]], []),
        ([[ODD], [FEW, ODD]], ["psi: all labels are one class"]),
        ([[FEW], [FEW]], []),
        ([[FEW, measured(reason="a text", applicable=False)]], []),
        ([[measured(reason="a text", applicable=False, subject="c")]], ["psi:c: a text"]),
        ([[measured()]], ["psi: no reason is given"]),
        ([[]], ["the monitor gave no figure"]),
        ([[FEW], [UNDATED, ODD]], []),
        ([[UNDATED, ODD]], ["psi: all labels are one class"]),
        (
            [[measured(str(n), reason="x" * 300) for n in range(9)]],
            [f"{n}: {'x' * 200}…" for n in range(3)],
        ),
    ],
)
def test_what_is_said_of_a_run_without_a_value(windows, expected):
    assert said(*windows) == expected


def test_only_what_thresholds_ask_for_counts_where_there_are_any():
    shown = measured("accuracy", value=0.9, n=100)
    asked = measured("acme.hits", reason="its plugin is gone")

    assert said([shown, asked], thresholds={"acme.hits": {"min": 0.1}}) == [
        "acme.hits: its plugin is gone"
    ]
    assert said([shown, asked]) == []


def test_a_metric_that_says_in_other_words_that_rows_are_too_few_is_known_by_its_minimum():
    few = measured("acme.hits", n=29, reason="not much to go by")
    foreign = {"acme.hits": replace(METRICS["psi"], name="acme.hits", minimum=30)}

    assert said([few], foreign=foreign) == []
    assert said([few], foreign=foreign, minimum=29) == said([few])
    assert said([few]) == ["acme.hits: not much to go by"]


@pytest.mark.parametrize("rows", [1, 8])
def test_every_shipped_metric_says_that_rows_are_too_few_as_it_is_understood(profiles, log, rows):
    few, many = log(rows, 3), log(2_000, 4)
    numbers = {"prediction": "s", "label": "x", "task": "regression"}
    counted = [m for m in METRICS.values() if "id" not in m.needs]  # ids are counted on demand
    for window, reference in ((few, many), (many, few)):
        for roles, regression in (({**CLASSES, "positive": "1"}, False), (numbers, True)):
            now, before = profiles(reference, window, roles)
            names = [m.name for m in counted if (m.family == "regression") == regression]
            for figure in compute_metrics(names, now, before):
                lacks = figure.value is None and figure.applicable
                assert not lacks or _too_few(figure, METRICS, None), figure
                assert lacks or window is many or not figure.applicable, figure
