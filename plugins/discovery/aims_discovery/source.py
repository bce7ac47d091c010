"""A table as it lies on disk: its digest, its header with each column once, its rows by number."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from aims_core import InvalidRecord, Problem

CHUNK = 1 << 20
"""Bytes read at a time."""
_WIDEST = 16_384
EXPORT_ROW = "aims_row"
"""A column that only our own export of refused rows has; its cells were neutralised for spreadsheets."""
EXPORT_MARK = "aims_export"
"""A column that only our own export of the register has: neutralised too, and each cell means itself."""


class Faulty(str):
    """A cell without a usable value; `reason` says why, `whole` that the row has no other cells."""

    __slots__ = ("__dict__",)
    reason: str
    remedy: str
    whole: bool

    def __new__(cls, text: str, reason: str, remedy: str, *, whole: bool = False) -> Self:
        """Return the cell as it stands in the file, with what is wrong with it."""
        made = super().__new__(cls, text)
        made.reason, made.remedy, made.whole = reason, remedy, whole
        return made


@dataclass(frozen=True, kw_only=True, slots=True)
class TableSource:
    """A readable table.

    `header` names every column once: a blank one becomes ``column 7``, a repeated one
    ``notes (column 9)``, so that no cell of a refused row gets lost. `notes` says how it was read.
    """

    path: Path
    digest: str
    header: tuple[str, ...]
    repeated: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    @property
    def literal(self) -> bool:
        """True for our own export, where no cell stands for "unknown"."""
        return EXPORT_MARK in self.header

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row that holds anything, with its number as the file counts."""
        raise NotImplementedError

    def by_column(self, cells: Sequence[str]) -> dict[str, str]:
        """Return cells by column; those beyond the header get numbers."""
        named = dict(zip(self.header, cells, strict=False))
        beyond = cells[len(self.header) :]
        return named | {f"column {n}": c for n, c in enumerate(beyond, len(self.header) + 1)}

    def place(self, row: int, column: str) -> str:
        """Return where a column's cell of a row is, such as ``C17``; empty for no column."""
        return f"{letters(self.header.index(column))}{row}" if column in self.header else ""


def fingerprint(path: Path) -> tuple[str, bytes]:
    """Return the SHA-256 of a file and its first bytes.

    Raises
    ------
    InvalidRecord
        There is no such file, or it cannot be read.
    """
    if not path.is_file():
        raise unreadable(path, "file", "there is no such file", "check the path")
    sha, start = hashlib.sha256(), b""
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                start = start or chunk
                sha.update(chunk)
    except OSError as error:
        raise unreadable(path, "file", f"cannot be read: {error.strerror}", "check it") from error
    return sha.hexdigest(), start


def columns(
    path: Path, first: Sequence[str], header_row: int = 1
) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the names of the columns, each once, and those that stand there several times.

    Raises
    ------
    InvalidRecord
        The row is empty or wider than any spreadsheet.
    """
    if not any(name.strip() for name in first):
        which = "the first row" if header_row == 1 else f"row {header_row}"
        raise unreadable(
            path, "header", f"{which} is empty", "put the names of the columns into it"
        )
    if len(first) > _WIDEST:
        reason = f"has {len(first)} columns, {_WIDEST} are allowed"
        raise unreadable(path, "header", reason, "check what separates its cells")
    return _header(first)


def letters(place: int) -> str:
    """Return a column's letters as spreadsheets name it, from 0: A, B, …, Z, AA."""
    made = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        made = chr(ord("A") + rest) + made
    return made


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


def unreadable(path: Path, field: str, reason: str, remedy: str) -> InvalidRecord:
    """Return the refusal of a whole file."""
    return InvalidRecord(f"read {path.name}", [Problem(field=field, reason=reason, remedy=remedy)])
