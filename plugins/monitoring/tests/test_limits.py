"""Limits relative to the reference, and limits learnt from earlier windows."""

import math

import numpy as np
import pytest
from aims_monitoring.judgement import Background, judge
from aims_monitoring.limits import LEAST_HISTORY, MOST_HISTORY, Past, Usual, usual_level
from aims_monitoring.records import Status
from aims_monitoring.thresholds import read_thresholds
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from aims_core import InvalidRecord, Measurement

NAME = ("cost", "")
FINITE = st.floats(-1e6, 1e6)


def figure(value, **more):
    given_ = {"metric": "cost", "n": 100, "direction": "low"} | more
    return Measurement(value=value, **given_)


def past(values, n=100):
    return [Past(value=v, n=n) for v in values]


def judged(value, limits, *, reference=None, history=(), **more):
    background = Background(
        reference={} if reference is None else {NAME: reference}, history={NAME: past(history)}
    )
    (found,) = judge([figure(value, **more)], read_thresholds({"cost": limits}), background)
    return found


STEADY = [100, 101, 99, 100, 102, 98, 100, 101, 99, 100, 101, 99, 100, 100, 101, 99, 100, 102, 98]


@pytest.mark.parametrize(
    ("limits", "value", "status", "limit"),
    [
        ({"rise": 0.1}, 0.3299, Status.OK, 0.33),
        ({"rise": 0.1}, 0.3301, Status.BREACH, 0.33),
        ({"fall": 0.1}, 0.2701, Status.OK, 0.27),
        ({"fall": 0.1}, 0.2699, Status.BREACH, 0.27),
    ],
)
def test_a_relative_limit_is_a_share_of_the_references_own_figure(limits, value, status, limit):
    found = judged(value, limits, reference=figure(0.3))

    assert found.status is status
    assert found.centre == 0.3
    ends = [end for end in (found.minimum, found.maximum) if end is not None]
    assert ends == [pytest.approx(limit)]


def test_a_fall_from_a_figure_below_zero_goes_further_down():
    assert judged(-1.05, {"fall": 0.1}, reference=figure(-1.0)).status is Status.OK
    assert judged(-1.2, {"fall": 0.1}, reference=figure(-1.0)).status is Status.BREACH


def test_a_reference_that_is_known_badly_makes_a_breach_uncertain():
    narrow = figure(0.3, low=0.29, high=0.31)
    wide = figure(0.3, low=0.1, high=0.5)

    assert judged(0.4, {"rise": 0.1}, reference=narrow).status is Status.BREACH
    assert judged(0.4, {"rise": 0.1}, reference=wide).status is Status.UNCERTAIN


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        (None, "no such figure"),
        (figure(None, reason="too few rows"), "too few rows"),
        (figure(0.0), "is 0"),
    ],
)
def test_without_a_figure_of_the_reference_there_is_no_relative_limit_and_it_says_so(
    reference, words
):
    found = judged(0.4, {"rise": 0.1}, reference=reference)

    assert found.status is Status.INSUFFICIENT
    assert words in found.measurement.reason


def test_a_fixed_limit_beside_it_holds_all_the_same():
    found = judged(0.4, {"rise": 0.1, "max": 0.35})

    assert (found.status, found.limit) == (Status.BREACH, 0.35)


def test_limits_are_learnt_from_fourteen_windows():
    short = judged(200, {"deviations_above": 4}, history=STEADY[:13])
    enough = judged(200, {"deviations_above": 4}, history=STEADY)

    assert short.status is Status.INSUFFICIENT
    assert "13 of 14 earlier windows" in short.measurement.reason
    assert enough.status is Status.BREACH
    assert enough.centre == 100
    assert enough.maximum == pytest.approx(100 + 4 * 1.4826 * 19 / 18.2)
    assert enough.minimum is None


def test_one_wild_window_does_not_widen_what_is_learnt():
    calm = judged(130, {"deviations_above": 4}, history=STEADY)
    wild = judged(130, {"deviations_above": 4}, history=[*STEADY, 1e9])

    assert wild.maximum == pytest.approx(calm.maximum, rel=1e-3)


def test_a_signal_without_an_effect_is_none():
    found = judged(100.5, {"deviations_above": 4}, history=[100 + 1e-6 * v for v in STEADY])

    assert found.status is Status.OK
    assert found.maximum == pytest.approx(101, abs=1e-3)


def test_a_history_without_any_spread_is_left_by_an_effect_only():
    assert judged(100.9, {"deviations_above": 4}, history=[100] * 20).status is Status.OK
    assert judged(101.1, {"deviations_above": 4}, history=[100] * 20).status is Status.BREACH
    assert judged(0.001, {"deviations_above": 4}, history=[0] * 20).status is Status.BREACH


def test_a_smaller_window_gets_wider_limits():
    usual, small = (usual_level(past(STEADY, n=400), n) for n in (400, 100))

    assert small.deviation == pytest.approx(2 * usual.deviation)
    assert usual_level(past(STEADY, n=400), 4_000) == usual


def test_nothing_in_breach_is_learnt_from_and_what_is_uncertain_is():
    background = Background(history={NAME: past(STEADY)})
    limits = read_thresholds({"cost": {"deviations_above": 4}})
    for value, kept in ((100.0, True), (500.0, False), (None, False)):
        before = len(background.history[NAME])
        background.learn(judge([figure(value)], limits, background))
        assert len(background.history[NAME]) - before == kept


def test_many_columns_need_more_than_one_does():
    """One of forty columns lies four deviations away: chance, by Benjamini and Hochberg."""
    edge = 100 + 4.2 * 1.4826 * 19 / 18.2
    names = [f"c{i}" for i in range(40)]
    background = Background(history={("cost", name): past(STEADY) for name in names})
    limits = read_thresholds({"cost": {"deviations_above": 4}})

    figures = [figure(edge if name == "c0" else 100.0, subject=name) for name in names]
    first = judge(figures, limits, background)[0]
    alone = judge(figures[:1], limits, background)[0]

    assert alone.status is Status.BREACH
    assert first.status is Status.UNCERTAIN


@given(values=st.lists(FINITE, min_size=LEAST_HISTORY, max_size=2 * MOST_HISTORY), n=st.integers(0))
def test_the_usual_level_is_the_median_of_the_newest_windows(values, n):
    usual = usual_level(past(values), n)

    newest = values[-MOST_HISTORY:]
    assert usual.level == pytest.approx(float(np.median(newest)))
    assert usual.deviation >= 0
    if n >= 100 and usual.deviation and np.median(np.abs(newest - np.median(newest))):
        expected = stats.median_abs_deviation(newest, scale="normal")
        small = len(newest) / (len(newest) - 0.8)
        assert usual.deviation == pytest.approx(small * float(expected), rel=1e-4)


@given(
    value=FINITE,
    level=FINITE,
    deviation=st.floats(0, 1e3),
    windows=st.integers(LEAST_HISTORY, MOST_HISTORY),
)
def test_a_value_further_away_is_never_more_likely(value, level, deviation, windows):
    usual = Usual(level=level, deviation=deviation, windows=windows)
    further = level + 2 * (value - level)

    assert 0 <= usual.tail(further) <= usual.tail(value) <= 1


@given(shift=st.integers(-1000, 1000), scale=st.sampled_from([0.5, 1.0, 4.0]))
def test_learnt_limits_move_with_the_unit_of_the_figure(shift, scale):
    plain = usual_level(past(STEADY), 100)
    moved = usual_level(past([scale * v + shift for v in STEADY]), 100)

    assert moved.level == pytest.approx(scale * plain.level + shift)
    assert moved.deviation == pytest.approx(scale * plain.deviation)


def test_values_that_cannot_be_represented_teach_nothing():
    assert usual_level(past([1.7e308, -1.7e308] * 10), 100) is None
    assert usual_level(past([math.nan] * 20), 100) is None


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"fall": -0.1}, "share of the reference"),
        ({"rise": 500}, "share of the reference"),
        ({"deviations_above": 0}, "deviations above 0"),
        ({"deviations": 4}, "the names are min, max, fall"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(limits, words):
    with pytest.raises(InvalidRecord, match=words):
        read_thresholds({"cost": limits})


def test_a_threshold_is_said_in_words():
    limits = {"min": 0.5, "rise": 0.1, "deviations_below": 4}

    (threshold,) = read_thresholds({"cost": limits})

    assert threshold.declared == limits
    assert str(threshold) == (
        "cost at least 0.5 and at most 10 % above the reference "
        "and at most 4 deviations below its usual level"
    )
