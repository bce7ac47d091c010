"""What a description of a system may be: every field checked at the boundary, all problems at once."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from aims_core.canonical import canonical_json, spelt, text_problem
from aims_core.canonical import digest as digest_of
from aims_core.records import CONTENT_FIELDS, Problem
from aims_core.strict import DEEPEST, depth, inexact
from aims_core.terms import ComponentKind, Origin, RiskCategory

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the direction of reading: text is then shown otherwise than it is stored."""
_NAMES = ("name", "owner", "unit", "supplier", "version")
"""Fields that people tell apart by eye; nothing invisible may stand in them but line breaks."""
_UNSEEN = frozenset({"Cf", "Zl", "Zp"})
_LONG_NUMBER = re.compile(r"\d{16}")
_MOST_ATTRIBUTES = 1_000_000
"""Characters of a system's attributes as JSON; more is evidence, not description."""

MAY_BE_EMPTY = ("unit", "intended_use", "supplier", "human_oversight", "incident_contact")
"""Fields without which a record can stand: stated, unknown with a reason, or not looked into."""
UNKNOWN = "unknown_fields"
"""The attribute that holds, by field, why it is unknown."""

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
            value=spelt(value),
            reason=f"{spelt(value)!r} is no identifier",
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
        Fields of :data:`CONTENT_FIELDS`; absent optional ones become empty. Besides them
        ``unknown_fields`` says by field why it is unknown, and is kept in the attribute of that name.
    row : int, optional
        Row of the source, repeated in each problem.
    """
    content: dict[str, Any] = {}
    problems: list[Problem] = []
    note = _noter(problems, row)
    for name in values:
        if name not in CONTENT_FIELDS and name != UNKNOWN:
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
    if UNKNOWN in values:
        reasons = _reasons(values[UNKNOWN], note)
        content["attributes"] = _with_reasons(content["attributes"], reasons)
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
            Problem(field=name, value=spelt(value), reason=reason, remedy=remedy, row=row)
        )

    return note


def _text(name: str, value: Any, limit: int, note: Note) -> str:
    if not isinstance(value, str):
        note(name, value, f"is {type(value).__name__}, not text", "write it as text")
        return ""
    text = unicodedata.normalize("NFC", value).strip() if not value.isascii() else value.strip()
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
    if unseen := _unseen(name, text):
        note(name, ascii(spelt(value))[1:-1], f"holds {unseen}", "remove them")
    elif problem := text_problem(text):
        note(name, value, problem, "remove it")
    return text


def _unseen(name: str, text: str) -> str:
    if _CONTROL.search(text):
        return "control characters"
    if text.isascii():
        return ""
    if _TURNING.search(text):
        return "characters that turn the direction of reading"
    if name in _NAMES and any(unicodedata.category(c) in _UNSEEN for c in text):
        return "characters that nobody can see"
    return ""


def _reasons(value: Any, note: Note) -> dict[str, str]:
    if not isinstance(value, Mapping):
        note(UNKNOWN, value, "is no mapping", "give a reason by field")
        return {}
    found: dict[str, str] = {}
    for name, reason in value.items():
        if name not in MAY_BE_EMPTY:
            note(UNKNOWN, name, f"{name!r} cannot be unknown", f"use {', '.join(MAY_BE_EMPTY)}")
        elif not isinstance(reason, str) or not reason.strip():
            note(UNKNOWN, reason, f"gives no reason for {name}", "say why nobody knows")
        else:
            found[name] = reason.strip()
    return found


def _with_reasons(attributes: Mapping[str, Any], reasons: Mapping[str, str]) -> dict[str, Any]:
    others = {name: value for name, value in attributes.items() if name != UNKNOWN}
    return {**others, UNKNOWN: dict(reasons)} if reasons else others


def _unwritable(value: Any) -> str | None:
    try:
        canonical_json(value)
    except ValueError as error:
        return str(error)
    return None


def _word(name: str, value: Any, words: type[StrEnum], note: Note) -> str:
    allowed = _spellings(words)
    if not isinstance(value, str) or str(value) not in allowed:
        reason = f"is {spelt(value)!r}" if value else "is empty; no record does without it"
        note(name, value, reason, f"use one of {', '.join(allowed)}")
        return allowed[-1]
    return str(value)


@cache
def _spellings(words: type[StrEnum]) -> tuple[str, ...]:
    return tuple(map(str, words))


def _attributes(value: Any, note: Note) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        note("attributes", value, "is no mapping", "give names and values")
        return {}
    kept = dict(value)
    if not kept:
        return kept
    try:
        problem = _too_much(kept, canonical_json(kept))
    except ValueError as error:
        problem = str(error)
    if problem:
        note("attributes", "", problem, "give values that JSON can hold; keep the rest as evidence")
        return {}
    return kept


def _too_much(value: Mapping[str, Any], written: str) -> str:
    if written.count("{") + written.count("[") > DEEPEST and depth(value) > DEEPEST:
        return f"is nested deeper than {DEEPEST} levels"
    if _LONG_NUMBER.search(written) and inexact(value):
        return "holds a whole number beyond 2^53, which others round"
    if len(written) > _MOST_ATTRIBUTES:
        return f"has {len(written)} characters as JSON, {_MOST_ATTRIBUTES} are allowed"
    return ""


def _components(value: Any, note: Note) -> list[str]:
    if value == ():
        return []
    listed = [value] if isinstance(value, str) else value
    if isinstance(listed, Mapping) or not isinstance(listed, Collection):
        note("components", value, "is no list", "list the ids of registered components")
        return []
    sound = True
    for one in listed:
        if check_id("components", one):
            sound = False
            note(
                "components", one, f"{spelt(one)!r} is no identifier", "name registered components"
            )
    return sorted(set(listed)) if sound else []
