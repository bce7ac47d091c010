import numpy as np
import pyarrow as pa
import pytest
from aims_monitoring.metrics.catalogue import METRICS, compute_metrics
from aims_monitoring.metrics.drift import binned_counts, ks_bracket, psi_of, shares_of
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp
from sklearn import metrics as sk

EXACT = 1e-9


def figure(name, window, reference=None, column="", minimum=None):
    found = compute_metrics([name], window, reference, minimum)
    return next(m for m in found if m.subject == column)


def _complete(table):
    frame = table.to_pandas().dropna(subset=["y"])
    return frame["y"].astype(int), frame["p"], frame["s"]


@pytest.mark.parametrize("seed", range(5))
def test_performance_equals_scikit_learn(seed, log, profiles):
    table = log(3_000, seed)
    window, reference = profiles(log(1_000, 99), table)
    y, p, s = _complete(table)

    expected = {
        "accuracy": sk.accuracy_score(y, p),
        "precision": sk.precision_score(y, p),
        "recall": sk.recall_score(y, p),
        "f1": sk.f1_score(y, p),
        "brier": sk.brier_score_loss(y, s),
    }

    for name, value in expected.items():
        found = figure(name, window, reference)
        assert found.value == pytest.approx(value, abs=EXACT)
        assert found.n == len(y)


@pytest.mark.parametrize("seed", range(3))
def test_with_more_than_two_classes_it_is_the_macro_average_of_scikit_learn(seed, profiles):
    rng = np.random.default_rng(seed)
    y = rng.choice(["cat", "dog", "owl", "yak"], 2_000)
    p = np.where(rng.random(2_000) < 0.7, y, rng.choice(["cat", "dog", "owl", "yak"], 2_000))
    table = pa.table({"y": y, "p": p})

    window, _ = profiles(table, table, {"prediction": "p", "label": "y"})

    for name, measure in (
        ("precision", sk.precision_score),
        ("recall", sk.recall_score),
        ("f1", sk.f1_score),
    ):
        assert figure(name, window).value == pytest.approx(
            measure(y, p, average="macro"), abs=EXACT
        )
    assert figure("accuracy", window).value == pytest.approx(sk.accuracy_score(y, p), abs=EXACT)


DRIFTS = {
    "normal": lambda r, n, d: r.normal(d, 1 + d, n),
    "heavy tails": lambda r, n, d: r.standard_t(2, n) * (1 + d),
    "whole numbers": lambda r, n, d: r.poisson(4 + 4 * d, n).astype(float),
    "many zeros": lambda r, n, d: np.where(r.random(n) < 0.6 - d, 0.0, r.gamma(2, 3, n)),
    "one value": lambda _r, n, _d: np.full(n, 7.0),
    "large": lambda r, n, d: r.normal(1e12, 1e3 * (1 + d), n),
}


@pytest.mark.parametrize("kind", DRIFTS)
@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_the_exact_ks_distance_lies_within_the_bracket(kind, shift, profiles):
    rng = np.random.default_rng(17)
    before, now = DRIFTS[kind](rng, 20_000, 0.0), DRIFTS[kind](rng, 7_000, shift)
    window, reference = profiles(pa.table({"x": before}), pa.table({"x": now}), {"feature": ["x"]})

    exact = ks_2samp(before, now, method="asymp").statistic
    low, high = ks_bracket(reference.columns["x"], window.columns["x"])

    assert low - EXACT <= exact <= high + EXACT
    assert high - low <= 0.03
    assert figure("ks", window, reference, "x").value == low


def test_the_ks_distance_of_few_distinct_values_is_exact(profiles):
    rng = np.random.default_rng(3)
    before, now = rng.integers(0, 60, 5_000), rng.integers(5, 80, 4_000)
    window, reference = profiles(pa.table({"x": before}), pa.table({"x": now}), {"feature": ["x"]})

    low, high = ks_bracket(reference.columns["x"], window.columns["x"])

    # Only beyond the reference's greatest value lie several values in one bin; nothing is open there.
    assert low == pytest.approx(ks_2samp(before, now, method="asymp").statistic, abs=EXACT)
    assert high - low <= 0.3


def test_psi_of_categories_equals_its_formula_exactly(log, profiles):
    rng = np.random.default_rng(5)
    before = rng.choice(["a", "b", "c"], 4_000, p=[0.5, 0.3, 0.2])
    now = rng.choice(["a", "b", "new"], 3_000, p=[0.4, 0.5, 0.1])
    window, reference = profiles(pa.table({"c": before}), pa.table({"c": now}), {"feature": ["c"]})
    p = np.array([(before == k).mean() for k in ("a", "b", "c", "new")]).clip(1e-4)
    q = np.array([(now == k).mean() for k in ("a", "b", "c", "new")]).clip(1e-4)

    expected = ((q - p) * np.log(q / p)).sum()

    assert figure("psi", window, reference, "c").value == pytest.approx(expected, abs=EXACT)


def test_psi_of_numbers_equals_its_formula_on_the_ten_bins_it_names(profiles):
    rng = np.random.default_rng(6)
    before, now = rng.normal(0, 1, 10_000), rng.normal(0.4, 1.2, 8_000)
    window, reference = profiles(pa.table({"x": before}), pa.table({"x": now}), {"feature": ["x"]})
    ordered = np.sort(before)
    edges = ordered[(np.arange(1, 10) * len(ordered)) // 10]
    p = np.histogram(before, [-np.inf, *np.nextafter(edges, np.inf), np.inf])[0] / len(before)
    q = np.histogram(now, [-np.inf, *np.nextafter(edges, np.inf), np.inf])[0] / len(now)

    assert figure("psi", window, reference, "x").value == pytest.approx(psi_of(p, q), abs=1e-3)
    assert len(shares_of(*binned_counts(reference.columns["x"], window.columns["x"]))[0]) == 10


def test_no_change_is_no_drift(log, profiles):
    table = log(2_000, 1)
    window, reference = profiles(table, table)

    for name in ("psi", "js", "ks"):
        values = [
            m.value for m in compute_metrics([name], window, reference) if m.value is not None
        ]
        assert values
        assert max(values) == 0.0


@pytest.mark.parametrize("column", ["x", "c", "s", "p"])
def test_jensen_shannon_equals_scipy(column, log, profiles):
    window, reference = profiles(log(3_000, 1), log(2_000, 2, shift=0.7))
    p, q = shares_of(*binned_counts(reference.columns[column], window.columns[column]))

    expected = jensenshannon(p, q, base=2)

    assert figure("js", window, reference, column).value == pytest.approx(expected, abs=EXACT)


def test_the_share_of_missing_values_is_exact(log, profiles):
    table = log(2_000, 8)
    window, reference = profiles(log(500, 1), table)

    for column in ("x", "c"):
        expected = table[column].null_count / 2_000
        assert figure("missing_share", window, reference, column).value == expected


def test_too_few_rows_give_a_reason_instead_of_a_figure(log, profiles):
    window, reference = profiles(log(500, 1), log(20, 2))

    performance = figure("accuracy", window, reference)
    drift = figure("psi", window, reference, "x")

    assert performance.value is None
    assert "30 are needed" in performance.reason
    assert drift.value is None
    assert "100 are needed" in drift.reason
    assert figure("accuracy", window, reference, minimum=5).value is not None


def test_a_division_by_zero_is_no_figure(profiles):
    table = pa.table({"y": [0, 1] * 50, "p": [0] * 100})

    window, _ = profiles(table, table, {"prediction": "p", "label": "y"})

    assert figure("precision", window).value is None
    assert "never predicted" in figure("precision", window).reason
    assert figure("recall", window).value == 0.0


def test_two_classes_without_a_named_positive_one_give_no_precision_but_accuracy(profiles):
    table = pa.table({"y": ["no", "yes"] * 50, "p": ["no"] * 60 + ["yes"] * 40})
    roles = {"prediction": "p", "label": "y"}

    unnamed, _ = profiles(table, table, roles)
    named, _ = profiles(table, table, roles, positive="yes")

    assert figure("accuracy", unnamed).value == 0.5
    assert "name the positive one" in figure("precision", unnamed).reason
    assert figure("precision", named).value == 0.5


def test_true_and_one_and_one_point_zero_are_the_same_class(profiles):
    table = pa.table({"y": [True, False] * 50, "p": [1.0, 0.0] * 50})

    window, _ = profiles(table, table, {"prediction": "p", "label": "y"})

    assert figure("accuracy", window).value == 1.0
    assert figure("f1", window).value == 1.0


def test_drift_without_a_reference_says_so(log, profiles):
    window, _ = profiles(log(200, 1), log(200, 2))

    assert "no reference" in figure("psi", window).reason


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_states_formula_source_range_direction_and_minimum_sample(name):
    text = " ".join(METRICS[name].compute.__doc__.split())

    for part in ("Formula:", "Source:", "Range:", "Direction:", "Minimum sample:"):
        assert part in text
