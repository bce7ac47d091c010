"""What a description of a system may be: every field checked at the boundary, all problems at once."""

import re
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any

from aims_core.canonical import canonical_json, text_problem
from aims_core.canonical import digest as digest_of
from aims_core.records import CONTENT_FIELDS, Problem
from aims_core.terms import ComponentKind, Origin, RiskCategory

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SHOWN = 60

LIMITS: Mapping[str, int] = {
    "name": 500,
    "use_case": 20_000,
    "owner": 64,
    "unit": 200,
    "intended_use": 20_000,
    "supplier": 500,
    "human_oversight": 20_000,
    "incident_contact": 500,
}
COMPONENT_LIMITS: Mapping[str, int] = {"name": 500, "version": 100, "supplier": 500}
REQUIRED = ("name", "use_case", "owner")
_WORDS: Mapping[str, type[StrEnum]] = {"origin": Origin, "declared_risk_category": RiskCategory}


def check_id(kind: str, value: Any) -> list[Problem]:
    """Return what is wrong with an identifier that people choose; empty when nothing is."""
    if isinstance(value, str) and _SLUG.fullmatch(value):
        return []
    return [
        Problem(
            field=kind,
            value=_short(value),
            reason=f"{_short(value)!r} is no identifier",
            remedy="use 1 to 64 of a-z, 0-9, dot, dash and underscore, such as ticket-triage",
        )
    ]


def check_content(
    values: Mapping[str, Any], *, row: int | None = None
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the complete content of a system and every problem found in it.

    Parameters
    ----------
    values : mapping of str to object
        Fields of :data:`CONTENT_FIELDS`; absent optional ones become empty.
    row : int, optional
        Row of the source, repeated in each problem.
    """
    content: dict[str, Any] = {}
    problems: list[Problem] = []
    note = _noter(problems, row)
    for name in values:
        if name not in CONTENT_FIELDS:
            note(
                name,
                values[name],
                "is not a field of the register",
                f"use one of {', '.join(CONTENT_FIELDS)}",
            )
    for name, limit in LIMITS.items():
        content[name] = _text(name, values.get(name, ""), limit, note)
    for name, words in _WORDS.items():
        content[name] = _word(name, values.get(name, ""), words, note)
    content["attributes"] = _attributes(values.get("attributes") or {}, note)
    content["components"] = _components(values.get("components") or (), note)
    return {name: content[name] for name in CONTENT_FIELDS}, problems


def check_component(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the complete content of a component and every problem found in it."""
    problems: list[Problem] = []
    note = _noter(problems, None)
    content: dict[str, Any] = {
        name: _text(name, values.get(name, ""), limit, note)
        for name, limit in COMPONENT_LIMITS.items()
    }
    content["kind"] = _word("kind", values.get("kind", ""), ComponentKind, note)
    content["attributes"] = _attributes(values.get("attributes") or {}, note)
    return content, problems


def content_digest(content: Mapping[str, Any]) -> str:
    """Return the digest to which approvals are bound."""
    return digest_of({name: content[name] for name in CONTENT_FIELDS})


def search_text(system_id: str, content: Mapping[str, Any]) -> str:
    """Return the lower-case text in which the register is searched."""
    parts = (
        system_id,
        content["name"],
        content["unit"],
        content["owner"],
        content["supplier"],
        content["use_case"],
    )
    return " ".join(parts).lower()


Note = Callable[[str, Any, str, str], None]


def _noter(problems: list[Problem], row: int | None) -> Note:
    def note(name: str, value: Any, reason: str, remedy: str) -> None:
        problems.append(
            Problem(field=name, value=_short(value), reason=reason, remedy=remedy, row=row)
        )

    return note


def _text(name: str, value: Any, limit: int, note: Note) -> str:
    if not isinstance(value, str):
        note(name, value, f"is {type(value).__name__}, not text", "write it as text")
        return ""
    text = value.strip()
    if name in REQUIRED and not text:
        note(
            name,
            value,
            "is empty; no record does without it",
            f"fill in {name}",
        )
    if len(text) > limit:
        note(
            name,
            value,
            f"has {len(text)} characters, {limit} are allowed",
            "shorten it, and attach the rest as evidence",
        )
    if _CONTROL.search(text):
        note(name, value, "holds control characters", "remove them")
    elif problem := text_problem(text):
        note(name, value, problem, "remove it")
    return text


def _unwritable(value: Any) -> str | None:
    try:
        canonical_json(value)
    except ValueError as error:
        return str(error)
    return None


def _word(name: str, value: Any, words: type[StrEnum], note: Note) -> str:
    allowed: Collection[str] = [str(w) for w in words]
    if str(value) not in allowed:
        reason = f"is {_short(value)!r}" if value else "is empty; no record does without it"
        note(name, value, reason, f"use one of {', '.join(allowed)}")
        return allowed[-1] if isinstance(allowed, list) else ""
    return str(value)


def _attributes(value: Any, note: Note) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        note("attributes", value, "is no mapping", "give names and values")
        return {}
    if (problem := _unwritable(dict(value))) is not None:
        note("attributes", "", problem, "give values that JSON can hold")
        return {}
    return dict(value)


def _components(value: Any, note: Note) -> list[str]:
    listed = [value] if isinstance(value, str) else value
    if isinstance(listed, Mapping) or not isinstance(listed, Collection):
        note("components", value, "is no list", "list the ids of registered components")
        return []
    for one in listed:
        if check_id("components", one):
            note(
                "components", one, f"{_short(one)!r} is no identifier", "name registered components"
            )
    return sorted({str(one) for one in listed})


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
