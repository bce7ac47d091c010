from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from aims_monitoring.engines import count_task, merge_answers, tasks_of
from aims_monitoring.gaps import find_gaps
from aims_monitoring.layout import fit_layout
from aims_monitoring.scan import scan
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source
from aims_monitoring.windows import UNDATED, Cutter, check_window
from hypothesis import given, settings
from hypothesis import strategies as st

from aims_core import InvalidRecord

moments = st.lists(
    st.one_of(st.none(), st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))),  # noqa: DTZ001 - logs without zone
    max_size=30,
)


def cut(times, length, kind=None, zone=""):
    table = pa.table({"t": pa.array(times, kind)})
    cutter = Cutter(length, "t", "digest00", zone=zone)
    return [(w.key, len(rows)) for w, rows in cutter.cut(table)]


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


def starts(first, last, length, zone):
    """Return key and start of the windows of rows that stand an hour apart."""
    hours = int((last - first) / timedelta(hours=1))
    table = pa.table({"t": [first + timedelta(hours=i) for i in range(hours)]})
    cutter = Cutter(length, "t", "digest00", zone=zone)
    return {w.key: (w.starts_at, len(rows)) for w, rows in cutter.cut(table)}


@pytest.mark.parametrize(
    ("zone", "day", "begins", "hours"),
    [
        ("Europe/Berlin", "2025-03-30", datetime(2025, 3, 29, 23, tzinfo=UTC), 23),
        ("Europe/Berlin", "2025-10-26", datetime(2025, 10, 25, 22, tzinfo=UTC), 25),
        ("America/New_York", "2025-11-02", datetime(2025, 11, 2, 4, tzinfo=UTC), 25),
        ("Asia/Kathmandu", "2025-06-01", datetime(2025, 5, 31, 18, 15, tzinfo=UTC), 24),
        # The clocks went from midnight to one: the day begins when they do.
        ("America/Sao_Paulo", "2018-11-04", datetime(2018, 11, 4, 3, tzinfo=UTC), 23),
    ],
)
def test_a_day_begins_at_midnight_of_the_zone_also_when_clocks_change(zone, day, begins, hours):
    found = starts(begins - timedelta(days=2), begins + timedelta(days=3), "day", zone)

    assert found[day] == (begins, hours)


def test_months_and_quarters_begin_by_the_clocks_of_the_zone_and_hours_by_those_of_utc():
    late = [datetime(2025, 3, 31, 22, 30, tzinfo=UTC)]

    assert cut(late, "month", zone="Europe/Berlin") == [("2025-04", 1)]
    assert cut(late, "quarter", zone="Europe/Berlin") == [("2025-Q2", 1)]
    assert cut(late, "hour", zone="Europe/Berlin") == [("2025-03-31T22", 1)]
    assert cut([None], "day", pa.timestamp("us"), zone="Europe/Berlin") == [(UNDATED, 1)]


@settings(max_examples=100, deadline=None)
@given(
    times=st.lists(st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1)), max_size=20),  # noqa: DTZ001 - in UTC
    zone=st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "UTC"]),
)
def test_the_day_of_a_row_is_its_date_in_the_zone(times, zone):
    dates = [t.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date().isoformat() for t in times]

    assert dict(cut(times, "day", pa.timestamp("us"), zone)) == Counter(dates)


def test_a_zone_that_is_none_is_refused_with_the_nearest_and_none_is_left_out():
    with pytest.raises(InvalidRecord, match="Perhaps Europe/Berlin or"):
        Schema.of({"feature": ["x"], "zone": "Europe/Berlim"})
    with pytest.raises(InvalidRecord, match="no such time zone"):
        Schema.of({"feature": ["x"], "zone": ["UTC"]})
    assert "zone" not in Schema.of({"feature": ["x"]}).content()
    declared = Schema.of({"feature": ["x"], "zone": "Asia/Tokyo"}).content()
    assert declared["zone"] == Schema.of(declared).zone == "Asia/Tokyo"


def test_every_engine_and_the_gaps_go_by_the_zone(tmp_path):
    hours = [datetime(2025, 3, 1, tzinfo=UTC) + timedelta(hours=i) for i in range(24 * 40)]
    kept = [t for t in hours if not 28 <= t.astimezone(ZoneInfo("Europe/Berlin")).day <= 29]
    table = pa.table({"x": range(len(kept)), "t": kept})
    pq.write_table(table, tmp_path / "log.parquet", row_group_size=100)
    source = open_source(tmp_path / "log.parquet")
    schema = Schema.of({"feature": ["x"], "time": "t", "zone": "Europe/Berlin"})
    layout = fit_layout(source, schema)

    here = scan(source, layout, "day")
    tasks = [count_task(task) for task in tasks_of(source, layout, "day")]
    there = merge_answers(tasks, layout)
    gaps = find_gaps([(w.key, w.starts_at) for w in here], "day", "Europe/Berlin")
    spring = [("2025-03", datetime(2025, 2, 28, 23)), ("2025-05", datetime(2025, 4, 30, 22))]  # noqa: DTZ001 - made aware below
    months = [(key, at.replace(tzinfo=UTC)) for key, at in spring]

    assert [(w, p.rows) for w, p in here.items()] == [(w, p.rows) for w, p in there.items()]
    assert [p.rows for w, p in here.items() if w.key == "2025-03-30"] == [23]
    assert [(g.after, g.before, g.missing) for g in gaps] == [("2025-03-27", "2025-03-30", 2)]
    assert [g.missing for g in find_gaps(months, "month", "Europe/Berlin")] == [1]
    london = [
        ("2025-03", datetime(2025, 3, 1, tzinfo=UTC)),
        ("2025-04", datetime(2025, 3, 31, 23, tzinfo=UTC)),
    ]
    assert find_gaps(london, "month", "Europe/London") == []
