import pytest
from aims_monitoring.judgement import judge
from aims_monitoring.records import Status
from aims_monitoring.thresholds import read_thresholds, threshold_content

from aims_core import InvalidRecord, Measurement


def figure(metric="accuracy", value=0.8, subject=""):
    return Measurement(
        metric=metric,
        value=value,
        n=100,
        direction="high",
        subject=subject,
        reason="" if value is not None else "too few",
    )


@pytest.mark.parametrize(
    ("limits", "value", "status", "side"),
    [
        ({"min": 0.8}, 0.8, Status.OK, ""),
        ({"min": 0.8}, 0.7999, Status.BREACH, "below"),
        ({"max": 0.2}, 0.2, Status.OK, ""),
        ({"max": 0.2}, 0.21, Status.BREACH, "above"),
        ({"min": 0.1, "max": 0.2}, 0.05, Status.BREACH, "below"),
        ({"min": 0.1}, None, Status.INSUFFICIENT, ""),
    ],
)
def test_a_limit_itself_is_still_within(limits, value, status, side):
    (judged,) = judge([figure(value=value)], read_thresholds({"accuracy": limits}))

    assert judged.status is status
    assert judged.side == side


def test_a_figure_without_threshold_is_only_watched():
    (judged,) = judge([figure()], ())

    assert judged.status is Status.WATCHED


def test_the_threshold_of_a_column_goes_before_the_one_for_all():
    thresholds = read_thresholds({"psi": {"max": 0.2}, "psi:age": {"max": 0.5}})

    age, income = judge([figure("psi", 0.3, "age"), figure("psi", 0.3, "income")], thresholds)

    assert age.status is Status.OK
    assert income.status is Status.BREACH


def test_a_threshold_without_any_figure_cannot_be_overlooked():
    _, absent = judge([figure()], read_thresholds({"accuracy": {"min": 0}, "recall": {"min": 0.5}}))

    assert absent.measurement.metric == "recall"
    assert absent.status is Status.INSUFFICIENT
    assert absent.measurement.reason


def test_thresholds_are_given_back_as_they_were_declared():
    declared = {"accuracy": {"min": 0.85}, "psi:age": {"min": 0.0, "max": 0.2}}

    assert threshold_content(read_thresholds(declared)) == declared


@pytest.mark.parametrize(
    "limits",
    [
        {},
        0.5,
        None,
        {"minimum": 1},
        {"min": "high"},
        {"min": True},
        {"max": float("nan")},
        {"min": 2, "max": 1},
    ],
)
def test_a_limit_that_is_none_is_refused(limits):
    with pytest.raises(InvalidRecord, match="read thresholds"):
        read_thresholds({"accuracy": limits})
