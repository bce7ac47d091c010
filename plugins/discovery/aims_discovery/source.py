"""A CSV file as it lies on disk: its encoding, digest, header, and its rows one after the other."""

import codecs
import csv
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aims_core import InvalidRecord, Problem

_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
EXPORT_ROW = "aims_row"
"""A column that only our own export of refused rows has; its cells were neutralised for spreadsheets."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CsvSource:
    """A readable CSV file.

    `header` names every column once: a blank one becomes ``column 7``, a repeated one
    ``notes (column 9)``, so that no cell of a refused row gets lost.
    """

    path: Path
    digest: str
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    repeated: frozenset[str]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row that holds anything, with its number as a spreadsheet counts: the header is 1.

        Raises
        ------
        InvalidRecord
            The file cannot be read on from some row.
        """
        own = EXPORT_ROW in self.header
        for row, cells in _records(self.path, self.encoding, self.delimiter):
            if row > 1 and any(cell and not cell.isspace() for cell in cells):
                yield row, [_restored(c) for c in cells] if own else cells

    def by_column(self, cells: Sequence[str]) -> dict[str, str]:
        """Return cells by column; those beyond the header get numbers."""
        named = dict(zip(self.header, cells, strict=False))
        beyond = cells[len(self.header) :]
        return named | {f"column {n}": c for n, c in enumerate(beyond, len(self.header) + 1)}


def open_source(path: Path, *, delimiter: str = ",", encoding: str = "") -> CsvSource:
    """Return a CSV file, its whole text checked to be readable.

    Parameters
    ----------
    delimiter : str
        What stands between two cells.
    encoding : str
        Empty tries the file's own mark (BOM), then UTF-8, then Windows-1252.

    Raises
    ------
    InvalidRecord
        There is no such file, it is empty, or it is no text in this encoding.
    """
    if not path.is_file():
        raise _unreadable(path, "file", "there is no such file", "check the path")
    digest, mark = _digest(path)
    chosen = _encoding(path, encoding or mark)
    first = next(_records(path, chosen, delimiter), (1, []))[1]
    if not any(name.strip() for name in first):
        raise _unreadable(
            path, "header", "the first row is empty", "put the names of the columns into it"
        )
    header, repeated = _header(first)
    return CsvSource(
        path=path,
        digest=digest,
        encoding=chosen,
        delimiter=delimiter,
        header=header,
        repeated=repeated,
    )


def neutral(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula; :meth:`CsvSource.rows` takes it back."""
    return (
        f"'{cell}" if cell.lstrip(" \n").startswith(("=", "+", "-", "@", "\t", "\r", "'")) else cell
    )


def _restored(cell: str) -> str:
    return cell.removeprefix("'")


def _digest(path: Path) -> tuple[str, str]:
    """Return the SHA-256 of the file and the encoding its first bytes name, empty when none."""
    sha = hashlib.sha256()
    with path.open("rb") as file:
        start = file.read(_CHUNK)
        mark = next((name for bom, name in _MARKS if start.startswith(bom)), "")
        while start:
            sha.update(start)
            start = file.read(_CHUNK)
    return sha.hexdigest(), mark


def _encoding(path: Path, wanted: str) -> str:
    tried = (wanted,) if wanted else ("utf-8", "cp1252")
    for name in tried:
        try:
            decoder = codecs.getincrementaldecoder(name)()
        except LookupError:
            raise _unreadable(
                path, "encoding", f"{name!r} is not known", "use utf-8, utf-16 or cp1252"
            ) from None
        if _decodes(path, decoder):
            return name
    raise _unreadable(
        path,
        "encoding",
        f"the file is no text in {' or '.join(tried)}",
        "save it as CSV in UTF-8, or name its encoding in the mapping",
    )


def _decodes(path: Path, decoder: codecs.IncrementalDecoder) -> bool:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield every record with its number, from 1, blank lines included."""
    row = 0
    with path.open(encoding=encoding, newline="") as file:
        try:
            for row, cells in enumerate(csv.reader(file, delimiter=delimiter), 1):
                yield row, cells
        except csv.Error as error:
            raise _unreadable(
                path,
                f"row {row + 1}",
                f"cannot be read: {error}",
                "look for a quotation mark that is not closed",
            ) from error


def _header(first: Sequence[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    names = [name.strip() for name in first]
    counted = Counter(names)
    seen: set[str] = set()
    header = []
    for number, name in enumerate(names, 1):
        unique = name or f"column {number}"
        if unique in seen:
            unique = f"{name} (column {number})"
        seen.add(unique)
        header.append(unique)
    return tuple(header), frozenset(n for n, times in counted.items() if n and times > 1)


def _unreadable(path: Path, field: str, reason: str, remedy: str) -> InvalidRecord:
    return InvalidRecord(f"read {path.name}", [Problem(field=field, reason=reason, remedy=remedy)])
