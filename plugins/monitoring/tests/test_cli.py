import json

import pytest
from aims_monitoring.samples import CALIFORNIA_HOUSING_SCHEMA, california_housing
from click.testing import CliRunner

from aims_core.cli import main

HOUSING = california_housing()
TOML = """
monitor_id = "housing-accuracy"
system_id = "ticket-triage"
window = "month"
severity = "major"
reference = "reference.parquet"
[thresholds.accuracy]
min = 0.75
[schema]
"""


@pytest.fixture
def aims_database():
    """One database will do: what differs between them is tested in test_monitoring."""
    return "sqlite"


@pytest.fixture
def definition(tmp_path):
    roles = "\n".join(f"{k} = {json.dumps(v)}" for k, v in CALIFORNIA_HOUSING_SCHEMA.items())
    (tmp_path / "reference.parquet").write_bytes(HOUSING.reference.read_bytes())
    path = tmp_path / "monitor.toml"
    path.write_text(TOML + roles, encoding="utf-8")
    return path


@pytest.fixture
def aims(housing):
    def call(*arguments):
        folder = str(housing.settings.folder)
        return CliRunner().invoke(
            main, ["--workspace", folder, "--as", "olga", "monitor", *map(str, arguments)]
        )

    return call


def test_from_a_definition_to_a_breach_on_the_command_line(aims, definition):
    assert aims("define", definition).exit_code == 0
    assert aims("define", definition).exit_code == 0

    run = aims("run", "housing-accuracy", HOUSING.analysis, "--labels", HOUSING.labels)
    listed = aims("list", "--format", "json")
    shown = aims("show", "housing-accuracy", "--metric", "accuracy", "--format", "json")

    assert run.exit_code == 1
    assert "2021-08" in run.output
    assert json.loads(listed.stdout)[0]["monitor_id"] == "housing-accuracy"
    assert len(json.loads(shown.stdout)) == 12


def test_the_picture_is_written_on_request(aims, definition, tmp_path):
    aims("define", definition)
    aims("run", "housing-accuracy", HOUSING.analysis, "--labels", HOUSING.labels)

    aims("show", "housing-accuracy", "--svg", tmp_path / "series.svg")

    assert (tmp_path / "series.svg").read_text(encoding="utf-8").startswith("<svg")


def test_with_nothing_to_show_it_says_what_to_do(aims):
    listed = aims("list")

    assert listed.exit_code == 0
    assert "aims monitor define" in listed.output


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("monitor_id = ", "Invalid value"),
        ("monitor = 'x'", "no such key"),
        ("monitor_id = 'x'", "system_id: is missing"),
    ],
)
def test_a_definition_that_cannot_be_read_is_bad_input(aims, tmp_path, text, words):
    path = tmp_path / "bad.toml"
    path.write_text(text)

    done = aims("define", path)

    assert done.exit_code == 2
    assert words in done.output


def test_an_unknown_monitor_is_bad_input(aims):
    done = aims("run", "nobody", HOUSING.analysis)

    assert done.exit_code == 2
    assert "there is no monitor 'nobody'" in done.output


def test_help_is_in_plain_words(aims):
    for command in ((), ("list",), ("define",), ("run",), ("show",)):
        done = aims(*command, "--help")
        assert done.exit_code == 0
        assert "Usage" in done.output


def test_what_is_due_takes_no_monitor_and_no_log(aims):
    refused = aims("run", "--due", "housing-accuracy", HOUSING.analysis)

    assert refused.exit_code == 2
    assert "--due runs what is scheduled" in refused.output
