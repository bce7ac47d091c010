"""Canonical JSON: one spelling per value, and nothing in it that a database or a reader would choke on."""

import json
import math
from copy import copy, deepcopy
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import Enum, StrEnum
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims_core import UtcTime, canonical_json, digest, utc_text
from aims_core.canonical import Written

WRITABLE = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WRITABLE
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WRITABLE, inner, max_size=4),
    max_leaves=12,
)
ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
FAR_FROM_THE_EDGE = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=ZONES)  # noqa: DTZ001 - bounds are naive by hypothesis' contract


class Colour(Enum):
    RED = "red"


class Word(StrEnum):
    HIGH = "high"


class NoOffset(tzinfo):
    """A zone that does not know how far it is from UTC, which makes a time naive."""

    def utcoffset(self, _moment):
        return None


@given(VALUES)
def test_reading_it_back_gives_the_value_and_writing_that_gives_the_same_text(value):
    text = canonical_json(value)

    assert json.loads(text) == value
    assert canonical_json(json.loads(text)) == text


@given(st.dictionaries(WRITABLE, VALUES, max_size=6), st.randoms())
def test_the_order_of_keys_does_not_matter(value, random):
    keys = list(value)
    random.shuffle(keys)

    assert digest({key: value[key] for key in keys}) == digest(value)


@given(VALUES)
def test_equal_values_have_equal_digests_whatever_holds_them(value):
    def held_otherwise(part):
        if isinstance(part, dict):
            return MappingProxyType({k: held_otherwise(v) for k, v in reversed(part.items())})
        return tuple(held_otherwise(v) for v in part) if isinstance(part, list) else part

    assert digest(held_otherwise(value)) == digest(value)


@given(VALUES, VALUES)
def test_different_values_have_different_digests(one, other):
    same = canonical_json(one) == canonical_json(other)

    assert (digest(one) == digest(other)) == same
    if same:
        assert one == other


@given(FAR_FROM_THE_EDGE)
def test_a_time_is_stored_in_utc_at_a_fixed_length_and_read_back_as_the_same_moment(moment):
    text = utc_text(moment)

    assert len(text) == 27
    assert text.endswith("Z")
    assert UtcTime().process_result_value(text, None) == moment


@given(FAR_FROM_THE_EDGE, FAR_FROM_THE_EDGE)
def test_stored_times_sort_as_text(one, other):
    assert (utc_text(one) < utc_text(other)) == (one < other)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (math.nan, "value is nan"),
        ({"a": [1.0, math.inf]}, r"value\.a\[1\] is inf"),
        ({"a": {"b": -math.inf}}, r"value\.a\.b is -inf"),
        ("half\x00", "NUL"),
        ({"k\x00": 1}, "NUL"),
        ({"a": ["\ud800"]}, r"value\.a\[0\] holds half a character"),
        ({"\udfff": 1}, "half a character"),
        (datetime(2026, 1, 1), "no zone"),  # noqa: DTZ001 - what the test is about
        (datetime(2026, 1, 1, tzinfo=NoOffset()), "no zone"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), "year"),
        ({"a": b"bytes"}, r"value\.a is a bytes"),
        ({"a": object()}, r"value\.a is a object"),
        ({1: "one"}, "keys are text"),
        ({"a": [{None: 1}]}, "keys are text"),
        ([10**5000], "digits"),
    ],
)
def test_what_has_no_safe_spelling_is_refused_by_place(value, says):
    with pytest.raises(ValueError, match=says):
        canonical_json(value)


def test_a_value_that_holds_itself_is_refused_not_followed_for_ever():
    value = {}
    value["self"] = [value]

    with pytest.raises(ValueError, match="nested"):
        canonical_json(value)


def test_text_that_only_looks_like_an_escaped_nul_is_taken():
    assert json.loads(canonical_json({"path": "C:\\u0000"})) == {"path": "C:\\u0000"}


@given(st.sets(WRITABLE | st.integers(), max_size=6), st.randoms())
def test_a_set_has_one_spelling_even_when_its_members_cannot_be_compared(members, random):
    listed = list(members)
    random.shuffle(listed)

    assert canonical_json(set(listed)) == canonical_json(frozenset(members))


def test_words_and_days_are_written_as_text():
    assert (
        canonical_json([Colour.RED, Word.HIGH, date(2026, 1, 31)]) == '["red","high","2026-01-31"]'
    )
    assert canonical_json({Word.HIGH: Word.HIGH}) == '{"high":"high"}'


def test_the_same_moment_in_another_zone_is_the_same_text():
    there = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))

    assert canonical_json(there) == canonical_json(datetime(2026, 1, 1, tzinfo=UTC))


@given(st.dictionaries(WRITABLE, VALUES, max_size=4), st.dictionaries(WRITABLE, VALUES, max_size=4))
def test_a_mapping_written_before_is_spelt_as_any_other_within_others(inner, outer):
    written = Written(inner)

    assert written == inner
    assert written.text == canonical_json(inner) == canonical_json(written)
    for around in ({**outer, "kept": written}, {**outer, "kept": [written, {"a": written}]}):
        plain = json.loads(json.dumps(around))
        assert canonical_json(around) == canonical_json(plain)


def test_a_key_that_is_no_text_is_refused_beside_a_written_mapping_too():
    with pytest.raises(ValueError, match="keys are text"):
        canonical_json({1: "one", "kept": Written({"a": 1})})


def test_a_copy_of_a_written_mapping_is_a_plain_one_that_may_be_changed():
    written = Written({"a": {"b": [1]}})

    for copied in (deepcopy(written), copy(written), written | {}):
        assert type(copied) is dict
        copied["a"] = 2
    assert written == {"a": {"b": [1]}}
    assert Written(iter([("a", 1)])).text == '{"a":1}'


@pytest.mark.parametrize("act", ["clear", "popitem", "update", "setdefault", "pop"])
def test_a_written_mapping_cannot_be_changed(act):
    written = Written({"a": 1})

    with pytest.raises(TypeError, match="written down already"):
        getattr(written, act)()
    with pytest.raises(TypeError, match="written down already"):
        written["a"] = 2
    with pytest.raises(TypeError, match="written down already"):
        del written["a"]
