"""Times on the command line, and what the inventory was at one of them."""

from datetime import UTC, datetime, timedelta

import click
import pytest
from click.testing import CliRunner

from aims_core.cli import main
from aims_core.cli.moments import MOMENT


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01", datetime(2026, 3, 1, 23, 59, 59, 999_999, tzinfo=UTC)),
        ("2026-03-01T12:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00+02:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("17", 17),
    ],
)
def test_a_time_is_read_as_it_is_meant(text, moment):
    assert MOMENT.convert(text, None, None) == moment


def test_today_is_until_now_and_nonsense_is_told():
    today = MOMENT.convert(f"{datetime.now(UTC):%Y-%m-%d}", None, None)
    assert datetime.now(UTC) - today < timedelta(minutes=1)
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
