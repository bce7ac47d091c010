"""Which kind values came as, beside what was read of them: numbers, texts or times.

Columns are read generously: the text ``"1.5"`` counts as the number it stands for, and the number 1 as the
class ``"1"``. What is counted here tells afterwards that a column's values have become another kind.
"""

from collections.abc import Mapping
from typing import Any

NUMBER = "number"
TEXT = "text"
TIME = "time"

Kinds = dict[str, list[int]]
"""By kind: how many values came as it, and how many of these the reference's categories do not hold."""


def kind_of(kind: Any) -> str:
    """Return the kind of values that an Arrow type holds, empty for one of which nothing can be read.

    True and false are numbers, as everywhere here.
    """
    from pyarrow import types

    from aims_monitoring.values import is_number, is_text

    plain = getattr(kind, "storage_type", kind)
    plain = plain.value_type if types.is_dictionary(plain) else plain
    if is_text(plain):
        return TEXT
    if types.is_temporal(plain):
        return TIME if is_number(plain) else ""
    return NUMBER if types.is_boolean(plain) or is_number(plain) else ""


def count_in(kinds: Kinds | None, kind: str, values: int, unknown: int = 0) -> None:
    """Count values of one kind in; nothing is counted where there were none, or where nobody counts."""
    if kinds is not None and values:
        held = kinds.setdefault(kind, [0, 0])
        held[0] += values
        held[1] += unknown


def merged(one: Kinds | None, other: Kinds | None) -> Kinds | None:
    """Return the counts of both parts, None where either was counted before there were any."""
    if one is None or other is None:
        return None
    found = {kind: list(counts) for kind, counts in one.items()}
    for kind, (values, unknown) in other.items():
        count_in(found, kind, values, unknown)
    return found


def written(kinds: Kinds | None) -> dict[str, Any]:
    """Return the counts as a part of a column's JSON form; without any, profiles of before keep theirs."""
    return {} if kinds is None else {"kinds": {kind: kinds[kind] for kind in sorted(kinds)}}


def read_kinds(content: Mapping[str, Any]) -> Kinds | None:
    """Return the counts from a column's JSON form, None where it has none."""
    held = content.get("kinds")
    return None if held is None else {kind: list(counts) for kind, counts in held.items()}
