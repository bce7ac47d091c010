"""The contract suite measures the metrics of a plugin where logs are odd, and tells what they did wrong."""

import re
from functools import partial

import pytest

from aims_core import Measurement
from aims_core.testing import metric_spec, plugin_of
from aims_core.testing.metering import faults_of_metrics

spec = partial(metric_spec, needs=("label", "prediction"))
ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])


def figure(value, n, name="acme.hits"):
    return [Measurement(metric=name, value=value, n=n, direction="high")]


def share(window, reference, minimum):
    """Give the share of rows with an amount, None where there are no rows that have one."""
    there = window.rows - window.columns["amount"].missing
    return figure(there / window.rows if there else None, there)


def careless(window, reference, minimum):
    """Divide by rows of which there may be none."""
    there = window.rows - window.columns["amount"].missing
    return figure(window.rows / there, there)


def of_quantities(window, reference, minimum):
    return figure(float(window.layout.schema.task == "regression"), window.rows, "acme.quantities")


def faults(registered, *specs):
    registered.host.register(plugin_of(*specs), "acme", version="3")
    return faults_of_metrics(registered, "acme", specs)


def test_metrics_that_measure_or_say_why_pass(registered):
    own = spec(of_quantities, id="acme.quantities", family="regression")

    assert faults(registered, spec(share), own) == []


@ONE_DATABASE
def test_one_that_fails_where_every_value_is_missing_does_not(registered):
    (fault,) = faults(registered, spec(careless))

    assert re.match(r"acme\.hits, \w+:000003: plugin acme", fault)
    assert "ZeroDivisionError" in fault


@ONE_DATABASE
def test_one_that_answers_another_name_does_not(registered):
    own = spec(share, id="acme.quantities", family="regression")

    found = faults(registered, spec(share), own)

    assert len(found) == 4
    assert all("gave 'acme.hits' where acme.quantities was asked for" in one for one in found)
