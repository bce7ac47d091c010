"""A PostgreSQL server goes away: people are told, and what it acknowledged is there when it is back."""

import random
import tempfile
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from afterwards import lost, torn

from aims_core import WorkspaceError, create_workspace, open_workspace
from aims_core.testing import PEOPLE
from aims_core.testing.postgresql import Server, missing

ENDED = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


@pytest.fixture
def server():
    """Give a server of our own that keeps what was committed; others work on the one of the session."""
    if reason := missing():
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="aims-killed-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder), durable=True)
        yield server
        server.stop()


@pytest.fixture
def founded(server, host, tmp_path):
    """Give the folder of a workspace on that server, with its people."""
    folder, url = tmp_path / "workspace", server.url(server.create())
    workspace = create_workspace(
        folder, organisation="Test", administrator="ada", database=url, host=host
    )
    for actor, role in PEOPLE.items():
        workspace.staffing.add(actor, actor.title())
        workspace.staffing.grant(actor, role)
    workspace.close()
    return folder


def ended(engine):
    """End every other connection to the server."""
    other = sa.create_engine(engine.url, isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        connection.exec_driver_sql(ENDED)
    other.dispose()


@pytest.mark.slow
def test_a_connection_that_breaks_off_is_told_in_plain_words_and_the_next_act_connects_anew(
    founded, host
):
    workspace = open_workspace(founded, actor="ada", host=host)
    engine = workspace._desk.store.engine

    ended(engine)
    with pytest.raises(WorkspaceError, match="broke off"):
        workspace.staffing.add("nina", "Nina")
    workspace.staffing.add("nina", "Nina")

    ended(engine)
    with pytest.raises(WorkspaceError, match="broke off"):
        workspace.inventory.frame()
    assert workspace.inventory.frame().empty

    def broken():
        with workspace.writing() as tx:
            tx.connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(WorkspaceError, match="broke off"):
        broken()
    assert workspace.audit.verify().intact
    workspace.close()


@pytest.mark.slow
def test_a_server_killed_at_any_moment_loses_nothing_it_acknowledged(
    server, founded, host, victim, rounds, figure
):
    kills, chance, failures = rounds(2, 20), random.Random(17), []  # noqa: S311 - moments, not secrets
    nursery, acknowledgements = victim("writer", founded), 0
    assert nursery.stdout.readline() == "ready\n", nursery.stderr.read()
    for number in range(kills):
        nursery.stdin.write(f"w{number}\n")
        nursery.stdin.flush()
        assert nursery.stdout.readline().startswith("writing")
        said = [nursery.stdout.readline() for _ in range(3 + chance.randrange(12))]
        time.sleep(chance.random() * 0.05)
        server.kill()
        said += iter(nursery.stdout.readline, "end\n")
        end = next(place for place, line in enumerate(said) if line.startswith("failed"))
        # Its next statement met a connection that is gone, or its next connection no server.
        assert said[end].startswith(
            (
                "failed WorkspaceError the connection to the database broke off",
                "failed WorkspaceError the database cannot be opened",
            )
        ), said[end]
        server.start_again()
        workspace = open_workspace(founded, actor="ada", host=host)
        acknowledged = [tuple(line.split()) for line in said[:end]]
        acknowledgements += len(acknowledged)
        with workspace.reading() as tx:
            failures += lost(tx.connection, acknowledged) + torn(tx.connection)
        failures += workspace.audit.verify().faults
        workspace.close()
    figure("postgresql: kills of the server", kills)
    figure("postgresql: acts acknowledged before a kill of the server", acknowledgements)
    figure("postgresql: acts lost or torn by a kill of the server", len(failures))
    assert failures == []
