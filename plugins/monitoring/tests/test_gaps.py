"""Windows without a row, between others: found, counted, and said wherever somebody looks."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from aims_monitoring.gaps import GAP_COLUMNS, find_gaps
from aims_monitoring.section import of_system
from aims_monitoring.windows import Cutter
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from aims_core import DataTable, SystemFacts
from aims_core.cli import main

LENGTHS = ["hour", "day", "week", "month", "quarter", "year"]
START = datetime(2015, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 15 * 365 * 24).map(lambda hours: START + timedelta(hours=hours))


def windows_of(moments, length):
    cut = Cutter(length, "t", "log")
    found = cut.cut(pa.table({"t": pa.array(moments, pa.timestamp("us", "UTC"))}))
    return [(window.key, window.starts_at) for window, _ in found]


@given(first=MOMENTS, length=st.sampled_from(LENGTHS), days=st.integers(1, 900))
def test_a_log_with_a_row_in_every_hour_or_day_has_no_gap(first, length, days):
    step = timedelta(hours=1) if length == "hour" else timedelta(days=1)
    moments = [
        first + step * place for place in range(min(days, 300) if length == "hour" else days)
    ]

    assert find_gaps(windows_of(moments, length), length) == []


@given(
    first=MOMENTS,
    length=st.sampled_from(LENGTHS[1:]),
    days=st.integers(10, 900),
    cut=st.tuples(st.integers(0, 900), st.integers(0, 900)).map(sorted),
)
def test_windows_that_are_taken_out_are_those_that_are_missing(first, length, days, cut):
    whole = windows_of([first + timedelta(days=place) for place in range(days)], length)
    start, end = (1 + place % len(whole) for place in cut)
    left = [*whole[:start], *whole[end:]]

    gaps = find_gaps(left, length)

    inside = end > start and end < len(whole)
    assert sum(gap.missing for gap in gaps) == (end - start if inside else 0)
    assert [(g.after, g.before) for g in gaps] == (
        [(whole[start - 1][0], whole[end][0])] if inside else []
    )


def test_windows_of_rows_have_no_gaps():
    assert find_gaps([("a:000001", datetime.now(UTC)), ("a:000003", datetime.now(UTC))], 100) == []


@pytest.fixture
def gappy(housing):
    moments = pd.to_datetime(["2026-01-01"] * 40 + ["2026-01-02"] * 40 + ["2026-01-06"] * 40)
    log = pd.DataFrame({"t": moments, "p": 1, "y": np.ones(120)})
    housing.monitoring.define(
        "daily",
        "ticket-triage",
        schema={"prediction": "p", "label": "y", "time": "t"},
        window="day",
        thresholds={"accuracy": {"min": 0.5}},
    )
    housing.monitoring.run("daily", log)
    return housing


def test_a_gap_stands_in_the_frame_the_check_and_the_report(gappy):
    frame = gappy.monitoring.gaps()
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == dict(GAP_COLUMNS)
    assert frame.to_dict("records") == [
        {
            "monitor_id": "daily",
            "system_id": "ticket-triage",
            "after": "2026-01-02",
            "before": "2026-01-06",
            "missing": 3,
        }
    ]
    tables = [b for b in of_system(gappy, "ticket-triage").blocks if isinstance(b, DataTable)]
    assert "Gaps in what was monitored" in [table.caption for table in tables]
    assert len(gappy.monitoring.gaps("another-system")) == 0

    offer = gappy.host.check("monitors_running")
    results = {k: tuple(gappy.results.of("ticket-triage", k)) for k in offer.spec.results}
    system = gappy.inventory.get("ticket-triage")
    facts = SystemFacts(system=system, owner=None, now=gappy.now(), results=results)
    condition = offer.spec.run.load()([facts])["ticket-triage"]
    assert condition.met
    assert "3 window(s) between others have no row" in condition.reason


def test_a_gap_that_is_filled_in_later_is_none_any_more(gappy):
    days = pd.to_datetime([f"2026-01-0{day}" for day in (3, 4, 5) for _ in range(40)])
    gappy.monitoring.run("daily", pd.DataFrame({"t": days, "p": 1, "y": np.ones(120)}))

    assert gappy.monitoring.gaps().empty


def test_gaps_are_findings_on_the_command_line(gappy):
    run = CliRunner().invoke(
        main, ["--workspace", str(gappy.settings.folder), "--as", "olga", "monitor", "gaps"]
    )

    assert run.exit_code == 1
    assert "2026-01-06" in run.stdout
