"""A row group of a Parquet file whose columns are decoded one by one, each when it is asked for.

What was decoded last still lies in the processor's cache when it is counted, and no more than one column
is held at a time: against reading all columns at once this takes less than half of the processor time.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from aims_monitoring.plain_columns import plain_columns

Refuse = Callable[[Exception], Exception]


class RowGroup:
    """The named columns of one row group, with the part of the Arrow table's interface that counting needs.

    Parameters
    ----------
    file : pyarrow.parquet.ParquetFile
        Stays open as long as columns are asked for.
    group : int
        Number of the row group.
    names : sequence of str
        Names of the columns.
    refuse : callable
        Makes of an error of the reader the one to raise.
    """

    def __init__(
        self,
        file: Any,
        group: int,
        names: Sequence[str],
        *,
        refuse: Refuse,
        added: Mapping[str, Any] | None = None,
    ) -> None:
        self._file = file
        self._group = group
        self._refuse = refuse
        self._added = dict(added or {})
        self.column_names = list(names)
        self.num_rows = int(file.metadata.row_group(group).num_rows)

    def __len__(self) -> int:
        return self.num_rows

    def __getitem__(self, name: str) -> Any:
        """Return a column, decoded anew each time; a column that is not among the names is a KeyError."""
        if name in self._added:
            return self._added[name]
        if name not in self.column_names:
            raise KeyError(name)
        return self._read([name]).column(name)

    def select(self, names: Sequence[str]) -> "RowGroup":
        """Return the row group with these columns only."""
        return self._with(names, self._added)

    def append_column(self, name: str, column: Any) -> "RowGroup":
        """Return the row group with one column more, which lies in memory."""
        return self._with([*self.column_names, name], {**self._added, name: column})

    def take(self, places: Any) -> Any:
        """Return the rows at these places as an Arrow table."""
        return pa.table({name: self[name].take(places) for name in self.column_names})

    def table(self) -> Any:
        """Return all columns as an Arrow table."""
        stored = [name for name in self.column_names if name not in self._added]
        read = self._read(stored) if stored else pa.table({})
        columns = {name: read.column(name) for name in stored} | self._added
        return pa.table({name: columns[name] for name in self.column_names})

    def filter(self, mask: Any) -> Any:
        """Return the rows that a mask chooses as an Arrow table."""
        return self.table().filter(mask)

    def slice(self, start: int, length: int | None = None) -> Any:
        """Return rows that follow each other: the row group itself when it is all of them."""
        whole = start == 0 and (length is None or length >= self.num_rows)
        return self if whole else self.table().slice(start, length)

    def _read(self, names: list[str]) -> Any:
        try:
            read = self._file.read_row_group(self._group, columns=names, use_threads=False)
            return plain_columns(read)
        except (pa.ArrowException, OSError) as error:
            raise self._refuse(error) from error

    def _with(self, names: Sequence[str], added: Mapping[str, Any]) -> "RowGroup":
        return RowGroup(self._file, self._group, names, refuse=self._refuse, added=added)
