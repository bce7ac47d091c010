"""No figure is made up where the positive class does not occur, or classes are written in two ways."""

import pyarrow as pa
import pytest
from aims_monitoring.layout import fit_layout
from aims_monitoring.metrics.catalogue import compute_metrics
from aims_monitoring.profile import profile_source
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source

NAMES = ("demographic_parity_difference", "brier", "log_loss", "roc_auc", "selection_rate")


def figures(names, labels, predictions, **given):
    n = len(labels)
    table = pa.table(
        {
            "y": labels,
            "p": predictions,
            "s": [0.1 + 0.8 * (i % 7) / 7 for i in range(n)],
            "g": ["a" if i % 2 else "b" for i in range(n)],
        }
    )
    schema = Schema.of({"label": "y", "prediction": "p", "score": "s", "group": ["g"], **given})
    source = open_source(table)
    profile = profile_source(source, fit_layout(source, schema))
    return compute_metrics(list(names), profile, profile)


WORDS = ["yes" if i % 3 else "no" for i in range(300)]


def test_a_positive_class_that_does_not_occur_gives_a_reason_and_no_figure():
    found = figures([*NAMES, "estimated_accuracy"], WORDS, WORDS)

    assert {f.value for f in found} == {None}
    assert all("positive class '1'; name one of no, yes" in f.reason for f in found)


def test_the_class_that_is_named_is_measured():
    found = figures(NAMES, WORDS, WORDS, positive="yes")

    assert all(f.value is not None for f in found)


def test_one_class_alone_may_be_the_negative_one():
    zeros = [0] * 300

    [found] = figures(["demographic_parity_difference"], zeros, zeros)

    assert found.value == 0


@pytest.mark.parametrize("names", [("accuracy", "f1"), NAMES])
def test_classes_that_are_written_in_two_ways_give_a_reason_and_no_figure(names):
    numbers = [i % 2 for i in range(300)]

    found = figures(names, numbers, [str(bool(n)) for n in numbers])

    assert {f.value for f in found} == {None}
    assert all("labels (0, 1) and predictions (False, True)" in f.reason for f in found)


def test_too_few_rows_that_count_for_a_rate_give_no_rate():
    """One positive among a hundred rows of a group says nothing about its true positive rate."""
    labels = [1 if i < 100 or i == 101 else 0 for i in range(400)]

    found = figures(
        ["true_positive_rate", "equal_opportunity_difference"], labels, labels, positive="1"
    )

    assert {f.subject: f.value is None for f in found} == {"g=a": False, "g=b": False, "g": False}
    labels = [1 if i % 2 or i == 100 else 0 for i in range(400)]
    found = figures(["true_positive_rate", "equal_opportunity_difference"], labels, labels)
    rates = {f.subject: f for f in found}
    assert rates["g=a"].value == 1.0
    assert rates["g=b"].value is None
    assert "too few: 1 row(s) of this group count for it" in rates["g=b"].reason
    assert rates["g"].value is None
    assert "too few in b" in rates["g"].reason
