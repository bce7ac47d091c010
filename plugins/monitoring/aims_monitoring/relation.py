"""DuckDB relations and tables of Ibis as prediction logs: rows are streamed, never held as a whole."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import pyarrow as pa

_BATCH = 262_144


class StreamedSource(ABC):
    """Rows that a database gives as an Arrow stream.

    Each pass asks anew, so the rows must not change between passes. The digest is that of the values in the
    order in which they come.
    """

    name: str
    names: tuple[str, ...]

    @cached_property
    def rows(self) -> int:
        """Number of rows, counted where they lie."""
        return self._count()

    @abstractmethod
    def _count(self) -> int:
        """Ask for the number of rows."""

    @abstractmethod
    def _reader(self, names: Sequence[str]) -> Any:
        """Return a new reader of Arrow batches with the named columns."""

    def digest(self) -> str:
        """Return the SHA-256 of the values, written as Arrow batches of 262,144 rows."""
        sha = hashlib.sha256("\x00".join(self.names).encode())
        for table in self.batches(self.names):
            for batch in table.combine_chunks().to_batches():
                sha.update(batch.serialize())
        return sha.hexdigest()

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield Arrow tables of 262,144 rows, the last with what is left; at least one."""
        reader = self._reader(names)
        held: list[Any] = []
        count = given = 0
        for batch in reader:
            held.append(batch)
            count += len(batch)
            while count >= _BATCH:
                table = pa.Table.from_batches(held)
                yield table.slice(0, _BATCH)
                held, count, given = table.slice(_BATCH).to_batches(), count - _BATCH, given + 1
        if count or not given:
            yield pa.Table.from_batches(held, schema=reader.schema)

    pieces = batches


class RelationSource(StreamedSource):
    """A DuckDB relation: a table, a view, a query, or a file that DuckDB reads."""

    name = "relation"

    def __init__(self, relation: Any) -> None:
        self._relation = relation
        self.names = tuple(str(name) for name in relation.columns)

    def _count(self) -> int:
        return int(self._relation.aggregate("count(*)").fetchall()[0][0])

    def _reader(self, names: Sequence[str]) -> Any:
        chosen = self._relation.project(", ".join(_quoted(name) for name in names))
        return pa.RecordBatchReader.from_stream(chosen)


class IbisSource(StreamedSource):
    """A table expression of Ibis, whatever backend it is bound to; needs the extra ``ibis``.

    Names of its columns are those of the log. Backends that give rows in another order each time give another
    digest each time: order the expression there.
    """

    def __init__(self, table: Any) -> None:
        self._table = table
        self.name = str(getattr(table.op(), "name", "query"))
        self.names = tuple(table.columns)

    def _count(self) -> int:
        return int(self._table.count().to_pyarrow().as_py())

    def _reader(self, names: Sequence[str]) -> Any:
        return self._table.select(*names).to_pyarrow_batches(chunk_size=_BATCH)


def is_ibis(data: Any) -> bool:
    """Return whether an object is a table expression of Ibis; Ibis itself is not loaded."""
    homes = {kind.__module__.split(".")[0] for kind in type(data).__mro__}
    return "ibis" in homes and hasattr(data, "to_pyarrow_batches") and hasattr(data, "columns")


def is_relation(data: Any) -> bool:
    """Return whether an object is a DuckDB relation; DuckDB itself is not loaded."""
    kind = type(data)
    home = kind.__module__.split(".")[0].lstrip("_")
    return home == "duckdb" and kind.__name__ == "DuckDBPyRelation"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
