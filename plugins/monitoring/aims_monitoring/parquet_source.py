"""Parquet files as prediction logs: read row group by row group, so that memory stays flat."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from aims_core import InvalidRecord, Problem
from aims_monitoring.plain_columns import plain_columns
from aims_monitoring.row_group import RowGroup

_READ = 65_536
# A column of a larger row group is not decoded as a whole.
_LARGE = 1 << 20
_BUFFER = 1 << 18
_CHUNK = 1 << 20


class ParquetSource:
    """A Parquet file, or some of its row groups, read in batches so that memory stays flat."""

    def __init__(self, path: Path, asked: str, *, groups: Sequence[int] | None = None) -> None:
        self.path = path
        self._groups = groups
        try:
            with pq.ParquetFile(path) as file:
                self.names = tuple(file.schema_arrow.names)
                self.rows = int(file.metadata.num_rows)
                # Texts are stored with a dictionary; reading them so is several times faster.
                self._texts = [f.name for f in file.schema_arrow if pa.types.is_string(f.type)]
        except (pa.ArrowException, OSError) as error:
            raise unreadable(asked, path.name, error) from error
        self.name = path.name
        self._asked = asked

    def digest(self) -> str:
        """Return the SHA-256 of the file."""
        return file_digest(self.path)

    def row_groups(self, rows: int) -> Iterator[tuple[list[int], int]]:
        """Yield row groups that follow each other and hold about so many rows, and how many they hold."""
        with pq.ParquetFile(self.path) as file:
            sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        groups: list[int] = []
        held = 0
        for group, size in enumerate(sizes):
            groups.append(group)
            held += size
            if held >= rows or group == len(sizes) - 1:
                yield groups, held
                groups, held = [], 0

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield tables of at most 65,536 rows; an empty file gives one empty table."""
        with self._file() as file:
            for group in self._chosen(file):
                yield from self._batches(file, group, names)
            if not self.rows:
                yield plain_columns(file.read(columns=list(names)))

    def pieces(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield row groups; tables where a row group is so large that its columns would fill memory.

        A piece can be read until the next one is asked for.
        """
        with self._file() as file:
            for group in self._chosen(file):
                if file.metadata.row_group(group).num_rows > _LARGE:
                    yield from self._batches(file, group, names)
                else:
                    yield RowGroup(file, group, names, refuse=self._refused)
            if not self.rows:
                yield plain_columns(file.read(columns=list(names)))

    def _file(self) -> Any:
        try:
            return pq.ParquetFile(
                self.path, read_dictionary=self._texts, pre_buffer=False, buffer_size=_BUFFER
            )
        except (pa.ArrowException, OSError) as error:
            raise self._refused(error) from error

    def _chosen(self, file: Any) -> Sequence[int]:
        chosen = range(file.num_row_groups) if self._groups is None else self._groups
        return [group for group in chosen if file.metadata.row_group(group).num_rows]

    def _batches(self, file: Any, group: int, names: Sequence[str]) -> Iterator[Any]:
        # Batches across row groups would be cut where their dictionaries change, which costs twice the time.
        try:
            for batch in file.iter_batches(_READ, row_groups=[group], columns=list(names)):
                yield plain_columns(pa.Table.from_batches([batch]))
        except (pa.ArrowException, OSError) as error:
            raise self._refused(error) from error

    def _refused(self, error: Exception) -> InvalidRecord:
        return unreadable(self._asked, self.name, error)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            sha.update(piece)
    return sha.hexdigest()


def unreadable(asked: str, name: str, error: Exception) -> InvalidRecord:
    """Return the refusal of a file that its reader cannot read, with what the reader said."""
    reason = str(error).strip().splitlines()
    said = reason[0].rstrip(".") if reason else type(error).__name__
    return InvalidRecord(asked, [Problem(field="data", reason=f"{name!r} cannot be read: {said}")])
