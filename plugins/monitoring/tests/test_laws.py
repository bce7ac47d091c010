"""The laws of chance against scipy's, over the whole range in which figures fall."""

import math

import pytest
from aims_monitoring.metrics.laws import (
    chi_square_tail,
    kolmogorov_tail,
    normal_quantile,
    student_tail,
)
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

CLOSE = {"rel": 1e-10, "abs": 1e-300}
distances = st.floats(0, 60)


@given(statistic=st.floats(0, 3_000), freedom=st.integers(1, 400))
def test_the_chi_square_tail_is_scipys(statistic, freedom):
    assert chi_square_tail(statistic, freedom) == pytest.approx(
        special.chdtrc(freedom, statistic), **CLOSE
    )


@given(distance=st.floats(0, 1), n=st.integers(1, 10**7), m=st.integers(1, 10**7))
def test_the_kolmogorov_tail_is_scipys(distance, n, m):
    scaled = math.sqrt(n * m / (n + m)) * distance
    assert kolmogorov_tail(distance, n, m) == pytest.approx(special.kolmogorov(scaled), **CLOSE)


@given(share=st.floats(1e-12, 1 - 1e-12))
def test_the_normal_quantile_is_scipys(share):
    assert normal_quantile(share) == pytest.approx(special.ndtri(share), rel=1e-9, abs=1e-12)


@given(distance=distances, freedom=st.floats(1, 300))
def test_students_tail_is_scipys(distance, freedom):
    # Near the middle scipy's own tail has eight right digits; its incomplete beta function has all of them.
    square = distance * distance
    near = special.betaincc(0.5, freedom / 2, square / (freedom + square))
    expected = near if distance < 0.01 else 2 * special.stdtr(freedom, -distance)

    assert student_tail(distance, freedom) == pytest.approx(expected, rel=1e-10, abs=1e-15)


def test_students_tail_near_its_middle_is_that_of_cauchys_law():
    assert student_tail(1e-8, 1.0) == pytest.approx(1 - 2 * math.atan(1e-8) / math.pi, rel=1e-14)


def test_the_ends_of_the_laws():
    assert chi_square_tail(5.0, 0) == 1.0
    assert chi_square_tail(math.inf, 3) == 0.0
    assert kolmogorov_tail(0.0, 5, 5) == 1.0
    assert student_tail(0.0, 7.4) == 1.0
    assert student_tail(math.inf, 7.4) == 0.0
