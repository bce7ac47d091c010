"""Times on the command line, and what the inventory was at one of them."""

import json
from datetime import UTC, date, datetime, timedelta

import click
import pytest
from click.testing import CliRunner

from aims_core.cli import main
from aims_core.cli.moments import MOMENT


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("20260301", date(2026, 3, 1)),
        ("2026-03-01T12:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00+02:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("17", 17),
    ],
)
def test_a_time_is_read_as_it_is_meant(text, moment):
    assert MOMENT.convert(text, None, None) == moment


def test_nonsense_is_told():
    with pytest.raises(click.BadParameter, match="no time"):
        MOMENT.convert("next tuesday", None, None)


def test_the_register_of_a_day_and_what_changed_since(folder):
    def run(*arguments):
        return CliRunner().invoke(main, ["--workspace", str(folder), "systems", *arguments])

    before = run("list", "--as-of", "2001-01-01")
    ahead = run("list", "--as-of", "2999-01-01")
    changed = run("diff", "2001-01-01", "--format", "csv")

    assert (before.exit_code, ahead.exit_code, changed.exit_code) == (0, 2, 0)
    assert "No system fits" in before.stdout
    assert "lies ahead" in ahead.stderr
    assert changed.stdout.startswith("system_id,kind,field,before,after")


def test_a_review_of_a_day(folder):
    def run(*arguments):
        return CliRunner().invoke(main, ["--workspace", str(folder), "review", *arguments])

    before, both = run("--as-of", "2001-01-01"), run("--remind", "--as-of", "2001-01-01")

    assert (before.exit_code, both.exit_code) == (0, 2)
    assert "Reviewed 0 system(s)" in before.stdout
    assert "speaks of now" in both.stderr


def test_breaches_of_a_day_are_those_up_to_its_end(aims):
    today = datetime.now(UTC)
    soon = today + timedelta(days=2)

    for written in (f"{today:%Y-%m-%d}", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"):
        shown = aims("separation", "breaches", "--all", "--as-of", written).stdout
        assert "alone" in shown
    ahead = aims("separation", "breaches", "--as-of", f"{soon:%Y-%m-%d}", code=2)
    assert "lies ahead" in ahead.stderr
    none = aims("separation", "breaches", "--as-of", "3", code=2)
    assert "3 is no checkpoint" in none.stderr


def test_reviews_due_are_asked_for_in_the_same_words(aims):
    for written in ("2199-01-01", "2199-01-01T12:00Z"):
        assert "No review is due" in aims("review", "due", "--as-of", written).stdout
    assert "3 is no checkpoint" in aims("review", "due", "--as-of", "3", code=2).stderr


@pytest.mark.parametrize(
    "asked",
    [
        ("people", "list"),
        ("approvals", "list"),
        ("approvals", "delegations"),
        ("waivers", "list"),
        ("separation", "exceptions"),
        ("systems", "list"),
        ("audit", "log"),
        ("evidence", "list"),
    ],
)
def test_every_list_looks_back(aims, triage, asked):
    now = aims(*asked, "--format", "json").stdout
    then = aims(*asked, "--format", "json", "--as-of", "2001-01-01").stdout

    today = aims(*asked, "--format", "json", "--as-of", f"{datetime.now(UTC):%F}").stdout

    assert json.loads(then) == []
    assert json.loads(today) == json.loads(now)
    assert "7 is no checkpoint" in aims(*asked, "--as-of", "7", code=2).stderr


def test_a_system_and_an_export_look_back(aims, triage, tmp_path):
    before = aims("systems", "show", triage, "--as-of", "2001-01-01", code=2).stderr
    shown = aims("systems", "show", triage, "--as-of", f"{datetime.now(UTC):%F}").stdout
    none = aims("systems", "export", tmp_path / "none.csv", "--as-of", "2001-01-01").stdout

    assert "of 2001-01-01 23:59 UTC" in before
    assert "Sorts tickets" in shown
    assert "may be asked for" not in shown
    assert "0 system(s)" in none
