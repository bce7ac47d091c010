"""Figures that a column does not have, and what else must not hide or invent a figure."""

import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from aims_monitoring.metrics.catalogue import compute_metrics
from aims_monitoring.metrics.significance import katz
from aims_monitoring.records import Status
from aims_monitoring.source import open_source


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
