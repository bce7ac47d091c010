from datetime import UTC, datetime

import pyarrow as pa
import pytest
from aims_monitoring.windows import UNDATED, Cutter, check_window
from hypothesis import given, settings
from hypothesis import strategies as st

from aims_core import InvalidRecord

moments = st.lists(
    st.one_of(st.none(), st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))),  # noqa: DTZ001 - logs without zone
    max_size=30,
)


def cut(times, length, kind=None):
    table = pa.table({"t": pa.array(times, kind)})
    return [(w.key, len(rows)) for w, rows in Cutter(length, "t", "digest00").cut(table)]


def test_months_days_weeks_and_quarters_have_plain_names():
    times = [datetime(2024, 12, 30, 23, 5, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)]

    assert cut(times, "month") == [("2024-12", 1), ("2025-01", 1)]
    assert cut(times, "week") == [("2025-W01", 2)]
    assert cut(times, "quarter") == [("2024-Q4", 1), ("2025-Q1", 1)]
    assert cut(times, "day") == [("2024-12-30", 1), ("2025-01-01", 1)]
    assert cut(times, "hour")[0] == ("2024-12-30T23", 1)
    assert cut(times, "year") == [("2024", 1), ("2025", 1)]


def test_times_with_a_zone_are_cut_in_utc():
    late = ["2025-01-31T23:30:00-02:00", "2025-01-31T23:30:00Z"]

    assert cut(late, "month") == [("2025-01", 1), ("2025-02", 1)]


def test_times_without_zone_are_taken_as_utc_and_unreadable_ones_are_kept_apart():
    times = ["2025-01-31 23:30:00", "soon", None, "", "2025-02-30"]

    assert cut(times, "month", pa.string()) == [(UNDATED, 4), ("2025-01", 1)]


@settings(max_examples=100, deadline=None)
@given(times=moments, length=st.sampled_from(["hour", "day", "week", "month", "quarter", "year"]))
def test_every_row_falls_into_exactly_one_window(times, length):
    found = cut(times, length, pa.timestamp("us"))

    assert sum(rows for _, rows in found) == len(times)


def test_windows_of_rows_go_on_across_batches_and_name_their_log():
    cutter = Cutter(4, "", "digest00abcdef")
    tables = [pa.table({"x": range(3)}), pa.table({"x": range(6)})]

    found = [(w.key, len(rows)) for table in tables for w, rows in cutter.cut(table)]

    assert found == [
        ("digest00:000001", 3),
        ("digest00:000001", 1),
        ("digest00:000002", 4),
        ("digest00:000003", 1),
    ]


def test_a_column_of_numbers_is_no_time():
    with pytest.raises(InvalidRecord, match="Give dates with time"):
        cut([1, 2], "month")


@pytest.mark.parametrize("window", ["fortnight", 0, -5, 1.5, True, None])
def test_a_window_that_is_none_is_refused(window):
    with pytest.raises(InvalidRecord, match="Use a number of rows"):
        check_window(window)
