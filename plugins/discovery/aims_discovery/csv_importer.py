"""The importers of tables: table and mapping give drafts and refused rows, together the rows read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from aims_core import Draft, ImportBatch, Problem, RefusedRow
from aims_discovery.csv_source import open_csv
from aims_discovery.drafting import Drafted, Row, draft
from aims_discovery.fitting import fit
from aims_discovery.identifiers import assign
from aims_discovery.json_source import open_json, open_json_lines
from aims_discovery.mapping import CsvMapping
from aims_discovery.mapping_file import read_mapping
from aims_discovery.source import Faulty, TableSource
from aims_discovery.xlsx_source import open_xlsx

CSV, XLSX, JSON, JSON_LINES = "discovery.csv", "discovery.xlsx", "discovery.json", "discovery.lines"
IMPORTERS: Mapping[str, str] = {
    ".csv": CSV,
    ".tsv": CSV,
    ".xlsx": XLSX,
    ".json": JSON,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
}
"""Our importer by a file's ending; a file with another one is taken for CSV."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table together with a mapping that fits it."""

    source: TableSource
    mapping: CsvMapping

    def rows(self) -> Iterator[Row]:
        """Yield every row that has as many cells as the header."""
        for number, cells in self.source.rows():
            if len(cells) == len(self.source.header):
                yield Row(number, self.source.by_column(cells), self.mapping)


class Places(Mapping[str, str]):
    """Where the values of a row's fields stand, found out when somebody asks."""

    def __init__(self, source: TableSource, row: int, columns: Mapping[str, str]) -> None:
        self._source, self._row, self._columns = source, row, columns

    def __getitem__(self, field: str) -> str:
        return self._source.place(self._row, self._columns[field])

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def importer_for(path: Path | str) -> str:
    """Return the id of our importer for a file, by its ending."""
    return IMPORTERS.get(Path(path).suffix.lower(), CSV)


def open_table(path: Path | str, mapping: Any = None, importer: str = "") -> Table:
    """Return a file and its mapping after checking that they fit.

    Parameters
    ----------
    path : path
        A CSV, XLSX, JSON or JSON lines file.
    mapping : path, mapping or None
        A TOML file, the same as a mapping, or None for a file whose columns are named as the fields
        of the register.
    importer : str
        Which form the file has, as the id of one of our importers; by its ending when empty.

    Raises
    ------
    InvalidRecord
        The file or the mapping cannot be read, or they do not fit; every problem is named.
    """
    read_as = read_mapping(mapping)
    source = _opened(Path(path), read_as, importer or importer_for(path))
    return Table(source=source, mapping=fit(read_as, source))


def _opened(path: Path, mapping: CsvMapping | None, importer: str) -> TableSource:
    header_row = mapping.header_row if mapping else 1
    if importer == XLSX:
        return open_xlsx(path, sheet=mapping.sheet if mapping else "", header_row=header_row)
    if importer == JSON:
        return open_json(path, records=mapping.records if mapping else "")
    if importer == JSON_LINES:
        return open_json_lines(path)
    delimiter, encoding = (mapping.delimiter, mapping.encoding) if mapping else ("", "")
    return open_csv(path, delimiter=delimiter, encoding=encoding, header_row=header_row)


def read(path: Path | str, mapping: Any = None) -> ImportBatch:
    """Return what a CSV file holds; parameters and errors are those of :func:`open_table`.

    Returns
    -------
    ImportBatch
        Its drafts and refused rows add up to the rows of the file that hold anything. A refused row
        keeps its cells as they stand in the file, and names each column at fault.
    """
    return batch(open_table(path, mapping, CSV))


def read_xlsx(path: Path | str, mapping: Any = None) -> ImportBatch:
    """Return what a sheet of a workbook holds; see :func:`read`."""
    return batch(open_table(path, mapping, XLSX))


def read_json(path: Path | str, mapping: Any = None) -> ImportBatch:
    """Return what a JSON document holds; see :func:`read`."""
    return batch(open_table(path, mapping, JSON))


def read_json_lines(path: Path | str, mapping: Any = None) -> ImportBatch:
    """Return what a file with one JSON object a line holds; see :func:`read`."""
    return batch(open_table(path, mapping, JSON_LINES))


def batch(table: Table) -> ImportBatch:
    """Return the drafts and refused rows of an open table; see :func:`read`."""
    drafted: list[Drafted] = []
    refused: list[RefusedRow] = []
    places = table.mapping.columns
    for number, cells in table.source.rows():
        if fault := _fault(table.source, number, cells):
            refused.append(fault)
        else:
            row = Row(number, table.source.by_column(cells), table.mapping)
            drafted.append(draft(row, table.mapping, places))
    names = assign([d.wanted for d in drafted])
    faulty = {d.row for d in drafted if d.problems}
    cells_of = original_cells(table.source, faulty)
    refused += [
        RefusedRow(
            row=d.row, cells=cells_of[d.row], problems=_placed(table.source, d), system_id=name
        )
        for d, name in zip(drafted, names, strict=True)
        if d.problems
    ]
    return ImportBatch(
        source=table.source.path.name,
        source_digest=table.source.digest,
        drafts=tuple(
            Draft(
                row=d.row,
                values={"system_id": name, **d.values},
                places=Places(table.source, d.row, d.columns),
            )
            for d, name in zip(drafted, names, strict=True)
            if not d.problems
        ),
        refused=tuple(sorted(refused, key=lambda r: r.row)),
        notes=table.source.notes,
        cells=partial(original_cells, table.source),
    )


def identifiers(table: Table) -> dict[int, str]:
    """Return the identifier that each row of a table gets, by row."""
    places = table.mapping.columns
    drafted = [draft(row, table.mapping, places) for row in table.rows()]
    named = assign([d.wanted for d in drafted])
    return {d.row: name for d, name in zip(drafted, named, strict=True)}


def original_cells(source: TableSource, rows: set[int]) -> dict[int, dict[str, str]]:
    """Return some rows as they stand in the file, by column; read again, so that not all are held."""
    if not rows:
        return {}
    return {n: source.by_column(cells) for n, cells in source.rows() if n in rows}


def _placed(source: TableSource, drafted: Drafted) -> tuple[Problem, ...]:
    places = Places(source, drafted.row, drafted.columns)
    return tuple(replace(p, cell=p.cell or places.get(p.field, "")) for p in drafted.problems)


def _fault(source: TableSource, row: int, cells: Sequence[str]) -> RefusedRow | None:
    """Return the row as refused where it is no row of this table at all."""
    if cells and isinstance(cells[0], Faulty) and cells[0].whole:
        said = Problem(field="row", row=row, reason=cells[0].reason, remedy=cells[0].remedy)
        return RefusedRow(row=row, cells={"row": str(cells[0])}, problems=(said,))
    if len(cells) == len(source.header):
        return None
    problem = Problem(
        field="row",
        row=row,
        reason=f"has {len(cells)} cells, the header has {len(source.header)}",
        remedy="look for a missing or an unquoted delimiter in this row or the one before",
    )
    return RefusedRow(row=row, cells=source.by_column(cells), problems=(problem,))
