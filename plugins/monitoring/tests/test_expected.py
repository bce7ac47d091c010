"""The area estimated without labels is that of rows, within the bounds that bins leave; work is shared."""

import numpy as np
import pyarrow as pa
import pytest
from aims_monitoring.metrics import expected
from aims_monitoring.metrics.catalogue import METRICS, compute_metrics
from aims_monitoring.profile import Profile
from sklearn import metrics as sk
from sklearn.isotonic import IsotonicRegression

ROLES = {"score": "s", "label": "y", "prediction": "p"}
ESTIMATES = [name for name, metric in METRICS.items() if metric.family == "estimate"]


def labelled(rng, s, chance):
    return pa.table(
        {
            "s": s,
            "p": (s > np.median(s)).astype(int),
            "y": (rng.random(len(s)) < chance).astype(int),
        }
    )


def area(window, reference):
    (found,) = compute_metrics(["estimated_roc_auc"], window, reference)
    return found


def area_of_rows(before, now):
    """The same with the scores themselves: isotonic calibration, each row split by its chance."""
    model = IsotonicRegression(out_of_bounds="clip").fit(before["s"], before["y"])
    chance, n = model.predict(now["s"]), len(now)
    outcomes = np.repeat([1, 0], n)
    return sk.roc_auc_score(
        outcomes, np.tile(now["s"], 2), sample_weight=np.concatenate([chance, 1 - chance])
    )


@pytest.mark.parametrize(("law", "apart"), [((2, 400), 4e-3), ((1, 1_000), 4e-3), ((2, 3), 2e-4)])
def test_the_estimated_area_is_that_of_rows_for_rare_events_too(law, apart, profiles):
    rng = np.random.default_rng(7)
    a, b = law
    before = rng.beta(a, b, 200_000)
    now = rng.beta(1.5 * a, b, 100_000)
    one, other = (labelled(rng, s, s) for s in (before, now))
    window, reference = profiles(one, other.drop_columns(["y"]), ROLES)

    found = area(window, reference)

    # Single rows of rare events are calibrated more unsteadily than bins are.
    assert found.value == pytest.approx(area_of_rows(one, other), abs=apart)
    assert found.low < sk.roc_auc_score(other["y"], other["s"]) < found.high


@pytest.mark.parametrize("stored", [False, True])
def test_a_model_of_few_scores_leaves_nothing_open(stored, profiles):
    rng = np.random.default_rng(8)
    levels = np.array([0.1234567, 0.4, 0.7999])
    one, other = (
        labelled(rng, s, s) for s in (rng.choice(levels, 5_000), rng.choice(levels, 3_000))
    )
    window, reference = profiles(one, other.drop_columns(["y"]), ROLES)
    if stored:
        reference = Profile.read(reference.layout, reference.content())

    told = expected.expected(window.histogram, reference.histogram)

    assert told.untied == 0
    assert area(window, reference).value == pytest.approx(area_of_rows(one, other), abs=1e-9)


@pytest.mark.parametrize(("width", "told"), [(2e-4, False), (3e-2, True)])
def test_the_interval_holds_the_bounds_of_the_order_within_bins_or_there_is_no_area(
    width, told, profiles
):
    rng = np.random.default_rng(9)
    one, other = (
        labelled(rng, 0.5001 + width * u, 0.1 + 0.8 * u)
        for u in (rng.random(20_000), rng.random(20_000))
    )
    window, reference = profiles(one, other.drop_columns(["y"]), ROLES)

    found = area(window, reference)

    assert (found.value is not None) == told
    if told:
        rows = area_of_rows(one, other)
        assert found.value < rows < found.value + 0.02
        assert found.low < rows < found.high
        assert found.high - found.value > 0.02
    else:
        assert "too close together" in found.reason


def test_figures_of_one_window_pool_the_reference_once(log, profiles, monkeypatch):
    window, reference = profiles(log(3_000, 1), log(2_000, 2))
    alone = [found for name in ESTIMATES for found in compute_metrics([name], window, reference)]
    calls, pooled = [], expected._blocks
    monkeypatch.setattr(expected, "_blocks", lambda h: calls.append(h) or pooled(h))

    together = compute_metrics(ESTIMATES, window, reference)
    compute_metrics(ESTIMATES, reference, reference)

    assert len(ESTIMATES) == 5
    assert together == alone
    assert len(calls) == 2
