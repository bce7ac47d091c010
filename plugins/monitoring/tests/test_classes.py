"""However a column lies in memory, each of its values is counted once and as the same class."""

from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from aims_monitoring.classes import Span, class_counts, class_text, codes, kind_for, tallied
from aims_monitoring.frame_reader import table_of_frame
from aims_monitoring.layout import NumericPlan, fit_layout
from aims_monitoring.numeric_column import NumericColumn
from aims_monitoring.profile import profile_source
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.one_of(
    st.none(),
    st.sampled_from(["a", "b", "", "\x00", "\x000", "é", "x" * 81, "1"]),
    st.text(max_size=90),
)
KINDS = [pa.int8(), pa.uint8(), pa.int16(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64()]


def expected(values):
    return Counter(class_text(value) for value in values)


@given(values=st.lists(TEXTS, max_size=60), known=st.sets(st.sampled_from("abc1"), max_size=4))
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_texts_looked_up_among_known_ones_are_counted_as_without(kind, values, known):
    column = pa.chunked_array([pa.array(values[:7], kind), pa.array(values[7:], kind)])

    found, unreadable = class_counts(column, tuple(sorted(known)))

    assert {text: count for text, count in found.items() if count} == expected(values)
    assert unreadable == 0


@given(data=st.data(), kind=st.sampled_from(KINDS), width=st.integers(0, 300))
def test_whole_numbers_close_together_are_the_classes_they_are_one_by_one(data, kind, width):
    least = int(np.iinfo(kind.to_pandas_dtype()).min)
    most = int(np.iinfo(kind.to_pandas_dtype()).max)
    start = data.draw(st.integers(least, most))
    values = data.draw(
        st.lists(st.integers(start, min(start + width, most)), min_size=1, max_size=40)
    )
    column = pa.chunked_array([pa.array(values, kind)])

    read, span = codes(column), Span.of(column)

    assert [read.texts[place - 1] for place in read.places.tolist()] == list(map(str, values))
    assert set(read.texts) == set(map(str, values))
    assert {t: n for t, n in read.counts().items() if n} == expected(values)
    close = max(values) - min(values) < 255 and max(map(abs, values)) <= 2**53
    assert (span is not None) == close
    if span is not None:
        assert dict(zip(span.numbers.tolist(), span.times.tolist(), strict=True)) == Counter(values)


def test_truth_values_and_their_gaps_are_the_classes_1_and_0():
    assert codes(pa.array([True, False, True])).counts() == {"0": 1, "1": 2, None: 0}
    assert codes(pa.array([True, None])).counts() == {"1": 1, None: 1}
    assert codes(pa.array([[1], None, [2]])).counts() == {None: 1}


@pytest.mark.parametrize("size", [2, 256, 257, 70_000])
@pytest.mark.parametrize("rows", [0, 1, 1 << 17, (1 << 17) + 1])
def test_places_taken_in_pairs_are_counted_as_one_by_one(size, rows):
    places = np.random.default_rng(size + rows).integers(0, size, rows).astype(kind_for(size))

    assert tallied(places, size).tolist() == np.bincount(places, minlength=size).tolist()


@given(st.lists(st.integers(-20, 200), min_size=1, max_size=50))
def test_whole_numbers_close_together_fill_the_bins_they_fill_one_by_one(values):
    plan = NumericPlan(np.array([-10.0, 0.0, 5.5, 150.0]), 3.0)
    close, apart = NumericColumn.empty(plan), NumericColumn.empty(plan)

    close.add(pa.array(values))
    apart.add(pa.array(values, pa.float64()))

    assert close.content() == apart.content()


def test_confusion_counts_are_the_same_whether_groups_are_kept_beside_them_or_not(log, roles):
    table = log(3_000, 5)
    roles = {k: v for k, v in roles.items() if k != "group"}
    alone = profile_source(open_source(table), fit_layout(open_source(table), Schema.of(roles)))
    for group in ("g", "x"):  # by the second, the counts by group are too many to be kept
        schema = Schema.of(roles | {"group": [group]})
        grouped = profile_source(open_source(table), fit_layout(open_source(table), schema))

        assert grouped.cubes[1].too_wide == (group == "x")
        assert grouped.cubes[0] == alone.cubes[0]


class Named(str):
    __slots__ = ()

    def __str__(self):
        return f"named {self!r}"


@pytest.mark.parametrize("rows", [10, 10_000])
def test_a_text_of_a_kind_of_its_own_is_the_text_however_many_objects_there_are(rows):
    frame = pd.DataFrame({"c": [Named("red"), *(f"text {k}" for k in range(rows))]}, dtype=object)

    assert class_counts(table_of_frame(frame)["c"])[0]["red"] == 1
