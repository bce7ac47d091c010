"""Words that people choose from: what is none of them is answered with those there are."""

from collections.abc import Collection
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from aims_core.errors import InvalidRecord
from aims_core.records import Problem

_Word = TypeVar("_Word", bound=StrEnum)
_SHOWN = 20
_LONGEST = 60
_FEW = 3


def choose(words: type[_Word], given: object, *, field: str, asked: str) -> _Word:
    """Return the word of a list that somebody gave.

    Parameters
    ----------
    words : type
        An enumeration of texts.
    field, asked : str
        What the word is for, as a refusal names it.

    Raises
    ------
    InvalidRecord
        It is none of them; the remedy names them all.
    """
    for word in words:
        if isinstance(given, str) and given == word:
            return word
    raise InvalidRecord(asked, [no_choice(given, list(words), field=field)])


def no_choice(given: object, known: Collection[str], *, field: str, remedy: str = "") -> Problem:
    """Return the problem that a value is none of those known: near ones first, or as many as are few.

    Parameters
    ----------
    remedy : str, optional
        How to list those known, where they are many and none is near.
    """
    shown = given if isinstance(given, str) else repr(given)
    shown = shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
    listed = [str(one) for one in known]
    near = get_close_matches(shown, listed, n=3)
    if len(listed) <= _SHOWN and listed:
        remedy = (
            f"use {' or '.join(listed) if len(listed) < _FEW else 'one of ' + ', '.join(listed)}"
        )
    elif near:
        remedy = f"use one near it, such as {' or '.join(near)}"
    return Problem(field=field, value=shown, reason=f"{shown!r} is not known", remedy=remedy)
