"""Whether a CSV file's quotation marks are in pairs: one that is never closed swallows the rows after it."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from aims_core import InvalidRecord, Problem

_CHUNK = 1 << 20
_LINE_END = "[\r\n]"


def check_quotes(path: Path, table: Any, *, asked: str) -> None:
    """Refuse a file in which a cell runs over the end of its line and the marks are not in pairs.

    Raises
    ------
    InvalidRecord
        A quotation mark is opened and not closed; the row of the cell is named.
    """
    row = _first_long_row(table)
    if row is None or _marks(path) % 2 == 0:
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


def _marks(path: Path) -> int:
    import gzip

    count = 0
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as file:
        while piece := file.read(_CHUNK):
            count += piece.count(b'"')
    return count
