"""A table as CSV: its encoding and delimiter found, its whole text checked, its rows one after the other."""

import codecs
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from aims_core import InvalidRecord, formula_restored
from aims_discovery.source import (
    CHUNK,
    EXPORT_ROW,
    TableSource,
    columns,
    fingerprint,
    unreadable,
)

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FAMILIES = (
    "utf-8",
    "utf-16",
    "cp",
    "iso8859",
    "latin",
    "ascii",
    "mac",
    "koi8",
    "gb",
    "big5",
    "euc",
)
_FAMILIES_JAPANESE = ("shift_jis", "iso2022_jp")
_DELIMITERS = (",", ";", "\t", "|")
_SAMPLED = 50
_REFUSED = b"\xef\xbb\xbfaims_row,aims_id,aims_cell,"
"""How a file of refused rows begins that the core keeps in the workspace."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CsvSource(TableSource):
    """A readable CSV file, read anew each time its rows are asked for."""

    encoding: str
    delimiter: str
    header_row: int = 1

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row that holds anything, with its number as a spreadsheet counts: the first is 1.

        Raises
        ------
        InvalidRecord
            The file cannot be read on from some row.
        """
        own = EXPORT_ROW in self.header or self.literal
        for row, cells in _records(self.path, self.encoding, self.delimiter):
            if row > self.header_row and any(cell and not cell.isspace() for cell in cells):
                yield row, [formula_restored(c) for c in cells] if own else cells


def open_csv(
    path: Path, *, delimiter: str = "", encoding: str = "", header_row: int = 1
) -> CsvSource:
    """Return a CSV file, its whole text checked to be readable.

    Parameters
    ----------
    delimiter : str
        What stands between two cells; empty takes the sign that gives the most even rows.
    encoding : str
        Empty tries the file's own mark (BOM), then UTF-8, UTF-16 and Windows-1252.
    header_row : int
        The row with the names of the columns, from 1; rows above it are left out.

    Raises
    ------
    InvalidRecord
        There is no such file, it is empty, or it is no text in this encoding.
    """
    digest, start = fingerprint(path)
    mark = next((name for bom, name in _MARKS if start.startswith(bom)), "")
    if start.startswith(_REFUSED):
        # Written by the import itself, whatever form the mapping says the first file had.
        encoding, delimiter, header_row = "utf-8-sig", ",", 1
    chosen = _encoding(path, encoding or mark or _unmarked(start))
    if header_row > 1 and _is_own(path, chosen, delimiter):
        header_row = 1
    sign = delimiter or _sniffed(path, chosen, header_row)
    first = next((cells for row, cells in _records(path, chosen, sign) if row == header_row), [])
    header, repeated = columns(path, first, header_row)
    return CsvSource(
        path=path,
        digest=digest,
        encoding=chosen,
        delimiter=sign,
        header=header,
        repeated=repeated,
        header_row=header_row,
        notes=_notes(chosen, sign, header_row, repeated),
    )


def _notes(
    encoding: str, delimiter: str, header_row: int, repeated: frozenset[str]
) -> tuple[str, ...]:
    said = {"\t": "tabs"}.get(delimiter, repr(delimiter))
    notes = [f"read as {encoding}, cells separated by {said}"]
    if header_row > 1:
        notes.append(f"the header is row {header_row}")
    if repeated:
        notes.append(f"columns that stand there twice are numbered: {', '.join(sorted(repeated))}")
    return tuple(notes)


def _is_own(path: Path, encoding: str, delimiter: str) -> bool:
    """Tell an export of refused rows: it has no lines above its header, whatever the mapping says."""
    sign = delimiter or _sniffed(path, encoding, 1)
    first = next(_records(path, encoding, sign, whole=False), (1, []))[1]
    return bool(first) and first[0] == EXPORT_ROW


def _sniffed(path: Path, encoding: str, header_row: int) -> str:
    best, chosen = 0, _DELIMITERS[0]
    for sign in _DELIMITERS:
        rows = [
            cells
            for _, cells in islice(
                _records(path, encoding, sign, whole=False), header_row - 1, _SAMPLED
            )
        ]
        wide = len(rows[0]) if rows else 0
        even = sum(len(cells) == wide for cells in rows) if wide > 1 else 0
        if even * wide > best:
            best, chosen = even * wide, sign
    return chosen


def _unmarked(start: bytes) -> str:
    """Return the byte order of UTF-16 without a mark: every other byte of plain letters is zero."""
    sample = start[:4_096]
    if len(sample) < 4:  # noqa: PLR2004 - two characters
        return ""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    most = len(sample) // 2 * 0.6
    return "utf-16-le" if odd > most > even else "utf-16-be" if even > most > odd else ""


def _encoding(path: Path, wanted: str) -> str:
    tried = (wanted,) if wanted else ("utf-8", "cp1252")
    for name in tried:
        if _decodes(path, _decoder(path, name)):
            return name
    raise unreadable(
        path,
        "encoding",
        f"the file is no text in {' or '.join(tried)}",
        "save it as CSV in UTF-8, or name its encoding in the mapping",
    )


def _decoder(path: Path, name: str) -> codecs.IncrementalDecoder:
    try:
        known = codecs.lookup(name)
    except (LookupError, ValueError):
        known = None
    # Python also knows "encodings" that unpack, run escapes or look up host names.
    if known is None or not known.name.startswith((*_FAMILIES, *_FAMILIES_JAPANESE)):
        remedy = "use utf-8, utf-16 or cp1252"
        raise unreadable(path, "encoding", f"{name!r} is not known", remedy)
    return codecs.getincrementaldecoder(name)()


def _decodes(path: Path, decoder: codecs.IncrementalDecoder) -> bool:
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeError:
        return False
    return True


def _records(
    path: Path, encoding: str, delimiter: str, *, whole: bool = True
) -> Iterator[tuple[int, list[str]]]:
    """Yield every record with its number, from 1, blank lines included.

    With `whole`, a quotation mark that is never closed is an error: what follows it is one cell, and
    the rows in it would be lost.
    """
    row, cells, last = 0, [""], [""]
    with path.open(encoding=encoding, newline="") as file:
        try:
            for row, cells in enumerate(csv.reader(_seen(file, last), delimiter=delimiter), 1):
                yield row, cells
        except csv.Error as error:
            if whole:
                raise _broken(path, row + 1, str(error)) from error
    ended = "\n" not in (cells or [""])[-1] and "\r" not in (cells or [""])[-1]
    if whole and not ended and not last[0].rstrip("\r\n").endswith('"'):
        raise _broken(path, row, "the rest of the file is one cell")


def _seen(lines: Iterable[str], last: list[str]) -> Iterator[str]:
    for line in lines:
        last[0] = line
        yield line


def _broken(path: Path, row: int, said: str) -> InvalidRecord:
    remedy = "look for a quotation mark that is not closed"
    return unreadable(path, f"row {row}", f"cannot be read: {said}", remedy)
