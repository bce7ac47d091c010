"""Definitions that scipy, scikit-learn and fairlearn have in another form, live, within 1e-9."""

import numpy as np
import pyarrow as pa
import pytest
from aims_monitoring.metrics.catalogue import compute_metrics
from aims_monitoring.metrics.drift import binned_counts, shares_of
from fairlearn.metrics import MetricFrame
from scipy import special
from scipy.stats.contingency import association
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, precision_score

EXACT = 1e-9


def figures(name, window, reference=None):
    return {m.subject: m.value for m in compute_metrics([name], window, reference)}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("column", ["x", "c", "s"])
def test_psi_is_the_relative_entropy_of_scipy_both_ways(column, seed, log, profiles):
    window, reference = profiles(log(3_000, seed), log(2_000, seed + 50, shift=0.5))
    p, q = shares_of(*binned_counts(reference.columns[column], window.columns[column]))

    # No bin is so empty that the floor of 0.0001 would tell.
    assert min(p.min(), q.min()) > 1e-4
    expected = special.rel_entr(p, q).sum() + special.rel_entr(q, p).sum()
    assert figures("psi", window, reference)[column] == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize("seed", range(3))
def test_cramers_v_is_scipys_association(seed, profiles):
    rng = np.random.default_rng(seed)
    before, now = rng.choice(list("abc"), 3_000), rng.choice(list("abc"), 800, p=[0.5, 0.3, 0.2])
    window, reference = profiles(pa.table({"c": before}), pa.table({"c": now}), {"feature": ["c"]})

    table = np.array([[(side == k).sum() for k in "abc"] for side in (before, now)])
    expected = association(table, method="cramer", correction=False)
    assert figures("cramers_v", window, reference)["c"] == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize("seed", range(3))
def test_the_calibration_error_is_that_of_scikit_learns_curve(seed, log, profiles):
    table = log(3_000, seed)
    window, _ = profiles(log(1_000, 99), table)
    frame = table.to_pandas().dropna(subset=["y"])
    y, s = frame["y"].astype(int).to_numpy(), frame["s"].to_numpy()

    share, score = calibration_curve(y, s, n_bins=10, strategy="uniform")
    rows = np.histogram(s, np.linspace(0, 1, 11))[0]
    expected = (rows[rows > 0] / len(s) * np.abs(share - score)).sum()
    assert figures("calibration_error", window)[""] == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize("seed", range(3))
def test_precision_and_accuracy_by_group_are_those_of_a_metric_frame(seed, log, profiles):
    table = log(3_000, seed)
    window, _ = profiles(log(1_000, 99), table)
    frame = table.to_pandas().dropna(subset=["y"])

    measures = {"group_precision": precision_score, "group_accuracy": accuracy_score}
    by_group = MetricFrame(
        metrics=measures,
        y_true=frame["y"].astype(int),
        y_pred=frame["p"],
        sensitive_features=frame["g"],
    ).by_group
    for name in measures:
        found = figures(name, window)
        for group, value in by_group[name].items():
            assert found[f"g={group}"] == pytest.approx(value, abs=EXACT)
