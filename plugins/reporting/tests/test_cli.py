"""`aims report` writes the file, says where, and tells what is missing by its exit code."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from aims_core import Workspace


def run(workspace: Workspace, *arguments: str) -> Result:
    from aims_core.cli import main

    folder = str(workspace.settings.folder)
    return CliRunner().invoke(main, ["--workspace", folder, "--as", "aude", *arguments])


def test_the_portfolio_is_written_where_asked(registered: Workspace, tmp_path: Path) -> None:
    target = tmp_path / "portfolio.json"

    done = run(registered, "report", "--format", "json", "--output", str(target))

    assert done.exit_code in {0, 1}, done.output
    assert str(target) in done.output
    assert json.loads(target.read_bytes())["subject"] == ""


def test_a_system_is_written_to_the_workspace_by_default(registered: Workspace) -> None:
    done = run(registered, "report", "ticket-triage")

    assert done.exit_code in {0, 1}, done.output
    assert list((registered.settings.folder / "reports").glob("ticket-triage_*.html"))


def test_missing_sections_are_named_and_make_the_exit_code_1(registered: Workspace) -> None:
    done = run(registered, "report", "ticket-triage")
    count = registered.reporting.frame()["failed_sections"][0]

    assert done.exit_code == (1 if count else 0)
    assert done.stderr.count("missing:") == count


def test_bad_input_is_told_plainly_with_exit_code_2(registered: Workspace) -> None:
    for arguments in (("report", "no-such-system"), ("report", "--format", "docx")):
        done = run(registered, *arguments)

        assert done.exit_code == 2
        assert "Traceback" not in done.output


def test_help_is_in_plain_words(registered: Workspace) -> None:
    done = run(registered, "report", "--help")

    assert done.exit_code == 0
    assert "Write the report of SYSTEM, or of the whole portfolio" in done.output
