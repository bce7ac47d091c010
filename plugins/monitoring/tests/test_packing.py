import json

import numpy as np
import pytest
from aims_monitoring.columns import shortened
from aims_monitoring.packing import pack, unpack
from aims_monitoring.profile import Profile
from hypothesis import given
from hypothesis import strategies as st

from aims_core import canonical_json

leaves = st.one_of(
    st.none(),
    st.text("aé'\"\\", max_size=5),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=8, max_size=20),
    st.lists(st.integers(0, 2**40), min_size=8, max_size=20),
    st.lists(st.integers(0, 2**40), min_size=8, max_size=20).map(sorted),
    st.lists(st.one_of(st.none(), st.integers(-5, 5)), min_size=8, max_size=20),
)


@given(content=st.dictionaries(st.sampled_from("abcde"), st.lists(leaves, max_size=4)))
def test_packing_gives_back_what_it_was_given(content):
    assert canonical_json(unpack(pack(content))) == canonical_json(content)


@given(values=st.lists(st.floats(), max_size=30))
def test_shortened_sums_are_near_and_shortening_again_changes_nothing(values):
    given_, short = np.array(values), shortened(np.array(values))

    assert np.array_equal(shortened(short), short, equal_nan=True)
    usual = np.isfinite(given_) & (np.abs(given_) > 1e-290) & (np.abs(given_) < 1e300)
    assert np.allclose(short[usual], given_[usual], rtol=4e-9, atol=0)


def test_a_profile_keeps_its_digest_when_it_is_packed(log, profiles):
    window, _ = profiles(log(2_000, 1), log(1_000, 2))

    read = Profile.read(window.layout, unpack(pack(window.content())))

    assert read.digest == window.digest
    assert len(pack(window.content())) < len(json.dumps(window.content())) / 4


def test_packed_forms_that_are_unknown_or_damaged_are_refused():
    packed = pack({"a": 1})

    for bytes_, said in ((b"\x09" + packed[1:], "not version"), (packed[:-4], "damaged")):
        with pytest.raises(ValueError, match=said):
            unpack(bytes_)


def test_a_profile_of_the_second_version_is_read_as_what_it_meant(log, profiles):
    window, _ = profiles(log(200, 1), log(300, 2))
    content = window.content()
    column = window.columns["x"]
    old = column.sums + column.counts * column.plan.shift
    content["columns"]["x"]["sums"] = old.tolist()

    read = Profile.read(window.layout, content | {"version": 2})

    assert np.allclose(read.columns["x"].sums, column.sums, atol=1e-9)
