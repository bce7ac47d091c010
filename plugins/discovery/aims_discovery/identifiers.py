"""Identifiers of imported systems: made from the row itself, told apart where rows share one. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from aims_core import digest_text

_LONGEST = 64
_TAIL = 6
_NO_LETTERS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What one row wants to be called.

    `given` is an identifier that the file states; it is taken as it is. Otherwise `base` is a slug,
    and `apart` the slugs that are added where another row has the same one.
    """

    given: str = ""
    base: str = ""
    apart: tuple[str, ...] = ()
    column: str = ""
    """Where the file states it, when it does."""


def slug(text: str) -> str:
    """Return `text` in lower-case letters, digits and dashes; letters of other scripts become a digest."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    made = _NO_LETTERS.sub("-", plain).strip("-")
    return made or (digest_text(text.strip())[: 2 * _TAIL] if text.strip() else "")


def fitted(made: str, room: int = _LONGEST) -> str:
    """Return a slug that fits into `room`; a longer one is cut and ends in a digest of the whole.

    So that two long titles with the same beginning stay apart without looking at each other.
    """
    if len(made) <= room:
        return made
    short = made[: room - _TAIL - 1]
    whole_words = short.rpartition("-")[0] if made[len(short)] != "-" else short
    kept = whole_words if len(whole_words) > room // 2 else short
    return f"{kept.rstrip('-')}-{digest_text(made)[:_TAIL]}"


def assign(wanted: Sequence[Wanted]) -> list[str]:
    """Return an identifier for each row, in their order.

    Notes
    -----
    A row whose slug nobody shares gets just that, whatever the rest of the file holds. Rows that
    share one all get their `apart` slugs added (a bureau), so that re-sorting the file or adding a
    row with another bureau never hands one system's identifier to another. Rows equal in that too
    are numbered in their order in the file.
    """
    shared = Counter(fitted(w.base) for w in wanted if not w.given)
    shared.update(w.given for w in wanted if w.given)
    taken = {name for name, times in shared.items() if times == 1}
    taken |= {w.given for w in wanted}
    named = []
    for one in wanted:
        if one.given or not one.base:
            named.append(one.given)
        elif shared[fitted(one.base)] == 1:
            named.append(fitted(one.base))
        else:
            named.append(_free("-".join((one.base, *filter(None, one.apart))), taken))
    return named


def _free(made: str, taken: set[str]) -> str:
    name, number = fitted(made), 1
    while name in taken:
        number += 1
        tail = f"-{number}"
        name = fitted(made, _LONGEST - len(tail)) + tail
    taken.add(name)
    return name
