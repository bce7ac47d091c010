"""Who counts: this process, or Dask or Spark, which map the same counting over parts of Parquet files.

A part names a file and row groups; whoever counts it reads them itself, so no row travels. Counts are
those of the embedded engine, bit for bit; sums are equal up to rounding, of additions and of the stored form.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from aims_core import InvalidRecord, Problem
from aims_monitoring.fingerprints import NAME, Fingerprints
from aims_monitoring.folder import FolderSource, Part
from aims_monitoring.layout import Layout
from aims_monitoring.packing import pack, unpack
from aims_monitoring.parquet_source import ParquetSource
from aims_monitoring.profile import Profile, with_label
from aims_monitoring.source import Source
from aims_monitoring.windows import Cutter, Window

SETTING = "AIMS_MONITORING_ENGINE"
"""Environment variable that names the engine where a run names none."""

EMBEDDED = "embedded"
_ROWS_OF_A_TASK = 1_000_000


class Engine(Protocol):
    """Maps `count_task` over tasks, in any order and place, and gives the answers in the tasks' order."""

    def map(self, tasks: Sequence[bytes]) -> Iterable[bytes]:
        """Return the answer to each task."""


class DaskEngine:
    """The client of Dask that is active, or else Dask's own default scheduler."""

    def map(self, tasks: Sequence[bytes]) -> Iterable[bytes]:
        """Return the answer to each task."""
        dask: Any = import_module("dask")
        answers: Iterable[bytes] = dask.compute(*(dask.delayed(count_task)(t) for t in tasks))
        return answers


class SparkEngine:
    """The Spark session that is active, or a new one.

    Executors must reach the files and this package: start a session of your own with ``PYSPARK_PYTHON``
    set to a Python that has it.
    """

    def map(self, tasks: Sequence[bytes]) -> Iterable[bytes]:
        """Return the answer to each task."""
        # Workers would start whatever is called python otherwise.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        SparkSession: Any = import_module("pyspark.sql").SparkSession  # noqa: N806 - its own name
        session = SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()
        rows = list(enumerate(tasks))
        frame = session.createDataFrame(rows, "place int, task binary").repartition(len(rows))
        found = frame.mapInArrow(_count_batches, "place int, answer binary").collect()
        return [bytes(row.answer) for row in sorted(found, key=lambda row: int(row.place))]


ENGINES: dict[str, Callable[[], Engine]] = {"dask": DaskEngine, "spark": SparkEngine}
_PACKAGES = {"dask": "dask", "spark": "pyspark"}


def chosen_engine(name: str = "", *, asked: str = "choose an engine") -> Engine | None:
    """Return the engine of this name, None for the embedded one; without a name the setting's.

    Raises
    ------
    InvalidRecord
        There is no engine of this name, or what it needs is not installed.
    """
    name = name or os.environ.get(SETTING, "") or EMBEDDED
    if name == EMBEDDED:
        return None
    reason, remedy = f"{name!r} is none", f"use one of {', '.join((EMBEDDED, *ENGINES))}"
    if name in ENGINES and find_spec(_PACKAGES[name]) is not None:
        return ENGINES[name]()
    if name in ENGINES:
        reason = f"{_PACKAGES[name]} is not installed"
        remedy = f"install aims-monitoring[{name}], or use {EMBEDDED}"
    raise InvalidRecord(asked, [Problem(field="engine", reason=reason, remedy=remedy)])


def tasks_of(
    source: Source,
    layout: Layout,
    length: str | int,
    *,
    ids: bool = False,
    fingerprints: Fingerprints | None = None,
) -> list[bytes]:
    """Return what there is to count as tasks of about a million rows, none if it cannot be divided."""
    if isinstance(source, FolderSource):
        parts: Sequence[Part] = source.parts
    else:
        parts = (Part(source=source, place=""),)
    if not all(isinstance(part.source, ParquetSource) for part in parts):
        return []
    shared = {
        "layout": layout.content(),
        "length": length,
        "ids": ids,
        "log": source.digest()[:NAME],
        "lengths": [] if fingerprints is None else fingerprints.lengths,
        "compared": [] if fingerprints is None else fingerprints.names,
    }
    first, tasks = 0, []
    for part in parts:
        for groups, rows in part.source.row_groups(_ROWS_OF_A_TASK):
            own = {
                "path": str(part.source.path.resolve()),
                "groups": groups,
                "first": first,
                "partitions": dict(part.partitions),
            }
            tasks.append(json.dumps({**shared, **own}).encode())
            first += rows
    return tasks


def count_task(task: bytes) -> bytes:
    """Return the packed profiles of a task's rows by window, and what its fingerprints add up to."""
    wanted = json.loads(task)
    layout, length = Layout.read(wanted["layout"]), wanted["length"]
    source = _source(wanted)
    schema, ids = layout.schema, wanted["ids"]
    cutter = Cutter(length, schema.time, wanted["log"], seen=wanted["first"], zone=schema.zone)
    found: dict[Window, Profile] = {}
    time = schema.time if isinstance(length, str) else ""
    names = dict.fromkeys((*schema.profiled, time, schema.id if ids else ""))
    needed = [name for name in names if name and name in source.names]
    prints = Fingerprints(wanted["lengths"], wanted["compared"], seen=wanted["first"])
    for piece in source.pieces(list(dict.fromkeys((*needed, *prints.names)))):
        if prints.lengths:
            prints.add(piece)
        for window, rows in cutter.cut(with_label(piece.select(needed), layout.schema)):
            found.setdefault(window, Profile.empty(layout, ids=ids)).add(rows)
    return pack([[_content(window, profile) for window, profile in found.items()], prints.sums()])


def merge_answers(
    answers: Iterable[bytes], layout: Layout, fingerprints: Fingerprints | None = None
) -> dict[Window, Profile]:
    """Return the profile of each window from the answers of all tasks, in the order of the windows."""
    found: dict[Window, Profile] = {}
    for answer in answers:
        windows, sums = unpack(answer)
        if fingerprints is not None:
            fingerprints.take(sums)
        for position, key, starts_at, content, hashes in windows:
            start = None if starts_at is None else datetime.fromisoformat(starts_at)
            window, part = Window(position, key, start), Profile.read(layout, content)
            if part.ids is not None:
                part.ids.smallest = np.array(hashes, np.uint64)
            found[window] = found[window].merge(part) if window in found else part
    return {window: found[window] for window in sorted(found)}


def _source(wanted: dict[str, Any]) -> Source:
    path = Path(wanted["path"])
    one = ParquetSource(path, "count a part of a prediction log", groups=wanted["groups"])
    part = Part(source=one, place=path.name, partitions=wanted["partitions"])
    return FolderSource(path.name, [part], asked="count a part of a prediction log")


def _content(window: Window, profile: Profile) -> list[Any]:
    starts = None if window.starts_at is None else window.starts_at.isoformat()
    # Hashes of ids are no part of what is stored, but other parts of the window are added to these.
    smallest = None if profile.ids is None else profile.ids.smallest
    hashes = [] if smallest is None else smallest.tolist()
    return [window.position, window.key, starts, profile.content(), hashes]


def _count_batches(batches: Iterator[Any]) -> Iterator[Any]:
    import pyarrow as pa

    for batch in batches:
        answers = [count_task(task.as_py()) for task in batch.column(1)]
        columns = [batch.column(0), pa.array(answers, pa.binary())]
        yield pa.RecordBatch.from_arrays(columns, ["place", "answer"])
