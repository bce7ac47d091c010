import os
import shutil

import pytest
from click.testing import CliRunner

from aims_core import create_workspace
from aims_core.cli import main

PEOPLE = {
    "olga": "system_owner",
    "devi": "developer",
    "rita": "risk_reviewer",
    "carl": "committee_member",
    "imre": "incident_manager",
    "aude": "auditor",
    "ines": "inventory_steward",
}


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("AIMS_")]:
        monkeypatch.delenv(name)
    # As wide as output is where nobody looks; who runs the tests may sit at a narrow terminal.
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def founded(tmp_path_factory):
    """Return a folder with a workspace and its people, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("founded") / "ws"
    workspace = create_workspace(folder, organisation="Acme", administrator="ada")
    for actor, role in PEOPLE.items():
        workspace.staffing.add(actor, actor.title())
        workspace.staffing.grant(actor, role)
    workspace.close()
    return folder


@pytest.fixture
def folder(founded, tmp_path):
    return shutil.copytree(founded, tmp_path / "ws")


@pytest.fixture
def aims(folder):
    """Return a function that runs a command as somebody and expects an exit code."""

    def run(*arguments, by="ada", code=0):
        given = ["--workspace", str(folder), "--as", by, *map(str, arguments)]
        result = CliRunner().invoke(main, given)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture
def triage(aims):
    """Register one system, ticket-triage, owned by olga."""
    aims(
        *("systems", "register", "ticket-triage"),
        *("--name", "Ticket triage", "--use-case", "Sorts tickets by urgency"),
        *("--owner", "olga", "--origin", "in_house", "--risk-category", "minimal"),
        by="ines",
    )
    return "ticket-triage"
