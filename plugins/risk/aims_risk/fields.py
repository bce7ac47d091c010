"""What text and identifiers in the risk register may be; every problem is named at once."""

import re
from collections.abc import Sequence

from aims_core import Problem

_ID = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
LONG = 20_000
NAME = 500
ACTOR = 64


def check_text(field: str, value: object, most: int, *, needed: bool = True) -> list[Problem]:
    """Return what is wrong with a text of at most `most` characters; empty when nothing is."""
    if not isinstance(value, str):
        return [Problem(field=field, reason="is no text", remedy="write it as text")]
    if needed and not value.strip():
        return [Problem(field=field, reason="is empty", remedy=f"fill in {field}")]
    if len(value) > most:
        reason = f"has {len(value):,} characters"
        return [Problem(field=field, reason=reason, remedy=f"use at most {most:,}")]
    if _CONTROL.search(value):
        reason = "holds characters that cannot be shown"
        return [Problem(field=field, reason=reason, remedy="remove them")]
    return []


def check_id(field: str, value: object) -> list[Problem]:
    """Return what is wrong with an identifier that people choose; empty when nothing is."""
    if isinstance(value, str) and _ID.fullmatch(value):
        return []
    remedy = "use 1 to 64 of a-z, 0-9, dot, dash and underscore, such as wrong-rank"
    return [Problem(field=field, reason=f"{str(value)[:60]!r} is no identifier", remedy=remedy)]


def check_choice(field: str, value: object, choices: Sequence[str]) -> list[Problem]:
    """Return what is wrong with a word that must be one of a few; empty when nothing is."""
    if value in choices:
        return []
    remedy = f"use one of {', '.join(choices)}"
    return [Problem(field=field, reason=f"is {str(value)[:60]!r}", remedy=remedy)]
