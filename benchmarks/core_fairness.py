"""How writers share one SQLite file: eight at once, and people at work during a bulk import."""

import multiprocessing
import statistics
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path
from time import perf_counter
from typing import Any

from figures import Figure, p95

from aims_core import create_workspace, open_workspace

WRITERS = 8
_spawn = multiprocessing.get_context("spawn")


def fairness(folder: Path, source: Path, *, quick: bool) -> list[Figure]:
    """Return how evenly eight writers advance, and how long people wait during an import."""
    place = folder / "fair"
    workspace = create_workspace(place, organisation="Bench", administrator="ada")
    workspace.staffing.add("ines", "Ines")
    workspace.staffing.grant("ines", "inventory_steward")
    steward = workspace.act_as("ines")
    for number in range(WRITERS):
        steward.inventory.register(
            f"own-{number}",
            name="Own",
            use_case="Reads.",
            owner="ada",
            origin="in_house",
            declared_risk_category="minimal",
        )
    workspace.close()
    counts = [len(w) for w in _together(place, writers=WRITERS, lasting=3 if quick else 8)]
    waits = _during_import(place, source)
    return [
        Figure(
            name="SQLite: 8 writers, most over least",
            value=max(counts) / max(1, min(counts)),
            unit="x",
            goal=2.0,
        ),
        Figure(
            name="SQLite: 8 writers, writes/s", value=sum(counts) / (3 if quick else 8), unit="1/s"
        ),
        Figure(
            name="SQLite: a person's write during an import, p95",
            value=p95(waits) * 1000,
            unit="ms",
            goal=1_000.0,
        ),
        Figure(name="SQLite: the same, median", value=statistics.median(waits) * 1000, unit="ms"),
    ]


def _together(place: Path, *, writers: int, lasting: float) -> list[list[float]]:
    stop, results = _spawn.Event(), _spawn.Queue()
    started = [_start(_write, place, number, stop, results) for number in range(writers)]
    for _ in started:
        results.get(timeout=60)  # each says that it is ready
    stop.wait(lasting)
    stop.set()
    waits = [results.get(timeout=60) for _ in started]
    for process in started:
        process.join()
    return waits


def _during_import(place: Path, source: Path) -> list[float]:
    stop, results = _spawn.Event(), _spawn.Queue()
    people = [_start(_write, place, number, stop, results) for number in range(3)]
    for _ in people:
        results.get(timeout=60)
    importer = _start(_import, place, source)
    importer.join()
    stop.set()
    waits = [wait for _ in people for wait in results.get(timeout=60)]
    for process in people:
        process.join()
    if importer.exitcode:
        raise RuntimeError(f"the import ended with {importer.exitcode}")
    return waits


def _start(act: Callable[..., None], *arguments: Any) -> Any:
    process = _spawn.Process(target=act, args=arguments)
    process.start()
    return process


def _write(place: Path, number: int, stop: Event, results: Any) -> None:
    workspace, waits = open_workspace(place, actor="ines"), []
    results.put("ready")
    while not stop.is_set():
        before = perf_counter()
        workspace.inventory.revise(f"own-{number}", name=f"Own {len(waits)} at {before}")
        waits.append(perf_counter() - before)
        stop.wait(0.005)
    workspace.close()
    results.put(waits)


def _import(place: Path, source: Path) -> None:
    workspace = open_workspace(place, actor="ines")
    workspace.inventory.import_file(source)
    workspace.close()
