"""Metrics of other plugins where something is lacking: rows, a role, the plugin, its former version."""

from dataclasses import replace

import pyarrow as pa
import pytest
from aims_monitoring.records import Status

from aims_core import (
    Measurement,
    MonitorSpec,
    PluginHost,
    open_workspace,
)
from aims_core.testing import at_hand, metric_spec, plugin_of

pytestmark = pytest.mark.parametrize("aims_database", ["sqlite"])
NAME = "acme.hits"
LOG = pa.table(
    {
        "i": list(range(200)),
        "p": ["yes", "no"] * 100,
        "y": ["yes", "no"] * 100,
        "s": [0.9, 0.1] * 100,
    }
)
ROLES = {"prediction": "p", "label": "y", "score": "s", "positive": "yes", "id": "i"}


def figure(value=0.5, n=100, **more):
    return Measurement(**({"metric": NAME, "value": value, "n": n, "direction": "high"} | more))


def define(workspace, thresholds=None, **more):
    facts = {
        "schema": ROLES,
        "window": 100,
        "thresholds": {NAME: {"min": 0.1}} if thresholds is None else thresholds,
    }
    workspace.monitoring.define("scored", "ticket-triage", **(facts | more))


def figures(run, metric=NAME):
    return [j for w in run.windows for j in w.figures if j.measurement.metric == metric]


def reasons(run):
    return {j.measurement.reason for j in figures(run)}


@pytest.fixture
def again(registered, workspace_folder):
    """Give the way to open the workspace with other plugins installed."""
    opened = []

    def open_with(*specs, version="3", name="acme"):
        host = PluginHost()
        if specs:
            host.register(plugin_of(*specs), name, distribution="acme-aims", version=version)
        opened.append(open_workspace(workspace_folder, actor="olga", host=host))
        return opened[-1]

    yield open_with
    for one in opened:
        one.close()


def test_ids_are_counted_where_a_threshold_asks_for_a_metric_that_needs_them(housing):
    def repeated(window, reference, minimum):
        return [figure(float(window.ids.n), reason=str(reference.ids.n))]

    housing.host.register(
        plugin_of(metric_spec(repeated, needs=("id",), needs_reference=True)), "acme"
    )
    define(housing, reference=LOG)

    run = housing.monitoring.run("scored", LOG)

    assert [(j.measurement.value, j.measurement.reason) for j in figures(run)] == [
        (100.0, "200")
    ] * 2


def test_a_metric_that_needs_ids_or_a_reference_is_not_shown_unasked_without(housing):
    specs = [
        metric_spec(lambda *_: [figure()], family="performance", **{what: value})
        for what, value in (("needs", ("id",)), ("needs_reference", True))
    ]
    housing.host.register(plugin_of(specs[0], replace(specs[1], id="acme.moved")), "acme")
    define(housing, {})

    run = housing.monitoring.run("scored", LOG)

    assert figures(run) == figures(run, "acme.moved") == []


def test_a_kind_of_another_plugin_is_asked_for_its_own_names_with_a_dot(housing):
    def measure(window, reference, options):
        return [figure(metric=name) for name in options["metrics"]]

    kind = MonitorSpec(id="acme.kind", title="Kind", measure=at_hand(measure))
    housing.host.register(plugin_of(metric_spec(lambda *_: [figure(0.7)]), kind), "acme")
    define(housing, {"acme.latency": {"max": 5}, NAME: {"min": 0}}, kind="acme.kind")

    run = housing.monitoring.run("scored", LOG)

    assert {j.measurement.value for j in figures(run, "acme.latency")} == {0.5}
    assert {j.measurement.value for j in figures(run)} == {0.7}


def test_a_role_that_a_newer_version_needs_is_told_and_the_metric_is_not_asked(again):
    define(again(metric_spec(lambda *_: [figure()])))
    newer = again(metric_spec(lambda *_: 1 / 0, needs=("group",), needs_reference=True))

    assert reasons(newer.monitoring.run("scored", LOG)) == {"the schema names no group"}

    newer = again(metric_spec(lambda *_: 1 / 0, needs_reference=True), version="4")

    assert reasons(newer.monitoring.run("scored", LOG)) == {"the monitor has no reference"}


def test_no_score_is_held_against_labels_without_a_positive_class(housing):
    housing.host.register(
        plugin_of(metric_spec(lambda *_: [figure()], needs=("label", "score"))), "acme"
    )
    define(housing, schema=ROLES | {"positive": "1"})

    (reason,) = reasons(housing.monitoring.run("scored", LOG))

    assert "no row is of the positive class '1'" in reason


def test_a_figure_on_fewer_rows_than_its_minimum_has_no_value(housing):
    housing.host.register(
        plugin_of(metric_spec(lambda *_: [figure(0.0, 29, low=0.0, high=0.1, p=0.0)])), "acme"
    )
    define(housing)

    for judged in figures(housing.monitoring.run("scored", LOG)):
        found = judged.measurement
        assert (found.value, found.low, found.high, found.p) == (None, None, None, None)
        assert found.reason == "29 row(s), 30 are needed"
        assert judged.status is Status.INSUFFICIENT


def test_the_limit_of_one_column_gets_the_reason_too(housing):
    housing.host.register(plugin_of(metric_spec(lambda *_: 1 / 0, per_column=True)), "acme")
    define(housing, {f"{NAME}:s": {"min": 0.1}, f"{NAME}:p": {"min": 0.1}})

    run = housing.monitoring.run("scored", LOG)

    assert {j.measurement.subject for j in figures(run)} == {"s", "p"}
    assert all("ZeroDivisionError" in j.measurement.reason for j in figures(run))
    assert {j.status for j in figures(run)} == {Status.INSUFFICIENT}


def test_where_its_plugin_is_gone_the_figure_says_what_became_of_it(again):
    define(again(metric_spec(lambda *_: [figure()])))

    for workspace, why in (
        (again(), "acme is not installed"),
        (again(metric_spec(lambda *_: [], id="acme.other")), "acme-aims 3 does not have it"),
        (
            again(metric_spec(lambda *_: [], id="other.hits")),
            "acme is failed, aims_metrics: the metric 'ot",
        ),
    ):
        (row,) = workspace.monitoring.frame().to_dict("records")
        run = workspace.monitoring.run("scored", LOG.slice(0, 100 + len(why)))
        assert row["status"] in {"never_run", "insufficient"}
        assert {w.status for w in run.windows} == {Status.INSUFFICIENT}
        (reason,) = reasons(run)
        assert reason.startswith(f"no installed plugin offers the metric {NAME}: {why}")


def test_a_log_is_measured_again_once_the_plugin_is_back_or_another_version(again):
    define(again(metric_spec(lambda *_: [figure()])))
    gone = again().monitoring.run("scored", LOG)
    back = again(metric_spec(lambda *_: [figure()])).monitoring.run("scored", LOG)
    newer = again(metric_spec(lambda *_: [figure(0.05)]), version="4").monitoring.run("scored", LOG)
    same = again(metric_spec(lambda *_: 1 / 0), version="4").monitoring.run("scored", LOG)

    assert [w.status for w in gone.windows] == [Status.INSUFFICIENT] * 2
    assert [w.status for w in back.windows] == [Status.OK] * 2
    assert [w.status for w in newer.windows] == [Status.BREACH] * 2
    assert same.run_id == newer.run_id


def test_the_result_says_which_distribution_measured_it(again):
    workspace = again(metric_spec(lambda *_: [figure()]))
    define(workspace, {NAME: {"min": 0.1}, "monitoring.usable_scores": {"min": 0.5}})
    workspace.monitoring.run("scored", LOG)

    (result,) = workspace.results.of("ticket-triage", "measurement")

    provider = {"distribution": "acme-aims", "version": "3", "fingerprint": ""}
    assert result.payload["metrics"] == {NAME: provider}


def test_a_metric_that_is_named_after_another_plugin_is_refused(housing):
    housing.host.register(
        plugin_of(metric_spec(lambda *_: [figure()], id="monitoring.hits")), "acme"
    )

    assert "monitoring.hits" not in set(housing.monitoring.metrics()["name"])
    (info,) = [p for p in housing.host.plugins() if p.name == "acme"]
    assert info.status == "failed"
    assert "begin it with acme." in info.reason
    assert [p.status for p in housing.host.plugins() if p.name == "monitoring"] == ["active"]
