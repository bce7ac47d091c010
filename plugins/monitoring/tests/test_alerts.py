from itertools import pairwise

import pytest
from aims_monitoring.alerts import Rule, is_clear, turns
from aims_monitoring.records import Judged, Status, WindowFigures
from hypothesis import given
from hypothesis import strategies as st

from aims_core import Measurement

_STATUS = {
    "o": (Status.OK, 0.9),
    "n": (Status.OK, 0.805),
    "b": (Status.BREACH, 0.5),
    "u": (Status.UNCERTAIN, 0.79),
    "i": (Status.INSUFFICIENT, None),
}
LASTING = Rule(hits=2, of=3, hysteresis=0.1)


def windows(letters, metric="accuracy"):
    """One window a letter: o within limits, n only just, b breach, u uncertain, i too few rows."""
    return [
        WindowFigures(
            window=f"w{place:02d}",
            starts_at=None,
            rows=100,
            profile="",
            figures=(_judged(metric, *_STATUS[letter]),),
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


def _new(letters, fresh=None, known="", rule=Rule()):  # noqa: B008 - frozen
    series = windows(letters)
    keys = {w.window for w in series} if fresh is None else set(fresh)
    return turns(series, fresh=keys, open_alerts={"accuracy": known} if known else {}, rule=rule)


def _told(letters, rule=LASTING, **more):
    return [(b.window, b.ended) for b in _new(letters, rule=rule, **more).new]


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


@pytest.mark.parametrize(
    ("letters", "told"),
    [
        ("b", []),
        ("bb", [("w01", "")]),
        ("bob", [("w02", "")]),
        ("boob", []),
        ("biiiib", [("w05", "")]),
        ("buub", [("w03", "")]),
        ("bbo", [("w01", "w02")]),
    ],
)
def test_two_of_three_judged_windows_raise_an_alert(letters, told):
    assert _told(letters) == told


def test_an_alert_ends_only_well_within_the_limit():
    assert _told("bbnunbn") == [("w01", "")]
    assert _told("bbnno") == [("w01", "w04")]
    assert _told("bbno", Rule(hits=2, of=3)) == [("w01", "w02")]


def test_chance_in_one_column_and_in_another_do_not_add_up():
    def window(name, **statuses):
        figures = tuple(
            _judged("psi", Status.BREACH if crossed else Status.OK, 0.5 if crossed else 0.9, column)
            for column, crossed in statuses.items()
        )
        return WindowFigures(window=name, starts_at=None, rows=1, profile="", figures=figures)

    apart = [window("w0", a=True, b=False), window("w1", a=False, b=True)]
    same = [window("w0", a=True, b=False), window("w1", a=True, b=True)]

    assert turns(apart, fresh={"w0", "w1"}, open_alerts={}, rule=LASTING).new == ()
    (breach,) = turns(same, fresh={"w0", "w1"}, open_alerts={}, rule=LASTING).new
    assert (breach.window, breach.worst.name) == ("w1", "psi:a")


def test_an_alert_ends_when_all_its_columns_are_back_and_not_before():
    def window(name, **statuses):
        figures = tuple(
            _judged("psi", *_STATUS[letter], column) for column, letter in statuses.items()
        )
        return WindowFigures(window=name, starts_at=None, rows=1, profile="", figures=figures)

    series = [window("w0", a="b", b="b"), window("w1", a="o", b="i"), window("w2", a="o", b="o")]

    (breach,) = turns(series, fresh={"w0", "w1", "w2"}, open_alerts={}).new
    assert (breach.window, breach.ended) == ("w0", "w2")


@pytest.mark.parametrize(
    ("limits", "ends"),
    [
        ({"maximum": 0.25}, 0.225),
        ({"minimum": 0.8}, 0.82),
        ({"minimum": 5.0}, 5.5),
        ({"maximum": -2.0}, -2.2),
        ({"minimum": -1.0, "maximum": 1.0}, 0.9),
        ({"maximum": 108.0, "centre": 100.0}, 107.2),
        ({"minimum": 92.0, "centre": 100.0}, 92.8),
    ],
)
def test_hysteresis_is_a_share_of_the_room_of_the_limit(limits, ends):
    within = 1e-9 if "minimum" in limits and "maximum" not in limits else -1e-9

    def judged(value):
        figure = Measurement(metric="m", value=value, n=1, direction="high")
        return Judged(measurement=figure, status=Status.OK, **limits)

    assert is_clear(judged(ends + within), 0.1)
    assert not is_clear(judged(ends - within), 0.1)


def _open_window(found, known):
    """Return the window of the alert that is open after a run."""
    (kept,) = {w for w in (known,) if w and "accuracy" not in found.ended} or {""}
    return next((b.window for b in found.new if not b.ended), kept)


LETTERS = st.text("onbui", min_size=1, max_size=30)
RULES = st.tuples(st.integers(1, 3), st.integers(0, 2), st.sampled_from([0.0, 0.1])).map(
    lambda drawn: Rule(hits=drawn[0], of=drawn[0] + drawn[1], hysteresis=drawn[2])
)


@given(letters=LETTERS, cuts=st.lists(st.integers(0, 30), max_size=4), rule=RULES)
def test_window_by_window_tells_as_often_as_all_at_once(letters, cuts, rule):
    """Measuring a log in several runs opens the same alerts as measuring it in one."""
    series = windows(letters)
    whole = turns(series, fresh={w.window for w in series}, open_alerts={}, rule=rule)

    told, known, start = [], "", 0
    for cut in [*sorted(min(c, len(series)) for c in cuts), len(series)]:
        fresh = {w.window for w in series[start:cut]}
        open_alerts = {"accuracy": known} if known else {}
        found = turns(series[:cut], fresh=fresh, open_alerts=open_alerts, rule=rule)
        told += [b.window for b in found.new]
        known, start = _open_window(found, known), cut

    assert told == [b.window for b in whole.new]
    assert bool(known) == bool(whole.new and not whole.new[-1].ended)


@given(letters=LETTERS, rule=RULES)
def test_one_alert_is_open_at_a_time_and_it_takes_as_many_breaches_as_the_rule_says(letters, rule):
    found = _new(letters, rule=rule).new

    for before, after in pairwise(found):
        assert before.ended
        assert before.ended < after.window
    for breach in found:
        place = int(breach.window[1:])
        judged = [c for c in letters[: place + 1] if c in "onb"][-rule.of :]
        assert judged[-1] == letters[place] == "b"
        assert judged.count("b") >= rule.hits


@given(letters=LETTERS, rule=RULES, place=st.integers(0, 30))
def test_a_window_with_too_few_rows_changes_nothing(letters, rule, place):
    plain = _new(letters, rule=rule).new
    filled = _new(letters[:place] + "i" + letters[place:], rule=rule).new

    assert [bool(b.ended) for b in plain] == [bool(b.ended) for b in filled]
    assert len(plain) == len(filled)


@given(letters=LETTERS, rule=RULES)
def test_more_hysteresis_never_ends_an_alert_sooner(letters, rule):
    loose = _new(letters, rule=Rule(hits=rule.hits, of=rule.of)).new
    tight = _new(letters, rule=Rule(hits=rule.hits, of=rule.of, hysteresis=0.3)).new

    assert len(tight) <= len(loose)
    for one, other in zip(loose[:1], tight[:1], strict=True):
        assert one.window == other.window
        assert not other.ended or other.ended >= one.ended
