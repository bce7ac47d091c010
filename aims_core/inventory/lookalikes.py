"""Names that mislead the eye: letters of two scripts in a word, or the look of another name. Pure."""

import unicodedata
from collections.abc import Iterable, Iterator

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


def _script(character: str) -> str:
    if character.isascii():
        return "LATIN" if character.isalpha() else ""
    if not character.isalpha():
        return ""
    first = unicodedata.name(character, "").partition(" ")[0]
    return first if first in _SCRIPTS else ""
