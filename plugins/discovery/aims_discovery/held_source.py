"""Tables that are read whole before their rows are used: sheets of workbooks, and lists of JSON objects."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aims_discovery.source import TableSource


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldSource(TableSource):
    """A table in memory; `pointer` is how a cell is named without letters, such as ``/{row}/{column}``."""

    held: Sequence[tuple[int, list[str]]]
    pointer: str = ""

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row that holds anything, with its number as the file counts."""
        return iter(self.held)

    def place(self, row: int, column: str) -> str:
        """Return ``C17`` in a sheet, a JSON Pointer or the like elsewhere; empty for no column."""
        if not self.pointer or column not in self.header:
            # Not super(): a dataclass with slots is made anew, and super() would look for the first one.
            return TableSource.place(self, row, column)
        return self.pointer.format(row=row, index=row - 1, column=column)
