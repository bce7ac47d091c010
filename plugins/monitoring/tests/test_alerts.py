from aims_monitoring.alerts import turns
from aims_monitoring.records import Judged, Status, WindowFigures
from hypothesis import given
from hypothesis import strategies as st

from aims_core import Measurement

_STATUS = {"o": Status.OK, "b": Status.BREACH, "i": Status.INSUFFICIENT}


def windows(letters, metric="accuracy"):
    """One window a letter: o for within limits, b for breach, i for too few rows."""
    return [
        WindowFigures(
            window=f"w{place:02d}",
            starts_at=None,
            rows=100,
            profile="",
            figures=(_judged(metric, _STATUS[letter]),),
        )
        for place, letter in enumerate(letters)
    ]


def _judged(metric, status, value=0.5, subject=""):
    crossed = status is Status.BREACH
    return Judged(
        measurement=Measurement(metric=metric, value=value, n=1, direction="high", subject=subject),
        status=status,
        minimum=0.8,
        side="below" if crossed else "",
        limit=0.8 if crossed else None,
    )


def _new(letters, fresh=None, known=""):
    series = windows(letters)
    keys = {w.window for w in series} if fresh is None else set(fresh)
    return turns(series, fresh=keys, open_alerts={"accuracy": known} if known else {})


def test_a_breach_tells_on_the_way_in_and_not_in_every_window():
    found = _new("oobbb")

    assert [(b.window, b.ended) for b in found.new] == [("w02", "")]


def test_a_breach_that_came_and_went_tells_and_is_over():
    found = _new("obboob")

    assert [(b.window, b.ended) for b in found.new] == [("w01", "w03"), ("w05", "")]


def test_windows_with_too_few_rows_neither_raise_nor_end_an_alert():
    found = _new("obibo")

    assert [(b.window, b.ended) for b in found.new] == [("w01", "w04")]


def test_an_open_alert_is_not_raised_again_and_ends_when_the_metric_is_back():
    still = _new("obb", fresh=["w02"], known="w01")
    back = _new("obbo", fresh=["w03"], known="w01")

    assert still.new == ()
    assert still.ended == {}
    assert back.new == ()
    assert back.ended == {"accuracy": "w03"}


def test_old_windows_that_were_seen_before_do_not_tell_again():
    assert _new("obo", fresh=["w02"]).new == ()


def test_a_window_that_is_filled_in_later_between_others_tells_only_if_it_is_a_way_in():
    assert [b.window for b in _new("obo", fresh=["w01"]).new] == ["w01"]
    assert _new("bbo", fresh=["w01"]).new == ()


def test_an_alert_whose_windows_are_all_fine_now_is_over():
    assert _new("ooo", known="w01").ended == {"accuracy": "w02"}


def test_an_alert_whose_first_window_is_fine_now_goes_on_with_the_rest():
    found = _new("oobb", fresh=["w01"], known="w01")

    assert found.new == ()
    assert found.ended == {}


def test_an_alert_that_ends_and_a_new_breach_in_the_same_run_are_both_told():
    found = _new("bob", fresh=["w01", "w02"], known="w00")

    assert found.ended == {"accuracy": "w01"}
    assert [b.window for b in found.new] == ["w02"]


def test_many_columns_of_one_metric_are_one_alert_that_names_the_worst():
    figures = (
        _judged("psi", Status.BREACH, 0.7, "age"),
        _judged("psi", Status.BREACH, 0.1, "income"),
        _judged("psi", Status.OK, 0.9, "sex"),
    )
    window = WindowFigures(window="w", starts_at=None, rows=1, profile="", figures=figures)

    (breach,) = turns([window], fresh={"w"}, open_alerts={}).new

    assert breach.worst.name == "psi:income"


@given(letters=st.text("obi", min_size=1, max_size=40), cut=st.integers(0, 40))
def test_window_by_window_tells_as_often_as_all_at_once(letters, cut):
    """Measuring a log in two runs opens the same alerts as measuring it in one."""
    cut = min(cut, len(letters))
    series = windows(letters)
    whole = turns(series, fresh={w.window for w in series}, open_alerts={})

    first = turns(series[:cut], fresh={w.window for w in series[:cut]}, open_alerts={})
    last = first.new[-1:]
    known = {"accuracy": last[0].window} if last and not last[0].ended else {}
    second = turns(series, fresh={w.window for w in series[cut:]}, open_alerts=known)

    assert [b.window for b in whole.new] == [b.window for b in (*first.new, *second.new)]
