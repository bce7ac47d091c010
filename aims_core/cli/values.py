"""One value for a program (JSON), for a person (a table's cell) and for a spreadsheet (CSV)."""

import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import singledispatch
from typing import Any

from aims_core.canonical import canonical_json, utc_text
from aims_core.cli.text import visible, visible_lines
from aims_core.formulas import runs_as_formula


def is_record(value: Any) -> bool:
    """Return whether a value is one record or mapping, rather than several."""
    return isinstance(value, Mapping) or (is_dataclass(value) and not isinstance(value, type))


def by_field(record: Any) -> dict[str, Any]:
    """Return a record's or mapping's values by name."""
    if isinstance(record, Mapping):
        return {str(k): v for k, v in record.items()}
    return {f.name: getattr(record, f.name) for f in fields(record)}


@singledispatch
def plain(value: Any) -> Any:
    """Return a value that canonical JSON can spell; a missing number or time becomes null."""
    if is_record(value):
        return {k: plain(v) for k, v in by_field(value).items()}
    return plain(value.item()) if hasattr(value, "item") else str(value)


@plain.register
def _(value: Enum) -> Any:
    return plain(value.value)


@plain.register
def _(value: None) -> None:
    return value


@plain.register(bool)
@plain.register(int)
def _(value: int) -> int:
    return value


@plain.register
def _(value: str) -> str:
    return value.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()


@plain.register
def _(value: float) -> float | None:
    return value if math.isfinite(value) else None


@plain.register
def _(value: date) -> str:
    return value.isoformat()


@plain.register
def _(value: datetime) -> str | None:
    return None if _is_missing(value) else utc_text(value)


@plain.register(list)
@plain.register(tuple)
@plain.register(AbstractSet)
def _(value: Any) -> list[Any]:
    return [plain(item) for item in value]


def cell(value: Any) -> str:
    """Return a value as one visible line for people."""
    if isinstance(value, datetime) and not _is_missing(value):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return visible(_words(plain(value)))


def csv_cell(value: Any) -> Any:
    """Return a value for CSV; text that a spreadsheet would run as a formula is neutralised."""
    spelled = plain(value)
    if isinstance(spelled, list | dict):
        spelled = canonical_json(spelled)
    if not isinstance(spelled, str):
        return spelled
    shown = visible_lines(spelled.replace("\r\n", "\n"))
    return f"'{shown}" if runs_as_formula(spelled) else shown


def _words(spelled: Any) -> str:
    if spelled is None or spelled in ([], {}):
        return ""
    if isinstance(spelled, bool):
        return "yes" if spelled else "no"
    if isinstance(spelled, float):
        return f"{spelled:.4g}"
    if isinstance(spelled, list) and all(isinstance(item, str) for item in spelled):
        return ", ".join(spelled)
    if isinstance(spelled, dict) and not any(isinstance(v, list | dict) for v in spelled.values()):
        return "; ".join(f"{k}: {words}" for k, v in spelled.items() if (words := _words(v)))
    return canonical_json(spelled) if isinstance(spelled, list | dict) else str(spelled)


def _is_missing(moment: datetime) -> bool:
    """Tell pandas' missing time, which is a datetime that is unequal to itself."""
    return moment != moment  # noqa: PLR0124 - that is the whole test
