"""Prediction logs in several files: a list of paths, or a folder with or without partitions.

Names of folders such as ``country=DE`` are columns of the rows below them, as Hive and Spark write them.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa

from aims_core import InvalidRecord, Problem

_MISSING = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One file of a log: its source, its place below the folder, and the partitions it lies in."""

    source: Any
    place: str
    partitions: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, those of partitions last."""
        own = tuple(self.source.names)
        return (*own, *(name for name in self.partitions if name not in own))


class FolderSource:
    """The rows of several files one after the other, in the order of their places.

    Raises
    ------
    InvalidRecord
        There is no file, or a file's columns are not those of the first.
    """

    def __init__(self, name: str, parts: Sequence[Part], *, asked: str) -> None:
        if not parts:
            reason = f"{name!r} holds no CSV or Parquet file"
            raise InvalidRecord(asked, [Problem(field="data", reason=reason)])
        self.parts = tuple(parts)
        self.name = name
        self.names = parts[0].names
        self.rows = sum(part.source.rows for part in parts)
        problems = [p for part in parts if (p := _other_columns(part, parts[0]))]
        if problems:
            raise InvalidRecord(asked, problems)

    def digest(self) -> str:
        """Return the SHA-256 over the place and the digest of each file."""
        sha = hashlib.sha256()
        for part in self.parts:
            sha.update(f"{part.place}\x00{part.source.digest()}\n".encode())
        return sha.hexdigest()

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield Arrow tables with the named columns, file by file."""
        for part in self.parts:
            for table in part.source.batches(_own(part, names)):
                yield _with_partitions(table, part.partitions).select(list(names))

    def pieces(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield the same rows for counting, row group by row group where there are some."""
        for part in self.parts:
            for piece in part.source.pieces(_own(part, names)):
                yield _with_partitions(piece, part.partitions).select(list(names))


def files_below(folder: Path, endings: Sequence[str]) -> list[Path]:
    """Return the files of a folder with one of the endings, in order of their paths.

    What starts with a dot or an underscore is left out: writers put their notes there.
    """
    found = [path for path in folder.rglob("*") if path.name.lower().endswith(tuple(endings))]
    shown = [p for p in found if not any(s[0] in "._" for s in p.relative_to(folder).parts)]
    return sorted((p for p in shown if p.is_file()), key=lambda p: p.relative_to(folder).parts)


def partitions_of(path: Path, folder: Path) -> dict[str, str | None]:
    """Return the columns that the folders between a folder and a file stand for."""
    pairs = [s.split("=", 1) for s in path.relative_to(folder).parts[:-1] if "=" in s]
    return {
        unquote(name): None if value == _MISSING else unquote(value)
        for name, value in pairs
        if name
    }


def _own(part: Part, names: Sequence[str]) -> list[str]:
    own = [name for name in names if name in part.source.names]
    # With no column of its own asked for, one is read for its number of rows.
    return own or list(part.source.names[:1])


def _with_partitions(table: Any, partitions: Mapping[str, str | None]) -> Any:
    for name, value in partitions.items():
        if name not in table.column_names:
            column = pa.repeat(pa.scalar(value, pa.string()), len(table)).dictionary_encode()
            table = table.append_column(name, column)
    return table


def _other_columns(part: Part, first: Part) -> Problem | None:
    missing = [name for name in first.names if name not in part.names]
    more = [name for name in part.names if name not in first.names]
    if not missing and not more:
        return None
    said = [f"lacks {', '.join(missing[:5])}"] if missing else []
    said += [f"has {', '.join(more[:5])} besides"] if more else []
    return Problem(
        field=part.place,
        reason=f"its columns are not those of {first.place}: it {' and '.join(said)}",
        remedy="give files of one form, or run the monitor on each form apart",
    )
