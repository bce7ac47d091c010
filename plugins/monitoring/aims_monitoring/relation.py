"""DuckDB relations as prediction logs: rows are streamed from the database, never held as a whole."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import pyarrow as pa

_BATCH = 262_144


class RelationSource:
    """A DuckDB relation: a table, a view, a query, or a file that DuckDB reads.

    Each pass asks the relation anew, so the rows must not change between passes. The digest is that of the
    values in the order DuckDB gives them.
    """

    name = "relation"

    def __init__(self, relation: Any) -> None:
        self._relation = relation
        self.names = tuple(str(name) for name in relation.columns)

    @cached_property
    def rows(self) -> int:
        """Number of rows, counted by DuckDB."""
        return int(self._relation.aggregate("count(*)").fetchall()[0][0])

    def digest(self) -> str:
        """Return the SHA-256 of the values, written as Arrow batches of 262,144 rows."""
        sha = hashlib.sha256("\x00".join(self.names).encode())
        for table in self.batches(self.names):
            for batch in table.combine_chunks().to_batches():
                sha.update(batch.serialize())
        return sha.hexdigest()

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield Arrow tables of 262,144 rows, the last with what is left; at least one."""
        chosen = self._relation.project(", ".join(_quoted(name) for name in names))
        reader = pa.RecordBatchReader.from_stream(chosen)
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


def is_relation(data: Any) -> bool:
    """Return whether an object is a DuckDB relation; DuckDB itself is not loaded."""
    kind = type(data)
    home = kind.__module__.split(".")[0].lstrip("_")
    return home == "duckdb" and kind.__name__ == "DuckDBPyRelation"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
