"""A sheet of an XLSX workbook as a table. Formulas are never calculated: their saved results are read."""

import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import repeat
from pathlib import Path
from typing import Any

from aims_core import InvalidRecord, strict_json
from aims_discovery.container import check_container
from aims_discovery.held_source import HeldSource
from aims_discovery.source import EXPORT_MARK, Faulty, columns, fingerprint, unreadable

_MOST_CELLS = 20_000_000
_LAST_ROW = 1_048_576
_EXACT = 2**53
_ESCAPED = re.compile("_x([0-9a-fA-F]{4})_")
_REMEDY = "open it in a spreadsheet and save it anew, or save it as CSV"


def open_xlsx(path: Path, *, sheet: str = "", header_row: int = 1) -> HeldSource:
    """Return a sheet of a workbook.

    Parameters
    ----------
    sheet : str
        Its name; empty takes the first one.
    header_row : int
        The row with the names of the columns, from 1; rows above it are left out.

    Raises
    ------
    InvalidRecord
        The file is no workbook, is one that nobody should open, or has no such sheet.
    """
    digest, _ = fingerprint(path)
    formulas = check_container(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # openpyxl warns of styles and validations it leaves out
            names, rows = _read(path, sheet, formulas=formulas)
    except InvalidRecord:
        raise
    except Exception as error:  # openpyxl answers a damaged part with whatever it runs into
        reason = f"is no readable workbook: {type(error).__name__}: {error}"
        raise unreadable(path, "file", reason, _REMEDY) from error
    first = next((cells for number, cells in rows if number == header_row), [])
    header, repeated = columns(path, first, header_row)
    own = EXPORT_MARK in header
    return HeldSource(
        path=path,
        digest=digest,
        header=header,
        repeated=repeated,
        held=[
            (number, _as_wide([_unquoted(c) for c in cells] if own else cells, len(header)))
            for number, cells in rows
            if number > header_row and any(cell.strip() for cell in cells)
        ],
        notes=tuple(_notes(names, sheet, header_row, formulas=formulas)),
    )


def _notes(names: list[str], sheet: str, header_row: int, *, formulas: bool) -> Iterator[str]:
    if len(names) > 1:
        yield f"read from sheet {sheet or names[0]!r}, one of {len(names)}"
    if header_row > 1:
        yield f"the header is row {header_row}"
    if formulas:
        yield "formulas were not calculated; the results saved with the file were read"


def _read(
    path: Path, sheet: str, *, formulas: bool
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    from openpyxl import load_workbook

    # Opened here: openpyxl leaves a file open when it cannot read it.
    with path.open("rb") as results, path.open("rb") as texts:
        book = load_workbook(results, read_only=True, data_only=True, keep_links=False)
        names = [str(one.title) for one in book.worksheets]
        if not names or (sheet and sheet not in names):
            remedy = f"name one of {', '.join(names)}" if names else _REMEDY
            raise unreadable(path, "sheet", f"there is no sheet {sheet!r}", remedy)
        place = names.index(sheet) if sheet else 0
        said: Iterator[Any] = repeat(())
        if formulas:
            written = load_workbook(texts, read_only=True, keep_links=False)
            said = _rows(written.worksheets[place])
        return names, _texts(path, _rows(book.worksheets[place]), said)


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()  # a sheet may claim to be a million rows wide
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows()
    return rows


def _texts(path: Path, rows: Iterator[Any], said: Iterator[Any]) -> list[tuple[int, list[str]]]:
    found: list[tuple[int, list[str]]] = []
    seen = 0
    for number, (row, formulas) in enumerate(zip(rows, said, strict=False), 1):
        seen += len(row) + 1
        if seen > _MOST_CELLS or number > _LAST_ROW:
            raise unreadable(path, f"row {number}", "the sheet has too many cells", _REMEDY)
        cells = [_text(cell) for cell in row]
        for place, formula in enumerate(formulas):
            if formula.data_type == "f" and row[place].value is None:
                cells[place] = Faulty(
                    _formula(formula.value),
                    "holds a formula whose result was never saved",
                    "save the file in a spreadsheet, or write the value itself",
                )
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            found.append((number, cells))
    return found


def _formula(value: Any) -> str:
    return str(getattr(value, "text", None) or value)


def _text(cell: Any) -> str:
    value = cell.value
    if value is None or isinstance(value, str):
        if cell.data_type == "e" and value != "#N/A":
            return Faulty(str(value), f"holds the error {value}", "correct the formula behind it")
        return _ESCAPED.sub(_meant, value) if value and "_x" in value else value or ""
    if isinstance(value, bool | int | float):
        return _number(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def _meant(escaped: re.Match[str]) -> str:
    """Return the character that a workbook spells ``_x000D_``, because XML cannot hold it."""
    character = chr(int(escaped.group(1), 16))
    return escaped.group() if "\ud800" <= character <= "\udfff" else character


def _number(value: float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    whole = isinstance(value, float) and value.is_integer() and abs(value) < _EXACT
    return str(int(value)) if whole else str(value)


def _unquoted(cell: str) -> str:
    """Return what our own export put between quotation marks, because workbooks would change it."""
    if not cell.startswith('"'):
        return cell
    try:
        return str(strict_json(cell))
    except ValueError:
        return cell


def _as_wide(cells: list[str], width: int) -> list[str]:
    return cells + [""] * (width - len(cells))
