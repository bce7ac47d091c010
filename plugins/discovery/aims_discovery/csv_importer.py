"""The CSV importer: a table and a mapping give drafts and refused rows that add up to the rows read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aims_core import Draft, ImportBatch, Problem, RefusedRow
from aims_discovery.drafting import Drafted, Row, draft
from aims_discovery.identifiers import assign
from aims_discovery.mapping import CsvMapping
from aims_discovery.mapping_file import fit, read_mapping
from aims_discovery.source import CsvSource, open_source


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A CSV file together with a mapping that fits it."""

    source: CsvSource
    mapping: CsvMapping

    def rows(self) -> Iterator[Row]:
        """Yield every row that has as many cells as the header."""
        for number, cells in self.source.rows():
            if len(cells) == len(self.source.header):
                yield Row(number, self.source.by_column(cells), self.mapping)


def open_table(path: Path | str, mapping: Any = None) -> Table:
    """Return a file and its mapping after checking that they fit.

    Parameters
    ----------
    path : path
        A CSV file.
    mapping : path, mapping or None
        A TOML file, the same as a mapping, or None for a file whose columns are named as the fields
        of the register.

    Raises
    ------
    InvalidRecord
        The file or the mapping cannot be read, or they do not fit; every problem is named.
    """
    read_as = read_mapping(mapping)
    if read_as is None:
        source = open_source(Path(path))
    else:
        source = open_source(Path(path), delimiter=read_as.delimiter, encoding=read_as.encoding)
    return Table(source=source, mapping=fit(read_as, source))


def read(path: Path | str, mapping: Any = None) -> ImportBatch:
    """Return what a CSV file holds; parameters and errors are those of :func:`open_table`.

    Returns
    -------
    ImportBatch
        Its drafts and refused rows add up to the rows of the file that hold anything. A refused row
        keeps its cells as they stand in the file, and names each column at fault.
    """
    table = open_table(path, mapping)
    drafted: list[Drafted] = []
    refused: list[RefusedRow] = []
    for number, cells in table.source.rows():
        if len(cells) == len(table.source.header):
            drafted.append(
                draft(Row(number, table.source.by_column(cells), table.mapping), table.mapping)
            )
        else:
            refused.append(_ragged(table.source, number, cells))
    names = assign([d.wanted for d in drafted])
    faulty = {d.row for d in drafted if d.problems}
    cells_of = original_cells(table.source, faulty)
    refused += [
        RefusedRow(row=d.row, cells=cells_of[d.row], problems=d.problems)
        for d in drafted
        if d.problems
    ]
    return ImportBatch(
        source=table.source.path.name,
        source_digest=table.source.digest,
        drafts=tuple(
            Draft(row=d.row, values={"system_id": name, **d.values})
            for d, name in zip(drafted, names, strict=True)
            if not d.problems
        ),
        refused=tuple(sorted(refused, key=lambda r: r.row)),
    )


def identifiers(table: Table) -> dict[int, str]:
    """Return the identifier that each row of a table gets, by row."""
    drafted = [draft(row, table.mapping) for row in table.rows()]
    named = assign([d.wanted for d in drafted])
    return {d.row: name for d, name in zip(drafted, named, strict=True)}


def original_cells(source: CsvSource, rows: set[int]) -> dict[int, dict[str, str]]:
    """Return some rows as they stand in the file, by column; read again, so that not all are held."""
    if not rows:
        return {}
    return {n: source.by_column(cells) for n, cells in source.rows() if n in rows}


def _ragged(source: CsvSource, row: int, cells: Sequence[str]) -> RefusedRow:
    problem = Problem(
        field="row",
        row=row,
        reason=f"has {len(cells)} cells, the header has {len(source.header)}",
        remedy="look for a missing or an unquoted delimiter in this row or the one before",
    )
    return RefusedRow(row=row, cells=source.by_column(cells), problems=(problem,))
