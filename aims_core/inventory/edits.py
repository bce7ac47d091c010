"""A CSV file of edits as a DataFrame, as :meth:`Inventory.propose` takes it."""

import csv
from pathlib import Path
from typing import Any

from aims_core.errors import InvalidRecord
from aims_core.formulas import formula_restored
from aims_core.records import Problem

EXPORT_MARK = "aims_export"
"""A column of our own export: where it stands, each cell may have an apostrophe in front."""


def read_edits(path: Path) -> Any:
    """Return the rows of a CSV file in UTF-8 as a DataFrame of texts; a blank cell is a missing value.

    Raises
    ------
    InvalidRecord
        The file cannot be read, or a row is longer or shorter than the header.
    """
    import pandas as pd

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, "file", str(error), "save it as CSV in UTF-8") from error
    if not rows:
        raise _unreadable(
            path, "file", "is empty", "put the names of the columns into its first row"
        )
    header = [name.strip() for name in rows[0]]
    ragged = [n for n, row in enumerate(rows, 1) if row and len(row) != len(header)]
    if ragged:
        reason = f"has {len(rows[ragged[0] - 1])} cells, the header has {len(header)}"
        raise _unreadable(path, f"row {ragged[0]}", reason, "look for a missing delimiter or quote")
    own = EXPORT_MARK in header
    cells = [[formula_restored(c) if own else c for c in row] for row in rows[1:] if any(row)]
    frame = pd.DataFrame(
        [[c or None for c in row] for row in cells], columns=header, dtype="object"
    )
    return frame.drop(columns=[EXPORT_MARK]) if own else frame


def _unreadable(path: Path, field: str, reason: str, remedy: str) -> InvalidRecord:
    return InvalidRecord(f"read {path.name}", [Problem(field=field, reason=reason, remedy=remedy)])
