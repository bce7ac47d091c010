"""What a DataFrame of edits says: by system the values to set, and everything that is wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from aims_core.canonical import spelt, utc_text
from aims_core.inventory.content import UNKNOWN
from aims_core.inventory.search import COLUMNS
from aims_core.records import CONTENT_FIELDS, AISystem, Problem
from aims_core.strict import strict_json

_ATTRIBUTE = "attributes."
_STRUCTURED = ("attributes", "components", UNKNOWN)
EDITABLE = (*CONTENT_FIELDS, UNKNOWN)
READ_ONLY = tuple(name for name in COLUMNS if name not in EDITABLE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """One row: values to set, and values that may only be repeated; `revision` is what it was made from."""

    row: int
    system_id: str
    revision: int | None
    values: Mapping[str, Any]
    repeated: Mapping[str, Any] = field(default_factory=dict)


def read_frame(frame: Any) -> tuple[list[Edit], list[Problem]]:
    """Return the edits in a DataFrame and every problem with its columns and ids.

    Rows count from 1. A missing value (NA, None, NaN) leaves a field as it is; an empty text empties it.
    """
    if not (hasattr(frame, "columns") and hasattr(frame, "itertuples")):
        raise TypeError(f"propose takes a DataFrame, not a {type(frame).__name__}")
    if "system_id" not in frame.columns and frame.index.name == "system_id":
        frame = frame.reset_index()
    names = [str(name) for name in frame.columns]
    if problems := _column_problems(names):
        return [], problems
    edits = [
        _edit(row, dict(zip(names, cells, strict=True)))
        for row, cells in enumerate(frame.itertuples(index=False, name=None), 1)
    ]
    return edits, list(_id_problems(edits))


def new_content(
    edit: Edit, system: AISystem, before: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    """Return a system's description as an edit wants it, still unchecked, and what cannot be edited."""
    problems = [
        p for name, value in edit.repeated.items() for p in _differs(edit, system, name, value)
    ]
    content = dict(before)
    for name, value in edit.values.items():
        if name in _STRUCTURED:
            try:
                content[name] = _structured(name, value)
            except ValueError as error:
                problems.append(_problem(edit, name, str(error), "write JSON", value))
        elif not name.startswith(_ATTRIBUTE):
            content[name] = value
    if isinstance(content["attributes"], Mapping):
        single = {
            n.removeprefix(_ATTRIBUTE): v for n, v in edit.values.items() if n not in EDITABLE
        }
        content["attributes"] = {
            **content["attributes"],
            **{name: None if value == "" else value for name, value in single.items()},
        }
    return content, problems


def _column_problems(names: Sequence[str]) -> list[Problem]:
    problems = []
    if "system_id" not in names:
        remedy = "add a column system_id, or make it the index"
        problems.append(Problem(field="system_id", reason="is missing", remedy=remedy))
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            problems.append(Problem(field=name, reason="stands there twice", remedy="drop one"))
        elif name not in (*EDITABLE, *READ_ONLY) and not name.startswith(_ATTRIBUTE):
            near = get_close_matches(name, EDITABLE, n=2)
            remedy = (
                f"did you mean {' or '.join(near)}?"
                if near
                else "drop it, or name it attributes.NAME"
            )
            problems.append(
                Problem(field=name[:60], reason="is no field of the register", remedy=remedy)
            )
    return problems


def _id_problems(edits: Sequence[Edit]) -> Iterator[Problem]:
    seen: set[str] = set()
    for edit in edits:
        if not edit.system_id:
            yield _problem(edit, "system_id", "names no system", "fill in its id")
        elif edit.system_id in seen:
            yield _problem(edit, "system_id", f"{edit.system_id!r} occurs twice", "keep one row")
        seen.add(edit.system_id)


def _edit(row: int, cells: Mapping[str, Any]) -> Edit:
    given = {name: _plain(value) for name, value in cells.items() if not _is_missing(value)}
    revision = given.pop("revision", None)
    return Edit(
        row=row,
        system_id=spelt(given.pop("system_id", ""), 80),
        revision=_whole(revision),
        values={n: v for n, v in given.items() if n not in READ_ONLY},
        repeated={n: v for n, v in given.items() if n in READ_ONLY},
    )


def _whole(value: Any) -> int | None:
    if value is None:
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return -1  # no system is at this revision, which the row is then refused for


def _is_missing(value: Any) -> bool:
    """Tell None, NaN, NaT and NA: the only scalars that are not equal to themselves, or cannot say."""
    if value is None:
        return True
    if isinstance(value, str | Mapping | list | tuple):
        return False
    try:
        return bool(value != value)  # noqa: PLR0124 - that is the whole test
    except (TypeError, ValueError):
        return type(value).__name__ == "NAType"


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") and not hasattr(value, "__len__") else value


def _structured(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name == "components" and not value.startswith("["):
        return value.replace(",", " ").split()
    return strict_json(value) if value.strip() else {}


def _differs(edit: Edit, system: AISystem, name: str, value: Any) -> Iterator[Problem]:
    present = getattr(system, name)
    if isinstance(present, datetime):
        spellings = {utc_text(present), present.isoformat(), str(present)}
        if value == present or spelt(value) in spellings:
            return
    elif spelt(value, 500) == str(present):
        return
    reason = f"cannot be edited; the register says {str(present)!r}"
    yield _problem(edit, name, reason, "drop the column, or use the act that changes it", value)


def _problem(edit: Edit, name: str, reason: str, remedy: str, value: Any = "") -> Problem:
    return Problem(field=name, row=edit.row, reason=reason, remedy=remedy, value=spelt(value))
