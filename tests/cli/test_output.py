import csv
import io
import json
from datetime import UTC, datetime

import click
import pandas as pd
import pytest
from click.testing import CliRunner

from aims_core.canonical import canonical_json
from aims_core.cli.output import cli_emit, cli_format
from aims_core.records import Condition
from aims_core.terms import Severity


def printed(data, format_="table", **more):
    @click.command()
    def show():
        cli_emit(data, format_, **more)

    result = CliRunner().invoke(show, [], catch_exceptions=False)
    return result.stdout


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|' /C calc'!A0", "\n=1"]
)
def test_csv_holds_no_formula(cell):
    row = next(csv.DictReader(io.StringIO(printed([{"name": cell}], "csv"))))

    assert row["name"].startswith("'")


def test_csv_leaves_numbers_as_numbers():
    assert printed([{"delta": -5, "share": -0.5}], "csv") == "delta,share\n-5,-0.5\n"


def test_csv_neutralises_column_names_too():
    assert printed([{"=cmd": 1}], "csv").startswith("'=cmd")


def test_csv_has_every_column_that_any_row_has():
    assert printed([{"a": 1}, {"b": 2}], "csv") == "a,b\n1,\n,2\n"


def test_json_is_canonical():
    data = [{"b": Severity.MAJOR, "a": [1, 2]}]

    assert printed(data, "json") == canonical_json(data) + "\n"


def test_json_spells_missing_numbers_and_times_as_null():
    frame = pd.DataFrame(
        {"value": [1.5, None], "at": [pd.Timestamp("2026-01-01", tz="UTC"), pd.NaT]}
    )

    assert json.loads(printed(frame, "json")) == [
        {"value": 1.5, "at": "2026-01-01T00:00:00.000000Z"},
        {"value": None, "at": None},
    ]


def test_one_record_is_an_object_and_several_are_a_list():
    one = Condition(name="owner_assigned", met=False, reason="nobody answers for it")

    assert json.loads(printed(one, "json"))["met"] is False
    assert json.loads(printed([one], "json"))[0]["name"] == "owner_assigned"
    assert "met     no" in printed(one)


def test_an_empty_list_is_said_in_words_or_is_empty():
    assert printed([], empty="No system fits.") == "No system fits.\n"
    assert printed([], "json") == "[]\n"
    assert printed([], "csv") == ""
    assert printed(pd.DataFrame({"a": []}), "csv") == "a\n"


def test_a_table_shows_the_chosen_columns_and_csv_all():
    rows = [{"system_id": "a", "digest": "f00"}]

    assert "digest" not in printed(rows, columns=("system_id",))
    assert "digest" in printed(rows, "csv", columns=("system_id",))


def test_data_cannot_steer_the_terminal():
    hostile = [{"name": "\x1b]0;owned\x07\x1b[2J", "note": {"k": "\x9b31m"}}]

    for format_ in ("table", "csv"):
        shown = printed(hostile, format_)
        assert shown.replace("\n", "").isprintable()


def test_a_table_fits_a_narrow_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")

    shown = printed([{"system_id": "a", "use_case": "x" * 500, "reason": "y " * 200}])

    assert max(len(line) for line in shown.split("\n")) <= 60


def test_times_are_short_for_people_and_exact_for_programs():
    at = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)

    assert "2026-01-02 03:04:05Z" in printed([{"at": at}])
    assert "2026-01-02T03:04:05.000678Z" in printed([{"at": at}], "csv")


def test_text_with_half_a_character_or_nul_still_makes_json():
    assert json.loads(printed([{"name": "a\x00b\ud800"}], "json")) == [{"name": "a\\x00b\\ud800"}]


def test_an_unknown_format_is_refused_with_the_known_ones():
    @click.command()
    @cli_format
    def show(format_):
        cli_emit([], format_)

    result = CliRunner().invoke(show, ["--format", "xml"])

    assert result.exit_code == 2
    assert "'table', 'json', 'csv'" in result.stderr
