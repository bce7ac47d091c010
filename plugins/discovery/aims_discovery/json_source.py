"""A list of JSON objects, or one object a line, as a table: keys are columns."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aims_core import strict_json
from aims_discovery.held_source import HeldSource
from aims_discovery.source import Faulty, columns, fingerprint, unreadable

_LARGEST = 256 << 20
_MOST_COLUMNS = 16_384
_KIND = {
    dict: "object",
    list: "list",
    str: "text",
    int: "number",
    float: "number",
    bool: "truth value",
}


def open_json(path: Path, *, records: str = "") -> HeldSource:
    """Return the objects of a JSON document as a table.

    Parameters
    ----------
    records : str
        Keys that lead to the list, separated by dots; empty takes the document itself, or the one list
        that it holds.

    Raises
    ------
    InvalidRecord
        The file is no JSON that every reader takes for the same, or holds no such list.
    """
    text, digest, encoding = _text_of(path)
    try:
        document = strict_json(text, instead=_unheld)
    except ValueError as error:
        raise unreadable(path, "file", str(error), "correct the file") from error
    listed, where = _listed(path, document, records)
    rows = [(number, one) for number, one in enumerate(listed, 1)]
    return _table(path, digest, rows, f"{where}/{{index}}/{{column}}", encoding)


def open_json_lines(path: Path) -> HeldSource:
    """Return the objects of a file with one JSON object a line; a line that is none is a faulty row.

    Raises
    ------
    InvalidRecord
        The file is no text in UTF-8, or holds no object.
    """
    text, digest, encoding = _text_of(path)
    rows = [
        (number, _line(line)) for number, line in enumerate(text.split("\n"), 1) if line.strip()
    ]
    return _table(path, digest, rows, "line {row}, {column}", encoding)


def _text_of(path: Path) -> tuple[str, str, str]:
    digest, start = fingerprint(path)
    if path.stat().st_size > _LARGEST:
        raise unreadable(path, "file", f"has more than {_LARGEST} bytes", "use one object a line")
    encoding = "utf-16" if start.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return path.read_bytes().decode(encoding), digest, encoding
    except UnicodeDecodeError as error:
        raise unreadable(path, "file", f"is no text in {encoding}", "save it in UTF-8") from error


def _line(line: str) -> Any:
    try:
        return strict_json(line, instead=_unheld)
    except ValueError as error:
        return Faulty(line.strip(), str(error), "correct this line", whole=True)


def _listed(path: Path, document: Any, records: str) -> tuple[list[Any], str]:
    found, where = document, ""
    for key in filter(None, records.split(".")):
        if not isinstance(found, dict) or key not in found:
            known = ", ".join(found) if isinstance(found, dict) else "none"
            raise unreadable(
                path, "records", f"there is no key {key!r}", f"its keys are: {known[:200]}"
            )
        found, where = found[key], f"{where}/{key}"
    if isinstance(found, dict) and not records:
        lists = [key for key, value in found.items() if isinstance(value, list)]
        if len(lists) == 1:
            found, where = found[lists[0]], f"/{lists[0]}"
    if not isinstance(found, list):
        remedy = "write a list of objects, or name its keys in the mapping as records"
        raise unreadable(path, "records", "holds no list of systems", remedy)
    return found, where.replace("{", "{{").replace("}", "}}")


def _table(
    path: Path, digest: str, rows: list[tuple[int, Any]], pointer: str, encoding: str
) -> HeldSource:
    names = list(dict.fromkeys(key for _, one in rows if isinstance(one, dict) for key in one))
    if len(names) > _MOST_COLUMNS:
        raise unreadable(
            path, "file", f"has {len(names)} different keys", "use the same in each object"
        )
    header, repeated = columns(path, names) if names else (("value",), frozenset())
    return HeldSource(
        path=path,
        digest=digest,
        header=header,
        repeated=repeated,
        held=list(_cells(rows, names)),
        pointer=pointer,
        notes=(f"read as {encoding.removesuffix('-sig')}",),
    )


def _cells(rows: list[tuple[int, Any]], names: list[str]) -> Iterator[tuple[int, list[str]]]:
    for number, one in rows:
        if isinstance(one, dict):
            yield number, [_cell(one.get(name)) for name in names]
        elif isinstance(one, Faulty):
            yield number, [Faulty(one, one.reason, one.remedy, whole=True)]
        else:
            kind = _KIND.get(type(one), "null")
            reason = f"is a {kind}, not an object"
            yield number, [Faulty(json.dumps(one), reason, "write {key: value, …}", whole=True)]


def _unheld(digits: str, reason: str) -> Faulty:
    return Faulty(digits, reason, "correct the number, or write it as text")


def _cell(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    text = _written(value)
    fault = _fault_in(value)
    return text if fault is None else Faulty(text, fault.reason, fault.remedy)


def _fault_in(value: Any) -> Faulty | None:
    """Return the first number within a list or an object that cannot be held."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Faulty):
            return one
        if isinstance(one, dict | list):
            waiting.extend(reversed(one.values() if isinstance(one, dict) else one))
    return None


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
