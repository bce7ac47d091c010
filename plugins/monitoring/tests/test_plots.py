"""Pictures of columns, groups and calibration: what they say, and that they say it to everyone."""

import xml.etree.ElementTree as ET
from base64 import b64decode

import numpy as np
import pandas as pd
import pytest
from aims_monitoring.plots.calibration import calibration_points
from aims_monitoring.plots.columns import column_rows
from aims_monitoring.plots.drawing import BLUE, DARK, GREY, elided, empty, said_window
from aims_monitoring.samples import (
    CENSUS_EMPLOYMENT_SCHEMA,
    california_housing,
    census_employment,
)
from sklearn.calibration import calibration_curve

from aims_core import RecordNotFound

HOUSING = california_housing()
# Our own drawing is parsed here, nobody else's.
parsed = ET.fromstring
SVG = "{http://www.w3.org/2000/svg}"
RNG = np.random.default_rng(1)


@pytest.fixture
def aims_database():
    """One database will do: what differs between them is tested in test_monitoring."""
    return "sqlite"


@pytest.fixture
def run(accuracy):
    accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)
    return accuracy.monitoring


def text(plot):
    """All text of a picture, which must be whole, named and described."""
    root = parsed(plot.svg)
    assert root.get("role") == "img"
    title, words = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"
    assert title.text
    assert words.text == plot.description
    assert not list(root.iter(f"{SVG}script"))
    return " ".join(root.itertext())


def contrast(one, other="#FFFFFF"):
    """Contrast of two colours as in WCAG 2.2, 1.4.3."""

    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, pale = sorted((light(one), light(other)))
    return (pale + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", [BLUE, DARK, GREY])
def test_colours_of_text_and_of_what_matters_can_be_read_on_white(colour):
    assert contrast(colour) >= 4.5


def test_a_column_shows_the_bins_of_its_drift_and_the_rows_of_both_sides(run):
    said = text(run.plot_column("housing-accuracy", "MedInc", "2021-08"))

    assert "reference, 5,832 rows" in said
    assert "window, 744 rows" in said
    assert "up to 2.198 from 10.0 % to 25.5 %" in said


def test_the_newest_window_is_drawn_unless_one_is_named(run):
    assert "2022-05" in text(run.plot_column("housing-accuracy", "MedInc"))
    with pytest.raises(RecordNotFound, match="window"):
        run.plot_column("housing-accuracy", "MedInc", "1999-01")
    with pytest.raises(RecordNotFound, match="MedInc"):
        run.plot_column("housing-accuracy", "MedIncome")


FRAMES = {
    "numbers": (RNG.normal(size=500), [*RNG.normal(2, 1, 400), *[np.inf] * 50, *[np.nan] * 50]),
    "few numbers": ([0, 1] * 250, [0, 1, 2, 1] * 125),
    "constant": ([3.0] * 500, [3.0] * 250 + [4.0] * 250),
    "text among numbers": (RNG.normal(size=500), [1.0, "?"] * 250),
    "categories": (["a", "b"] * 250, ["a", "c", None, "b"] * 125),
    "many categories": ([f"category {i % 60}" for i in range(500)], ["category 1"] * 500),
    "hostile": (["<script>alert(1)</script>", "$\\frac{1$"] * 250, ["日本語", "&amp;"] * 250),
    "nothing": ([None] * 500, [None] * 500),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_the_bars_of_each_side_add_up_to_all_rows(profiles, kind):
    before, now = (pd.DataFrame({"x": pd.Series(v, dtype=object)}) for v in FRAMES[kind])
    window, reference = profiles(before, now, {"feature": ["x"]})[::-1]

    rows = column_rows(reference.columns["x"], window.columns["x"])

    assert sum(row.before for row in rows) == pytest.approx(100)
    assert sum(row.now for row in rows) == pytest.approx(100)
    # Twenty categories, all others, those the reference lacks, and what is no value.
    assert len({row.label for row in rows}) == len(rows) <= 26


@pytest.mark.parametrize("kind", FRAMES)
def test_any_column_can_be_drawn(housing, kind):
    before, now = (pd.DataFrame({"x": pd.Series(v, dtype=object)}) for v in FRAMES[kind])
    housing.monitoring.define(
        "odd",
        "ticket-triage",
        kind="drift",
        schema={"feature": ["x"]},
        reference=before,
        window=999,
    )
    housing.monitoring.run("odd", now)

    assert "greatest differences" in text(housing.monitoring.plot_column("odd", "x"))


def test_of_sixty_categories_the_most_frequent_of_either_side_are_drawn_and_the_others_are_one_bar(
    profiles,
):
    names = [f"c{i:02d}" for i in range(60)]
    before = pd.DataFrame({"x": np.repeat(names, range(61, 1, -1))})
    now = pd.DataFrame({"x": [*names, *["c59"] * 200, "new"]})
    window, reference = profiles(before, now, {"feature": ["x"]})

    rows = column_rows(reference.columns["x"], window.columns["x"])

    assert [row.label for row in rows[:2]] == ["c59", "c00"]
    assert [row.label for row in rows[19:]] == ["c18", "40 others", "not in the reference's list"]
    assert sum(row.before for row in rows) == pytest.approx(100)
    assert sum(row.now for row in rows) == pytest.approx(100)


@pytest.mark.parametrize(("categories", "last"), [(21, "c20"), (22, "2 others")])
def test_a_single_other_category_keeps_its_name(profiles, categories, last):
    frame = pd.DataFrame({"x": [f"c{i:02d}" for i in range(categories)] * 10})
    window, reference = profiles(frame, frame, {"feature": ["x"]})

    assert column_rows(reference.columns["x"], window.columns["x"])[-1].label == last


def test_values_that_stand_alone_are_named_by_themselves(profiles):
    frame = pd.DataFrame({"x": [0, 1, 5] * 100})
    window, reference = profiles(frame, frame, {"feature": ["x"]})

    rows = column_rows(reference.columns["x"], window.columns["x"])

    assert [row.label for row in rows] == ["0", "1", "5"]


def test_what_cannot_be_drawn_says_why(housing, accuracy):
    monitoring = accuracy.monitoring
    assert "it has not run yet" in text(monitoring.plot_column("housing-accuracy", "MedInc"))
    assert "it has not run yet" in text(monitoring.plot_groups("housing-accuracy"))
    assert "it has not run yet" in text(monitoring.plot_calibration("housing-accuracy"))
    monitoring.run("housing-accuracy", HOUSING.analysis)
    assert "the schema names no group" in text(monitoring.plot_groups("housing-accuracy"))
    assert "no labels have come" in text(monitoring.plot_calibration("housing-accuracy"))
    ids = pd.DataFrame({"who": [f"person-{i}" for i in range(300)], "p": 1})
    monitoring.define(
        "bare", "ticket-triage", schema={"feature": ["who"], "prediction": "p"}, window=999
    )
    monitoring.run("bare", ids)
    assert "has no reference" in text(monitoring.plot_column("bare", "p"))
    assert "knows no score" in text(monitoring.plot_calibration("bare"))
    monitoring.define(
        "ids",
        "ticket-triage",
        kind="drift",
        schema={"feature": ["who"]},
        reference=ids,
        window=999,
    )
    monitoring.run("ids", ids)
    assert "as an identifier" in text(monitoring.plot_column("ids", "who"))


def test_groups_have_their_interval_and_small_ones_are_named_without_a_bar(housing):
    housing.monitoring.define(
        "fair",
        "ticket-triage",
        kind="fairness",
        schema=CENSUS_EMPLOYMENT_SCHEMA,
        window=100_000,
    )
    housing.monitoring.run("fair", census_employment())

    plot = housing.monitoring.plot_groups("fair")
    said = text(plot)

    assert "SEX=1  (n=33,094)" in said
    assert "RAC1P=4  (n=1)" in said
    assert said.count("too few rows") == 7  # six groups and the description
    assert "all: 0.538" in said
    assert "28 groups" in plot.description
    with pytest.raises(RecordNotFound, match="selection_rate"):
        housing.monitoring.plot_groups("fair", "selection_rat")


def test_the_points_of_calibration_are_those_of_sklearn(profiles):
    score = RNG.beta(2, 3, 5_000)
    label = (RNG.random(5_000) < score).astype(int)
    frame = pd.DataFrame({"s": score, "y": label})
    window, _ = profiles(frame, frame, {"score": "s", "label": "y"})

    points = calibration_points(window.histogram)

    shares, scores = calibration_curve(label, score, n_bins=10)
    assert [p.share for p in points] == pytest.approx(list(shares), abs=1e-9)
    assert [p.score for p in points] == pytest.approx(list(scores), abs=1e-9)
    assert sum(p.n for p in points) == 5_000
    assert all(p.low <= p.share <= p.high for p in points)


def test_calibration_shows_how_many_rows_are_behind_each_point(run):
    plot = run.plot_calibration("housing-accuracy", "2021-08")

    assert "744 rows" in plot.description
    assert "fewer than ten rows" in text(plot)


def test_the_same_window_gives_the_same_bytes(run):
    for draw in (run.plot_calibration, lambda m: run.plot_column(m, "MedInc")):
        assert draw("housing-accuracy").svg == draw("housing-accuracy").svg


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_a_notebook_shows_an_image_with_the_words_of_the_picture(name):
    plot = empty(name, "it has not run yet", "m")

    (image,) = parsed(f"<p>{plot._repr_html_().replace('>', '/>')}</p>")

    assert image.get("alt") == plot.description
    kind, _, content = image.get("src").partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert b64decode(content).decode() == plot.svg
    assert set(image.keys()) == {"alt", "src", "style"}


def test_names_are_cut_in_the_middle_and_windows_of_rows_are_counted():
    assert elided("a category of a long name 12", 15) == "a categ…name 12"
    assert elided("short", 15) == "short"
    assert said_window("0a1b2c3d:000012") == "window 12 of log 0a1b"
    assert said_window("2024-01") == "2024-01"
    assert said_window("") == ""
