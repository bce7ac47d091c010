import sys
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pandas as pd
import pytest
from aims_monitoring.plots.series import Line, _figure, plot_series
from aims_monitoring.records import Monitor
from aims_monitoring.samples import california_housing
from aims_monitoring.views import FIGURE_COLUMNS

from aims_core import RecordNotFound

HOUSING = california_housing()
# Our own drawing is parsed here, nobody else's.
parsed = ET.fromstring
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def aims_database():
    """One database will do: what differs between them is tested in test_monitoring."""
    return "sqlite"


@pytest.fixture
def run(accuracy):
    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)
    return accuracy


@pytest.fixture
def monitor():
    return Monitor(
        monitor_id="housing-accuracy",
        system_id="ticket-triage",
        kind="monitoring.performance",
        thresholds={"accuracy": {"min": 0.8}},
        schema={},
        window="month",
        severity="major",
        owner="olga",
        minimum_rows=None,
        persistence=[1, 1],
        hysteresis=0.1,
        reference="",
        definition="",
        active=True,
        revision=1,
        defined_at=datetime.now(UTC),
    )


def series(monitor, rows):
    base = {
        "monitor_id": monitor.monitor_id,
        "system_id": monitor.system_id,
        "rows": 100,
        "metric": "accuracy",
        "column": "",
        "n": 100,
        "direction": "high",
        "minimum": 0.8,
        "status": "ok",
        "reason": "",
        "run_id": "r",
    }
    frame = pd.DataFrame([base | row for row in rows], columns=list(FIGURE_COLUMNS))
    return frame.astype(dict(FIGURE_COLUMNS))


def test_a_plot_shows_the_threshold_and_marks_breaches_by_shape(run):
    plot = run.monitoring.plot("housing-accuracy")

    root = parsed(plot.svg)
    text = " ".join(root.itertext())
    assert root.get("role") == "img"
    assert "at least 0.75" in text
    assert "breach" in text
    assert "within limits" in text
    assert plot.description in text
    assert "crossed in 9" in plot.description
    assert plot._repr_svg_() == plot.svg == str(plot)


def test_the_same_series_gives_the_same_bytes_and_no_date(run):
    first, second = (run.monitoring.plot("housing-accuracy").svg for _ in range(2))

    assert first == second
    assert "dc:date" not in first


def test_ids_in_two_plots_on_one_page_do_not_clash(run):
    ids = [
        {e.get("id") for e in parsed(run.monitoring.plot("housing-accuracy", m).svg).iter()}
        for m in ("accuracy", "f1")
    ]

    assert (ids[0] & ids[1]) <= {None}


def test_its_styles_reach_nothing_else_on_a_page(run):
    svg = run.monitoring.plot("housing-accuracy").svg
    styles = [e.text for e in parsed(svg).iter(f"{SVG}style")]

    assert styles
    assert all(style.startswith(f"#{parsed(svg).get('id')} ") for style in styles)


def test_references_inside_the_picture_lead_somewhere(run):
    svg = run.monitoring.plot("housing-accuracy").svg
    root = parsed(svg)
    ids = {e.get("id") for e in root.iter()}
    used = {
        value.split("#")[1].rstrip(")")
        for e in root.iter()
        for name, value in e.attrib.items()
        if value.startswith("url(#") or name.endswith("href")
    }

    assert used
    assert used <= ids


def test_a_metric_or_column_that_was_not_measured_is_named(run):
    with pytest.raises(RecordNotFound, match="accuracy"):
        run.monitoring.plot("housing-accuracy", "acuracy")
    with pytest.raises(RecordNotFound, match="column with accuracy"):
        run.monitoring.plot("housing-accuracy", "accuracy", "MedInc")


def test_before_the_first_run_the_plot_says_so(accuracy):
    plot = accuracy.monitoring.plot("housing-accuracy")

    assert "Nothing measured yet" in plot.svg
    assert "has not run yet" in plot.description


def test_at_most_two_thousand_points_are_drawn_and_no_breach_is_lost(monitor):
    rows = [{"window": f"{i:05d}", "value": 0.9} for i in range(9_000)]
    rows[4_321] |= {"value": 0.5, "status": "breach"}

    plot = plot_series(monitor, series(monitor, rows))

    markers = list(parsed(plot.svg).iter(f"{SVG}use"))
    assert len(markers) <= 2_100
    assert "crossed in 1" in plot.description


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "$\\frac{1$", "日本語", "a" * 200, "&amp;"]
)
@pytest.mark.parametrize("value", [0.5, None])
def test_names_from_data_are_text_and_never_code_or_formula(monitor, name, value):
    row = {
        "window": name,
        "value": value,
        "column": name,
        "status": "ok" if value else "insufficient",
    }

    plot = plot_series(monitor, series(monitor, [row]))

    root = parsed(plot.svg)
    assert not list(root.iter(f"{SVG}script"))
    assert "<script" not in plot.svg


def test_every_status_has_a_mark_of_its_own(monitor):
    statuses = ["ok", "uncertain", "breach", "insufficient", "insufficient"]
    values = [0.9, 0.79, 0.5, 0.85, None]
    rows = [
        {"window": f"{i:02d}", "value": v, "status": s, "low": None if v is None else v - 0.1}
        for i, (s, v) in enumerate(zip(statuses, values, strict=True))
    ]

    text = plot_series(monitor, series(monitor, rows)).svg

    for words in ("within limits", "perhaps by chance", "breach", "not known yet", "no figure"):
        assert words in text


def test_limits_that_move_are_drawn_as_they_were_and_the_newest_is_said(monitor):
    rows = [
        {"window": f"{i:02d}", "value": 0.9, "minimum": None if i < 3 else 0.5 + 0.02 * i}
        for i in range(10)
    ]
    rows.append({"window": "10", "value": None, "minimum": None, "status": "insufficient"})

    plot = plot_series(monitor, series(monitor, rows))

    assert "at least 0.68" in plot.svg
    assert "threshold at least 0.68" in plot.description


def test_pyplot_is_never_loaded(run):
    run.monitoring.plot("housing-accuracy")

    assert "matplotlib.pyplot" not in sys.modules


@pytest.mark.parametrize("measured", [(), (5, 6), (11,)])
def test_windows_without_a_figure_lie_within_the_picture(monitor, measured):
    points = [
        {
            "window": f"2026-01-{day + 1:02}",
            "starts_at": datetime(2026, 1, day + 1, tzinfo=UTC),
            "value": 0.9 if day in measured else None,
            "status": "ok" if day in measured else "insufficient",
            **dict.fromkeys(("low", "high", "minimum", "maximum")),
        }
        for day in range(12)
    ]

    (axes,) = _figure(Line(monitor=monitor, metric="f1", column="", points=tuple(points))).axes

    left, right = axes.get_xlim()
    assert left < 0
    assert right > 11 * 86_400


def test_a_large_limit_is_written_out(monitor):
    rows = [
        {"window": "w1", "value": 123_456.7, "minimum": None, "maximum": 100_000.0, "status": "ok"}
    ]

    plot = plot_series(monitor, series(monitor, rows))

    assert "at most 100,000" in plot.svg
    assert "newest value 123,457" in plot.description
