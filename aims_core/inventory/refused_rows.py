"""Rows that an import refused, kept as a file in the workspace: to be corrected, and imported alone."""

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from aims_core.canonical import canonical_json, digest_text
from aims_core.formulas import formula_safe
from aims_core.records import ImportBatch, Problem, RefusedRow
from aims_core.whole_files import write_whole

FOLDER = "refused"
"""Where the files lie, in the workspace."""
OWN = ("aims_row", "aims_id", "aims_cell", "aims_problems", "aims_remedy")
"""Columns put in front of the file's own: importers know their own exports by the first one."""
_STEM = 60


def with_original_cells(
    refused: Sequence[RefusedRow], batch: ImportBatch
) -> tuple[RefusedRow, ...]:
    """Return refused rows in their order, with their cells as they stand in the source.

    Those that the register refused come as values of its fields; an importer that can tell gives the
    cells they were drafted from.
    """
    in_order = sorted(refused, key=lambda r: r.row)
    if batch.cells is None or not refused:
        return tuple(in_order)
    original = batch.cells({r.row for r in refused})
    return tuple(replace(r, cells=original.get(r.row, r.cells)) for r in in_order)


def keep_refused(folder: Path, source: str, refused: Sequence[RefusedRow]) -> tuple[str, str]:
    """Write refused rows to a file of the workspace and return its path there, and what went wrong.

    One of the two is empty. The same rows again lie in the same file, and a file that is there is left
    alone: somebody may be correcting it.

    Parameters
    ----------
    folder : Path
        The workspace.
    source : str
        Name of the file they came from.
    """
    if not refused:
        return "", ""
    text = refused_csv(refused)
    stem = "".join(c if c.isascii() and c.isalnum() else "-" for c in Path(source).stem)
    name = f"{stem.strip('-')[:_STEM] or 'import'}-{digest_text(text)[:8]}.csv"
    path = folder / FOLDER / name
    try:
        path.parent.mkdir(exist_ok=True)
        # Whole or not at all: a part of the rows would be taken for all of them.
        with suppress(FileExistsError):
            write_whole(path, text.encode("utf-8-sig", errors="backslashreplace"))
    except OSError as error:
        return "", f"the refused rows could not be kept in {FOLDER}/{name}: {error.strerror}"
    return f"{FOLDER}/{name}", ""


def refused_csv(refused: Sequence[RefusedRow]) -> str:
    """Return refused rows as CSV: where and what is wrong, what helps, then the original cells.

    Nothing in it runs as a formula in a spreadsheet; the importers of tables take the added
    apostrophes off again.
    """
    names = list(dict.fromkeys(str(name) for row in refused for name in row.cells))
    names = [name for name in names if name not in OWN]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([*OWN, *map(formula_safe, names)])
    for row in refused:
        cells = {str(name): _text(value) for name, value in row.cells.items()}
        said = (*_problems(row), *(cells.get(name, "") for name in names))
        writer.writerow([str(row.row), *map(formula_safe, (_id(row), *said))])
    return buffer.getvalue()


def _id(row: RefusedRow) -> str:
    return row.system_id or _text(row.cells.get("aims_id", ""))


def _problems(row: RefusedRow) -> tuple[str, str, str]:
    return (
        ", ".join(dict.fromkeys(p.cell for p in row.problems if p.cell)),
        "; ".join(f"{p.field}: {p.reason}" for p in row.problems),
        "; ".join(dict.fromkeys(_remedy(p) for p in row.problems if p.remedy)),
    )


def _remedy(problem: Problem) -> str:
    return f"{problem.field}: {problem.remedy}"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping | list | tuple):
        return canonical_json(value)
    return str(value)
