"""Where prediction logs come from: files and folders, frames, Arrow tables and streams, databases.

A source knows its columns, its number of rows and its digest, and gives its rows in batches.
Nothing of it is stored but the digest and the name.
"""

import hashlib
import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from aims_core import InvalidRecord, Problem
from aims_monitoring.csv_quotes import check_quotes
from aims_monitoring.folder import FolderSource, Part, files_below, partitions_of
from aims_monitoring.frame_reader import table_of_frame
from aims_monitoring.parquet_source import ParquetSource, file_digest, unreadable
from aims_monitoring.plain_columns import plain_columns
from aims_monitoring.relation import IbisSource, RelationSource, is_ibis, is_relation
from aims_monitoring.schema import Schema
from aims_monitoring.values import flat

_BATCH = 262_144
_CSV = (".csv", ".csv.gz")
_PARQUET = (".parquet", ".pq")


class Source(Protocol):
    """Rows of a prediction log, wherever they lie."""

    @property
    def name(self) -> str:
        """Short name for people: a file's name, without its folder."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""

    @property
    def rows(self) -> int:
        """Number of rows."""

    def digest(self) -> str:
        """Return the SHA-256 of the content."""

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield Arrow tables with the named columns, in the order of the rows."""

    def pieces(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield the same rows for counting: tables, or row groups that decode column by column."""


class TableSource:
    """An Arrow table in memory; its digest covers the values unless a file's is given.

    It covers the values of `plain` columns whether they come as a dictionary or not.
    """

    def __init__(
        self, table: Any, name: str, file_digest: str = "", *, plain: Sequence[str] = ()
    ) -> None:
        self._table = table
        self._plain = frozenset(plain)
        self._digest = file_digest
        self.name = name
        self.names = tuple(table.column_names)
        self.rows = int(table.num_rows)

    def digest(self) -> str:
        """Return the SHA-256 of the file, or of the table written as an Arrow stream."""
        if not self._digest:
            sink, table = _Hash(), self._written()
            with pa.ipc.new_stream(pa.PythonFile(sink, mode="w"), table.schema) as stream:
                stream.write_table(table)
            self._digest = sink.sha.hexdigest()
        return self._digest

    def _written(self) -> Any:
        """Return the table as it is written: in one piece, with plain values where it came with those."""
        table = self._table
        for place, name in enumerate(self.names):
            if name in self._plain:
                table = table.set_column(place, name, flat(table.column(place)))
        # combine_chunks copies what is in one piece as well.
        whole = all(column.num_chunks == 1 for column in table.columns)
        return table if whole else table.combine_chunks()

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield slices of the table; an empty table gives one empty slice."""
        chosen = self._table.select(list(names))
        for start in range(0, max(self.rows, 1), _BATCH):
            yield chosen.slice(start, _BATCH)

    pieces = batches


def open_source(data: Any, *, asked: str = "read a prediction log") -> Source:
    """Return the source behind a path, several paths, a frame, an Arrow table, or a part of a database.

    Databases: a relation of DuckDB, a table of Ibis, an `SqlTable`, or a text such as ``sqlite:///log.db#predictions``.
    A folder stands for all CSV and Parquet files below it. Frames of pandas and
    Polars, and whatever else gives an Arrow stream, are taken as they are.

    Raises
    ------
    InvalidRecord
        A file is missing, damaged or of an unknown kind, or of another form than its neighbours; a
        CSV row has too many or too few cells, or a quotation mark that is never closed; a column name
        stands twice.
    TypeError
        The value is nothing that rows can be read from.
    """
    source = _opened(data, asked)
    twice = sorted({name for name in source.names if source.names.count(name) > 1})
    if twice:
        raise InvalidRecord(
            asked,
            [
                Problem(field=n, reason="the column name stands twice", remedy="rename one of them")
                for n in twice
            ],
        )
    return source


def require_columns(source: Source, schema: Schema, *, asked: str, time: bool) -> None:
    """Refuse a source that lacks a declared column; the label may come later.

    Raises
    ------
    InvalidRecord
        One problem for each missing column, with the nearest name there is.
    """
    wanted = [*schema.profiled, schema.time if time else ""]
    missing = [c for c in wanted if c and c != schema.label and c not in source.names]
    if missing:
        raise InvalidRecord(asked, [_missing(name, source) for name in missing])


def is_database(source: Source) -> bool:
    """Return whether a source is a table or query of a database that can count by itself."""
    return _is_sql(source, "SqlSource")


class _Hash:
    """A file that hashes what is written to it."""

    closed = False

    def __init__(self) -> None:
        self.sha = hashlib.sha256()

    def write(self, data: Any) -> int:
        self.sha.update(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing: there is no buffer."""


def _is_sql(value: Any, name: str) -> bool:
    # Who has one has loaded its module; loading SQLAlchemy to ask would double the time of start-up.
    module = sys.modules.get("aims_monitoring.sql_source")
    return module is not None and isinstance(value, getattr(module, name))


def _opened(data: Any, asked: str) -> Source:
    if (isinstance(data, str) and "://" in data) or _is_sql(data, "SqlTable"):
        from aims_monitoring.sql_source import SqlSource, table_at

        return SqlSource(
            table_at(data, asked=asked) if isinstance(data, str) else data, asked=asked
        )
    if isinstance(data, str | Path):
        path = Path(data)
        return _folder(path, asked) if path.is_dir() else _file(path, asked)
    if isinstance(data, list | tuple) and data and all(isinstance(p, str | Path) for p in data):
        parts = [Part(source=_file(Path(p), asked), place=Path(p).name) for p in data]
        return FolderSource(f"{len(parts)} files", parts, asked=asked)
    return _memory(data)


def _folder(folder: Path, asked: str) -> Source:
    parts = [
        Part(
            source=_file(path, asked),
            place=path.relative_to(folder).as_posix(),
            partitions=partitions_of(path, folder),
        )
        for path in files_below(folder, (*_CSV, *_PARQUET))
    ]
    return FolderSource(folder.name, parts, asked=asked)


def _file(path: Path, asked: str) -> Source:
    name = path.name.lower()
    if not path.is_file():
        raise InvalidRecord(
            asked, [Problem(field="data", reason=f"there is no file {path.name!r}")]
        )
    if name.endswith(_PARQUET):
        return ParquetSource(path, asked)
    if name.endswith(_CSV):
        table = _csv(path, asked)
        check_quotes(path, table, asked=asked)
        return TableSource(table, path.name, file_digest(path))
    known = ", ".join((*_CSV, *_PARQUET))
    raise InvalidRecord(
        asked,
        [
            Problem(
                field="data",
                reason=f"{path.name!r} is of no known kind",
                remedy=f"use a file that ends in one of {known}",
            )
        ],
    )


def _csv(path: Path, asked: str) -> Any:
    from pyarrow import csv

    def read(*, threads: bool, skip_blank: bool = True) -> Any:
        table = csv.read_csv(
            path,
            read_options=csv.ReadOptions(use_threads=threads),
            parse_options=csv.ParseOptions(ignore_empty_lines=skip_blank),
        )
        if skip_blank and table.num_columns == 1:  # an empty line is a row without a value
            return read(threads=threads, skip_blank=False)
        return _blank_as_missing(table)

    try:
        return read(threads=True)
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        try:
            # Once more with one thread: only then does the reader know the number of a bad row.
            return read(threads=False)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise unreadable(asked, path.name, error) from error


def _blank_as_missing(table: Any) -> Any:
    """Read empty cells of text as missing; the text "NA" stays text, it is a country's code."""
    import pyarrow.compute as pc

    for place, (name, kind) in enumerate(zip(table.column_names, table.schema.types, strict=True)):
        if pa.types.is_string(kind):
            column = table.column(place)
            filled = pc.if_else(pc.equal(column, ""), pa.scalar(None, kind), column)
            table = table.set_column(place, name, filled)
    return table


def _memory(data: Any) -> Source:
    if isinstance(data, pa.Table):
        return TableSource(plain_columns(data), "table")
    if isinstance(data, pa.RecordBatch):
        return TableSource(plain_columns(pa.Table.from_batches([data])), "table")
    if type(data).__module__.split(".")[0] == "pandas" and hasattr(data, "columns"):
        objects = [str(name) for name, kind in data.dtypes.items() if str(kind) == "object"]
        return TableSource(table_of_frame(data), "frame", plain=objects)
    if is_relation(data):
        return RelationSource(data)
    if is_ibis(data):
        return IbisSource(data)
    if hasattr(data, "__arrow_c_stream__"):
        try:
            stream = pa.RecordBatchReader.from_stream(data)
        except pa.ArrowInvalid as error:  # a stream of single values, such as a series
            raise _no_log(data) from error
        return TableSource(plain_columns(stream.read_all()), "frame")
    raise _no_log(data)


def _no_log(data: Any) -> TypeError:
    return TypeError(
        f"{type(data).__name__} is no prediction log; pass a path to a CSV or Parquet file "
        "or a folder of them, a data frame, an Arrow table, a DuckDB relation or a table of Ibis"
    )


def _missing(name: str, source: Source) -> Problem:
    near = get_close_matches(name, source.names, n=3)
    held = ", ".join(source.names[:10])
    remedy = f"perhaps {' or '.join(near)} is meant" if near else f"its columns are {held}"
    return Problem(field=name, reason=f"{source.name} has no such column", remedy=remedy)
