"""Whether a mapping fits a file: its columns are there, each once; without one, by the file's own names."""

from aims_core import InvalidRecord, Problem
from aims_discovery.cells import UNKNOWN_WORDS
from aims_discovery.mapping import CsvMapping, IdRule, Step
from aims_discovery.mapping_file import FIELDS, NEEDED
from aims_discovery.mapping_values import Notes, nearest, refuse
from aims_discovery.source import TableSource

STRUCTURED = ("attributes", "unknown_fields", "components")
"""Columns of a file without a mapping that hold JSON, as our own export writes them."""
_OWN_ID = "system_id"


def fit(mapping: CsvMapping | None, source: TableSource) -> CsvMapping:
    """Return the mapping after checking that the file has its columns; without one, the file's own names.

    Raises
    ------
    InvalidRecord
        The file lacks columns, or names one twice that the mapping uses.
    """
    mapping = mapping or _own_names(source)
    notes = Notes()
    for column, place in mapping.columns.items():
        if column in source.repeated:
            notes.add(place, f"the file has two columns {column!r}", "rename one of them", column)
        elif column not in source.header:
            notes.add(
                place,
                f"the file has no column {column!r}",
                _missing_column(column, source),
                column,
            )
    refuse(f"map {source.path.name} with {mapping.name}", notes)
    return mapping


def _missing_column(column: str, source: TableSource) -> str:
    if len(source.header) == 1:
        others = [sign for sign in (";", "\t", "|") if sign in source.header[0]]
        if others:
            return f"the cells seem to be separated by {others[0]!r}; set delimiter in the mapping"
    return nearest(column, [h for h in source.header if h not in source.repeated])


def _own_names(source: TableSource) -> CsvMapping:
    """Take a file whose columns bear the names of the register's fields."""
    lacking = [name for name in (_OWN_ID, *NEEDED) if name not in source.header]
    if lacking:
        remedy = "name a mapping, or call the columns as the register's fields"
        problems = [
            Problem(field=name, reason="the file has no such column", remedy=remedy)
            for name in lacking
        ]
        raise InvalidRecord(f"read {source.path.name} without a mapping", problems)
    fields = [name for name in FIELDS if name in source.header]
    own = (_OWN_ID, *fields, *STRUCTURED, *source.repeated)
    others = [h for h in source.header if h not in own and not h.startswith("aims_")]
    return CsvMapping(
        name="its own column names",
        digest="",
        id_rule=IdRule(column=_OWN_ID),
        fields={name: (Step(place=f"fields.{name}", column=name),) for name in fields},
        attributes={name: name for name in others},
        structured=frozenset(name for name in STRUCTURED if name in source.header),
        unknown=frozenset() if source.literal else UNKNOWN_WORDS,
    )
