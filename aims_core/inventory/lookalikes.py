"""Names that mislead the eye: letters of two scripts in a word, or the look of another name."""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.frames import TEXT, fixed_frame
from aims_core.store import Transaction

COLUMNS = {"system_id": TEXT, "name": TEXT, "reason": TEXT}

_LATIN_FOR = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХаеѕіјорсухһԁԛԝҽоΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανιρυ",  # noqa: RUF001 - the letters this is about
        "ABESIJKMHOPCTYXaesijopcyxhdqweoABEZHIKMNOPTYXoavipu",
        strict=True,
    )
)
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


def skeleton(name: str) -> str:
    """Return what a name looks like: two names with the same one cannot be told apart by eye."""
    if name.isascii():
        return " ".join(name.split()).casefold()
    plain = unicodedata.normalize("NFKC", name)
    return " ".join("".join(_LATIN_FOR.get(c, c) for c in plain).split()).casefold()


def oddity(name: str) -> str:
    """Return what about a name might mislead; empty when nothing does."""
    if name.isascii():
        return ""
    for word in name.split():
        scripts = {script for c in word if (script := _script(c))}
        if len(scripts) > 1:
            return f"{word!r} mixes {' and '.join(sorted(s.title() for s in scripts))} letters"
    if unicodedata.normalize("NFKC", name) != name:
        return "holds characters that look like plain ones (full-width, ligatures or the like)"
    return ""


def alike(systems: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    """Yield pairs of ids whose names look the same within one unit but are spelt otherwise.

    Parameters
    ----------
    systems : iterable of (system_id, unit, name)
        In their order, the later of two is said to look like the earlier.
    """
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for system_id, unit, name in systems:
        looks = (unit, skeleton(name))
        known_id, known = first.setdefault(looks, (system_id, name))
        if known != name and not (known.isascii() and name.isascii()):
            yield system_id, known_id


def frame(tx: Transaction) -> Any:
    """Return the systems whose names look like others, or mix scripts, with the columns of `COLUMNS`."""
    table = tables.system
    query = sa.select(table.c.system_id, table.c.unit, table.c.name).order_by(table.c.system_id)
    systems = [(r.system_id, r.unit, r.name) for r in tx.connection.execute(query)]
    said = [(key, said) for key, _, name in systems if (said := oddity(name))]
    said += [(key, f"looks like the name of {other}") for key, other in alike(systems)]
    names = {key: name for key, _, name in systems}
    rows = [{"system_id": k, "name": names[k], "reason": reason} for k, reason in sorted(said)]
    return fixed_frame(rows, COLUMNS)


def _script(character: str) -> str:
    if character.isascii():
        return "LATIN" if character.isalpha() else ""
    if not character.isalpha():
        return ""
    first = unicodedata.name(character, "").partition(" ")[0]
    return first if first in _SCRIPTS else ""
