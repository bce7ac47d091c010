from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from aims_monitoring import tables
from aims_monitoring.records import Status
from aims_monitoring.samples import CALIFORNIA_HOUSING_SCHEMA as SCHEMA
from aims_monitoring.samples import california_housing
from aims_monitoring.views import ALERT_COLUMNS, FIGURE_COLUMNS, MONITOR_COLUMNS

from aims_core import (
    InvalidRecord,
    Measurement,
    MonitorSpec,
    NotPermitted,
    PluginError,
    ProviderChoice,
    RecordNotFound,
    Ref,
    hookimpl,
)

HOUSING = california_housing()


def events(workspace, kind):
    return [e for e in workspace.audit.events("ticket-triage", limit=500) if e.type == kind]


def define(workspace, **changes):
    asked = {
        "thresholds": {"accuracy": {"min": 0.75}},
        "schema": SCHEMA,
        "reference": HOUSING.reference,
    }
    return workspace.monitoring.define("housing-accuracy", "ticket-triage", **(asked | changes))


def test_defining_the_same_monitor_twice_finds_it(accuracy):
    first = accuracy.monitoring.get("housing-accuracy")

    second = define(accuracy)

    assert second == first
    assert len(events(accuracy, "monitoring.MonitorDefined")) == 1
    assert len(accuracy.results.of("ticket-triage", "monitoring_plan", history=True)) == 1


def test_changing_a_monitor_supersedes_its_plan(accuracy):
    changed = define(accuracy, thresholds={"accuracy": {"min": 0.9}}, severity="serious")

    (plan,) = accuracy.results.of("ticket-triage", "monitoring_plan")
    assert changed.revision == 2
    assert plan.payload["thresholds"] == {"accuracy": {"min": 0.9}}
    assert plan.payload["severity"] == "serious"
    assert len(accuracy.results.of("ticket-triage", "monitoring_plan", history=True)) == 2


def test_a_run_on_real_shifted_data_breaches_and_tells_once(accuracy):
    run = accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    told = events(accuracy, "core.ThresholdBreached")
    assert run.rows == sum(w.rows for w in run.windows) == 8_232
    assert [w.window for w in run.windows][:2] == ["2021-06", "2021-07"]
    assert len(run.breaches) == 9
    assert len(told) == 1
    assert told[0].payload["window"] == "2021-08"
    assert told[0].payload["metric"] == "accuracy"
    assert told[0].payload["direction"] == "below"
    assert told[0].payload["value"] == pytest.approx(0.5604838709677419)
    assert told[0].payload["severity"] == "major"
    assert len(events(accuracy, "monitoring.MonitoringRun")) == 1


def test_its_figures_are_those_of_pandas(accuracy):
    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)
    log = pq.read_table(HOUSING.analysis).to_pandas()
    labels = pq.read_table(HOUSING.labels).to_pandas()
    joined = log.merge(labels, on="id")
    right = joined["y_pred"] == joined["clf_target"]
    expected = right.groupby(joined["timestamp"].dt.strftime("%Y-%m")).mean()

    series = accuracy.monitoring.series("housing-accuracy")

    figures = series[series["metric"] == "accuracy"].set_index("window")["value"]
    assert list(figures.index) == list(expected.index)
    assert np.allclose(figures.astype(float), expected, atol=1e-12)


def test_the_same_run_twice_finds_the_former_one(accuracy):
    first = accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)
    before = accuracy.audit.head()

    second = accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    assert second == first
    assert accuracy.audit.head() == before


def test_a_longer_log_judges_only_what_is_new(accuracy):
    log = pq.read_table(HOUSING.analysis)
    accuracy.monitoring.run("housing-accuracy", log.slice(0, 2_928), HOUSING.labels)

    accuracy.monitoring.run("housing-accuracy", log, HOUSING.labels)

    told = events(accuracy, "core.ThresholdBreached")
    series = accuracy.monitoring.series("housing-accuracy")
    assert [e.payload["window"] for e in told] == ["2021-08"]
    assert series["window"].nunique() == 12
    assert not series.duplicated(["window", "metric", "column"]).any()


def test_the_same_log_in_another_form_tells_nothing_new(accuracy):
    """Its profile may differ in the last digit of a sum, its windows stand as before."""
    log = pq.read_table(HOUSING.analysis)
    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    again = accuracy.monitoring.run("housing-accuracy", log.to_pandas(), HOUSING.labels)

    assert len(again.breaches) == 9
    assert len(events(accuracy, "core.ThresholdBreached")) == 1
    assert len(accuracy.monitoring.alerts()) == 1


def test_labels_that_come_later_are_a_new_run_of_the_same_windows(accuracy):
    blind = accuracy.monitoring.run("housing-accuracy", HOUSING.analysis)
    assert {w.status for w in blind.windows} == {Status.INSUFFICIENT}

    seeing = accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    assert seeing.run_id != blind.run_id
    assert len(events(accuracy, "core.ThresholdBreached")) == 1
    assert accuracy.monitoring.series("housing-accuracy")["run_id"].unique().tolist() == [
        seeing.run_id
    ]


def test_an_alert_stays_open_while_the_metric_is_only_just_back(accuracy):
    """May 2022 has an accuracy of 0.76: above 0.75, and below the 0.775 at which the alert ends."""
    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    assert accuracy.monitoring.frame()["status"].tolist() == ["ok"]
    assert len(accuracy.monitoring.alerts(open_only=True)) == 1


def test_an_alert_opens_once_and_ends_when_the_metric_is_back(accuracy):
    define(accuracy, hysteresis=0)
    log = pq.read_table(HOUSING.analysis)
    accuracy.monitoring.run("housing-accuracy", log.slice(0, 8_016), HOUSING.labels)
    opened = accuracy.monitoring.alerts(open_only=True)

    accuracy.monitoring.run("housing-accuracy", log, HOUSING.labels)

    (alert,) = accuracy.monitoring.alerts().to_dict("records")
    assert opened["window"].tolist() == ["2021-08"]
    assert opened["ended_at"].isna().all()
    assert alert["ended_window"] == "2022-05"
    assert len(events(accuracy, "monitoring.BreachEnded")) == 1


WEEKLY = {"window": "week", "thresholds": {"accuracy": {"min": 0.75}}}


def test_weeks_tell_when_two_of_three_are_in_breach(accuracy):
    monitor = define(accuracy, **WEEKLY)
    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    series = accuracy.monitoring.series("housing-accuracy")
    weeks = series[(series["metric"] == "accuracy") & series["status"].isin(["ok", "breach"])]
    hits = (weeks["status"] == "breach").astype(int)
    lasting = weeks.loc[(hits == 1) & (hits.rolling(3, min_periods=1).sum() >= 2), "window"]
    told = sorted(accuracy.monitoring.alerts()["window"])
    assert monitor.persistence == [2, 3]
    assert told[0] == lasting.iloc[0] > weeks.loc[hits == 1, "window"].iloc[0]


def test_limits_relative_to_the_reference_are_those_of_its_own_figure(accuracy):
    define(accuracy, thresholds={"accuracy": {"fall": 0.1}})
    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)
    reference = pq.read_table(HOUSING.reference).to_pandas()
    level = (reference["y_pred"] == reference["clf_target"]).mean()

    series = accuracy.monitoring.series("housing-accuracy")

    own = series[series["metric"] == "accuracy"]
    assert np.allclose(own["centre"].astype(float), level)
    assert np.allclose(own["minimum"].astype(float), 0.9 * level)
    assert accuracy.monitoring.alerts()["window"].tolist() == ["2021-08"]


def test_limits_are_learnt_over_several_runs_as_over_one(housing):
    """The reference is run first: its weeks are what the weeks of the log are held against."""
    roles = {"feature": ["AveOccup"], "time": "timestamp"}
    limits = {"mean:AveOccup": {"deviations_above": 4}}
    for name in ("at-once", "in-parts"):
        housing.monitoring.define(
            name, "ticket-triage", schema=roles, thresholds=limits, window="week"
        )
    columns = ["AveOccup", "timestamp"]
    files = (HOUSING.reference, HOUSING.analysis)
    whole = pa.concat_tables([pq.read_table(file, columns=columns) for file in files])

    housing.monitoring.run("at-once", whole)
    # An hour a row from a Thursday on: each part ends with a week.
    cuts = [0, *range(4 * 24, len(whole), 20 * 7 * 24), len(whole)]
    for start, end in pairwise(cuts):
        housing.monitoring.run("in-parts", whole.slice(start, end - start))

    shown = ["window", "metric", "value", "maximum", "centre", "status"]
    one, other = (housing.monitoring.series(name)[shown] for name in ("at-once", "in-parts"))
    pd.testing.assert_frame_equal(one, other)
    # The last week has a day, which is too short for a figure.
    learning = one[(one["metric"] == "mean") & one["value"].notna()]
    assert learning["maximum"].isna().sum() == 14


def test_many_drifting_columns_raise_one_alert(housing):
    housing.monitoring.define(
        "housing-drift",
        "ticket-triage",
        kind="drift",
        thresholds={"psi": {"max": 0.25}},
        schema=SCHEMA,
        reference=HOUSING.reference,
    )

    run = housing.monitoring.run("housing-drift", HOUSING.analysis)

    assert len({j.measurement.subject for _, j in run.breaches}) > 5
    (told,) = events(housing, "core.ThresholdBreached")
    assert told.payload["metric"].startswith("psi:")
    assert run.status is Status.BREACH
    (alert,) = housing.monitoring.alerts().to_dict("records")
    moved = {j.measurement.subject for window, j in run.breaches if window == alert["window"]}
    assert alert["columns"].split(", ") == sorted(moved)
    assert len(moved) > 1
    assert alert["column"] in moved


def test_several_metrics_that_cross_in_one_run_tell_once_and_are_all_on_record(housing):
    define(housing, thresholds={"accuracy": {"min": 0.75}, "f1": {"min": 0.3}})

    housing.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    assert len(events(housing, "core.ThresholdBreached")) == 1
    assert set(housing.monitoring.alerts()["metric"]) == {"accuracy", "f1"}


def test_only_summaries_are_stored(accuracy):
    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)
    log = pq.read_table(HOUSING.analysis).to_pandas()

    with accuracy.reading() as tx:
        stored = "".join(
            str(row)
            for table in tables.metadata.sorted_tables
            if table.name.startswith("monitoring_")
            for row in tx.connection.execute(sa.select(table))
        )

    assert repr(float(log["AveRooms"].median())) not in stored
    assert sum(repr(float(v)) in stored for v in log["AveOccup"].sample(200, random_state=1)) < 40


def test_a_stored_profile_reads_back_and_merges(accuracy):
    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    june = accuracy.monitoring.profile("housing-accuracy", "2021-06")
    july = accuracy.monitoring.profile("housing-accuracy", "2021-07")

    assert june.merge(july).rows == 720 + 744
    assert accuracy.monitoring.profile("housing-accuracy").rows == 5_832
    with pytest.raises(RecordNotFound, match="Did you mean"):
        accuracy.monitoring.profile("housing-accuracy", "2021-0")


def test_a_monitor_without_reference_measures_performance(housing):
    log = pa.table({"y": [0, 1] * 200, "p": [0, 1] * 150 + [1, 0] * 50})
    housing.monitoring.define(
        "bare",
        "ticket-triage",
        thresholds={"accuracy": {"min": 0.9}},
        schema={"prediction": "p", "label": "y"},
        window=100,
    )

    first = housing.monitoring.run("bare", log)
    second = housing.monitoring.run("bare", log.slice(0, 150))

    assert [w.rows for w in first.windows] == [100] * 4
    assert [w.status for w in first.windows] == [Status.OK] * 3 + [Status.BREACH]
    assert [w.rows for w in second.windows] == [100, 50]
    assert housing.monitoring.series("bare")["window"].nunique() == 6
    assert housing.monitoring.series("bare")["window"].iloc[-1] == second.windows[-1].window


def test_rows_without_a_readable_time_are_shown_and_never_judged(housing):
    frame = pd.DataFrame({"t": ["2025-01-01"] * 60 + ["?"] * 60, "y": 1, "p": [1] * 60 + [0] * 60})
    housing.monitoring.define(
        "odd",
        "ticket-triage",
        thresholds={"accuracy": {"min": 0.9}},
        schema={"prediction": "p", "label": "y", "time": "t"},
    )

    run = housing.monitoring.run("odd", frame)

    assert [(w.window, w.rows, w.status) for w in run.windows] == [
        ("undated", 60, Status.INSUFFICIENT),
        ("2025-01", 60, Status.OK),
    ]
    undated = [j.measurement for j in run.windows[0].figures]
    assert {(m.value, m.low, m.high, m.p) for m in undated} == {(None, None, None, None)}
    assert {"no readable time" in m.reason for m in undated} == {True}
    assert not events(housing, "core.ThresholdBreached")


def test_progress_counts_up_to_all_rows(accuracy):
    seen = []

    accuracy.monitoring.run(
        "housing-accuracy", HOUSING.analysis, HOUSING.labels, progress=lambda *s: seen.append(s)
    )

    assert seen[-1] == (8_232, 8_232)


def test_who_may_not_monitor_is_refused_and_nothing_is_written(registered):
    auditor = registered.act_as("aude")

    with pytest.raises(NotPermitted, match="define monitor housing-accuracy"):
        define(auditor)

    assert len(auditor.monitoring.frame()) == 0
    assert len(events(auditor, "core.ActRefused")) == 1


def test_who_may_not_monitor_cannot_run_either(accuracy):
    with pytest.raises(NotPermitted, match="run monitor housing-accuracy"):
        accuracy.act_as("aude").monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    assert len(accuracy.monitoring.series("housing-accuracy")) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"thresholds": {"acuracy": {"min": 0.5}}}, "Perhaps accuracy or"),
        ({"thresholds": {"psi:MedIncome": {"max": 0.5}}}, "MedInc"),
        ({"kind": "drift", "reference": None, "thresholds": {}}, "reference"),
        ({"reference": None, "thresholds": {"psi": {"max": 0.5}}}, "psi needs a reference"),
        ({"schema": {**SCHEMA, "label": ""}}, "accuracy needs a label"),
        ({"schema": {**SCHEMA, "time": ""}}, "need a time column"),
        ({"schema": {**SCHEMA, "feature": ["Rooms"]}}, "no such column"),
        ({"severity": "terrible"}, "Use one of minor"),
        ({"minimum_rows": 0}, "at least one row"),
        ({"window": "fortnight"}, "is none"),
        ({"persistence": (3, 2)}, "two of the last three"),
        ({"persistence": 2}, "two of the last three"),
        ({"hysteresis": 1.0}, "no share"),
        ({"thresholds": {"accuracy": {"fall": 0.1}}, "reference": None}, "none is given"),
        ({"thresholds": {"psi": {"rise": 0.1}}}, "distance from the reference"),
    ],
)
def test_a_definition_that_cannot_be_measured_is_refused_in_plain_words(housing, changes, words):
    with pytest.raises(InvalidRecord, match=words):
        define(housing, **changes)


def test_unknown_systems_owners_kinds_and_monitors_are_named(housing):
    with pytest.raises(RecordNotFound, match="ticket-triage"):
        housing.monitoring.define("m", "ticket-triag", thresholds={}, schema=SCHEMA)
    with pytest.raises(RecordNotFound, match="olga"):
        define(housing, owner="olgo")
    with pytest.raises(ProviderChoice, match=r"monitoring\.drift"):
        define(housing, kind="magic")
    with pytest.raises(RecordNotFound, match="housing"):
        housing.monitoring.run("housing", HOUSING.analysis)


def test_an_id_that_watches_another_system_is_refused(accuracy):
    accuracy.inventory.register(
        "other",
        name="Other",
        use_case="Other.",
        owner="olga",
        origin="in_house",
        declared_risk_category="minimal",
    )

    with pytest.raises(InvalidRecord, match="already watches ticket-triage"):
        accuracy.monitoring.define("housing-accuracy", "other", thresholds={}, schema=SCHEMA)


def test_a_stopped_monitor_leaves_the_plan_and_runs_no_more(accuracy):
    stopped = accuracy.monitoring.stop("housing-accuracy", reason="replaced")

    assert not stopped.active
    assert accuracy.monitoring.stop("housing-accuracy", reason="replaced") == stopped
    (plan,) = accuracy.results.of("ticket-triage", "monitoring_plan")
    assert plan.payload["active"] is False
    with pytest.raises(InvalidRecord, match="it was stopped"):
        accuracy.monitoring.run("housing-accuracy", HOUSING.analysis)
    assert define(accuracy).active


@pytest.mark.parametrize(
    ("data", "labels", "words"),
    [
        (pq.read_table(HOUSING.analysis).slice(0, 0), None, "holds no rows"),
        (pq.read_table(HOUSING.analysis).drop_columns(["MedInc"]), None, "no such column"),
        (HOUSING.analysis, pa.table({"id": [-1], "clf_target": [1]}), "no label has the id"),
        (HOUSING.analysis, pa.table({"id": [1, 1], "clf_target": [1, 0]}), "more than once"),
    ],
)
def test_a_log_that_does_not_fit_is_refused_and_nothing_is_written(accuracy, data, labels, words):
    with pytest.raises(InvalidRecord, match=words):
        accuracy.monitoring.run("housing-accuracy", data, labels)

    assert len(accuracy.monitoring.series("housing-accuracy")) == 0


def test_a_new_cut_of_the_windows_starts_a_new_series(accuracy):
    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)
    define(accuracy, window="quarter")
    assert len(accuracy.monitoring.series("housing-accuracy")) == 0

    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    windows = accuracy.monitoring.series("housing-accuracy")["window"].unique().tolist()
    assert windows == ["2021-Q2", "2021-Q3", "2021-Q4", "2022-Q1", "2022-Q2"]


def test_the_measurement_result_stays_readable_on_its_own(accuracy):
    run = accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    (result,) = accuracy.results.of("ticket-triage", "measurement")

    assert result.subject == "housing-accuracy"
    assert result.input_digest == run.input_digest
    assert result.provider == "monitoring.performance"
    assert result.payload["window"] == "2022-05"
    assert result.payload["breached"] == ["accuracy"]
    assert {f["metric"] for f in result.payload["figures"]} >= {"accuracy", "f1", "brier"}


def test_frames_have_the_same_columns_and_types_when_there_is_nothing(registered):
    monitoring = registered.monitoring
    for frame, columns in (
        (monitoring.frame(), MONITOR_COLUMNS),
        (monitoring.measurements(), FIGURE_COLUMNS),
        (monitoring.alerts(), ALERT_COLUMNS),
    ):
        assert len(frame) == 0
        assert {name: str(kind) for name, kind in frame.dtypes.items()} == dict(columns)


def test_frames_keep_columns_and_types_when_there_is_something(accuracy):
    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)
    monitoring = accuracy.monitoring
    for frame, columns in (
        (monitoring.frame(), MONITOR_COLUMNS),
        (monitoring.series("housing-accuracy"), FIGURE_COLUMNS),
        (monitoring.measurements("ticket-triage"), FIGURE_COLUMNS),
        (monitoring.alerts("ticket-triage"), ALERT_COLUMNS),
    ):
        assert len(frame) > 0
        assert {name: str(kind) for name, kind in frame.dtypes.items()} == dict(columns)
    assert monitoring.frame().loc[0, "status"] == "ok"
    assert monitoring.frame().loc[0, "newest_window"] == "2022-05"
    assert set(monitoring.measurements()["window"]) == {"2022-05"}
    assert len(monitoring.frame("another-system")) == 0


def test_a_monitor_that_never_ran_says_so(accuracy):
    (row,) = accuracy.monitoring.frame().to_dict("records")

    assert row["status"] == "never_run"
    assert row["open_alerts"] == 0


class ToxicityPlugin:
    """A third party's kind of monitor."""

    @hookimpl
    def aims_monitors(self):
        return [
            MonitorSpec(id="acme.rows", title="Rows", measure=Ref(f"{__name__}:count_rows")),
            MonitorSpec(id="acme.broken", title="Broken", measure=Ref(f"{__name__}:answer_nan")),
        ]


def count_rows(window, reference, options):
    return [Measurement(metric="rows", value=float(window.rows), n=window.rows, direction="high")]


def answer_nan(window, reference, options):
    return [Measurement(metric="rows", value=float("nan"), n=1, direction="high")]


@pytest.fixture
def foreign(housing, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or _this_module())
    housing.host.register(ToxicityPlugin(), "acme")
    return housing


def _this_module():
    import types

    module = types.ModuleType(__name__)
    module.count_rows, module.answer_nan = count_rows, answer_nan
    return module


def test_a_kind_of_another_plugin_is_measured_like_our_own(foreign):
    roles = {"prediction": "p"}
    log = pa.table({"p": [1] * 250})
    foreign.monitoring.define(
        "volume",
        "ticket-triage",
        kind="acme.rows",
        thresholds={"rows": {"min": 100}, "words": {"min": 1}},
        schema=roles,
        window=100,
    )

    run = foreign.monitoring.run("volume", log)

    assert run.provider == "acme.rows"
    assert [w.status for w in run.windows] == [
        Status.INSUFFICIENT,
        Status.INSUFFICIENT,
        Status.BREACH,
    ]
    assert "gave no such figure" in run.windows[0].figures[-1].measurement.reason


def test_a_kind_that_answers_nonsense_is_named(foreign):
    foreign.monitoring.define(
        "broken",
        "ticket-triage",
        kind="acme.broken",
        thresholds={},
        schema={"prediction": "p"},
        window=10,
    )

    with pytest.raises(PluginError, match="acme"):
        foreign.monitoring.run("broken", pa.table({"p": [1] * 20}))
