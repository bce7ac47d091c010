"""Reads a mapping from TOML and refuses what it does not understand, all of it at once, with near names."""

import tomllib
from collections.abc import Mapping
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
from aims_discovery.mapping_values import (
    Notes,
    delimiter_of,
    is_table,
    nearest,
    refuse,
    row_of,
    table_of,
    text_of,
    texts_of,
    words_of,
    yes_of,
)

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
_LARGEST = 4_000_000


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


def _checked(name: str, content: Mapping[str, Any]) -> CsvMapping:
    notes = Notes()
    notes.known("", content, _KEYS)
    fields = _fields(table_of(content, "fields", notes), notes)
    mapping = CsvMapping(
        name=name,
        digest=_digest(name, content),
        id_rule=_id_rule(table_of(content, "id", notes), notes),
        fields=fields,
        attributes=texts_of(table_of(content, "attributes", notes), "attributes", notes),
        required=frozenset(words_of(content, "required", "", notes)),
        unknown=_unknown(table_of(content, "empty", notes), notes),
        delimiter=delimiter_of(content, notes),
        encoding=text_of(content, "encoding", "", notes),
        header_row=row_of(content, notes),
        sheet=text_of(content, "sheet", "", notes),
        records=text_of(content, "records", "", notes),
    )
    notes.known("required: ", sorted(mapping.required), FIELDS)
    refuse(f"read mapping {name}", notes)
    return mapping


def _digest(name: str, content: Mapping[str, Any]) -> str:
    try:
        return digest(content)
    except ValueError as error:
        problem = Problem(field="content", reason=str(error), remedy="use text, lists and tables")
        raise InvalidRecord(f"read mapping {name}", [problem]) from error


def _fields(content: Mapping[str, Any], notes: Notes) -> dict[str, tuple[Step, ...]]:
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
            if is_table(step, place, notes)
        )
    return found


def _step(content: Mapping[str, Any], place: str, name: str, notes: Notes) -> Step:
    notes.known(f"{place}.", content, _STEP_KEYS)
    given = [key for key in _SOURCES if key in content]
    if len(given) != 1:
        reason = f"has {' and '.join(given) or 'no source'}"
        notes.add(place, reason, "give exactly one of column, template and constant")
    values = texts_of(table_of(content, "values", notes, place), f"{place}.values", notes)
    step = Step(
        place=place,
        column=text_of(content, "column", place, notes),
        template=_template(content, place, notes),
        constant=text_of(content, "constant", place, notes) if "constant" in content else None,
        slug=yes_of(content, place, notes),
        values={fold(k): v for k, v in values.items()} if "values" in content else None,
        otherwise=text_of(content, "otherwise", place, notes) if "otherwise" in content else None,
        when=_conditions(content, "when", place, notes),
        unless=_conditions(content, "unless", place, notes),
    )
    if "otherwise" in content and "values" not in content:
        notes.add(f"{place}.otherwise", "stands without values", "give values, or use constant")
    _check_words(step, name, notes)
    return step


def _check_words(step: Step, name: str, notes: Notes) -> None:
    targets = [*(step.values or {}).values(), *filter(None, (step.otherwise, step.constant))]
    allowed = _WORDS.get(name)
    for target in targets if allowed else ():
        if target and target not in (allowed or ()):
            notes.add(
                step.place, f"{target!r} is no {name}", nearest(target, list(allowed or ())), target
            )


def _id_rule(content: Mapping[str, Any], notes: Notes) -> IdRule:
    notes.known("id.", content, ("column", "template", "apart_by"))
    if len([key for key in ("column", "template") if key in content]) != 1:
        remedy = 'give exactly one of column and template, such as template = "{agency}-{title}"'
        notes.add("id", "does not say how systems are identified", remedy)
    return IdRule(
        column=text_of(content, "column", "id", notes),
        template=_template(content, "id", notes),
        apart_by=tuple(words_of(content, "apart_by", "id.", notes)),
    )


def _unknown(content: Mapping[str, Any], notes: Notes) -> frozenset[str]:
    notes.known("empty.", content, ("unknown", "keep"))
    more = {fold(word) for word in words_of(content, "unknown", "empty.", notes)}
    kept = {fold(word) for word in words_of(content, "keep", "empty.", notes)}
    return (UNKNOWN_WORDS | more) - kept


def _template(content: Mapping[str, Any], place: str, notes: Notes) -> Template | None:
    if "template" not in content:
        return None
    template = Template(text=text_of(content, "template", place, notes))
    if not template.columns:
        notes.add(f"{place}.template", "names no column", "write columns in braces: {column}")
    return template


def _conditions(
    content: Mapping[str, Any], key: str, place: str, notes: Notes
) -> dict[str, frozenset[str]]:
    table = table_of(content, key, notes, place)
    return {
        column: frozenset(fold(w) for w in words_of(table, column, f"{place}.{key}.", notes))
        for column in table
    }
