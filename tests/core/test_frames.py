"""Whole tables as DataFrames: the fast ways give the same as the plain one, whatever the texts hold."""

import string
from datetime import UTC

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import ARRAY

from aims_core import frames
from aims_core.canonical import utc_text
from aims_core.db.copying import copied_out
from aims_core.frames import TEXT, TIME, WHOLE, csv_frame, fixed_frame, stored_frame
from aims_core.inventory.search import COLUMNS
from aims_core.testing.fixtures import TICKET_TRIAGE

SHAPE = {"key": TEXT, "text": TEXT, "number": WHOLE, "at": TIME}
HOSTILE = st.text(
    st.one_of(
        st.sampled_from("\",\\.\n\r\t'%N; \u2028\u00e9\u0301\U0001f600"),
        st.characters(exclude_characters="\x00", exclude_categories=["Cs"]),
    ),
    max_size=12,
)
ROWS = st.lists(
    st.tuples(
        st.text(string.ascii_lowercase + "-._0", min_size=1, max_size=6),
        st.one_of(st.none(), st.sampled_from(["", "\\.", "\\N", '"', "NA", "null"]), HOSTILE),
        st.one_of(st.none(), st.integers(-(2**62), 2**62)),
        st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
    ),
    max_size=8,
    unique_by=lambda row: row[0],
)


def plain(rows):
    named = [dict(zip(SHAPE, row, strict=True)) for row in sorted(rows)]
    return fixed_frame(named, SHAPE)


def stored(rows):
    return [(key, text, number, at and utc_text(at)) for key, text, number, at in rows]


def same(one, other):
    pd.testing.assert_frame_equal(one, other)
    return one.dtypes.astype(str).to_dict() == SHAPE


@given(rows=ROWS)
def test_rows_by_the_portion_are_the_rows(rows):
    portions = [stored(rows)[i : i + 3] for i in range(0, len(rows), 3)]

    assert same(stored_frame(portions, SHAPE, order="key"), plain(rows))


@given(rows=ROWS)
def test_without_arrow_they_are_the_same(rows):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(frames, "has_arrow", lambda: False)

        assert same(stored_frame([stored(rows)], SHAPE, order="key"), plain(rows))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
@pytest.mark.parametrize("aims_database", ["postgresql"])
def test_what_postgresql_copies_out_are_the_rows(workspace, rows):
    columns = list(zip(*stored(rows), strict=True)) or [()] * 4
    kinds = (sa.Text, sa.Text, sa.BigInteger, sa.Text)
    arrays = [sa.literal(list(c), ARRAY(k)) for c, k in zip(columns, kinds, strict=True)]
    listed = sa.func.unnest(*arrays).table_valued(*SHAPE).render_derived()
    with workspace.reading() as tx:
        csv = copied_out(tx.connection, sa.select(listed))

    assert same(csv_frame(csv, SHAPE, order="key"), plain(rows))


@pytest.mark.parametrize("arrow", [True, False])
def test_the_register_as_a_frame_is_what_single_reads_give(workspace, clock, monkeypatch, arrow):
    monkeypatch.setattr("aims_core.inventory.search.has_arrow", lambda: arrow)
    monkeypatch.setattr(frames, "has_arrow", lambda: arrow)
    olga = workspace.act_as("olga").inventory
    for number, text in enumerate(['a "b", c', "100 % \\N", "one\ntwo\r\nthree", "ä\U0001f600"]):
        olga.register(
            f"s-{4 - number}", **{**TICKET_TRIAGE, "use_case": text, "supplier": text[:4]}
        )
    then = workspace.now()
    clock.on(days=1)
    olga.revise("s-2", use_case="Other.", unit="100 %")

    for at in (then, None):
        frame = olga.frame(as_of=at)
        listed = [olga.get(system_id, as_of=at) for system_id in frame["system_id"]]
        records = [{name: getattr(one, name) for name in COLUMNS} for one in listed]
        pd.testing.assert_frame_equal(frame, fixed_frame(records, COLUMNS))
        assert frame["system_id"].tolist() == ["s-1", "s-2", "s-3", "s-4"]
        some = olga.frame("100 %", as_of=at, columns=("revision", "use_case"))
        assert list(some.columns) == ["revision", "use_case"]
        assert len(some) == (1 if at else 2)
    assert olga.frame("in no system at all").dtypes.equals(frame.dtypes)
