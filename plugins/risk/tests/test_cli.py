"""``aims risk`` does what the notebook does, with the same words."""

import json

import pytest
from click.testing import CliRunner

from aims_core.cli import main


@pytest.fixture
def aims_database():
    """One database will do: what differs between them is tested in test_register."""
    return "sqlite"


@pytest.fixture
def aims(registered):
    def call(*arguments, by="rita", code=0):
        given = ["--workspace", str(registered.settings.folder), "--as", by, "risk", *arguments]
        result = CliRunner().invoke(main, given)
        assert result.exit_code == code, result.output
        return result.output if code else result.stdout

    return call


def assess(aims, *more, **options):
    rated = ["--likelihood", "3", "--individuals", "5", "--rationale", "It decides alone."]
    return aims("assess", "ticket-triage", *rated, *more, **options)


def test_from_assessing_to_accepting_on_the_command_line(aims, registered):
    assert "high" in assess(aims, "--applies", "personal_data")

    rows = json.loads(aims("list", "--format", "json"))
    assert (rows[0]["system_id"], rows[0]["value"], rows[0]["tier"]) == (
        "ticket-triage",
        16.0,
        "high",
    )
    assert json.loads(aims("heatmap", "--format", "json"))[0]["systems"] == 1
    assert "somebody else" in aims("accept", "ticket-triage", "--reason", "x", code=2)
    aims("accept", "ticket-triage", "--reason", "Watched.", by="carl")
    assert registered.results.of("ticket-triage", "risk_acceptance")[0].recorded_by == "carl"


def test_why_it_is_so_stands_under_the_assessment(aims):
    said = assess(aims, "--applies", "vulnerable_people")

    assert "gravest for individuals: 5" in said
    assert "vulnerable people adds 3" in said


def test_a_wrong_answer_says_what_would_help_and_ends_with_2(aims):
    said = assess(aims, "--applies", "mood", code=2)

    assert "mood: is not a question of the criteria" in said
    assert "vulnerable_people" in said


def test_a_risk_is_identified_treated_and_listed(aims):
    rated = ["--likelihood", "2", "--society", "2"]
    about = [
        "--title",
        "Wrong rank",
        "--source",
        "C.3.4",
        "--consequence",
        "Wait",
        "--owner",
        "olga",
    ]
    aims("identify", "ticket-triage", "wrong-rank", *about, *rated)

    aims(
        "treat",
        "ticket-triage",
        "--risk",
        "wrong-rank",
        "--measure",
        "Check",
        "--responsible",
        "olga",
    )

    assert "wrong-rank" in aims("identified", "--system", "ticket-triage")


def test_empty_lists_say_what_to_do(aims):
    assert "aims risk assess" in aims("list")
    assert "aims risk identify" in aims("identified")
    assert "No system was assessed yet" in aims("heatmap")
