"""`aims discovery` from a terminal."""

import json

import pytest
from click.testing import CliRunner

from aims_core.cli import main

GOOD = "Triage,Sorts tickets,ranks,Ops,North,us,live"
BAD = "Rank,,,Ops,North,us,live"
TOML = """
[id]
template = "{office}-{title}"
[fields]
name = { column = "title" }
use_case = { column = "purpose" }
owner = { constant = "unit-ops" }
origin = { constant = "unknown" }
declared_risk_category = { constant = "undetermined" }
"""


@pytest.fixture
def aims(workspace, monkeypatch):
    monkeypatch.setenv("AIMS_WORKSPACE", str(workspace.settings.folder))
    monkeypatch.setenv("AIMS_ACTOR", "ines")
    return lambda *args: CliRunner().invoke(main, ["discovery", *map(str, args)])


@pytest.fixture
def files(csv_file, tmp_path):
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(TOML, encoding="utf-8")
    return csv_file(GOOD, BAD), "--mapping", mapping


def test_a_preview_and_an_explanation_are_printed(aims, files):
    shown = aims("preview", *files)
    explained = aims("explain", *files, "--format", "json")

    assert shown.exit_code == 0
    assert "ops-triage" in shown.output
    assert {line["field"] for line in json.loads(explained.stdout)} >= {"name", "use_case"}


def test_an_import_ends_with_1_when_rows_were_refused_and_lists_them(aims, files, tmp_path):
    imported = aims("import", *files)
    listed = aims("refused", "--export", tmp_path / "out.csv")

    assert imported.exit_code == 1
    assert "2 rows read, 1 registered" in imported.output
    assert "purpose" in listed.output
    assert (tmp_path / "out.csv").is_file()
    assert "inventory.csv" in aims("runs").output


def test_a_mapping_that_does_not_fit_is_told_with_2_and_no_traceback(aims, csv_file, tmp_path):
    mapping = tmp_path / "m.toml"
    mapping.write_text(TOML.replace("purpose", "purposes"), encoding="utf-8")

    run = aims("preview", csv_file(GOOD), "--mapping", mapping)

    assert run.exit_code == 2
    assert "purpose?" in run.output
    assert "Traceback" not in run.output
