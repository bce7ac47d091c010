"""An import that is killed and run again: nothing doubled, nothing lost, no act half written."""

import json
import os
import signal
import subprocess
import sys

import pytest

from aims_core import open_workspace
from aims_core.testing.fixtures import TICKET_TRIAGE

SYSTEMS = 2_300
POINTS = range(1, 17) if os.environ.get("AIMS_NIGHTLY") else (1, 5, 10, 4, 9)
SCRIPT = """
import os, signal, sys
from pathlib import Path
import sqlalchemy as sa
from aims_core import Draft, ImportBatch, ImporterSpec, PluginHost, open_workspace
from aims_core.testing import at_hand, plugin_of

folder, file, point = sys.argv[1], sys.argv[2], int(sys.argv[3])

def read(path, mapping):
    import json
    rows = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    drafts = tuple(Draft(row=n, values=row) for n, row in enumerate(rows, 1))
    return ImportBatch(source=Path(path).name, source_digest="0" * 64, drafts=drafts, refused=())

host = PluginHost(discover=False)
lines = ImporterSpec(
    id="lines.importer", title="Lines", read=at_hand(read), suffixes=(".jsonl",)
)
host.register(plugin_of(lines), "lines")
ws = open_workspace(folder, actor="ines", host=host)
done = 0

def count(connection, cursor, statement, *rest):
    global done
    if statement.split(None, 1)[0].upper() in ("INSERT", "UPDATE", "DELETE", "COPY"):
        done += 1
        if done == point:
            os.kill(os.getpid(), signal.SIGKILL)

def at_commit(connection):
    global done
    done += 1
    if done == point:
        os.kill(os.getpid(), signal.SIGKILL)

sa.event.listen(ws._desk.store.engine, "before_cursor_execute", count)
sa.event.listen(ws._desk.store.engine, "commit", at_commit)
outcome = ws.inventory.import_file(file)
print(done, outcome.registered, outcome.revised, outcome.unchanged)
ws.close()
"""


def run(folder, file, point):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AIMS_")}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), str(file), str(point)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=environment,
    )


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "systems.jsonl"
    rows = [{**TICKET_TRIAGE, "system_id": f"s{n}", "owner": f"u{n % 3}"} for n in range(SYSTEMS)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def facts(folder):
    """Return what must fit together: systems, their revisions, the trail's events of both kinds."""
    workspace = open_workspace(folder, actor="ada")
    trail = workspace.audit.verify()
    systems = sum(workspace.inventory.counts().values())
    with workspace.reading() as tx:
        count = {
            kind: tx.connection.exec_driver_sql(
                f"SELECT count(*) FROM aims_event WHERE type = 'core.{kind}'"
            ).scalar()
            for kind in ("SystemRegistered", "SystemRevised", "ImportStarted", "SystemsImported")
        }
        revisions = tx.connection.exec_driver_sql(
            "SELECT count(*) FROM aims_system_revision"
        ).scalar()
    workspace.close()
    assert trail.intact
    assert revisions == systems + count["SystemRevised"]
    assert count["SystemRegistered"] == systems
    return systems, count


@pytest.mark.slow(seconds=15)
def test_an_import_killed_at_many_points_is_completed_by_running_it_again(workspace_folder, file):
    killed, seen = 0, set()
    # They hit statements of the first, second and last portion, and the commits between.
    for point in POINTS:
        ended = run(workspace_folder, file, point)
        systems, count = facts(workspace_folder)
        assert systems % 1_000 == 0 or systems == SYSTEMS
        if ended.returncode == -signal.SIGKILL:
            killed += 1
            seen.add(systems)
            assert count["SystemsImported"] == (systems == SYSTEMS)
    assert killed >= 5
    assert {0, 1_000} <= seen

    last = run(workspace_folder, file, 10_000)

    assert last.returncode == 0, last.stderr
    systems, count = facts(workspace_folder)
    assert systems == SYSTEMS
    assert count["SystemsImported"] == 1
    again = run(workspace_folder, file, 10_000)
    assert again.stdout.split()[1:] == ["0", "0", str(SYSTEMS)]
    assert facts(workspace_folder) == (systems, count)
