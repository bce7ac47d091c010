"""Intervals of the score figures hold the truth, and rare events never get a wrong number."""

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
@pytest.mark.parametrize("scale", [0.002, 0.02, 0.2])
def test_a_figure_of_scores_that_lie_close_holds_the_truth_or_says_why_not(metric, scale, profiles):
    rng = np.random.default_rng(5)
    y = rng.random(20_000) < 0.02
    s = scale * rng.beta(np.where(y, 3, 1.5), 4)
    exact = {"roc_auc": sk.roc_auc_score, "pr_auc": sk.average_precision_score}[metric](y, s)

    (found,) = compute_metrics([metric], window_of(profiles, s, y), None)

    if metric == "roc_auc" and scale == 0.002:
        assert found.value is None
        assert "too close together" in found.reason
    elif found.value is not None:
        assert found.low <= exact <= found.high


def test_scores_of_two_values_are_ties_and_keep_their_area(profiles):
    rng = np.random.default_rng(6)
    s = rng.integers(0, 2, 500).astype(float)
    y = rng.random(500) < 0.2 + 0.6 * s

    (found,) = compute_metrics(["roc_auc"], window_of(profiles, s, y), None)

    assert found.value == pytest.approx(sk.roc_auc_score(y, s), abs=1e-9)


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
