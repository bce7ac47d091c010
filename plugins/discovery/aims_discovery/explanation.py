"""What a mapping makes of a file, before anything is imported: its first rows, and each field's figures."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from aims_core import ImportBatch
from aims_discovery.cells import Cell
from aims_discovery.csv_importer import Table
from aims_discovery.drafting import Resolved, resolve
from aims_discovery.mapping import Step

PREVIEW_COLUMNS = {
    "row": "Int64",
    "taken": "boolean",
    "system_id": "string",
    "name": "string",
    "owner": "string",
    "unit": "string",
    "origin": "string",
    "declared_risk_category": "string",
    "stage": "string",
    "use_case": "string",
    "problems": "string",
}
EXPLAIN_COLUMNS = {
    "field": "string",
    "source": "string",
    "stated": "Int64",
    "unknown": "Int64",
    "not_looked_into": "Int64",
    "strange": "Int64",
    "distinct": "Int64",
    "most_common": "string",
}
_COMMON = 3
_SHOWN = 40


def preview_rows(batch: ImportBatch, rows: int) -> list[dict[str, Any]]:
    """Return the first rows of a batch by :data:`PREVIEW_COLUMNS`, in the order of the file."""
    taken = [{**d.values, "row": d.row, "taken": True, "problems": ""} for d in batch.drafts]
    refused = [
        {"row": r.row, "taken": False, "problems": " ".join(map(str, r.problems))}
        for r in batch.refused
    ]
    return sorted([*taken, *refused], key=lambda r: int(r["row"]))[:rows]


def explain_rows(table: Table) -> Iterator[dict[str, Any]]:
    """Yield one line for each field and attribute by :data:`EXPLAIN_COLUMNS`, over all rows."""
    fields, attributes = table.mapping.fields, table.mapping.attributes
    found: dict[str, list[Resolved]] = {name: [] for name in fields}
    cells: dict[str, list[Cell]] = {name: [] for name in attributes}
    for row in table.rows():
        for name, steps in fields.items():
            found[name].append(resolve(steps, row))
        for name, column in attributes.items():
            cells[name].append(row.cell(column))
    for name, answers in found.items():
        yield _line(name, _described(fields[name]), answers)
    for name, read in cells.items():
        answers = [Resolved(value=cell.text, unknown=cell.unknown) for cell in read]
        yield _line(f"attributes.{name}", attributes[name], answers)


def _line(name: str, source: str, answers: Sequence[Resolved]) -> dict[str, Any]:
    values = Counter(a.value for a in answers if a.value)
    strange = sum(1 for a in answers if a.strange)
    unknown = sum(1 for a in answers if a.unknown and not a.value and not a.strange)
    common = (f"{_short(value)} ({times})" for value, times in values.most_common(_COMMON))
    return {
        "field": name,
        "source": source,
        "stated": values.total(),
        "unknown": unknown,
        "not_looked_into": len(answers) - values.total() - strange - unknown,
        "strange": strange,
        "distinct": len(values),
        "most_common": "; ".join(common),
    }


def _described(steps: Sequence[Step]) -> str:
    words = []
    for step in steps:
        said = step.column or (step.template.text if step.template else f"= {step.constant}")
        words.append(f"{said} (translated)" if step.values is not None else said)
    return ", else ".join(words)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
