"""A writer whose PostgreSQL server finds no room on its disk; tells what came of it as JSON, a line a round.

Started with a folder, a number of rounds and a seed. The disk is a small one in memory, mounted where nobody
else sees it: the program starts itself anew there, and ends with `REFUSED` where that is not allowed. In even
rounds there is no room for rows, in odd ones none for the next file of the server's write-ahead log.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import sqlalchemy as sa
from answering import answering_host

from aims_core import WorkspaceError, create_workspace, open_workspace
from aims_core.testing import PEOPLE
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.postgresql import Server

sys.path.insert(0, str(Path(__file__).parents[1] / "acts"))
from afterwards import lost, torn

SIZE = 200_000_000
REFUSED = 77
MOUNT = f'mount -t tmpfs -o size={SIZE},mode=755 tmpfs "$1" || exit {REFUSED}; shift; exec "$@"'
ENOUGH = 8
"""Refusals of a round, after which room is made."""
PLAIN = (
    "Make room there",
    "make room there",
    "its disk may be full",
    "the database cannot be opened",
)


def apart(disk, *arguments):
    """Become this program once more, with the small disk mounted at a folder."""
    alone = ["unshare", "--mount"]
    again = [sys.executable, __file__, "--mounted", *arguments]
    if os.geteuid():
        # Root in a namespace of its own may mount; PostgreSQL is started by the user it was before.
        alone = ["unshare", "--mount", "--map-root-user"]
        own = [f"--map-user={os.getuid()}", f"--map-group={os.getgid()}"]
        again = ["unshare", "--user", *own, *again]
    if shutil.which("unshare") is None:
        sys.stderr.write("unshare is not installed")
        sys.exit(REFUSED)
    allowed = subprocess.run([*alone, "true"], check=False, capture_output=True, text=True)
    if allowed.returncode:
        sys.stderr.write(allowed.stderr)
        sys.exit(REFUSED)
    os.execvp(alone[0], [*alone, "sh", "-c", MOUNT, "sh", str(disk), *again])  # noqa: S606 - this program


class Disk:
    """The small disk of the server, and the ballast that fills it."""

    def __init__(self, folder, server, url):
        self._folder, self._server = folder, server
        self._ballast = folder / "ballast"
        self._engine = sa.create_engine(
            url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool
        )

    def run(self, *statements):
        """Run statements on the server, not counted among the acts."""
        with self._engine.connect() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    def ask(self, question):
        """Return what the server answers."""
        with self._engine.connect() as connection:
            return connection.execute(sa.text(question)).scalar()

    def fill(self, room):
        """Leave so many bytes, or fewer than a page."""
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(self._folder).free - room)

    def end_log(self, room):
        """Write the server's log to so many bytes before the end of the last file that it has."""
        logs = self._folder / "data" / "pg_wal"
        current = "SELECT pg_walfile_name(pg_current_wal_lsn())"
        small = "SELECT pg_logical_emit_message(true, 'ballast', 'x')"
        while self.ask(current) < max(p.name for p in logs.iterdir() if len(p.name) == 24):
            self.run(small, "SELECT pg_switch_wal()", small)
        left = "SELECT 16777216 - file_offset FROM pg_walfile_name_offset(pg_current_wal_lsn())"
        while (more := self.ask(left) - room) > 20_000:
            # Not all at once: the headers of pages come on top, and the end is not to be passed.
            most = more * 9 // 10
            self.run(f"SELECT pg_logical_emit_message(true, 'ballast', repeat('x', {most}))")

    def make_room(self):
        """Take the ballast away, and wait until the server is there; where it gave up, it is started."""
        self._ballast.unlink()
        until = time.monotonic() + 60
        while True:
            try:
                self._server.start_again()
                self.run("CHECKPOINT")
            except (sa.exc.OperationalError, subprocess.SubprocessError):
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
            else:
                return


def acts(olga, carl, system_id):
    """Return what two people do with one system, in order: each step, and what does it."""
    asked, large = [], os.urandom(2_000).hex()
    described = {**TICKET_TRIAGE, "intended_use": large}
    found = {"title": "Found", "text": f"All is well with {system_id}."}

    def request():
        asked.append(olga.approvals.request(system_id, "start_development").approval_id)

    return [
        ("registered", lambda: olga.inventory.register(system_id, **described)),
        ("revised", lambda: olga.inventory.revise(system_id, human_oversight=large)),
        ("evidenced", lambda: olga.evidence.add(system_id, "validation", **found)),
        ("requested", request),
        ("decided", lambda: carl.approvals.decide(asked[0], "approve")),
    ]


def write(workspace, name):
    """Write until it was refused often enough; return what was done, not written, unsure, and badly told."""
    olga, carl = workspace.act_as("olga"), workspace.act_as("carl")
    done, without_room, broken, unplain = [], [], [], []
    numbers = count()
    while len(without_room) + len(broken) < ENOUGH:
        system_id = f"{name}-{next(numbers)}"
        for step, act in acts(olga, carl, system_id):
            try:
                act()
                done.append((step, system_id))
            except WorkspaceError as refusal:
                said = str(refusal)
                sure = "nothing was written" in said
                (without_room if sure else broken).append((step, system_id))
                if "\n" in said or not any(words in said for words in PLAIN):
                    unplain.append(said)
                break  # what rests on it would be refused for other reasons
            except Exception as error:  # noqa: BLE001 - whatever else it meets is the finding
                unplain.append(f"{type(error).__name__}: {error}")
                broken.append((step, system_id))
                break
    return done, without_room, broken, unplain


def lived(number, disk, folder, chance):
    """Live one round: no room, refusals, room, and all that was acknowledged is there."""
    workspace = open_workspace(folder, actor="ada", host=host)
    if number % 2:
        disk.end_log(room=chance.randrange(50_000, 1_500_000))
        disk.fill(room=6_000_000 + chance.randrange(6_000_000))
    else:
        disk.fill(room=chance.randrange(1_000_000))
    done, without_room, broken, unplain = write(workspace, f"r{number}")
    readable = bool(broken) or workspace.inventory.find()[1] >= 0
    disk.make_room()
    workspace.close()
    workspace = open_workspace(folder, actor="ada", host=host)
    with workspace.reading() as tx:
        gone, halves = lost(tx.connection, done), torn(tx.connection)
        refused = [f"{step} {at}" for step, at in without_room]
        written = set(refused) - set(lost(tx.connection, without_room))
    faults = [str(f) for f in workspace.audit.verify().faults]
    after = workspace.act_as("olga").inventory.register(f"r{number}-after", **TICKET_TRIAGE)
    workspace.close()
    return {
        "acknowledged": len(done),
        "refused": len(without_room) + len(broken),
        "log": bool(broken),
        "unplain": unplain,
        "readable": readable,
        "lost": gone + halves + faults,
        "written": sorted(written),
        "went_on": after.revision == 1,
    }


def main(place, rounds, seed):
    small, folder = Path(place) / "disk", Path(place) / "workspace"
    server = Server(small, durable=True)
    try:
        url = server.url(server.create())
        disk = Disk(small, server, url)
        # Files of the log that one round left would be room that the next has, and take room from it.
        for setting in ("min_wal_size = '32MB'", "wal_recycle = off"):
            disk.run(f"ALTER SYSTEM SET {setting}")
        disk.run("SELECT pg_reload_conf()")
        founded = create_workspace(
            folder, organisation="Test", administrator="ada", database=url, host=host
        )
        for actor, role in PEOPLE.items():
            founded.staffing.add(actor, actor.title())
            founded.staffing.grant(actor, role)
        founded.close()
        chance = random.Random(int(seed))  # noqa: S311 - sizes, not secrets
        for number in range(int(rounds)):
            told = lived(number, disk, folder, chance)
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()
    finally:
        server.stop()


if __name__ == "__main__":
    if sys.argv[1] == "--mounted":
        host = answering_host()
        main(*sys.argv[2:])
    else:
        (small := Path(sys.argv[1]) / "disk").mkdir()
        apart(small, *sys.argv[1:])
