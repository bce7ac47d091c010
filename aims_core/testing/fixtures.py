"""pytest fixtures: a founded workspace on SQLite and on PostgreSQL, made once and copied for each test."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from aims_core.testing.loan import Loan
    from aims_core.testing.postgresql import Server
    from aims_core.workspace import Workspace

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def aims_postgresql() -> Iterator["Server"]:
    """Give a PostgreSQL server started for this session; skip where none can be had."""
    from aims_core.testing.postgresql import Server, missing

    if reason := missing():
        if os.environ.get("AIMS_REQUIRE_POSTGRESQL"):
            pytest.fail(reason)
        pytest.skip(reason)
    # Not below pytest's own folder: every pytest that starts closes that one to other users, and a
    # server that may not run as root is another user.
    with tempfile.TemporaryDirectory(
        prefix="aims-postgresql-", ignore_cleanup_errors=True
    ) as folder:
        server = Server(Path(folder))
        yield server
        server.stop()


@pytest.fixture(scope="session")
def aims_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a founded workspace on SQLite that tests copy."""
    return _found(tmp_path_factory.mktemp("template") / "workspace", None)


@pytest.fixture(scope="session")
def aims_postgresql_template(
    aims_postgresql: "Server", tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Give the name of a database with a founded workspace that tests copy."""
    name = aims_postgresql.create()
    _found(tmp_path_factory.mktemp("template") / "workspace", aims_postgresql.url(name))
    return name


@pytest.fixture(scope="session")
def aims_postgresql_loan(
    aims_postgresql: "Server", aims_postgresql_template: str
) -> Iterator["Loan"]:
    """Give the lender of a database with a founded workspace, to one test after the other."""
    from aims_core.testing.loan import Loan

    loan = Loan(aims_postgresql, aims_postgresql_template)
    yield loan
    loan.end()


@pytest.fixture(params=DATABASES)
def aims_database(request: pytest.FixtureRequest) -> str:
    """Run the test once on each database; the value is its name."""
    return str(request.param)


@pytest.fixture
def database_url(
    aims_database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """Give the URL of an empty database."""
    if aims_database == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: Server = request.getfixturevalue("aims_postgresql")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def workspace_folder(aims_database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Give the folder of a fresh workspace that nobody has opened yet."""
    folder = tmp_path / "workspace"
    template: Path = request.getfixturevalue("aims_template")
    shutil.copytree(template, folder)
    if aims_database == "sqlite":
        return folder
    (folder / "aims.db").unlink()
    loan: Loan = request.getfixturevalue("aims_postgresql_loan")
    server: Server = request.getfixturevalue("aims_postgresql")
    _point_at(folder, server.url(loan.take()))
    return folder


@pytest.fixture
def workspace(workspace_folder: Path) -> Iterator["Workspace"]:
    """Give a fresh workspace with the people of `aims_core.testing.PEOPLE`; `ada` acts."""
    from aims_core.workspace import open_workspace

    opened = open_workspace(workspace_folder, actor="ada")
    yield opened
    opened.close()


@pytest.fixture
def registered(workspace: "Workspace") -> "Workspace":
    """Give the workspace with one system, `ticket-triage`, owned by olga, in inception."""
    workspace.act_as("olga").inventory.register("ticket-triage", **TICKET_TRIAGE)
    return workspace


TICKET_TRIAGE: dict[str, Any] = {
    "name": "Ticket triage",
    "use_case": "Sorts incoming support tickets by urgency before a person reads them.",
    "owner": "olga",
    "origin": "in_house",
    "declared_risk_category": "limited",
    "unit": "Support",
    "intended_use": "Ranks tickets of the service desk; a person decides on each.",
    "human_oversight": "The shift lead may override any rank.",
    "incident_contact": "servicedesk@example.org",
}
"""The description of the system that `registered` holds."""


def _found(folder: Path, url: str | None) -> Path:
    from aims_core.testing import PEOPLE
    from aims_core.workspace import create_workspace

    workspace = create_workspace(
        folder, organisation="Example organisation", administrator="ada", database=url
    )
    for actor_id, role in PEOPLE.items():
        workspace.staffing.add(actor_id, actor_id.title())
        workspace.staffing.grant(actor_id, role)
    workspace.close()
    if url is None:
        # Copies take one file: what the write-ahead log still holds is moved into it first.
        _checkpoint(folder / "aims.db")
    return folder


def _checkpoint(database: Path) -> None:
    from aims_core.db.library import sqlite_library

    connection = sqlite_library().module.connect(database)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _point_at(folder: Path, url: str) -> None:
    settings = folder / "aims.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("sqlite:///aims.db", url), encoding="utf-8")
