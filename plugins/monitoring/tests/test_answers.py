"""What foreign code answers is taken as plain figures, or refused in words; it never ends a run."""

import json
from collections.abc import Sequence
from dataclasses import fields
from fractions import Fraction

import numpy as np
import pytest
from aims_monitoring.answers import figures_of
from hypothesis import given
from hypothesis import strategies as st

from aims_core import Measurement

NAN = float("nan")


def figure(**changes):
    facts = {"metric": "acme.hits", "value": 0.5, "n": 100, "direction": "high"}
    return Measurement(**(facts | changes))


class Unreadable(Sequence):
    """Fails whenever it is looked at."""

    def __getitem__(self, _place):
        raise RuntimeError("no")

    def __len__(self):
        return 1


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "answered NoneType, expected Measurement"),
        ("text", "answered str, expected Measurement"),
        (iter([figure()]), "answered list_iterator, expected Measurement"),
        (Unreadable(), "answered Unreadable, which cannot be read: RuntimeError"),
        (range(10**15), "gave more than 1000000 figures"),
        ([figure(value="0.5")], "gave a str for 'acme.hits'; a figure is finite or None"),
        ([figure(value=True)], "gave a bool for 'acme.hits'"),
        ([figure(value=1j)], "gave a complex for 'acme.hits'"),
        ([figure(value=np.array([0.5, 1.0]))], "gave a ndarray for 'acme.hits'"),
        ([figure(value=10**400)], "gave a int for 'acme.hits'"),
        ([figure(value=NAN)], "gave nan for 'acme.hits'"),
        ([figure(low=NAN)], "gave nan as low of 'acme.hits'"),
        ([figure(high="1")], "gave a str as high of 'acme.hits'"),
        ([figure(low=0.9, high=0.1)], "an interval from 0.9 to 0.1"),
        ([figure(p=float("inf"))], "gave inf as p of 'acme.hits'"),
        ([figure(p=1.5)], "gave 1.5 as p of 'acme.hits', which is 0 to 1"),
        ([figure(n="100")], "gave 'acme.hits' on a str rows"),
        ([figure(n=-5)], "gave 'acme.hits' on -5 rows"),
        ([figure(n=1.5)], "gave 'acme.hits' on 1.5 rows"),
        ([figure(n=10**30)], "gave 'acme.hits' on a int rows"),
        ([figure(metric=None)], "whose metric is a NoneType, expected str"),
        ([figure(subject=7)], "whose subject is 7, expected str"),
        ([figure(reason=None)], "whose reason is a NoneType, expected str"),
        ([figure(direction="up")], "gave 'acme.hits' the direction 'up'"),
        ([figure(subject="\ud800")], "is no plain text"),
        ([figure(unit="x" * 41)], "is no plain text"),
        ([figure(subject="x" * 201)], "too long"),
        ([figure(value=None, applicable="no")], "with applicable a str"),
        ([figure(applicable=False)], "says that it does not apply"),
        ([figure(), figure()], "gave acme.hits of the window twice"),
    ],
)
def test_what_is_no_figure_is_refused_in_words(answer, says):
    told = figures_of(answer)

    assert isinstance(told, str)
    assert says in told


def test_numbers_of_numpy_become_plain_ones():
    (found,) = figures_of(
        [
            figure(
                value=np.float32(0.5), n=np.int64(100), low=0, high=Fraction(3, 4), p=np.float64(1)
            )
        ]
    )

    assert (found.value, found.n, found.low, found.high, found.p) == (0.5, 100, 0.0, 0.75, 1.0)
    assert [type(x) for x in (found.value, found.n, found.high, found.p)] == [float, int] + [
        float
    ] * 2


def test_a_figure_alone_needs_no_list_and_stays_as_it_is():
    alone = figure()

    assert figures_of(alone)[0] is alone


def test_a_long_reason_is_cut_and_what_no_database_takes_is_replaced():
    (found,) = figures_of([figure(value=None, reason="\x00" + "x" * 10**6)])

    assert found.reason.startswith("\N{REPLACEMENT CHARACTER}xx")
    assert len(found.reason) == 1_001


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.fractions(),
    st.text(max_size=300),
    st.sampled_from(["high", "low", "acme.hits", np.float64(0.5), np.int8(3), np.bool_(1)]),
    st.lists(st.integers(), max_size=2),
)


SOUND = {
    "metric": st.just("acme.hits"),
    "value": st.floats(-1e300, 1e300),
    "n": st.integers(0, 100),
    "direction": st.sampled_from(["high", "low"]),
}


@given(
    st.lists(
        st.fixed_dictionaries(
            {name: st.one_of(sound, sound, sound, anything) for name, sound in SOUND.items()},
            optional={f.name: anything for f in fields(Measurement) if f.name not in SOUND},
        ),
        max_size=3,
    )
)
def test_whatever_the_fields_hold_figures_are_plain_or_refused(drawn):
    found = figures_of([Measurement(**facts) for facts in drawn])

    if isinstance(found, str):
        assert found
        return
    for one in found:
        numbers = [one.value, one.low, one.high, one.p]
        assert all(number is None or type(number) is float for number in numbers)
        assert type(one.n) is int
        assert 0 <= one.n < 2**63
        json.dumps([*numbers, one.metric, one.subject, one.reason], allow_nan=False).encode()
