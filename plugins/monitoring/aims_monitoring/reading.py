"""Columns of a piece of a log that several statistics need, each decoded and encoded once."""

from typing import Any, Self

import numpy as np

from aims_monitoring.classes import Codes, Span, codes
from aims_monitoring.values import Numbers, numbers


class Reading:
    """A table or row group that remembers the columns that were read from it.

    Only for columns of roles, which are few: what is remembered stays in memory as long as the reading.
    """

    def __init__(self, table: Any) -> None:
        self._table = table
        self._columns: dict[str, Any] = {}
        self._spans: dict[str, Span | None] = {}
        self._codes: dict[str, Codes] = {}
        self._numbers: dict[str, Numbers] = {}

    @classmethod
    def of(cls, table: "Any | Reading") -> Self:
        """Return a reading of a table, the same if it is one."""
        return table if isinstance(table, cls) else cls(table)

    def __len__(self) -> int:
        return len(self._table)

    def __getitem__(self, name: str) -> Any:
        """Return a column."""
        if name not in self._columns:
            self._columns[name] = self._table[name]
        return self._columns[name]

    def codes(self, name: str) -> Codes:
        """Return a column as categories; one that is not there is missing throughout."""
        if name not in self._table.column_names:
            return Codes((), np.zeros(len(self), np.uint8), 0)
        if name not in self._codes:
            self._codes[name] = codes(self[name], self.span(name))
        return self._codes[name]

    def span(self, name: str) -> Span | None:
        """Return a column as whole numbers close together, None when it holds others."""
        if name not in self._spans:
            self._spans[name] = Span.of(self[name])
        return self._spans[name]

    def numbers(self, name: str) -> Numbers:
        """Return a column as quantities."""
        if name not in self._numbers:
            self._numbers[name] = numbers(self[name])
        return self._numbers[name]
