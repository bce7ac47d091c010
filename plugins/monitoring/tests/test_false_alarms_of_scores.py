"""Intervals of the figures of scores hold the truth; scores too close for their bins get no wrong number."""

import numpy as np
import pyarrow as pa
import pytest
from aims_monitoring.metrics.catalogue import compute_metrics
from sklearn import metrics as sk


def window_of(profiles, s, y):
    table = pa.table({"s": s, "y": y.astype(int)})
    window, _ = profiles(table, table, {"score": "s", "label": "y"})
    return window


@pytest.mark.parametrize("metric", ["roc_auc", "pr_auc"])
@pytest.mark.parametrize(
    ("start", "scale"), [(0, 2e-6), (0, 0.002), (0, 0.02), (0.5, 0.0009), (0.5, 0.02), (0, 0.2)]
)
def test_a_figure_of_scores_that_lie_close_holds_the_truth_or_says_why_not(
    metric, start, scale, profiles
):
    rng = np.random.default_rng(5)
    y = rng.random(20_000) < 0.02
    s = start + scale * rng.beta(np.where(y, 3, 1.5), 4)
    exact = {"roc_auc": sk.roc_auc_score, "pr_auc": sk.average_precision_score}[metric](y, s)

    (found,) = compute_metrics([metric], window_of(profiles, s, y), None)

    if metric == "roc_auc" and scale in {2e-6, 0.0009}:
        assert found.value is None
        assert "too close together" in found.reason
    elif start == 0 and scale > 2e-6:
        assert found.value == pytest.approx(exact, abs=2e-3)
    if found.value is not None:
        assert found.low <= exact <= found.high


@pytest.mark.parametrize(
    "values", [(0.0, 1.0), (0.1234567, 0.4, 0.7999), (0.0001, 0.0021, 0.1), (0.31830988,)]
)
@pytest.mark.parametrize("metric", ["roc_auc", "pr_auc"])
def test_a_model_of_few_scores_has_ties_and_keeps_its_area(metric, values, profiles):
    rng = np.random.default_rng(6)
    place = rng.integers(0, len(values), 500)
    s, y = np.array(values)[place], rng.random(500) < 0.2 + 0.6 * place / len(values)
    exact = {"roc_auc": sk.roc_auc_score, "pr_auc": sk.average_precision_score}[metric](y, s)
    window = window_of(profiles, s, y)

    for one in (window, type(window).read(window.layout, window.content())):
        (found,) = compute_metrics([metric], one, None)
        assert found.value == pytest.approx(exact, abs=1e-9)
        assert found.low <= exact <= found.high


@pytest.mark.parametrize("rows", [100, 300, 1_000])
@pytest.mark.parametrize("metric", ["roc_auc", "pr_auc", "log_loss"])
def test_intervals_leave_the_truth_out_seldom(metric, rows, profiles):
    rng = np.random.default_rng(rows)
    s = rng.random(200_000)
    y = rng.random(len(s)) < s
    measure = {"roc_auc": sk.roc_auc_score, "pr_auc": sk.average_precision_score}
    truth = measure.get(metric, sk.log_loss)(y, s)
    missed = 0
    for _ in range(100):
        picked = rng.integers(0, len(s), rows)
        (found,) = compute_metrics([metric], window_of(profiles, s[picked], y[picked]), None)
        missed += not found.low <= truth <= found.high
    assert missed <= 12  # 5 expected; 12 or fewer in 99.9 % of the runs
