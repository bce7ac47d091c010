"""Import runs and their refused rows on record: written once, read, and given back to be corrected."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aims_core import (
    ImportOutcome,
    InvalidRecord,
    Problem,
    RecordNotFound,
    Transaction,
    digest_text,
    formula_safe,
    write_whole,
)
from aims_discovery.drafting import GIVEN_ID
from aims_discovery.events import RefusedRowsKept
from aims_discovery.source import EXPORT_ROW
from aims_discovery.tables import import_run, refused_row

RUN_COLUMNS = {
    "run_id": "string",
    "source": "string",
    "mapping": "string",
    "read": "Int64",
    "registered": "Int64",
    "revised": "Int64",
    "unchanged": "Int64",
    "refused": "Int64",
    "imported_by": "string",
    "imported_at": "datetime64[us, UTC]",
    "source_digest": "string",
    "mapping_digest": "string",
}
REFUSED_COLUMNS = {
    "run_id": "string",
    "row": "Int64",
    "field": "string",
    "value": "string",
    "reason": "string",
    "remedy": "string",
    "system_id": "string",
    "cells": "object",
}
_EXPORT_PROBLEMS = "aims_problems"
_SPREADSHEET = "utf-8-sig"
"""Without the mark in front, spreadsheets take UTF-8 for their local encoding."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a run's rows came from; `delimiter` and `encoding` are what its mapping says."""

    source_digest: str = ""
    mapping: str = ""
    mapping_digest: str = ""
    delimiter: str = ","
    encoding: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportRun:
    """One import on record; the figures add up as in `ImportOutcome`."""

    run_id: str
    source: str
    source_digest: str
    mapping: str
    mapping_digest: str
    delimiter: str
    encoding: str
    read: int
    registered: int
    revised: int
    unchanged: int
    refused: int
    imported_by: str
    imported_at: datetime


def keep_run(
    tx: Transaction, outcome: ImportOutcome, origin: Origin, names: Mapping[int, str]
) -> ImportRun:
    """Put a run and its refused rows on record, unless it is there, and return it.

    Parameters
    ----------
    names : mapping of int to str
        The identifier each refused row would have got, by row.
    """
    rows = [_refused_row(one.row, names.get(one.row, ""), one) for one in outcome.refused]
    content = _content(outcome, origin, rows)
    found = tx.connection.execute(
        sa.select(import_run).where(import_run.c.content == content)
    ).one_or_none()
    if found is not None:
        return _run(found)
    run = ImportRun(
        run_id=tx.new_id("run"),
        source=outcome.source,
        **asdict(origin),
        read=outcome.read,
        registered=outcome.registered,
        revised=outcome.revised,
        unchanged=outcome.unchanged,
        refused=len(rows),
        imported_by=tx.actor.actor_id,
        imported_at=tx.now,
    )
    tx.connection.execute(sa.insert(import_run).values(**asdict(run), content=content))
    if rows:
        tx.connection.execute(sa.insert(refused_row), [{"run_id": run.run_id, **r} for r in rows])
    tx.record(
        RefusedRowsKept(
            run_id=run.run_id,
            source=run.source,
            source_digest=run.source_digest,
            mapping=run.mapping,
            mapping_digest=run.mapping_digest,
            read=run.read,
            refused=run.refused,
        )
    )
    return run


def read_runs(tx: Transaction, at: datetime | None = None) -> list[ImportRun]:
    """Return the runs on record, newest first, now or at a time; a run never changes."""
    query = sa.select(import_run).order_by(import_run.c.imported_at.desc(), import_run.c.run_id)
    if at is not None:
        query = query.where(import_run.c.imported_at <= at)
    return [_run(row) for row in tx.connection.execute(query)]


def read_refused(tx: Transaction, run_id: str | None = None) -> list[dict[str, Any]]:
    """Return the refused rows of a run, of the newest by default, in their order.

    Raises
    ------
    RecordNotFound
        No run has this id.
    """
    run = _chosen(tx, run_id)
    if run is None:
        return []
    query = (
        sa.select(refused_row).where(refused_row.c.run_id == run.run_id).order_by(refused_row.c.row)
    )
    return [
        {
            **row,
            "problems": [Problem(**p) for p in json.loads(row["problems"])],
            "cells": json.loads(row["cells"]),
        }
        for row in tx.connection.execute(query).mappings()
    ]


def write_refused(tx: Transaction, run_id: str | None, path: Path) -> int:
    """Write a run's refused rows as CSV, in the form that its mapping reads, and return how many.

    Raises
    ------
    RecordNotFound
        No run has this id.
    InvalidRecord
        Another file lies there already, or none can be written there.
    """
    run, rows = _chosen(tx, run_id), read_refused(tx, run_id)
    text = _as_csv(rows, (run.delimiter if run else "") or ",")
    encoding = (run.encoding if run else "") or _SPREADSHEET
    content = text.encode(encoding, errors="backslashreplace")
    if path.is_file() and path.read_bytes() == content:
        return len(rows)
    try:
        write_whole(path, content)
    except OSError as error:
        reason = f"{path} cannot be written: {error.strerror}"
        taken = isinstance(error, FileExistsError)
        remedy = "name another file" if taken else "make room there, or name another file"
        problem = Problem(field="path", reason=reason, remedy=remedy)
        raise InvalidRecord("export refused rows", [problem]) from error
    return len(rows)


def _as_csv(rows: Sequence[Mapping[str, Any]], delimiter: str) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row["cells"]))
    columns = [c for c in columns if c not in (EXPORT_ROW, GIVEN_ID, _EXPORT_PROBLEMS)]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([EXPORT_ROW, GIVEN_ID, _EXPORT_PROBLEMS, *map(formula_safe, columns)])
    writer.writerows(_exported(row, columns) for row in rows)
    return buffer.getvalue()


def _exported(row: Mapping[str, Any], columns: Sequence[str]) -> list[str]:
    said = " ".join(f"{p.field}: {p.reason}." for p in row["problems"])
    cells = [row["cells"].get(column, "") for column in columns]
    return [str(row["row"]), *(formula_safe(c) for c in (row["system_id"], said, *cells))]


def _refused_row(row: int, name: str, refused: Any) -> dict[str, Any]:
    return {
        "row": row,
        "system_id": name,
        "cells": json.dumps(
            {k: v if isinstance(v, str) else str(v) for k, v in refused.cells.items()}
        ),
        "problems": json.dumps([asdict(p) for p in refused.problems]),
    }


def _content(outcome: ImportOutcome, origin: Origin, rows: Sequence[Mapping[str, Any]]) -> str:
    named = [outcome.source, origin.source_digest, origin.mapping_digest]
    return digest_text(json.dumps([named, rows], sort_keys=True))


def _chosen(tx: Transaction, run_id: str | None) -> ImportRun | None:
    runs = read_runs(tx)
    if run_id is None:
        return runs[0] if runs else None
    for run in runs:
        if run.run_id == run_id:
            return run
    raise RecordNotFound("import run", run_id, [run.run_id for run in runs])


def _run(row: Any) -> ImportRun:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public accessor
    del values["content"]
    return ImportRun(**values)
