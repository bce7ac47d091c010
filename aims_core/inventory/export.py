"""The register as a file that comes back without loss: CSV and XLSX that run nothing, and JSON."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aims_core import history, tables
from aims_core.errors import InvalidRecord
from aims_core.formulas import formula_safe
from aims_core.inventory import search
from aims_core.inventory.edits import EXPORT_MARK
from aims_core.records import CONTENT_FIELDS, Problem
from aims_core.store import Transaction
from aims_core.whole_files import write_whole

_FORM = "1"
COLUMNS = (
    EXPORT_MARK,
    "system_id",
    *CONTENT_FIELDS,
    "owner_name",
    "stage",
    "status",
    "aims_tier",
    "aims_approval_state",
    "aims_revision",
)
"""Columns of an export. What starts with ``aims_`` is told for people, and left out when it is imported."""
_LONGEST_CELL = 32_767
_ALTERED = re.compile("_x|[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def export(
    tx: Transaction, path: Path, text: str, filters: Mapping[str, Any], *, replace: bool
) -> int:
    """Write the systems that fit to a file and return how many; see :meth:`Inventory.export`."""
    form = _FORMS.get(path.suffix.lower())
    if form is None:
        remedy = f"end it in {', '.join(_FORMS)}"
        raise _refused(path, f"{path.suffix or 'no ending'} is no form of an export", remedy)
    rows = list(_rows(tx, text, filters))
    _write(path, form(path, rows), replace=replace)
    return len(rows)


def _rows(tx: Transaction, text: str, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    wanted = dict(filters)
    at = history.moment(tx.connection, wanted.pop("as_of", None), tx.now)
    table, actor = history.as_of(tables.system, at), history.as_of(tables.actor, at)
    query = (
        sa.select(table, actor.c.name.label("owner_name"))
        .outerjoin(actor, actor.c.actor_id == table.c.owner)
        .where(*search.where(text, wanted, table))
        .order_by(table.c.system_id)
    )
    for row in tx.connection.execute(query).mappings():
        yield {
            EXPORT_MARK: _FORM,
            "system_id": row["system_id"],
            **{name: row[name] for name in CONTENT_FIELDS},
            "owner_name": row["owner_name"] or "",
            "stage": row["stage"],
            "status": row["status"],
            "aims_tier": row["tier"],
            "aims_approval_state": row["approval_state"],
            "aims_revision": row["revision"],
        }


def _csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> bytes:  # noqa: ARG001 - the signature of forms
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([formula_safe(_cell(row[name])) for name in COLUMNS] for row in rows)
    # Without the mark in front, spreadsheets take UTF-8 for their local encoding.
    return buffer.getvalue().encode("utf-8-sig")


def _json(path: Path, rows: Sequence[Mapping[str, Any]]) -> bytes:  # noqa: ARG001 - same
    text = json.dumps({"systems": rows}, ensure_ascii=False, indent=1, allow_nan=False)
    return f"{text}\n".encode()


def _xlsx(path: Path, rows: Sequence[Mapping[str, Any]]) -> bytes:
    from datetime import UTC, datetime

    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    # Row by row, with texts in their cells: nothing is taken for a formula, a link or a number.
    options = {"in_memory": True, "constant_memory": True}
    book = Workbook(buffer, options)
    book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})  # the same bytes each time
    sheet = book.add_worksheet("Systems")
    sheet.freeze_panes(1, 2)
    for number, row in enumerate([dict.fromkeys(COLUMNS), *rows]):
        for place, name in enumerate(COLUMNS):
            said = quoted(_cell(row[name])) if number else name
            if len(said) > _LONGEST_CELL:
                reason = f"{name} of {row['system_id']} has {len(said)} characters"
                remedy = f"a cell holds {_LONGEST_CELL}; export CSV or JSON"
                raise _refused(path, reason, remedy)
            sheet.write_string(number, place, said)
    book.close()
    return buffer.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        # Escaped: XML has no way to say some of the characters that JSON can hold.
        return json.dumps(value, sort_keys=True, allow_nan=False) if value else ""
    return " ".join(value) if isinstance(value, list | tuple) else str(value)


def quoted(text: str) -> str:
    """Return text as a workbook's cell holds it: as a JSON text where readers would change it.

    ``_x000D_`` and the like stand for characters in workbooks, a carriage return becomes one of them,
    and what begins with a quotation mark must be told from what was put between two.
    """
    if not (text.startswith('"') or _ALTERED.search(text)):
        return text
    return json.dumps(text).replace("_x", "\\u005fx")


def _write(path: Path, content: bytes, *, replace: bool) -> None:
    try:
        if path.is_file() and path.read_bytes() == content:
            return
        write_whole(path, content, replace=replace)
    except FileExistsError:
        raise _refused(path, "another file lies there", "name another, or say replace") from None
    except OSError as error:
        remedy = "make room there, or name another file"
        raise _refused(path, f"cannot be written: {error.strerror}", remedy) from error


def _refused(path: Path, reason: str, remedy: str) -> InvalidRecord:
    return InvalidRecord(
        f"export to {path.name}", [Problem(field="path", reason=reason, remedy=remedy)]
    )


_FORMS: Mapping[str, Callable[[Path, Sequence[Mapping[str, Any]]], bytes]] = {
    ".csv": _csv,
    ".xlsx": _xlsx,
    ".json": _json,
}
