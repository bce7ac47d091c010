"""Figures that a column does not have, and what else must not hide or invent a figure."""

import decimal
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from aims_monitoring.answers import figures_of
from aims_monitoring.judgement import judge
from aims_monitoring.metrics.catalogue import compute_metrics
from aims_monitoring.metrics.drift import NO_ORDER
from aims_monitoring.metrics.significance import katz
from aims_monitoring.records import Status
from aims_monitoring.source import open_source
from aims_monitoring.thresholds import Threshold

from aims_core import Measurement


def frame(n, seed, shift=0.0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"x": rng.normal(shift, 1, n), "c": rng.choice(["a", "b"], n)})


def run(workspace, features, log, **more):
    asked = {"kind": "drift", "schema": {"feature": features}, "window": 2_000}
    reference = frame(20_000, 1)
    workspace.monitoring.define("m", "ticket-triage", reference=reference, **(asked | more))
    return workspace.monitoring.run("m", log)


@pytest.mark.parametrize("features", [["x"], ["c"], ["x", "c"]])
def test_a_stable_log_is_ok_at_default_limits_whatever_its_columns_are(housing, features):
    done = run(housing, features, frame(6_000, 2))

    assert [w.status for w in done.windows] == [Status.OK] * 3
    left_out = [j for w in done.windows for j in w.figures if j.status is Status.NOT_APPLICABLE]
    assert left_out
    assert all(j.measurement.value is None and j.measurement.reason for j in left_out)
    assert set(housing.monitoring.frame()["status"]) == {"ok"}


def test_a_limit_that_no_column_can_meet_is_never_a_pass(housing):
    of_all = run(housing, ["c"], frame(2_000, 2), thresholds={"ks": {"max": 0.1}})
    of_one = run(
        housing, ["x", "c"], frame(2_000, 2), thresholds={"ks": {"max": 0.1}, "ks:c": {"max": 0.1}}
    )

    assert of_all.status is Status.INSUFFICIENT
    assert of_one.status is Status.INSUFFICIENT


def measured(**more):
    return Measurement(metric="ks", value=None, n=9, direction="low", subject="x", **more)


def test_whether_a_figure_applies_is_a_mark_on_it_and_not_its_words():
    limits = [Threshold(metric="ks", maximum=0.1)]
    (beside,) = judge([measured(reason="any words", applicable=False)], limits)
    (short,) = judge([measured(reason=NO_ORDER.reason)], limits)
    asked = Threshold(metric="ks", column="x", maximum=0.1)
    (of_column,) = judge([measured(reason="any words", applicable=False)], [asked])

    assert beside.status is Status.NOT_APPLICABLE
    assert short.status is Status.INSUFFICIENT
    assert of_column.status is Status.INSUFFICIENT


@pytest.mark.parametrize("metric", ["ks", "wasserstein", "cramers_v", "psi"])
def test_metrics_mark_what_a_column_of_its_kind_does_not_have(profiles, metric):
    window, reference = profiles(frame(500, 1), frame(500, 2), {"feature": ["x", "c"]})

    found = {m.subject: m for m in compute_metrics([metric], window, reference)}
    too_few = compute_metrics([metric], window, reference, 10_000)

    lacking = {"ks": {"c"}, "wasserstein": {"c"}, "cramers_v": {"x"}, "psi": set()}[metric]
    assert {name for name, m in found.items() if not m.applicable} == lacking
    assert all(m.value is None and m.reason for m in found.values() if not m.applicable)
    assert all(m.applicable for m in too_few)


def test_the_mark_is_read_back_from_record(housing):
    done = run(housing, ["x", "c"], frame(2_000, 2))

    again = housing.monitoring.run("m", frame(2_000, 2))

    marks = [[j.measurement.applicable for j in r.windows[0].figures] for r in (done, again)]
    assert again.run_id == done.run_id
    assert marks[0] == marks[1]
    assert not all(marks[0])


def test_a_value_that_does_not_apply_is_refused_with_the_name_of_who_gave_it():
    right = measured(applicable=False)
    wrong = replace(right, value=0.5)

    assert "says that it does not apply" in figures_of([wrong])
    assert figures_of([right]) == [right]


def test_a_plot_shows_the_metric_in_breach_unless_another_is_asked_for(housing):
    limits = {"unusable_rise": {"max": 0.05}, "ks": {"max": 0.1}}
    done = run(housing, ["x"], frame(2_000, 2, shift=1.0), thresholds=limits)

    assert {j.measurement.metric for _, j in done.breaches} == {"ks"}
    assert housing.monitoring.plot("m").svg == housing.monitoring.plot("m", "ks").svg


@pytest.mark.parametrize(("a", "b"), [((0, 100), (30, 100)), ((30, 100), (0, 100))])
def test_the_interval_of_a_ratio_without_hits_holds_the_ratio(a, b):
    low, high = katz(a, b)

    assert low <= (a[0] / b[0] if b[0] else np.inf) <= high
    assert low < high


def test_a_decimal_is_the_class_of_the_number_it_equals(profiles):
    labels = [decimal.Decimal("1.0"), decimal.Decimal("0.0")] * 100
    table = pa.table({"p": pa.array([1, 0] * 100), "y": pa.array(labels)})
    window, reference = profiles(table, table, {"prediction": "p", "label": "y"})

    (found,) = compute_metrics(["accuracy"], window, reference)

    assert found.value == 1.0


def test_a_series_of_pandas_is_no_log():
    with pytest.raises(TypeError, match="Series is no prediction log"):
        open_source(pd.Series([1, 2]))
