"""Reads a mapping from TOML and refuses what it does not understand, all of it at once, with near names."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from aims_core import (
    InvalidRecord,
    OperationalStatus,
    Origin,
    Problem,
    RiskCategory,
    digest,
    strict_json,
)
from aims_discovery.cells import UNKNOWN_WORDS, fold
from aims_discovery.mapping import CsvMapping, IdRule, Step, Template
from aims_discovery.source import TableSource

NEEDED = ("name", "use_case", "owner", "origin", "declared_risk_category")
FIELDS = (
    *NEEDED,
    "unit",
    "intended_use",
    "supplier",
    "human_oversight",
    "incident_contact",
    "owner_name",
    "stage",
    "status",
)
"""Fields a mapping may fill; `components` are linked by hand, because a file cannot register them."""
STRUCTURED = ("attributes", "unknown_fields", "components")
"""Columns of a file without a mapping that hold JSON, as our own export writes them."""
_KEYS = (
    "title",
    "delimiter",
    "encoding",
    "header_row",
    "sheet",
    "records",
    "required",
    "empty",
    "id",
    "fields",
    "attributes",
)
_STEP_KEYS = (
    "column",
    "template",
    "constant",
    "slug",
    "values",
    "otherwise",
    "when",
    "unless",
)
_SOURCES = ("column", "template", "constant")
_WORDS: Mapping[str, tuple[str, ...]] = {
    "origin": tuple(Origin),
    "declared_risk_category": tuple(RiskCategory),
    "status": tuple(OperationalStatus),
}
_OWN_ID = "system_id"
_LAST_ROW = 1_048_576
_LARGEST = 4_000_000


class _Notes:
    """Problems found so far."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, place: str, reason: str, remedy: str, value: str = "") -> None:
        self.problems.append(Problem(field=place, reason=reason, remedy=remedy, value=value))

    def known(self, place: str, given: Collection[str], allowed: Sequence[str]) -> None:
        for key in given:
            if key not in allowed:
                self.add(f"{place}{key}", "is not known here", nearest(key, allowed), key)


def read_mapping(given: Any) -> CsvMapping | None:
    """Return the mapping in a TOML, JSON or YAML file, or in a mapping of the same form; None stays None.

    Raises
    ------
    InvalidRecord
        The file cannot be read, or keys, words or forms in it are wrong; every one is named.
    TypeError
        `given` is neither a path nor a mapping.
    """
    if given is None:
        return None
    if isinstance(given, Mapping):
        return _checked("mapping", given)
    if not isinstance(given, str | Path):
        raise TypeError(f"a mapping is a path or a mapping of its content, not {given!r}")
    path = Path(given)
    try:
        content = _parsed(path)
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        said = str(error) or type(error).__name__
        problem = Problem(field="file", reason=said, remedy="name a mapping file in TOML")
        raise InvalidRecord(f"read mapping {path.name}", [problem]) from error
    return _checked(path.name, content)


def _parsed(path: Path) -> Mapping[str, Any]:
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"has more than {_LARGEST} bytes")
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix.lower() in {".yaml", ".yml"}:
        from aims_discovery.strict_yaml import strict_yaml

        content = strict_yaml(text)
    else:
        content = strict_json(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    if not isinstance(content, Mapping):
        raise ValueError("holds no table of keys")  # noqa: TRY004 - bad data, not a bad call
    return content


def fit(mapping: CsvMapping | None, source: TableSource) -> CsvMapping:
    """Return the mapping after checking that the file has its columns; without one, the file's own names.

    Raises
    ------
    InvalidRecord
        The file lacks columns, or names one twice that the mapping uses.
    """
    mapping = mapping or _own_names(source)
    notes = _Notes()
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
    _refuse(f"map {source.path.name} with {mapping.name}", notes)
    return mapping


def nearest(word: str, allowed: Sequence[str]) -> str:
    """Return the advice to use the nearest of the allowed words, or any of them."""
    near = get_close_matches(word, allowed, n=3)
    return f"did you mean {' or '.join(near)}?" if near else f"use one of {', '.join(allowed)}"


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


def _checked(name: str, content: Mapping[str, Any]) -> CsvMapping:
    notes = _Notes()
    notes.known("", content, _KEYS)
    fields = _fields(_table(content, "fields", notes), notes)
    mapping = CsvMapping(
        name=name,
        digest=_digest(name, content),
        id_rule=_id_rule(_table(content, "id", notes), notes),
        fields=fields,
        attributes=_texts(_table(content, "attributes", notes), "attributes", notes),
        required=frozenset(_words(content, "required", "", notes)),
        unknown=_unknown(_table(content, "empty", notes), notes),
        delimiter=_delimiter(content, notes),
        encoding=_text(content, "encoding", "", notes),
        header_row=_row(content, notes),
        sheet=_text(content, "sheet", "", notes),
        records=_text(content, "records", "", notes),
    )
    notes.known("required: ", sorted(mapping.required), FIELDS)
    _refuse(f"read mapping {name}", notes)
    return mapping


def _digest(name: str, content: Mapping[str, Any]) -> str:
    try:
        return digest(content)
    except ValueError as error:
        problem = Problem(field="content", reason=str(error), remedy="use text, lists and tables")
        raise InvalidRecord(f"read mapping {name}", [problem]) from error


def _refuse(asked: str, notes: _Notes) -> None:
    if notes.problems:
        raise InvalidRecord(asked, notes.problems)


def _fields(content: Mapping[str, Any], notes: _Notes) -> dict[str, tuple[Step, ...]]:
    notes.known("fields.", content, FIELDS)
    for name in NEEDED:
        if name not in content:
            notes.add(
                f"fields.{name}",
                "is missing; every system needs it",
                "name its column, or give a constant such as unknown or undetermined",
            )
    found = {}
    for name in (name for name in FIELDS if name in content):
        steps = content[name]
        listed = steps if isinstance(steps, list) else [steps]
        places = [f"fields.{name}[{n}]" for n in range(1, len(listed) + 1)]
        places = places if len(listed) > 1 else [f"fields.{name}"]
        found[name] = tuple(
            _step(step, place, name, notes)
            for step, place in zip(listed, places, strict=True)
            if _is_table(step, place, notes)
        )
    return found


def _step(content: Mapping[str, Any], place: str, name: str, notes: _Notes) -> Step:
    notes.known(f"{place}.", content, _STEP_KEYS)
    given = [key for key in _SOURCES if key in content]
    if len(given) != 1:
        reason = f"has {' and '.join(given) or 'no source'}"
        notes.add(place, reason, "give exactly one of column, template and constant")
    values = _texts(_table(content, "values", notes, place), f"{place}.values", notes)
    step = Step(
        place=place,
        column=_text(content, "column", place, notes),
        template=_template(content, place, notes),
        constant=_text(content, "constant", place, notes) if "constant" in content else None,
        slug=_yes(content, place, notes),
        values={fold(k): v for k, v in values.items()} if "values" in content else None,
        otherwise=_text(content, "otherwise", place, notes) if "otherwise" in content else None,
        when=_conditions(content, "when", place, notes),
        unless=_conditions(content, "unless", place, notes),
    )
    if "otherwise" in content and "values" not in content:
        notes.add(f"{place}.otherwise", "stands without values", "give values, or use constant")
    _check_words(step, name, notes)
    return step


def _check_words(step: Step, name: str, notes: _Notes) -> None:
    targets = [*(step.values or {}).values(), *filter(None, (step.otherwise, step.constant))]
    allowed = _WORDS.get(name)
    for target in targets if allowed else ():
        if target and target not in (allowed or ()):
            notes.add(
                step.place, f"{target!r} is no {name}", nearest(target, list(allowed or ())), target
            )


def _id_rule(content: Mapping[str, Any], notes: _Notes) -> IdRule:
    notes.known("id.", content, ("column", "template", "apart_by"))
    if len([key for key in ("column", "template") if key in content]) != 1:
        remedy = 'give exactly one of column and template, such as template = "{agency}-{title}"'
        notes.add("id", "does not say how systems are identified", remedy)
    return IdRule(
        column=_text(content, "column", "id", notes),
        template=_template(content, "id", notes),
        apart_by=tuple(_words(content, "apart_by", "id.", notes)),
    )


def _unknown(content: Mapping[str, Any], notes: _Notes) -> frozenset[str]:
    notes.known("empty.", content, ("unknown", "keep"))
    more = {fold(word) for word in _words(content, "unknown", "empty.", notes)}
    kept = {fold(word) for word in _words(content, "keep", "empty.", notes)}
    return (UNKNOWN_WORDS | more) - kept


def _template(content: Mapping[str, Any], place: str, notes: _Notes) -> Template | None:
    if "template" not in content:
        return None
    template = Template(text=_text(content, "template", place, notes))
    if not template.columns:
        notes.add(f"{place}.template", "names no column", "write columns in braces: {column}")
    return template


def _conditions(
    content: Mapping[str, Any], key: str, place: str, notes: _Notes
) -> dict[str, frozenset[str]]:
    table = _table(content, key, notes, place)
    return {
        column: frozenset(fold(w) for w in _words(table, column, f"{place}.{key}.", notes))
        for column in table
    }


def _delimiter(content: Mapping[str, Any], notes: _Notes) -> str:
    sign = _text(content, "delimiter", "", notes)
    if "delimiter" in content and (len(sign) != 1 or sign in '\r\n"'):
        notes.add("delimiter", f"{sign!r} is not one character", 'write "," or ";" or "\\t"', sign)
        return ""
    return sign


def _row(content: Mapping[str, Any], notes: _Notes) -> int:
    given = content.get("header_row", 1)
    number = int(given) if isinstance(given, str) and given.isascii() and given.isdigit() else given
    if type(number) is int and 1 <= number <= _LAST_ROW:
        return number
    notes.add(
        "header_row", f"is {given!r}", "write the number of the row, the first is 1", str(given)
    )
    return 1


def _table(
    content: Mapping[str, Any], key: str, notes: _Notes, place: str = ""
) -> Mapping[str, Any]:
    found = content.get(key, {})
    where = f"{place}.{key}" if place else key
    return found if _is_table(found, where, notes) else {}


def _is_table(value: Any, place: str, notes: _Notes) -> bool:
    if isinstance(value, Mapping):
        return True
    notes.add(place, "is not a table", f"write [{place}] and its keys below", str(value))
    return False


def _texts(content: Mapping[str, Any], place: str, notes: _Notes) -> dict[str, str]:
    return {key: _text(content, key, place, notes) for key in content}


def _text(content: Mapping[str, Any], key: str, place: str, notes: _Notes) -> str:
    value = content.get(key, "")
    if isinstance(value, str):
        return value
    notes.add(f"{place}.{key}".lstrip("."), f"is {value!r}", "write it as text", str(value))
    return ""


def _words(content: Mapping[str, Any], key: str, place: str, notes: _Notes) -> list[str]:
    value = content.get(key, [])
    if isinstance(value, list | tuple) and all(isinstance(word, str) for word in value):
        return list(value)
    notes.add(f"{place}{key}", f"is {value!r}", "write a list of texts", str(value))
    return []


def _yes(content: Mapping[str, Any], place: str, notes: _Notes) -> bool:
    value = content.get("slug", False)
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):  # YAML is read as text only
        return bool(value == "true")
    notes.add(f"{place}.slug", f"is {value!r}", "write true or false", str(value))
    return False
