"""What the core costs: import, single writes, reading a large register, review; on both databases.

What is compared runs in turn, round after round, so that a busy machine slows all of it alike.
The trail's own figures (verify, proofs, eight writers on PostgreSQL) stand in ``trail.py``.

    python benchmarks/core.py [--quick] [--json FILE] [--database sqlite|postgresql|both] [--server URL]

PostgreSQL is the server of the test suite, which does not wait for the disk; with ``--server`` it is
another one, in which databases are made and left behind.
"""

import argparse
import csv
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import sqlalchemy as sa
from core_fairness import fairness
from figures import Figure, middle, p95, seconds, show

from aims_core import Workspace, create_workspace, open_workspace, tables
from aims_core.events import EvidenceAdded
from aims_core.store.rows import system_from_row
from aims_core.testing.postgresql import Server

HEADER = (
    "system_id",
    "name",
    "use_case",
    "owner",
    "unit",
    "origin",
    "declared_risk_category",
    "stage",
    "supplier",
)
WORDS = ("claims", "letters", "traffic", "benefits", "images", "fraud", "speech", "permits")
EVENTS_A_SYSTEM = 10
ROUNDS = 5
LOOKS = 60


def write_csv(path: Path, count: int) -> None:
    """Write an inventory of `count` systems in 50 units."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow((*HEADER,))
        stages = ("inception", "design_and_development", "operation_and_monitoring", "retirement")
        for i in range(count):
            word = WORDS[i % len(WORDS)]
            rows.writerow(
                (
                    f"sys-{i:06d}",
                    f"Reading {word} {i}",
                    f"Reads {word} and proposes an answer to the officer in charge, case {i:06d}.",
                    f"owner-{i % 200}",
                    f"unit-{i % 50}",
                    "in_house",
                    ("minimal", "limited", "high")[i % 3],
                    stages[i % 4],
                    "",
                )
            )


class Lent:
    """A PostgreSQL server that somebody else keeps."""

    def __init__(self, url: str) -> None:
        self._url, self._made = sa.make_url(url).set(drivername="postgresql+psycopg"), 0
        self._run = f"bench_{secrets.token_hex(4)}"

    def create(self) -> str:
        """Make a database and return its name."""
        self._made += 1
        name = f"{self._run}_{self._made}"
        engine = sa.create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE template0')
        engine.dispose()
        return name

    def url(self, name: str) -> str:
        """Return the URL of a database."""
        return self._url.set(database=name).render_as_string(hide_password=False)


class Place:
    """One kind of database, and the making of workspaces on it."""

    def __init__(self, folder: Path, server: "Server | Lent | None") -> None:
        self.folder, self._server, self._made = folder, server, 0

    @property
    def name(self) -> str:
        """``SQLite`` or ``PostgreSQL``."""
        return "PostgreSQL" if self._server else "SQLite"

    def workspace(self) -> Workspace:
        """Return a fresh workspace."""
        self._made += 1
        folder = self.folder / f"{self.name}-{self._made}"
        url = self._server.url(self._server.create()) if self._server else None
        founded = create_workspace(folder, organisation="Bench", administrator="ada", database=url)
        founded.staffing.add("ines", "Ines")
        founded.staffing.grant("ines", "inventory_steward")
        founded.close()
        return open_workspace(folder, actor="ines")


def bulk(place: Place, source: Path, count: int, rounds: int) -> list[Figure]:
    """Compare an import with its audit against inserting the same rows and nothing else."""
    audited, bare = [], []
    for _ in range(rounds):
        with opened(place) as workspace:
            audited.append(seconds(lambda ws=workspace: ws.inventory.import_file(source)))
            rows = _rows(workspace)
        with opened(place) as workspace:
            bare.append(seconds(lambda ws=workspace, r=rows: _insert(ws, r)))
    ratio = middle([a / b for a, b in zip(audited, bare, strict=True)])
    return [
        Figure(name=f"{place.name}: import, systems/s", value=count / middle(audited), unit="1/s"),
        Figure(
            name=f"{place.name}: bare insert, systems/s", value=count / middle(bare), unit="1/s"
        ),
        Figure(name=f"{place.name}: import over bare insert", value=ratio, unit="x", goal=4.0),
    ]


def _rows(workspace: Workspace) -> list[dict[str, Any]]:
    with workspace.reading() as tx:
        found = tx.connection.execute(sa.select(tables.system)).mappings().all()
    return [dict(row) for row in found]


def _insert(workspace: Workspace, rows: list[dict[str, Any]]) -> None:
    with _plain(workspace) as connection:
        connection.execute(sa.insert(tables.system), rows)


@contextmanager
def _plain(workspace: Workspace) -> Iterator[sa.Connection]:
    """Give a writing connection of the same engine, past the trail."""
    with workspace._desk.store.keeping_books() as connection:  # noqa: SLF001 - the yardstick goes round the services
        yield connection


def single(place: Place, rounds: int) -> list[Figure]:
    """Compare one audited revision with the same two statements in a transaction without audit."""
    with opened(place) as workspace:
        workspace.inventory.register(
            "one",
            name="One",
            use_case="Reads.",
            owner="ada",
            origin="in_house",
            declared_risk_category="minimal",
        )
        audited, bare, revision = [], [], 1
        for number in range(rounds * 40):
            audited.append(
                seconds(lambda n=number: workspace.inventory.revise("one", name=f"One {n}"))
            )
            revision += 1
            bare.append(seconds(lambda n=number: _bare_revision(workspace, n)))
        ratio = middle(audited) / middle(bare)
    return [
        Figure(name=f"{place.name}: audited revision", value=middle(audited) * 1000, unit="ms"),
        Figure(name=f"{place.name}: bare revision", value=middle(bare) * 1000, unit="ms"),
        Figure(name=f"{place.name}: audited over bare write", value=ratio, unit="x", goal=2.0),
    ]


def _bare_revision(workspace: Workspace, number: int) -> None:
    """Do what a revision does to the register, and nothing for the record."""
    table, kept = tables.system, tables.system_revision
    with _plain(workspace) as connection:
        row = connection.execute(
            sa.select(table).where(table.c.system_id == "one").with_for_update()
        ).one()
        system_from_row(row)
        now = workspace.now()
        connection.execute(
            sa.update(table)
            .where(table.c.system_id == "one", table.c.revision == row.revision)
            .values(name=f"Bare {number}", revised_at=now, digest=row.digest)
        )
        connection.execute(
            sa.insert(kept).values(
                system_id="one",
                revision=1_000_000 + number,
                content={"name": f"Bare {number}"},
                digest=row.digest,
                author="ada",
                at=now,
            )
        )


def reading(place: Place, sources: Mapping[int, Path]) -> list[Figure]:
    """Compare looks at a small and at a large register, with ten events for each system.

    SQLite works within this process, so the two are compared by processor time, which others do not disturb.
    """
    small, large = sorted(sources)
    with opened(place) as few, opened(place) as many:
        for workspace, count in ((few, small), (many, large)):
            workspace.inventory.import_file(sources[count])
            _have_a_past(workspace, count)
        names = looks(few, 0, small)
        took: dict[str, list[float]] = {name: [] for name in names}
        worked: dict[str, dict[int, list[float]]] = {n: {small: [], large: []} for n in names}
        clock = process_time if place.name == "SQLite" else perf_counter
        for look in range(LOOKS):
            for workspace, count in ((few, small), (many, large)):
                for name, act in looks(workspace, look, count).items():
                    before = clock()
                    lasted = seconds(act)
                    worked[name][count].append(clock() - before)
                    if count == large:
                        took[name].append(lasted)
        figures = []
        for name, by_count in worked.items():
            what, ms = f"{place.name}: {name}", p95(took[name]) * 1000
            ratio = middle(by_count[large]) / middle(by_count[small])
            figures += [
                Figure(name=f"{what}, p95 at {large:,} systems", value=ms, unit="ms", goal=100.0),
                Figure(name=f"{what}, over {small:,} systems", value=ratio, unit="x", goal=1.3),
            ]
        return [*figures, *_review(place, many, large)]


def _review(place: Place, workspace: Workspace, count: int) -> list[Figure]:
    took, worked = [], []
    for _ in range(3):
        before = process_time()
        took.append(seconds(workspace.reviews.run))
        worked.append(process_time() - before)
    rate, unit = count / middle(took), "systems/s"
    name = f"{place.name}: batch review"
    return [
        Figure(name=name, value=rate, unit=unit, goal=20_000.0, at_least=True),
        Figure(name=f"{name}, by processor time", value=count / middle(worked), unit=unit),
    ]


def looks(workspace: Workspace, look: int, count: int) -> dict[str, Callable[[], Any]]:
    """Return the looks that people take most; their answers are as long in any register from 1,000."""
    inventory, number = workspace.inventory, (look * 7919) % count
    unit, word = f"unit-{2 * (look % 25)}", WORDS[look % len(WORDS)]
    return {
        "page": lambda: inventory.find(sort="name", offset=(look * 97) % 900, limit=50),
        "filter": lambda: inventory.find(
            stage="operation_and_monitoring", unit=unit, limit=10, sort="system_id"
        ),
        "search for a number": lambda: inventory.find(f"case {number:06d}", limit=50),
        "search for a word": lambda: inventory.find(word, limit=50),
        "history": lambda: inventory.history(f"sys-{number:06d}"),
    }


def _have_a_past(workspace: Workspace, count: int) -> None:
    """Record further events, as years of use would, through the trail itself."""
    each = EVENTS_A_SYSTEM - 1
    for start in range(0, count, 2_000):
        with workspace.writing() as tx:
            tx.record(
                *(
                    EvidenceAdded(
                        system_id=f"sys-{i:06d}",
                        evidence_id=f"evi-{i}-{n}",
                        kind="documentation",
                        title="A yearly note",
                        digest="0" * 64,
                        media_type="text/plain",
                        size=1,
                    )
                    for i in range(start, min(start + 2_000, count))
                    for n in range(each)
                )
            )
    with _plain(workspace) as connection:
        connection.execute(sa.delete(tables.outbox))
    if workspace._desk.store.dialect == "postgresql":  # noqa: SLF001 - as autovacuum does in time
        with workspace._desk.store.engine.connect() as connection:  # noqa: SLF001 - same
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")


@contextmanager
def opened(place: Place) -> Iterator[Workspace]:
    """Give a fresh workspace and close it."""
    workspace = place.workspace()
    try:
        yield workspace
    finally:
        workspace.close()


def main() -> int:
    """Print the figures and return 1 when one misses its goal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="5,000 systems instead of 100,000")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    both = ("sqlite", "postgresql", "both")
    parser.add_argument(
        "--database", choices=both, default="both", help="which one; both by default"
    )
    parser.add_argument("--server", help="URL of a PostgreSQL server to use instead of our own")
    chosen = parser.parse_args()
    count, rounds = (5_000, 3) if chosen.quick else (100_000, 3)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = {n: folder / f"{n}.csv" for n in (1_000, count)}
        for number, path in sources.items():
            write_csv(path, number)
        for place in places(folder, chosen.database, chosen.server):
            figures += bulk(place, sources[count], count, rounds)
            figures += single(place, rounds if chosen.quick else ROUNDS)
            figures += reading(place, sources)
        if chosen.database != "postgresql":
            figures += fairness(folder, sources[count], quick=chosen.quick)
    return show(figures, chosen.json)


def places(folder: Path, which: str, lent: str | None = None) -> Iterator[Place]:
    """Give each kind of database in turn, or only one; a server that is not lent is started and stopped."""
    if which != "postgresql":
        yield Place(folder, None)
    if which != "sqlite" and lent:
        yield Place(folder, Lent(lent))
    elif which != "sqlite":
        data = folder / "postgresql"
        data.mkdir()
        server = Server(data)
        try:
            yield Place(folder, server)
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
