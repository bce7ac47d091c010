"""``aims compliance`` does what the notebook does, with the same words."""

import json

import pytest
from click.testing import CliRunner

from aims_core.cli import main


@pytest.fixture
def aims_database():
    """One database will do: what differs between them is tested in test_statement."""
    return "sqlite"


@pytest.fixture
def aims(workspace):
    def call(*arguments, by="carl", code=0):
        folder = str(workspace.settings.folder)
        given = ["--workspace", folder, "--as", by, "compliance", *arguments]
        result = CliRunner().invoke(main, given)
        assert result.exit_code == code, result.output
        return result.output if code else result.stdout

    return call


def test_controls_are_listed_with_what_they_ask(aims):
    rows = json.loads(aims("list", "--format", "json"))

    assert len(rows) == 38
    assert rows[0]["asks"].endswith("?")


def test_a_decision_shows_in_the_statement(aims):
    ground = ["--ground", "legal_requirement: Art. 72", "--implementation", "planned"]
    aims("decide", "A.6.2.6", "--include", "--reason", "We run systems.", *ground)
    aims("decide", "A.7.2", "--exclude", "--reason", "We train nothing.")

    rows = {r["control_id"]: r for r in json.loads(aims("statement", "--format", "json"))}
    assert rows["A.6.2.6"]["grounds"] == "legal_requirement: Art. 72"
    assert rows["A.7.2"]["state"] == "excluded"
    assert rows["A.2.2"]["state"] == "not decided"


def test_neither_include_nor_exclude_is_a_default(aims):
    assert "include the control" in aims("decide", "A.2.2", "--reason", "x", code=2)


def test_issuing_too_early_says_what_is_missing(aims):
    said = aims("issue", code=2)

    assert "38 of 38 controls are not decided" in said
    assert "No version was issued yet" in aims("versions")


def test_issued_versions_are_listed_and_compared(aims, workspace):
    compliance = workspace.act_as("carl").compliance
    controls = compliance.controls()["control_id"]
    compliance.decide_many(
        {"control_id": c, "applicable": True, "reason": "Yes."} for c in controls
    )
    aims("issue", "--note", "First")
    aims("decide", "A.7.2", "--exclude", "--reason", "We train nothing.")

    assert json.loads(aims("versions", "--format", "json"))[0]["note"] == "First"
    assert "A.7.2" in aims("compare", "1")
