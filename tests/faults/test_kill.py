"""A writer is killed at any moment: what it acknowledged is there, whole, and the rest goes on."""

import os
import random
import signal
import time

import pytest
from afterwards import lost, torn

from aims_core import open_workspace


def killed(nursery, name, acts, after):
    """Have a writer begin, kill it after some acts and a moment, and return what it acknowledged."""
    nursery.stdin.write(name + "\n")
    nursery.stdin.flush()
    word, process = nursery.stdout.readline().split(maxsplit=1)
    assert word == "writing", process
    said = [nursery.stdout.readline() for _ in range(acts)]
    time.sleep(after)
    os.kill(int(process), signal.SIGKILL)
    said += iter(nursery.stdout.readline, "end\n")
    assert not [line for line in said if line.startswith("failed")]
    return [tuple(line.split()) for line in said]


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_loses_nothing_it_acknowledged(
    workspace_folder, host, victim, rounds, aims_database, figure
):
    kills, chance, failures = rounds(10, 200), random.Random(11), []  # noqa: S311 - moments, not secrets
    nursery, acknowledgements = victim("writer", workspace_folder), 0
    assert nursery.stdout.readline() == "ready\n", nursery.stderr.read()
    for number in range(kills):
        acknowledged = killed(nursery, f"w{number}", chance.randrange(6), chance.random() * 0.05)
        acknowledgements += len(acknowledged)
        workspace = open_workspace(workspace_folder, actor="ada", host=host)
        with workspace.reading() as tx:
            failures += lost(tx.connection, acknowledged) + torn(tx.connection)
        if number % 20 == 0 or number == kills - 1:
            failures += workspace.audit.verify().faults
            evidence = workspace.evidence.verify()
            failures += list(evidence.finding[evidence.finding != "unreferenced"])
        workspace.staffing.add(f"after-{number}", "Somebody")
        workspace.close()

    workspace = open_workspace(workspace_folder, actor="ada", host=host)
    assert workspace.audit.verify().intact
    workspace.close()
    figure(f"{aims_database}: kills of a writer", kills)
    figure(f"{aims_database}: acts acknowledged before a kill", acknowledgements)
    figure(f"{aims_database}: acknowledged acts lost, or acts torn", len(failures))
    assert failures == []
    assert acknowledgements > kills
