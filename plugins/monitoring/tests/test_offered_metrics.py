"""Metrics of other plugins: measured like the shipped ones, and alone in what goes wrong with them."""

from dataclasses import replace

import pyarrow as pa
import pytest
from aims_monitoring.metrics import quality
from aims_monitoring.metrics.catalogue import METRICS
from aims_monitoring.records import Status
from click.testing import CliRunner

from aims_core import InvalidRecord, Measurement, PluginHost, hookimpl
from aims_core.cli import main
from aims_core.testing import metric_spec, plugin_of

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
ROLES = {"prediction": "p", "score": "s"}
LOG = pa.table({"p": [1] * 200, "s": [0.5] * 100 + [0.5, 2.0] * 50})


def spec(function, **changes):
    facts = {
        "id": "acme.share_scored",
        "title": "Share of rows with a usable score",
        "formula": "usable / rows",
        "needs": ("score",),
    }
    return metric_spec(function, **(facts | changes))


def share_scored(window, reference, minimum):
    n, name = window.rows, "acme.share_scored"
    if n < minimum:
        reason = f"{n} row(s), {minimum} are needed"
        return [Measurement(metric=name, value=None, n=n, direction="high", reason=reason)]
    value = 1 - window.histogram.left_out / n
    return [Measurement(metric=name, value=value, n=n, direction="high")]


def define(workspace, thresholds, kind="performance", **more):
    workspace.monitoring.define(
        "scored",
        "ticket-triage",
        kind=kind,
        thresholds=thresholds,
        schema={**ROLES, **more.pop("roles", {})},
        window=100,
        **more,
    )


def figures(run, metric="acme.share_scored"):
    return [j for w in run.windows for j in w.figures if j.measurement.metric == metric]


def test_a_threshold_asks_for_it_as_for_a_shipped_one(housing):
    housing.host.register(plugin_of(spec(share_scored)), "acme", version="3")
    define(housing, {"acme.share_scored": {"min": 0.9}})

    run = housing.monitoring.run("scored", LOG)

    assert [(j.measurement.value, j.status) for j in figures(run)] == [
        (1.0, Status.OK),
        (0.5, Status.BREACH),
    ]
    series = housing.monitoring.series("scored")
    assert series[series["metric"] == "acme.share_scored"]["value"].tolist() == [1.0, 0.5]
    plot = housing.monitoring.plot("scored", "acme.share_scored")
    assert "Share of rows with a usable score" in plot.svg
    assert housing.monitoring.plot_beside("scored", "acme.share_scored") is None


@ONE_DATABASE
def test_its_family_shows_it_unasked_where_the_schema_has_what_it_needs(housing):
    housing.host.register(
        plugin_of(
            spec(share_scored, family="drift"),
            spec(share_scored, id="acme.of_groups", family="drift", needs=("group",)),
        ),
        "acme",
    )
    define(housing, {}, kind="drift", reference=LOG.slice(0, 100), roles={"feature": ["s"]})

    run = housing.monitoring.run("scored", LOG)

    assert [j.status for j in figures(run)] == [Status.WATCHED] * 2
    assert figures(run, "acme.of_groups") == []


@ONE_DATABASE
def test_too_few_rows_and_a_role_that_is_missing_are_told(housing):
    housing.host.register(plugin_of(spec(share_scored, needs=("id", "label"))), "acme")
    with pytest.raises(InvalidRecord, match=r"acme\.share_scored needs an id and a label"):
        define(housing, {"acme.share_scored": {"min": 0.9}})
    with pytest.raises(InvalidRecord, match=r"no metric 'acme\.share_score'.*acme\.share_scored"):
        define(housing, {"acme.share_score": {"min": 0.9}})


NONSENSE = {
    "raises": (lambda *_: 1 / 0, "ZeroDivisionError"),
    "stops": (lambda *_: (_ for _ in ()).throw(SystemExit("bye")), "SystemExit: bye"),
    "a number": (lambda *_: 0.5, "answered float"),
    "nothing": (lambda *_: [], "gave 0 figures"),
    "no number": (
        lambda *_: [replace(_figure(), value=float("nan"))],
        "a figure is finite or None",
    ),
    "another's": (lambda *_: [replace(_figure(), metric="psi")], "gave 'psi' where acme"),
    "twice": (lambda *_: [_figure(), _figure()], "twice"),
    "too many": (
        lambda *_: [replace(_figure(), subject=f"{i}") for i in range(20_001)],
        "gave more than 20000 figures",
    ),
    "markup": (lambda *_: [replace(_figure(), metric="x" * 101)], "too long"),
}


def _figure():
    return Measurement(metric="acme.share_scored", value=0.5, n=100, direction="high")


@pytest.mark.parametrize("what", NONSENSE)
@ONE_DATABASE
def test_one_that_fails_costs_its_own_figure_and_no_other(housing, what):
    function, says = NONSENSE[what]
    housing.host.register(plugin_of(spec(function)), "acme", version="3")
    define(housing, {"acme.share_scored": {"min": 0.9}, "missing_share": {"max": 0.5}})

    run = housing.monitoring.run("scored", LOG)

    assert len(figures(run)) == 2
    for judged in figures(run):
        assert (judged.measurement.value, judged.status) == (None, Status.INSUFFICIENT)
        assert says in judged.measurement.reason
        assert "acme" in judged.measurement.reason
    others = figures(run, "missing_share")
    assert others
    assert {j.status for j in others} == {Status.OK}


@ONE_DATABASE
def test_a_figure_of_no_column_is_none_of_a_metric_of_columns(housing):
    def of_columns(window, reference, minimum):
        return [replace(_figure(), subject=name) for name in (*window.columns, "elsewhere")]

    housing.host.register(plugin_of(spec(of_columns, per_column=True)), "acme")
    define(housing, {"acme.share_scored": {"min": 0.9}})

    run = housing.monitoring.run("scored", LOG)

    assert "'elsewhere', which is no column" in figures(run)[0].measurement.reason


@ONE_DATABASE
def test_the_direction_is_that_of_the_metric(housing):
    housing.host.register(
        plugin_of(spec(lambda *_: [replace(_figure(), direction="low")], direction="high")), "acme"
    )
    define(housing, {"acme.share_scored": {"min": 0.9}})

    assert figures(housing.monitoring.run("scored", LOG))[0].measurement.direction == "high"


def test_a_monitor_whose_plugin_is_gone_says_so_and_does_not_pass(housing, workspace_folder):
    from aims_core import open_workspace

    housing.host.register(plugin_of(spec(share_scored)), "acme")
    define(housing, {"acme.share_scored": {"min": 0.1}})
    without = open_workspace(workspace_folder, actor="olga", host=PluginHost())
    try:
        run = without.monitoring.run("scored", LOG)
    finally:
        without.close()

    assert [w.status for w in run.windows] == [Status.INSUFFICIENT] * 2
    assert (
        figures(run)[0].measurement.reason
        == "no installed plugin offers the metric acme.share_scored: acme is not installed"
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id": "lift"}, "plugin's name, a dot"),
        ({"id": "acme." + "x" * 96}, "at most 100 characters"),
        ({"compute": share_scored}, r"Ref\('package.module:function'\)"),
        ({"formula": " "}, "formula must be stated"),
        ({"source": "", "range": ""}, "source, range must be stated"),
        ({"direction": "up"}, "direction is high or low"),
        ({"minimum": 0}, "minimum is 1 or more"),
        ({"minimum": True}, "minimum is 1 or more"),
        ({"family": "speed"}, "family is of"),
        ({"needs": ("weather",)}, "needs are of"),
    ],
)
def test_a_metric_that_does_not_say_what_it_is_is_refused(change, says):
    with pytest.raises(ValueError, match=says):
        spec(share_scored, **change)


def test_a_plugin_with_such_a_metric_has_failed_and_says_why():
    class Wrong:
        @hookimpl
        def aims_metrics(self):
            return [spec(share_scored, direction="up")]

    host = PluginHost(discover=False)
    host.register(Wrong(), "wrong")

    assert host.contributions("aims_metrics") == ()
    [info] = [p for p in host.plugins() if p.name == "wrong"]
    assert info.status == "failed"
    assert "direction is high or low" in info.reason


@pytest.mark.parametrize("name", ["other.lift", "monitoring.lift", "acmeish.lift"])
def test_a_name_that_is_not_under_the_plugin_s_own_is_refused(name):
    host = PluginHost(discover=False)
    host.register(plugin_of(spec(share_scored, id=name)), "acme")

    assert host.contributions("aims_metrics") == ()
    [info] = [p for p in host.plugins() if p.name == "acme"]
    assert info.status == "failed"
    assert f"{name!r} is named after another plugin; begin it with acme." in info.reason


@ONE_DATABASE
def test_one_that_needs_ids_gets_them_counted(housing):
    def distinct(window, reference, minimum):
        value = quality.duplicate_share(window, reference, minimum)[0]
        return [replace(value, metric="acme.repeated")]

    repeated = spec(distinct, id="acme.repeated", direction="low", needs=("id",))
    housing.host.register(plugin_of(repeated), "acme")
    log = LOG.append_column("row", pa.array([*range(50), *range(50), *range(100, 200)]))
    define(housing, {"acme.repeated": {"max": 0.1}}, roles={"id": "row"})

    run = housing.monitoring.run("scored", log)

    found = figures(run, "acme.repeated")
    assert [j.measurement.value for j in found] == [0.5, 0.0]
    assert [j.status for j in found] == [Status.BREACH, Status.OK]


@ONE_DATABASE
def test_one_that_needs_a_reference_is_not_shown_unasked_without_one(housing):
    def beside(window, reference, minimum):
        return [replace(_figure(), value=window.rows / reference.rows)]

    needy = spec(beside, family="performance", needs=(), needs_reference=True)
    housing.host.register(plugin_of(needy), "acme")
    define(housing, {"missing_share": {"max": 0.5}})

    assert figures(housing.monitoring.run("scored", LOG)) == []


@ONE_DATABASE
def test_the_list_says_of_each_metric_what_it_is(housing, workspace_folder):
    housing.host.register(plugin_of(spec(share_scored)), "acme")

    frame = housing.monitoring.metrics()

    assert frame["name"].tolist() == [*METRICS, "acme.share_scored", "monitoring.usable_scores"]
    for column in ("title", "direction", "range", "formula", "source"):
        assert (frame[column].str.len() > 0).all(), column
    row = frame.set_index("name").loc["roc_auc"]
    assert row["range"] == "0 to 1"
    assert row["source"].startswith("Hanley and McNeil (1982)")
    assert frame.iloc[-2].tolist()[1:] == [
        "Share of rows with a usable score",
        "",
        "high",
        "0 to 1",
        30,
        "usable / rows",
        "house rule 7",
    ]
    result = CliRunner().invoke(main, ["--workspace", str(workspace_folder), "monitor", "metrics"])
    assert result.exit_code == 0, result.output
    assert "roc_auc" in result.output


def test_scores_that_no_figure_can_use_are_counted(housing):
    log = pa.table({"p": [1] * 200, "s": [0.5] * 100 + [None, float("nan"), -0.1, 1.1, 0.0] * 20})
    define(housing, {"monitoring.usable_scores": {"min": 0.9}})

    run = housing.monitoring.run("scored", log)

    found = figures(run, "monitoring.usable_scores")
    assert [(j.measurement.value, j.status) for j in found] == [
        (1.0, Status.OK),
        (0.2, Status.BREACH),
    ]
    assert found[1].measurement.low == pytest.approx(0.1334, abs=1e-4)
    housing.monitoring.define(
        "scored",
        "ticket-triage",
        kind="performance",
        thresholds={"monitoring.usable_scores": {"min": 0.9}},
        schema=ROLES,
        window=20,
    )
    few = housing.monitoring.run("scored", log)
    assert "30 are needed" in figures(few, "monitoring.usable_scores")[0].measurement.reason
