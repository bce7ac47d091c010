"""Every figure against scipy, scikit-learn or fairlearn, live, within 1e-9 or the stated difference."""

import math

import numpy as np
import pyarrow as pa
import pytest
from aims_monitoring.metrics.catalogue import compute_metrics
from aims_monitoring.metrics.distance import chi_square_of, distance_of
from aims_monitoring.metrics.laws import chi_square_tail, kolmogorov_tail, normal_quantile
from aims_monitoring.metrics.ranking import auc_bracket
from aims_monitoring.metrics.significance import significant, wilson
from fairlearn import metrics as fl
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats
from sklearn import metrics as sk

EXACT = 1e-9
SEEDS = range(4)


def figures(name, window, reference=None, minimum=None):
    return {m.subject: m for m in compute_metrics([name], window, reference, minimum)}


@pytest.mark.parametrize("seed", SEEDS)
def test_ranking_figures_equal_scikit_learn_within_the_bins(seed, log, profiles):
    table = log(4_000, seed)
    window, _ = profiles(log(1_000, 99), table)
    frame = table.to_pandas().dropna(subset=["y"])
    y, s = frame["y"].astype(int), frame["s"]

    low, high = auc_bracket(window.histogram)
    exact = sk.roc_auc_score(y, s)
    assert low - EXACT <= exact <= high + EXACT
    assert high - low < 2e-3
    assert figures("roc_auc", window)[""].value == pytest.approx(exact, abs=1e-3)
    assert figures("pr_auc", window)[""].value == pytest.approx(
        sk.average_precision_score(y, s), abs=2e-3
    )
    assert figures("log_loss", window)[""].value == pytest.approx(sk.log_loss(y, s), abs=EXACT)


def test_scores_on_the_edges_of_bins_give_scikit_learns_area_exactly(profiles):
    rng = np.random.default_rng(3)
    s = rng.integers(0, 100, 3_000) / 100
    table = pa.table({"s": s, "y": (rng.random(3_000) < s).astype(int)})
    window, _ = profiles(table, table, {"score": "s", "label": "y"})
    y = table["y"].to_numpy()

    assert figures("roc_auc", window)[""].value == pytest.approx(sk.roc_auc_score(y, s), abs=EXACT)
    assert figures("pr_auc", window)[""].value == pytest.approx(
        sk.average_precision_score(y, s), abs=EXACT
    )


def test_the_calibration_error_is_that_of_its_formula(log, profiles):
    table = log(3_000, 8)
    window, _ = profiles(log(1_000, 99), table)
    frame = table.to_pandas().dropna(subset=["y"])
    y, s = frame["y"].to_numpy(float), frame["s"].to_numpy()
    tenth = np.minimum((s * 10).astype(int), 9)

    expected = sum(
        (tenth == t).mean() * abs(s[tenth == t].mean() - y[tenth == t].mean())
        for t in np.unique(tenth)
    )
    assert figures("calibration_error", window)[""].value == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize("seed", SEEDS)
def test_regression_figures_equal_scikit_learn(seed, profiles):
    rng = np.random.default_rng(seed)
    y = rng.gamma(2, 1e4, 2_000)
    p = y * rng.normal(1.02, 0.1, 2_000)
    table = pa.table({"y": pa.array(y, mask=rng.random(2_000) < 0.1), "p": p})
    roles = {"label": "y", "prediction": "p", "task": "regression"}
    window, _ = profiles(table, table, roles)
    known = table["y"].is_valid().to_numpy(zero_copy_only=False)

    expected = {
        "mae": sk.mean_absolute_error(y[known], p[known]),
        "rmse": sk.root_mean_squared_error(y[known], p[known]),
        "r2": sk.r2_score(y[known], p[known]),
        "bias": float((p - y)[known].mean()),
    }
    for name, value in expected.items():
        found = figures(name, window)[""]
        assert found.value == pytest.approx(value, rel=EXACT)
        assert found.n == known.sum()


def _people(seed):
    rng = np.random.default_rng(seed)
    n = 4_000
    sex, age = rng.choice(["f", "m"], n), rng.choice(["young", "old", "oldest"], n)
    chance = 0.3 + 0.2 * (sex == "m") + 0.1 * (age == "old")
    y = (rng.random(n) < chance).astype(int)
    p = np.where(rng.random(n) < 0.8, y, rng.random(n) < chance).astype(int)
    return pa.table({"sex": sex, "age": age, "y": y, "p": p})


@pytest.mark.parametrize("seed", SEEDS)
def test_fairness_figures_equal_fairlearn(seed, profiles):
    table = _people(seed)
    roles = {"label": "y", "prediction": "p", "group": ["sex", "age"]}
    window, _ = profiles(table, table, roles)
    y, p = table["y"].to_numpy(), table["p"].to_numpy()
    views = {
        "sex": table["sex"].to_numpy(zero_copy_only=False),
        "age": table["age"].to_numpy(zero_copy_only=False),
    }
    views["sex x age"] = np.array(
        [f"{a} x {b}" for a, b in zip(views["sex"], views["age"], strict=True)]
    )
    rates = {
        "selection_rate": fl.selection_rate,
        "true_positive_rate": fl.true_positive_rate,
        "false_positive_rate": fl.false_positive_rate,
        "false_negative_rate": fl.false_negative_rate,
    }
    for name, measure in rates.items():
        found = figures(name, window)
        for attribute, groups in views.items():
            for group in np.unique(groups):
                chosen = groups == group
                assert found[f"{attribute}={group}"].value == pytest.approx(
                    measure(y[chosen], p[chosen]), abs=EXACT
                )
    differences = {
        "demographic_parity_difference": fl.demographic_parity_difference,
        "demographic_parity_ratio": fl.demographic_parity_ratio,
        "equal_opportunity_difference": fl.equal_opportunity_difference,
        "equalized_odds_difference": fl.equalized_odds_difference,
        "equalized_odds_ratio": fl.equalized_odds_ratio,
    }
    for name, measure in differences.items():
        found = figures(name, window)
        for attribute, groups in views.items():
            expected = measure(y, p, sensitive_features=groups)
            assert found[attribute].value == pytest.approx(expected, abs=EXACT)


def test_a_group_of_one_is_named_and_alarms_nobody(profiles):
    table = _people(1)
    one = pa.table({"sex": ["x"], "age": ["old"], "y": [1], "p": [0]}, schema=table.schema)
    window, _ = profiles(
        table,
        pa.concat_tables([table, one]),
        {
            "label": "y",
            "prediction": "p",
            "group": ["sex"],
        },
    )

    with_it = figures("equal_opportunity_difference", window)["sex"]
    without = figures(
        "equal_opportunity_difference",
        profiles(
            table,
            table,
            {
                "label": "y",
                "prediction": "p",
                "group": ["sex"],
            },
        )[0],
    )["sex"]
    lonely = figures("true_positive_rate", window)["sex=x"]

    assert with_it.value == without.value
    assert "too few in x" in with_it.reason
    assert (lonely.value, lonely.n) == (None, 1)
    assert "too few" in lonely.reason


def test_people_without_an_attribute_are_a_group_of_their_own(profiles):
    table = _people(2)
    gone = np.arange(len(table)) % 3 == 0
    sex = pa.array(table["sex"].to_pylist(), mask=gone)
    window, _ = profiles(
        table,
        table.set_column(0, "sex", sex),
        {
            "label": "y",
            "prediction": "p",
            "group": ["sex"],
        },
    )

    found = figures("selection_rate", window)
    assert found["sex=(missing)"].n == gone.sum()
    assert sum(m.n for m in found.values()) == len(table)


@pytest.mark.parametrize("shift", [0.0, 0.3, 2.0])
@pytest.mark.parametrize(
    "law", ["normal", "lognormal", "poisson", "zeros", "clusters", "clusters inwards"]
)
def test_the_wasserstein_distance_is_scipys_within_a_bins_width(law, shift, profiles):
    rng = np.random.default_rng(11)
    make = {
        "normal": lambda n, d: rng.normal(d, 1, n),
        "lognormal": lambda n, d: rng.lognormal(d, 1, n),
        "poisson": lambda n, d: rng.poisson(3 + d, n).astype(float),
        "zeros": lambda n, d: np.where(rng.random(n) < 0.5, 0.0, rng.gamma(2, 1 + d, n)),
        "clusters": lambda n, d: rng.normal(100 * (rng.random(n) < 0.5 + d / 5), 1, n),
        # Both sides move into the gap between, where the distribution functions cross.
        "clusters inwards": lambda n, d: np.where(
            rng.random(n) < 0.5, rng.normal(20 * d, 1, n), rng.normal(100 - 20 * d, 1, n)
        ),
    }[law]
    before, now = make(8_000, 0.0), make(5_000, shift)
    window, reference = profiles(pa.table({"x": before}), pa.table({"x": now}), {"feature": ["x"]})

    exact = stats.wasserstein_distance(before, now)
    found = distance_of(reference.columns["x"], window.columns["x"])

    assert found <= exact + 1e-9 * max(1.0, exact)
    assert found == pytest.approx(exact, abs=2e-3 * before.std())
    assert figures("wasserstein", window, reference)["x"].value == pytest.approx(
        found / before.std(), rel=1e-9
    )


def test_a_shift_by_one_unit_moves_by_one_unit_exactly(profiles):
    before = np.random.default_rng(1).normal(0, 1, 4_000)
    window, reference = profiles(
        pa.table({"x": before}), pa.table({"x": before + 50}), {"feature": ["x"]}
    )

    assert distance_of(reference.columns["x"], window.columns["x"]) == pytest.approx(50, abs=1e-9)


def test_chi_square_equals_scipys_contingency_test(profiles):
    rng = np.random.default_rng(5)
    before, now = rng.choice(list("abcde"), 4_000), rng.choice(list("abcde"), 900)
    window, reference = profiles(pa.table({"c": before}), pa.table({"c": now}), {"feature": ["c"]})

    table = [[(side == k).sum() for k in "abcde"] for side in (before, now)]
    expected = stats.chi2_contingency(table, correction=False)
    statistic, freedom, n = chi_square_of(reference.columns["c"], window.columns["c"])
    found = figures("cramers_v", window, reference)["c"]

    assert (freedom, n) == (4, 4_900)
    assert statistic == pytest.approx(expected.statistic, abs=EXACT)
    assert found.p == pytest.approx(expected.pvalue, abs=EXACT)
    assert found.value == pytest.approx(math.sqrt(expected.statistic / n), abs=EXACT)


def test_tails_and_intervals_equal_scipys():
    assert chi_square_tail(12.3, 4) == pytest.approx(stats.chi2.sf(12.3, 4), abs=EXACT)
    n, m = 900, 700
    distance = 0.07
    rounded = math.sqrt(n * m / (n + m)) * distance
    assert kolmogorov_tail(distance, n, m) == pytest.approx(stats.kstwobign.sf(rounded), abs=EXACT)
    expected = stats.binomtest(17, 60).proportion_ci(method="wilson")
    assert wilson(17, 60) == pytest.approx((expected.low, expected.high), abs=EXACT)
    p = [0.001, 0.2, 0.012, 0.04, 0.013]
    adjusted = stats.false_discovery_control(p)
    assert significant(p, 0.05) == [bool(a <= 0.05) for a in adjusted]
    assert significant([], 0.05) == []


@given(st.floats(1e-9, 20_000), st.integers(1, 10_000))
def test_the_tail_of_chi_square_is_scipys(statistic, freedom):
    expected = special.chdtrc(freedom, statistic)

    assert chi_square_tail(statistic, freedom) == pytest.approx(expected, rel=1e-10, abs=1e-290)


@given(st.floats(0, 1), st.integers(1, 10**10), st.integers(1, 10**10))
def test_the_tail_of_kolmogorov_and_smirnov_is_scipys(distance, n, m):
    expected = special.kolmogorov(math.sqrt(n * m / (n + m)) * distance)

    assert kolmogorov_tail(distance, n, m) == pytest.approx(expected, rel=1e-12, abs=1e-290)


@given(st.floats(1e-300, 1 - 1e-12))
def test_the_quantile_of_the_normal_law_is_scipys(share):
    assert normal_quantile(share) == pytest.approx(special.ndtri(share), rel=1e-12, abs=1e-12)


def test_a_tail_without_freedom_or_of_nothing_is_certain_and_that_of_infinity_is_none():
    assert [chi_square_tail(5.0, 0), chi_square_tail(0.0, 3), chi_square_tail(math.inf, 3)] == [
        1,
        1,
        0,
    ]
    assert [kolmogorov_tail(0.0, 5, 5), kolmogorov_tail(1.0, 10**9, 10**9)] == [1, 0]


def test_performance_is_estimated_without_labels_where_only_who_comes_has_changed(profiles):
    rng = np.random.default_rng(9)

    def scored(n, a, b):
        s = rng.beta(a, b, n)
        return pa.table(
            {
                "s": s,
                "p": (s > 0.5).astype(int),
                "y": (rng.random(n) < s**1.3).astype(int),
            }
        )

    before, now = scored(60_000, 2, 2), scored(40_000, 4, 2)
    roles = {"score": "s", "prediction": "p", "label": "y"}
    window, reference = profiles(before, now.drop_columns(["y"]), roles)
    y, p, s = (now[c].to_numpy() for c in ("y", "p", "s"))
    realised = {
        "estimated_accuracy": sk.accuracy_score(y, p),
        "estimated_precision": sk.precision_score(y, p),
        "estimated_recall": sk.recall_score(y, p),
        "estimated_f1": sk.f1_score(y, p),
        "estimated_roc_auc": sk.roc_auc_score(y, s),
    }

    assert window.confusion.cells
    for name, value in realised.items():
        assert figures(name, window, reference)[""].value == pytest.approx(value, abs=0.01)


def test_oversight_figures_read_any_column(profiles):
    rng = np.random.default_rng(2)
    table = pa.table(
        {
            "overridden": rng.random(500) < 0.2,
            "seconds": rng.exponential(30, 500),
        }
    )
    window, _ = profiles(table, table, {"feature": ["overridden", "seconds"]})
    seconds = table["seconds"].to_numpy()

    share = figures("true_share", window)["overridden"]
    assert share.value == pytest.approx(np.mean(table["overridden"].to_pylist()), abs=EXACT)
    assert share.low < share.value < share.high
    assert figures("mean", window)["seconds"].value == pytest.approx(seconds.mean(), rel=EXACT)
    slow = figures("p95", window)["seconds"].value
    assert 0.95 <= (seconds <= slow).mean() <= 0.97


@pytest.mark.parametrize(
    ("before", "now", "share"),
    [
        ([0, 1] * 100, [1, 0, 0, 0] * 50, 0.25),
        ([0] * 200, [1, 0, 0, 0] * 50, 0.25),
        ([1] * 200, [1, 0, 0, 0] * 50, 0.25),
        ([0.0, 1.0] * 100, [0.0] * 200, 0.0),
        ([0, 1] * 100, [0, 1, 2, 1] * 50, None),
        ([0, 1] * 100, [0, 0.5] * 100, None),
        ([0, 1] * 100, [0, -1] * 100, None),
    ],
)
def test_numbers_0_and_1_are_truth_values(profiles, before, now, share):
    window, _ = profiles(
        pa.table({"refused": before}), pa.table({"refused": now}), {"feature": ["refused"]}
    )

    (found,) = figures("true_share", window).values()

    assert found.value == share
    assert share is not None or "another value than 0 and 1" in found.reason


def test_a_log_of_a_language_model_is_watched_like_any_other(housing):
    """Refusals, cost, latency and feedback, with limits that are fixed and limits learnt from its days."""
    rng = np.random.default_rng(4)
    days, calls = 25, 200
    bad = np.repeat(np.arange(days) >= 22, calls)
    log = pa.table(
        {
            "at": np.datetime64("2026-01-01", "us")
            + np.repeat(np.arange(days), calls) * np.timedelta64(1, "D"),
            "refused": (rng.random(days * calls) < np.where(bad, 0.3, 0.02)).astype(int),
            "cost": rng.gamma(2, 0.01, days * calls) * np.where(bad, 1.6, 1),
            "latency": rng.gamma(3, 0.4, days * calls),
            "feedback": rng.choice([1.0, 2, 3, 4, 5, np.nan], days * calls),
        }
    )
    housing.monitoring.define(
        "assistant",
        "ticket-triage",
        schema={"feature": ["refused", "cost", "latency", "feedback"], "time": "at"},
        window="day",
        thresholds={
            "true_share:refused": {"max": 0.1},
            "mean:cost": {"deviations_above": 4},
            "p95:latency": {"max": 5},
            "mean:feedback": {"min": 2},
        },
    )

    run = housing.monitoring.run("assistant", log)

    crossed = {name.name for _, name in run.breaches}
    alerts = housing.monitoring.alerts().set_index("metric")
    assert crossed == {"true_share:refused", "mean:cost"}
    assert alerts.loc["true_share", "window"] == "2026-01-24"
    assert alerts.loc["mean", "window"] == "2026-01-24"


def test_what_the_reference_never_had_is_counted(profiles):
    before = pa.table({"c": ["a", "b"] * 100, "x": np.linspace(0, 1, 200)})
    now = pa.table({"c": ["a"] * 90 + ["z"] * 10, "x": [0.5] * 97 + [7.0, -1.0, math.inf]})
    window, _ = profiles(before, now, {"feature": ["c", "x"]})

    found = figures("outside_share", window)
    assert found["c"].value == pytest.approx(0.1)
    assert found["x"].value == pytest.approx(0.03)
