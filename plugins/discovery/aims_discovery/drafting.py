"""One row of a table becomes the values of a system, or says everything that stands in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from aims_core import Problem, strict_json
from aims_discovery.cells import Cell, fold, read_cell
from aims_discovery.identifiers import Wanted, slug
from aims_discovery.mapping import CsvMapping, Step
from aims_discovery.mapping_file import NEEDED
from aims_discovery.mapping_values import nearest
from aims_discovery.source import Faulty

GIVEN_ID = "aims_id"
"""A column in which a file may state the identifier itself, as our export of refused rows does."""
_SHOWN = 60
_MOST_SHARED = 10_000
_OBJECT = 'write an object such as {"office": "North"}'


class Resolved(NamedTuple):
    """What a field's steps gave: a value, or the words that say it is unknown, or a cell nobody foresaw."""

    value: str = ""
    column: str = ""
    unknown: str = ""
    strange: str = ""
    allowed: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Drafted:
    """A row after the mapping: the values of a system, how it wants to be called, what is wrong."""

    row: int
    values: dict[str, Any]
    wanted: Wanted
    problems: tuple[Problem, ...]
    columns: Mapping[str, str]
    """The column that each field's value, or problem, comes from."""


class Row:
    """The cells of one row by column, each read once."""

    def __init__(self, number: int, raw: Mapping[str, str], mapping: CsvMapping) -> None:
        self.number = number
        self._raw = raw
        self._unknown = mapping.unknown
        self._read: dict[str, Cell] = {}

    def cell(self, column: str) -> Cell:
        """Return what a cell says."""
        found = self._read.get(column)
        if found is None:
            found = self._read[column] = read_cell(self._raw.get(column, ""), self._unknown)
        return found

    def fault(self, column: str) -> Faulty | None:
        """Return the cell where it holds no usable value."""
        raw = self._raw.get(column, "")
        return raw if isinstance(raw, Faulty) else None

    def raw(self, column: str) -> str:
        """Return a cell as it stands in the file."""
        return self._raw.get(column, "")

    def words(self, column: str) -> str:
        """Return a cell as mappings compare it, whatever it says."""
        return fold(self._raw.get(column, ""))


def draft(row: Row, mapping: CsvMapping, places: Mapping[str, str]) -> Drafted:
    """Return a row's values; required fields without one, and strange cells, become problems.

    `places` are the mapping's :attr:`CsvMapping.columns`, which are alike for all rows.
    """
    values: dict[str, Any] = {}
    unknown: dict[str, str] = {}
    columns: dict[str, str] = {}
    problems = _faults(row, places, columns)
    for name, steps in mapping.fields.items():
        found = resolve(steps, row)
        if found.column or steps[0].column:
            columns[name] = found.column or steps[0].column
        if found.strange:
            problems.append(_strange(row, name, found))
        elif found.value:
            values[name] = found.value
        elif name in NEEDED or name in mapping.required:
            problems.append(_absent(row, name, steps))
        if found.unknown:
            unknown[name] = found.unknown
    if attributes := _attributes(row, mapping, unknown):
        values["attributes"] = attributes
    problems += _structured(row, mapping, values, columns)
    wanted = _wanted(row, mapping)
    if wanted.column:
        columns["system_id"] = wanted.column
    if not (wanted.given or wanted.base):
        problems.append(_nameless(row, mapping))
    return Drafted(
        row=row.number,
        values=values,
        wanted=wanted,
        problems=tuple(problems),
        columns=_shared(columns),
    )


def _attributes(row: Row, mapping: CsvMapping, unknown: Mapping[str, str]) -> dict[str, Any]:
    kept = {name: _attribute(row.cell(column)) for name, column in mapping.attributes.items()}
    return {**kept, "unknown_fields": unknown} if unknown else kept


_known_columns: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}


def _shared(columns: Mapping[str, str]) -> Mapping[str, str]:
    """Return one and the same mapping for rows alike, so that a large file does not hold one for each."""
    if len(_known_columns) > _MOST_SHARED:
        _known_columns.clear()
    return _known_columns.setdefault(tuple(columns.items()), columns)


def _faults(row: Row, places: Mapping[str, str], columns: dict[str, str]) -> list[Problem]:
    """Return one problem for each cell without a usable value, and keep which column each is in."""
    problems = []
    for column, place in places.items():
        if row.fault(column):
            problems.append(_faulty(row, column, place))
            columns.setdefault(problems[-1].field, column)
    return problems


def _faulty(row: Row, column: str, place: str) -> Problem:
    cell = row.fault(column)
    return Problem(
        field=place.removeprefix("fields.").partition("[")[0],
        row=row.number,
        value=_short(str(cell)),
        reason=f"column {column} {cell.reason}" if cell else "",
        remedy=cell.remedy if cell else "",
    )


def _structured(
    row: Row, mapping: CsvMapping, values: dict[str, Any], columns: dict[str, str]
) -> list[Problem]:
    columns.update({name: name for name in mapping.structured})
    return [p for name in sorted(mapping.structured) for p in _take_structured(row, name, values)]


def _take_structured(row: Row, name: str, values: dict[str, Any]) -> list[Problem]:
    """Put what a column of our own export holds as JSON into the values, or say why not."""
    text = row.raw(name).strip()
    if row.fault(name):
        return []  # it is named as every column is that the mapping names
    if not text:
        return []
    if name == "components" and not text.startswith("["):
        values[name] = text.replace(",", " ").split()
        return []
    try:
        found = strict_json(text)
    except ValueError as error:
        remedy = "write a list, or ids with blanks between" if name == "components" else _OBJECT
        return [
            Problem(
                field=name, row=row.number, value=_short(text), reason=str(error), remedy=remedy
            )
        ]
    if name == "attributes" and isinstance(found, dict):
        found = {**values.get(name, {}), **found}
    values[name] = found
    return []


def resolve(steps: Sequence[Step], row: Row) -> Resolved:
    """Return what the first step that says anything says."""
    unknown = ""
    for step in steps:
        if not _applies(step, row):
            continue
        if step.constant is not None:
            return Resolved(value=step.constant, unknown=unknown)
        found = _from_column(step, row) if step.column else _from_template(step, row)
        if found.strange or found.value:
            return found._replace(unknown=unknown) if unknown or found.unknown else found
        unknown = unknown or found.unknown
    return Resolved(unknown=unknown)


def _applies(step: Step, row: Row) -> bool:
    if not (step.when or step.unless):
        return True
    return all(row.words(column) in words for column, words in step.when.items()) and not any(
        row.words(column) in words for column, words in step.unless.items()
    )


def _from_column(step: Step, row: Row) -> Resolved:
    cell = row.cell(step.column)
    if step.values is None:
        return Resolved(_spelled(step, cell.text), step.column, cell.unknown)
    said = row.words(step.column)
    if said in step.values:  # before anything else: a mapping may translate "N/A" or a blank too
        return Resolved(step.values[said], step.column)
    if not cell.text:
        return Resolved("", step.column, cell.unknown)
    if step.otherwise is not None:
        return Resolved(step.otherwise, step.column)
    return Resolved(column=step.column, strange=cell.text, allowed=tuple(step.values))


def _from_template(step: Step, row: Row) -> Resolved:
    if step.template is None:
        return Resolved()
    cells = {column: row.cell(column) for column in step.template.columns}
    if not all(cell.text for cell in cells.values()):
        return Resolved(unknown=next((c.unknown for c in cells.values() if c.unknown), ""))
    filled = step.template.filled({column: cell.text for column, cell in cells.items()})
    return Resolved(_spelled(step, filled), ", ".join(cells))


def _spelled(step: Step, text: str) -> str:
    return slug(text) if step.slug and text else text


def _attribute(cell: Cell) -> Any:
    """Return the three states of a cell as JSON: text, ``{"unknown": reason}``, or null."""
    return {"unknown": cell.unknown} if cell.unknown else cell.text or None


def _wanted(row: Row, mapping: CsvMapping) -> Wanted:
    rule = mapping.id_rule
    given = row.cell(GIVEN_ID).text or (row.cell(rule.column).text if rule.column else "")
    if given or rule.template is None:
        return Wanted(given=given, column=GIVEN_ID if row.cell(GIVEN_ID).text else rule.column)
    parts = {column: slug(row.cell(column).text) for column in rule.template.columns}
    if not all(parts.values()):
        return Wanted()
    apart = tuple(slug(row.cell(column).text) for column in rule.apart_by)
    return Wanted(base=slug(rule.template.filled(parts)), apart=apart)


def _absent(row: Row, name: str, steps: Sequence[Step]) -> Problem:
    looked = list(dict.fromkeys(c for s in steps if _applies(s, row) for c in _sources(s)))
    said = [f"column {column} {_empty(row.cell(column))}" for column in looked]
    return Problem(
        field=name,
        row=row.number,
        reason=f"is not stated: {', '.join(said) or 'no column applies'}",
        remedy=f"fill in {' or '.join(looked)}" if looked else "add a step to the mapping",
    )


def _sources(step: Step) -> Sequence[str]:
    return (step.column,) if step.column else step.template.columns if step.template else ()


def _empty(cell: Cell) -> str:
    if cell.unknown:
        return f"says {_short(cell.unknown)!r}, which is no answer"
    return "says nothing for this field" if cell.text else "is blank"


def _strange(row: Row, name: str, found: Resolved) -> Problem:
    return Problem(
        field=name,
        row=row.number,
        value=_short(found.strange),
        reason=f"column {found.column} says {_short(found.strange)!r}, which the mapping does not know",
        remedy=f"{nearest(fold(found.strange), found.allowed)} Otherwise add it to the mapping",
    )


def _nameless(row: Row, mapping: CsvMapping) -> Problem:
    rule = mapping.id_rule
    looked = [rule.column] if rule.column else list(rule.template.columns if rule.template else ())
    blank = [f"column {c} {_empty(row.cell(c))}" for c in looked if not row.cell(c).text]
    return Problem(
        field="system_id",
        row=row.number,
        reason=f"no identifier can be made: {', '.join(blank)}",
        remedy=f"fill in {' and '.join(looked)}, or state one in a column {GIVEN_ID}",
    )


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
