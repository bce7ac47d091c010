"""The interval of r2 is as wide as chance makes it, whatever is left unexplained: no wider, no narrower."""

import numpy as np
import pyarrow as pa
import pytest
from aims_monitoring.judgement import Background, judge
from aims_monitoring.layout import fit_layout
from aims_monitoring.metrics.catalogue import compute_metrics
from aims_monitoring.profile import Profile, profile_source
from aims_monitoring.records import Status
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source
from aims_monitoring.thresholds import read_thresholds

SCHEMA = Schema.of({"label": "y", "prediction": "p", "task": "regression"})
WINDOWS = 200


def explained(share, noise="normal"):
    """Labels of which predictions explain a share; the rest is noise."""

    def make(rng, n):
        drawn = rng.normal(0, 1, n) if noise == "normal" else rng.standard_t(5, n) * 0.6**0.5
        known = rng.normal(0, 1, n)
        return known + drawn * np.sqrt(1 / share - 1), known

    return make


def skewed(rng, n):
    """Prices: labels with a long tail, predictions off by the same whatever the price."""
    y = rng.gamma(3, 1, n)
    return y, y + rng.normal(0, 0.6, n)


def growing(rng, n):
    """Errors that are the larger the larger the label."""
    known = rng.gamma(2, 1, n)
    return known + rng.normal(0, 0.5, n) * known, known


def tailed(rng, n):
    """Labels of a lognormal law."""
    known = rng.lognormal(0, 0.5, n)
    return known + rng.normal(0, 0.4, n), known


LAWS = {
    "0.9": explained(0.9),
    "0.5": explained(0.5),
    "0.1": explained(0.1),
    "t": explained(0.7, "t"),
    "skewed": skewed,
    "growing": growing,
    "tailed": tailed,
}


def table(make, rng, n):
    y, p = make(rng, n)
    return pa.table({"y": y, "p": p})


def reference_of(make, rows=20_000):
    source = open_source(table(make, np.random.default_rng(1), rows))
    return profile_source(source, fit_layout(source, SCHEMA))


def r2_of(reference, rows):
    window = Profile.empty(reference.layout)
    window.add(rows)
    (found,) = compute_metrics(["r2"], window, reference)
    return found


@pytest.mark.parametrize("size", [100, 300, 1_000])
@pytest.mark.parametrize("law", LAWS)
def test_the_interval_of_r2_holds_the_truth_and_no_more_than_that(law, size):
    make, rng = LAWS[law], np.random.default_rng(size)
    y, p = make(np.random.default_rng(2), 1_000_000)
    truth = 1 - ((y - p) ** 2).mean() / y.var()
    reference = reference_of(make)

    found = [r2_of(reference, table(make, rng, size)) for _ in range(WINDOWS)]

    held = sum(f.low <= truth <= f.high for f in found)
    needed = 2 * 1.96 * np.std([f.value for f in found])
    # 95 % expected; fewer than 89.5 % in one of a thousand runs.
    assert held >= 0.895 * WINDOWS
    assert np.median([f.high - f.low for f in found]) < 1.35 * needed


@pytest.mark.parametrize("size", [100, 300, 1_000])
@pytest.mark.parametrize("law", ["0.5", "0.1", "growing", "tailed"])
def test_stable_windows_seldom_breach_a_limit_on_r2_and_worse_ones_do(law, size):
    make, rng = LAWS[law], np.random.default_rng(size)
    reference = reference_of(make)
    own = r2_of(reference, table(make, np.random.default_rng(1), 20_000))
    limits = read_thresholds({"r2": {"fall": 0.1}})

    def breaches(worse):
        found = 0
        for _ in range(WINDOWS):
            y, p = make(rng, size)
            # Predictions that have come loose from what they are of.
            p = np.where(rng.random(size) < worse, rng.permutation(p), p)
            figure = r2_of(reference, pa.table({"y": y, "p": p}))
            (judged,) = judge([figure], limits, Background(reference={("r2", ""): own}))
            found += judged.status is Status.BREACH
        return found

    assert breaches(0.0) <= 0.05 * WINDOWS
    if size > 100:
        assert breaches(0.5) > 0.6 * WINDOWS


def test_where_some_rows_lack_a_label_the_interval_is_wider_not_wrong():
    rng = np.random.default_rng(3)
    make = LAWS["0.1"]
    reference, rows = reference_of(make), table(make, rng, 300)
    late = rows.set_column(
        0,
        "y",
        pa.array(rows["y"].to_pylist()[:299], pa.float64()).take(pa.array([*range(299), None])),
    )

    whole, lacking = r2_of(reference, rows), r2_of(reference, late)

    assert lacking.high - lacking.low > 1.5 * (whole.high - whole.low)
    assert lacking.low <= whole.value <= lacking.high
