"""Small windows of stable data do not alarm; what has really moved still does."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from aims_monitoring.judgement import judge
from aims_monitoring.layout import fit_layout
from aims_monitoring.metrics.catalogue import DEFAULT_THRESHOLDS, compute_metrics
from aims_monitoring.profile import Profile, profile_source
from aims_monitoring.records import Status
from aims_monitoring.samples import CENSUS_EMPLOYMENT_SCHEMA, census_employment
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source
from aims_monitoring.thresholds import read_thresholds

from aims_core import Measurement

LIMITS = DEFAULT_THRESHOLDS["monitoring.drift"]


@pytest.fixture(scope="module")
def census():
    table = pq.read_table(census_employment())
    order = np.random.default_rng(7).permutation(len(table))
    before, rest = table.take(pa.array(order[:30_000])), table.take(pa.array(order[30_000:]))
    layout = fit_layout(open_source(before), Schema.of(CENSUS_EMPLOYMENT_SCHEMA))
    return profile_source(open_source(before), layout), rest


def crossed(window, reference):
    figures = judge(compute_metrics(list(LIMITS), window, reference), read_thresholds(LIMITS))
    return [j.name for j in figures if j.status is Status.BREACH]


@pytest.mark.parametrize("size", [100, 300, 1_000])
def test_windows_of_a_stable_year_do_not_alarm(census, size):
    reference, rest = census
    chance = np.random.default_rng(size)
    alarms = 0
    for _ in range(40):
        window = Profile.empty(reference.layout)
        window.add(rest.take(pa.array(chance.choice(len(rest), size, replace=False))))
        alarms += bool(crossed(window, reference))

    assert alarms <= 1


@pytest.mark.parametrize("size", [200, 1_000])
def test_a_window_of_other_people_alarms(census, size):
    reference, rest = census
    old = rest.filter(pa.array([age > 65 for age in rest["AGEP"].to_pylist()]))
    window = Profile.empty(reference.layout)
    window.add(old.slice(0, size))

    assert "psi:AGEP" in crossed(window, reference)


FAIR = {**DEFAULT_THRESHOLDS["monitoring.fairness"], "demographic_parity_ratio": {"min": 0.8}}


def unfair(window):
    figures = judge(compute_metrics(list(FAIR), window, None), read_thresholds(FAIR))
    return [j.name for j in figures if j.status is Status.BREACH]


@pytest.fixture(scope="module")
def shuffled(census):
    """The same people, groups given to them by chance: nine of RAC1P, some with few rows."""
    reference, rest = census
    chance = np.random.default_rng(5)
    for name in ("SEX", "RAC1P"):
        mixed = rest[name].take(pa.array(chance.permutation(len(rest))))
        rest = rest.set_column(rest.column_names.index(name), name, mixed)
    return reference.layout, rest


@pytest.mark.parametrize("size", [100, 300, 1_000])
def test_groups_that_differ_by_chance_alone_do_not_alarm(shuffled, size):
    layout, rest = shuffled
    chance = np.random.default_rng(size)
    alarms = 0
    for _ in range(40):
        window = Profile.empty(layout)
        window.add(rest.take(pa.array(chance.choice(len(rest), size, replace=False))))
        alarms += bool(unfair(window))

    assert alarms <= 1


def test_groups_that_are_really_treated_otherwise_alarm(shuffled):
    layout, rest = shuffled
    kept = rest.slice(0, 1_000)
    pairs = zip(kept["SEX"].to_pylist(), kept["prediction"].to_pylist(), strict=True)
    favoured = pa.array(["1" if str(sex) == "1" else str(said) for sex, said in pairs])
    window = Profile.empty(layout)
    place = kept.column_names.index("prediction")
    window.add(kept.set_column(place, "prediction", favoured))

    assert {"demographic_parity_difference:SEX", "demographic_parity_ratio:SEX"} <= set(
        unfair(window)
    )


def test_below_the_minimum_sample_nothing_alarms_and_it_says_insufficient(census):
    reference, rest = census
    window = Profile.empty(reference.layout)
    window.add(rest.slice(0, 29))

    figures = judge(compute_metrics(list(LIMITS), window, reference), read_thresholds(LIMITS))

    assert {j.status for j in figures} == {Status.INSUFFICIENT}


def test_a_figure_beyond_its_limit_that_chance_explains_is_uncertain():
    def figure(value, **more):
        return Measurement(metric="m", value=value, n=50, direction="low", **more)

    limits = read_thresholds({"m": {"max": 0.2}})
    for given, status in (
        (figure(0.3), Status.BREACH),
        (figure(0.3, low=0.25, high=0.4), Status.BREACH),
        (figure(0.3, low=0.1, high=0.4), Status.UNCERTAIN),
        (figure(0.3, p=1e-6), Status.BREACH),
        (figure(0.3, p=0.2), Status.UNCERTAIN),
        (figure(0.1, p=1e-6), Status.OK),
    ):
        (judged,) = judge([given], limits)
        assert (judged.status, judged.side == "above") == (status, status is Status.BREACH)
