"""Numbers are written as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims_core import plain_number


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.83333, "0.8333"),
        (0.0, "0"),
        (-12.5, "-12.5"),
        (9_876.4, "9,876"),
        (9_999.9, "10,000"),
        (123_456.789, "123,457"),
        (-1e6, "-1,000,000"),
        (1.2e-7, "1.2e-07"),
    ],
)
def test_a_number_is_written_in_four_digits_or_whole(value, expected):
    assert plain_number(value) == expected


@given(st.floats(1e-4, 1e15))
def test_none_that_people_write_out_is_a_power_of_ten_nor_far_off(value):
    written = plain_number(value)

    assert "e" not in written
    assert float(written.replace(",", "")) == pytest.approx(value, rel=5.1e-4)
