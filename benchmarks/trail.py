"""The audit trail: verifying, proofs, sealing, and what it costs writers on PostgreSQL.

Verifying is compared with plain SHA-256 over the same bytes in memory, which is what any verifier has to do
at least. Writers on PostgreSQL are compared, in turn, with the same writers without a queue and a sealer.

    python benchmarks/trail.py [--quick] [--json FILE]
"""

import argparse
import hashlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import Any

import sqlalchemy as sa

from aims_core import PluginHost, Workspace, create_workspace, tables
from aims_core import audit as trail
from aims_core.audit import merkle, writing
from aims_core.audit.leaves import FIELDS
from aims_core.events import SystemRevised
from aims_core.testing.postgresql import Server

CONTENT = {"name": "Ticket triage", "use_case": "Sorts incoming support tickets by urgency. " * 4}
AT_ONCE = 10_000
WRITERS = 8
_UNCHAINED = sa.text(
    f"WITH told AS ({writing._EVENTS}) "  # noqa: SLF001 - what writers would do without queue and sealer
    "INSERT INTO aims_outbox (sequence, type) SELECT sequence, type FROM told"
)


def figure(
    name: str, value: float, unit: str, goal: float | None, *, least: bool
) -> dict[str, Any]:
    """Return one figure in the form that all benchmarks share; `least` goals are to be reached."""
    ok = None if goal is None else (value >= goal if least else value <= goal)
    return {"name": name, "value": round(value, 3), "unit": unit, "goal": goal, "ok": ok}


@contextmanager
def workspace_on(url: str | None) -> Iterator[Workspace]:
    """Give a fresh workspace without plugins."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AIMS_AUDIT_KEY"] = str(Path(folder) / "checkpoint.key")
        opened = create_workspace(
            Path(folder) / "workspace",
            organisation="Benchmark",
            administrator="ada",
            database=url,
            host=PluginHost(discover=False),
        )
        try:
            yield opened
        finally:
            opened.close()


def fill(workspace: Workspace, count: int) -> None:
    """Write events of the size that a revision leaves; none is sealed on the way."""
    workspace._desk.store.seal_now_and_then = lambda: None  # noqa: SLF001 - what is measured comes later
    for start in range(0, count, AT_ONCE):
        with workspace.writing() as tx:
            tx.record(*(_revised(start + n) for n in range(min(AT_ONCE, count - start))))


def _revised(number: int) -> SystemRevised:
    return SystemRevised(
        system_id=f"system-{number % 1000}", revision=number, digest="ab" * 32, changed=CONTENT
    )


def cpu(act: Callable[[], Any]) -> float:
    """Return the seconds of CPU time that this process spends on it; a busy machine bends the clock."""
    started = time.process_time()
    act()
    return time.process_time() - started


def verifying(workspace: Workspace, count: int, rounds: int, name: str) -> list[dict[str, Any]]:
    """Measure verifying and plain hashing of the same bytes, in turn."""
    with workspace.reading() as tx:
        columns = [tables.event.c[field] for field in FIELDS]
        entries = [
            b"\x00" + "".join(f"{len(str(v))}:{v}," for v in row).encode()
            for row in tx.connection.execute(sa.select(*columns))
        ]

    def verify() -> None:
        with workspace.reading() as tx:
            assert trail.verify(tx.connection).intact  # noqa: S101 - a figure of something broken is none

    def plain() -> None:
        for entry in entries:
            hashlib.sha256(entry).digest()

    took = [(cpu(verify), cpu(plain)) for _ in range(rounds)]
    ours, bare = (statistics.median(times) for times in zip(*took, strict=True))
    return [
        figure(f"verify, {name}", count / ours, "events/s of CPU", 100_000, least=True),
        figure(f"verify, {name}, share of plain SHA-256", 100 * bare / ours, "%", None, least=True),
        figure(
            f"{name}, bytes hashed per event", len(b"".join(entries)) / count, "B", None, least=True
        ),
    ]


def sealing(workspace: Workspace, count: int, name: str) -> dict[str, Any]:
    """Measure how fast a queue of events gets its places."""
    started = time.perf_counter()
    sealed = workspace.audit.seal() or 0
    rate = sealed / (time.perf_counter() - started)
    assert sealed >= count  # noqa: S101 - same
    return figure(f"seal, {name}", rate, "events/s", None, least=True)


def proofs(workspace: Workspace, rounds: int) -> list[dict[str, Any]]:
    """Measure inclusion proofs from the database, each read anew."""
    workspace.audit.keys.make()
    size = workspace.audit.checkpoint().size
    made, at_hand, verified, extended, largest = [], [], [], [], 0
    with workspace.reading() as tx:
        root = bytes.fromhex(trail.sealed(tx.connection).root)
        size = trail.sealed(tx.connection).size
        leaves = _leaves(tx.connection)
        hash_of = merkle.levels(leaves)
        for number in range(rounds):
            place = number * 7_919 % size
            started = time.perf_counter()
            proof = trail.prove_inclusion(tx.connection, place, size)
            made.append(time.perf_counter() - started)
            started = time.perf_counter()
            assert proof == merkle.inclusion(place, size, hash_of)  # noqa: S101 - same
            at_hand.append(time.perf_counter() - started)
            started = time.perf_counter()
            assert merkle.is_included(leaves[place], place, size, proof, root)  # noqa: S101 - same
            verified.append(time.perf_counter() - started)
            started = time.perf_counter()
            extends = trail.prove_consistency(tx.connection, place + 1, size)
            extended.append(time.perf_counter() - started)
            assert extends == merkle.consistency(place + 1, size, hash_of)  # noqa: S101 - same
            largest = max(largest, sum(map(len, proof)))
    return [
        figure(f"inclusion proof of {size:,} events, largest", largest, "B", 1_024, least=False),
        figure(
            "inclusion proof, make, from disk", 1e3 * statistics.median(made), "ms", 1, least=False
        ),
        figure(
            "inclusion proof, make, at hand", 1e3 * statistics.median(at_hand), "ms", 1, least=False
        ),
        figure(
            "consistency proof, make, from disk",
            1e3 * statistics.median(extended),
            "ms",
            1,
            least=False,
        ),
        figure("inclusion proof, verify", 1e3 * statistics.median(verified), "ms", 1, least=False),
    ]


def _leaves(connection: sa.Connection) -> list[bytes]:
    query = trail.in_order(sa.select(tables.event.c.leaf), connection.dialect.name)
    return [bytes.fromhex(leaf) for leaf in connection.execute(query).scalars()]


def writers(url: str, acts: int, *, chained: bool) -> float:
    """Return the acts per second of eight writers, each with a connection of its own."""
    statement = writing._QUEUED  # noqa: SLF001 - the unchained variant is measured in its place
    with workspace_on(url) as workspace:
        if not chained:
            writing._QUEUED = _UNCHAINED  # noqa: SLF001 - same
            workspace._desk.store.seal_now_and_then = lambda: None  # noqa: SLF001 - same
        barrier = Barrier(WRITERS + 1)

        def work(number: int) -> None:
            barrier.wait()
            for turn in range(acts):
                workspace.staffing.add(f"w{number}-{turn}", "Writer")

        try:
            with ThreadPoolExecutor(WRITERS) as pool:
                done = [pool.submit(work, number) for number in range(WRITERS)]
                barrier.wait()
                started = time.perf_counter()
                for one in done:
                    one.result()
                return WRITERS * acts / (time.perf_counter() - started)
        finally:
            writing._QUEUED = statement  # noqa: SLF001 - same


def contended(server: Server, acts: int, rounds: int) -> list[dict[str, Any]]:
    """Measure eight writers with and without queue and sealer, in turn."""
    rates: dict[bool, list[float]] = {True: [], False: []}
    for number in range(rounds):
        for chained in (True, False) if number % 2 else (False, True):
            name = server.create()
            rates[chained].append(writers(server.url(name), acts, chained=chained))
            server.drop(name)
    with_trail, without = (statistics.median(rates[chained]) for chained in (True, False))
    share = statistics.median(100 * a / b for a, b in zip(rates[True], rates[False], strict=True))
    return [
        figure("PostgreSQL, 8 writers", with_trail, "acts/s", None, least=True),
        figure(
            "PostgreSQL, 8 writers without queue and sealer", without, "acts/s", None, least=True
        ),
        figure(
            "PostgreSQL, 8 writers, share of that (median of pairs)", share, "%", 90, least=True
        ),
    ]


def run(*, quick: bool) -> Iterator[dict[str, Any]]:
    """Yield the figures as they are measured."""
    count, rounds = (20_000, 3) if quick else (200_000, 5)
    with workspace_on(None) as workspace:
        fill(workspace, count)
        yield sealing(workspace, count, f"SQLite, {count:,} events")
        yield from verifying(workspace, count, rounds, "SQLite")
        yield from proofs(workspace, 200)
    with tempfile.TemporaryDirectory(prefix="aims-trail-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder))
        try:
            with workspace_on(server.url(server.create())) as workspace:
                fill(workspace, count)
                yield sealing(workspace, count, f"PostgreSQL, {count:,} events")
                yield from verifying(workspace, count, rounds, "PostgreSQL")
                yield from proofs(workspace, 200)
            yield from contended(server, 25 if quick else 100, 3 if quick else 9)
        finally:
            server.stop()


def main() -> int:
    """Print the figures and return 1 when one misses its goal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the events, fewer rounds")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args()
    figures = []
    for one in run(quick=chosen.quick):
        figures.append(one)
        verdict = "kept" if one["ok"] else "missed"
        goal = "" if one["goal"] is None else f"  (goal {one['goal']:g}: {verdict})"
        print(f"{one['name']:<58}{one['value']:>12,.2f} {one['unit']}{goal}", flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0 if all(one["ok"] is not False for one in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
