"""Whether a CSV file's quotation marks are in pairs: one that is never closed swallows the rows after it."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from aims_core import InvalidRecord, Problem

_LINE_END = "[\r\n]"


def check_quotes(path: Path, table: Any, *, asked: str) -> None:
    """Refuse a file in which a cell runs over the end of its line, unless all its cells end properly.

    It is read once more by the rules of RFC 4180: Arrow's reader goes on over text behind a closing mark,
    and so over the rows between two marks that were never meant as a pair.

    Raises
    ------
    InvalidRecord
        A quotation mark is opened and not closed where its cell ends, or a cell is longer than 128 kB;
        the row of the cell is named.
    """
    row = _first_long_row(table)
    if row is None or _ends_properly(path, table):
        return
    problem = Problem(
        field="data",
        row=row,
        reason=f"{path.name!r} has a quotation mark that is never closed, so the rows after it are lost",
        remedy="close it, or double a mark that belongs to the text",
    )
    raise InvalidRecord(asked, [problem])


def _first_long_row(table: Any) -> int | None:
    """Return the row, from 1, of the first cell that holds the end of a line."""
    import pyarrow.compute as pc

    found = []
    for column in table.columns:
        if pa.types.is_string(column.type):
            held = pc.match_substring_regex(column, _LINE_END)
            place = pc.index(held, pa.scalar(value=True)).as_py()
            if place >= 0:
                found.append(place + 1)
    return min(found, default=None)


def _ends_properly(path: Path, table: Any) -> bool:
    """Say whether a strict reader finds as many rows, below the one with the names."""
    import csv
    import gzip

    opening = gzip.open if path.name.lower().endswith(".gz") else open
    blank_is_row = table.num_columns == 1
    try:
        with opening(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as file:
            found = sum(1 for row in csv.reader(file, strict=True) if row or blank_is_row)
    except csv.Error:
        return False
    rows: int = table.num_rows
    return found - 1 == rows
