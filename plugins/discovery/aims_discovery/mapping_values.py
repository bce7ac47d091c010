"""Values of a mapping as people wrote them: what is not of the right form is noted with its place."""

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from aims_core import InvalidRecord, Problem

_LAST_ROW = 1_048_576


class Notes:
    """Problems found so far."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, place: str, reason: str, remedy: str, value: str = "") -> None:
        """Note a problem at a place."""
        self.problems.append(Problem(field=place, reason=reason, remedy=remedy, value=value))

    def known(self, place: str, given: Collection[str], allowed: Sequence[str]) -> None:
        """Note every key that is not among the allowed ones, with the nearest of them."""
        for key in given:
            if key not in allowed:
                self.add(f"{place}{key}", "is not known here", nearest(key, allowed), key)


def nearest(word: str, allowed: Sequence[str]) -> str:
    """Return the advice to use the nearest of the allowed words, or any of them."""
    near = get_close_matches(word, allowed, n=3)
    return f"did you mean {' or '.join(near)}?" if near else f"use one of {', '.join(allowed)}"


def refuse(asked: str, notes: Notes) -> None:
    """Refuse what has problems; every one is named."""
    if notes.problems:
        raise InvalidRecord(asked, notes.problems)


def delimiter_of(content: Mapping[str, Any], notes: Notes) -> str:
    """Return the delimiter that is given; empty where none is, or no usable one."""
    sign = text_of(content, "delimiter", "", notes)
    if "delimiter" in content and (len(sign) != 1 or sign in '\r\n"'):
        notes.add("delimiter", f"{sign!r} is not one character", 'write "," or ";" or "\\t"', sign)
        return ""
    return sign


def row_of(content: Mapping[str, Any], notes: Notes) -> int:
    """Return the number of the header row, 1 where none is given."""
    given = content.get("header_row", 1)
    number = int(given) if isinstance(given, str) and given.isascii() and given.isdigit() else given
    if type(number) is int and 1 <= number <= _LAST_ROW:
        return number
    notes.add(
        "header_row", f"is {given!r}", "write the number of the row, the first is 1", str(given)
    )
    return 1


def table_of(
    content: Mapping[str, Any], key: str, notes: Notes, place: str = ""
) -> Mapping[str, Any]:
    """Return the table under a key; empty where there is none."""
    found = content.get(key, {})
    where = f"{place}.{key}" if place else key
    return found if is_table(found, where, notes) else {}


def is_table(value: Any, place: str, notes: Notes) -> bool:
    """Say whether a value is a table; what is not is noted."""
    if isinstance(value, Mapping):
        return True
    notes.add(place, "is not a table", f"write [{place}] and its keys below", str(value))
    return False


def texts_of(content: Mapping[str, Any], place: str, notes: Notes) -> dict[str, str]:
    """Return the texts of a table, by key."""
    return {key: text_of(content, key, place, notes) for key in content}


def text_of(content: Mapping[str, Any], key: str, place: str, notes: Notes) -> str:
    """Return the text under a key; empty where there is none."""
    value = content.get(key, "")
    if isinstance(value, str):
        return value
    notes.add(f"{place}.{key}".lstrip("."), f"is {value!r}", "write it as text", str(value))
    return ""


def words_of(content: Mapping[str, Any], key: str, place: str, notes: Notes) -> list[str]:
    """Return the list of texts under a key; empty where there is none."""
    value = content.get(key, [])
    if isinstance(value, list | tuple) and all(isinstance(word, str) for word in value):
        return list(value)
    notes.add(f"{place}{key}", f"is {value!r}", "write a list of texts", str(value))
    return []


def yes_of(content: Mapping[str, Any], place: str, notes: Notes) -> bool:
    """Return whether ``slug`` is set."""
    value = content.get("slug", False)
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):  # YAML is read as text only
        return bool(value == "true")
    notes.add(f"{place}.slug", f"is {value!r}", "write true or false", str(value))
    return False
