"""Scores of rare events are ranked in fine bins near 0 and 1; what was counted in equal ones is read."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from aims_monitoring import layout as layouts
from aims_monitoring.layout import Layout, fit_layout
from aims_monitoring.metrics.catalogue import compute_metrics
from aims_monitoring.metrics.ranking import auc_bracket
from aims_monitoring.packing import pack
from aims_monitoring.profile import Profile, profile_source
from aims_monitoring.schema import Schema
from aims_monitoring.score_bins import EQUAL, FINE, SCALE
from aims_monitoring.source import open_source
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from aims_core import canonical_json

ROLES = {"score": "s", "label": "y", "prediction": "p"}
SCORES = st.one_of(
    st.floats(0, 1),
    st.floats(0, 60).map(lambda power: 2.0**-power),
    st.floats(0, 53).map(lambda power: 1 - 2.0**-power),
    st.sampled_from(FINE.edges.tolist()),
    st.sampled_from(np.nextafter(FINE.edges, 0).tolist()),
)


def rare(seed, n=200_000, *, mirrored=False):
    """A log in which 0.5 % of the rows are events, and nearly all scores lie below 0.02."""
    rng = np.random.default_rng(seed)
    s = rng.beta(2, 400, n)
    y = rng.random(n) < s
    if mirrored:
        s, y = 1 - s, ~y
    return pa.table({"s": s, "y": y.astype(int), "p": (s > 0.01).astype(int)})


def counted(table, version, roles=ROLES):
    """Return the profile of a table in a layout of this version."""
    source = open_source(table)
    return profile_source(source, replace(fit_layout(source, Schema.of(roles)), version=version))


def figure(name, window, reference=None):
    (found,) = compute_metrics([name], window, reference)
    return found


@given(st.lists(SCORES, min_size=1))
def test_a_score_lies_between_the_edges_of_its_bin_and_within_its_thousandth(scores):
    values = np.array(scores)
    scaled = values * SCALE

    for bins in (EQUAL, FINE):
        place = bins.place(values)
        edges = bins.edges * SCALE
        assert (edges[place] <= scaled).all()
        assert ((scaled < edges[place + 1]) | (place == bins.size - 1)).all()
    parents = np.searchsorted(FINE.starts, FINE.place(values), side="right") - 1
    assert parents.tolist() == EQUAL.place(values).tolist()


def test_fine_bins_are_narrow_beside_what_is_left_to_the_end_and_never_wider_than_equal_ones():
    low, high = FINE.edges[1:-2], FINE.edges[2:-1]
    left = np.minimum(low, 1 - high)

    assert len(EQUAL.edges) == EQUAL.size + 1 == 1_001
    assert (FINE.edges[1], 1 - FINE.edges[-2]) == pytest.approx((2**-20, 2**-20), rel=0.03)
    assert (high - low <= np.minimum(left / 31.9, 1.001e-3)).all()


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_figures_of_rare_events_are_scikit_learns(seed, mirrored, profiles):
    table = rare(seed, mirrored=mirrored)
    window, reference = profiles(rare(99, mirrored=mirrored), table, ROLES)
    y, s = table["y"].to_numpy(), table["s"].to_numpy()
    area, precision = sk.roc_auc_score(y, s), sk.average_precision_score(y, s)

    low, high = auc_bracket(window.histogram)
    assert low <= area <= high
    assert high - low < 0.01
    assert figure("roc_auc", window).value == pytest.approx(area, abs=5e-4)
    assert figure("pr_auc", window).value == pytest.approx(precision, abs=5e-4)
    assert figure("log_loss", window).value == pytest.approx(sk.log_loss(y, s), rel=1e-9)
    # Calibrated on other rows of the same law, so off by what both samples differ.
    assert figure("estimated_roc_auc", window, reference).value == pytest.approx(area, abs=0.03)


def test_equal_bins_left_more_open_by_far():
    table = rare(1)
    old, new = (counted(table, version) for version in (1, 2))

    widths = [high - low for low, high in (auc_bracket(p.histogram) for p in (old, new))]
    assert widths[0] > 8 * widths[1]


@pytest.mark.parametrize("how", ["frame", "parquet", "tasks", "csv", "duckdb", "database"])
@pytest.mark.parametrize("version", [1, 2])
def test_every_engine_counts_a_score_in_the_same_bin(
    how, version, tmp_path, database_url, profile_of
):
    # PostgreSQL refuses squares that underflow; the rows are read then.
    edges = FINE.edges[1 :: 7 if how == "database" else 1]
    s = np.concatenate([[0.0, 1.0], edges, np.nextafter(edges, 0), np.nextafter(edges, 1)])
    y = np.arange(len(s)) % 2
    table = pa.table({"s": s, "y": y, "p": y})
    here = counted(table, version)

    there = profile_of(how, table, here.layout, tmp_path, database_url)

    assert there.histogram.bins is here.histogram.bins
    assert (there.histogram.counts == here.histogram.counts).all()
    assert there.histogram.rows == len(s)
    assert there.histogram.sums == pytest.approx(here.histogram.sums, rel=2e-9, abs=1e-7)


def test_a_layout_of_the_first_version_keeps_its_digest_and_its_equal_bins(log, profiles):
    window, _ = profiles(log(500, 1), log(2_000, 2))
    content = json.loads(canonical_json(window.layout.content())) | {"version": 1}

    old = Layout.read(content)
    profile = profile_source(open_source(log(2_000, 2)), old)

    assert (window.layout.version, window.layout.score_bins) == (2, FINE)
    assert (old.score_bins, profile.histogram.bins) == (EQUAL, EQUAL)
    assert json.loads(canonical_json(old.content())) == content
    stored = json.loads(canonical_json(profile.content()))
    assert list(stored["histogram"]) == ["cells", "left_out", "logs", "sums"]
    assert Profile.read(old, stored).digest == profile.digest
    with pytest.raises(ValueError, match="reads up to version 2"):
        Layout.read(content | {"version": 3})


def test_a_layout_without_scores_is_what_it_was(profiles):
    window, _ = profiles(pa.table({"x": [1.0, 2.0]}), pa.table({"x": [1.5]}), {"feature": ["x"]})

    assert window.layout.version == 1


def test_profiles_in_equal_and_in_fine_bins_are_neither_added_up_nor_compared():
    old, new = (counted(rare(1, 2_000), version) for version in (1, 2))

    with pytest.raises(ValueError, match="cannot be merged"):
        old.merge(new)
    with pytest.raises(ValueError, match="equal bins and fine ones"):
        old.histogram.merge(new.histogram)
    with pytest.raises(ValueError, match="cannot be compared"):
        compute_metrics(["estimated_roc_auc"], new, old)


def test_a_monitor_goes_on_in_equal_bins_until_its_reference_is_counted_anew(housing, monkeypatch):
    monitoring = housing.monitoring
    wanted = {"thresholds": {"roc_auc": {"min": 0.5}}, "schema": ROLES, "window": 1_000}
    with monkeypatch.context() as before:
        before.setattr(layouts, "VERSION", 1)
        monitoring.define("rare", "ticket-triage", reference=rare(1, 3_000), **wanted)

    monitoring.run("rare", rare(2, 2_000))
    first = monitoring.profile("rare", monitoring.measurements()["window"].iloc[0])
    monitoring.define("rare", "ticket-triage", reference=rare(3, 3_000), **wanted)
    monitoring.run("rare", rare(4, 2_000))

    assert first.histogram.bins is EQUAL
    assert monitoring.profile("rare").histogram.bins is FINE


def test_stored_means_tell_ties_apart_and_change_no_more(log, profiles):
    window, _ = profiles(log(500, 1), log(20_000, 2))

    read = Profile.read(window.layout, json.loads(canonical_json(window.content())))

    one, other = window.histogram, read.histogram
    width = np.diff(FINE.edges)[:, None] * np.maximum(one.counts.sum(axis=2), 1)
    assert (np.abs(one.sums - other.sums) <= width / 60_000).all()
    assert read.digest == window.digest
    assert auc_bracket(one) == auc_bracket(other)
    assert figure("calibration_error", read).value == pytest.approx(
        figure("calibration_error", window).value, abs=1e-8
    )


@pytest.mark.parametrize("law", [(2, 3), (2, 400), (0.3, 0.3)])
def test_a_stored_histogram_takes_no_more_room_than_in_equal_bins_or_little_room(law):
    rng = np.random.default_rng(3)
    s = rng.beta(*law, 200_000)
    y = (rng.random(len(s)) < s).astype(int)
    table = pa.table({"s": s, "y": y, "p": (s > 0.5).astype(int)})

    old, new = (len(pack(counted(table, v).histogram.content())) for v in (1, 2))

    assert new < max(old, 6_000)
