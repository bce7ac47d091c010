"""One cell of a table and its three empty states: a value, unknown with a reason, not looked into."""

import re
from collections.abc import Collection
from typing import NamedTuple

UNKNOWN_WORDS = frozenset(
    {
        "-",
        "--",
        "?",
        "#n/a",
        "n.a.",
        "n/a",
        "na",
        "nil",
        "none",
        "not applicable",
        "not available",
        "not known",
        "not provided",
        "null",
        "tbd",
        "to be determined",
        "unknown",
    }
)
"""Spellings of "there is no answer", as :func:`fold` leaves them; a mapping adds to and takes from them."""

_NOT_APPLICABLE = re.compile(r"n/a(?![0-9a-z])", re.IGNORECASE)


class Cell(NamedTuple):
    """What a cell says: `text` is a value, `unknown` the words in which it says that there is none.

    Both empty: nobody has looked into it yet. None of the three is ever read as "no".
    """

    text: str = ""
    unknown: str = ""


NOT_LOOKED_INTO = Cell()


def fold(text: str) -> str:
    """Return `text` as it is compared: without case and without differences in white space."""
    words = text.split()
    return (" ".join(words) if len(words) != 1 else words[0]).casefold()


def read_cell(raw: str, unknown: Collection[str]) -> Cell:
    """Return what a cell says.

    Parameters
    ----------
    raw : str
        The cell as it stands in the file.
    unknown : collection of str
        Folded words that stand for "there is no answer". A text that begins with ``N/A`` and goes
        on to say why is one too; the whole of it is the reason.
    """
    text = raw.strip()
    if not text:
        return NOT_LOOKED_INTO
    if fold(text) in unknown or (
        text[0] in "nN" and "n/a" in unknown and _NOT_APPLICABLE.match(text)
    ):
        return Cell("", text)
    return Cell(text)
