"""What no database here holds alike is refused before it gets there, whatever the table.

SQLite takes a text of any length, rounds a Decimal, turns NaN into NULL, drops the zone of a time and cuts
a text at NUL when it compares; PostgreSQL refuses some of it and rounds the rest in its own way.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Compiled

from aims_core.errors import InvalidRecord
from aims_core.records import Problem

_SHOWN = 60
_WHOLE = 2**63
_NESTED = frozenset({tuple, list, dict})
_SINGLE = frozenset({str, int, bool, bytes, type(None)})
_HARMLESS = frozenset({bytes, bool, type(None)})


def check_values(parameters: Any) -> None:
    """Refuse what a statement carries and no database here holds alike.

    Raises
    ------
    InvalidRecord
        A text with NUL or half a character, a number that is not finite, a Decimal, a whole number beyond
        64 bits, or a time that was not made text.
    """
    # Every value of every row passes here: exact types first, which is what nearly all of them are.
    inner = parameters.values() if isinstance(parameters, dict) else parameters
    for value in inner or ():
        kind = type(value)
        if kind is str:
            if "\x00" in value or not value.isascii():
                _check_text(value)
        elif kind in _NESTED:
            if not _is_sound(value):
                check_values(value)
        elif kind not in _HARMLESS:
            _check_other(value)


def check_lengths(compiled: Compiled, rows: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a text that is longer than its column, which SQLite would take.

    Raises
    ------
    InvalidRecord
        The message names the column, its limit and, of many rows, which one.
    """
    if not isinstance(compiled, sa.sql.compiler.SQLCompiler):
        return
    for name, limit in _limits(compiled):
        _check_length(name, limit, [row.get(name) for row in rows])


def check_rows(limits: Iterable[tuple[int, str, int]], rows: Sequence[Sequence[Any]]) -> None:
    """Refuse the same in rows that are loaded; `limits` gives the place, the column and its limit.

    Raises
    ------
    InvalidRecord
        As for :func:`check_lengths`.
    """
    for place, name, limit in limits:
        _check_length(name, limit, [row[place] for row in rows])


def _check_length(name: str, limit: int, values: Sequence[Any]) -> None:
    texts = [value if isinstance(value, str) else "" for value in values]
    if max(map(len, texts), default=0) <= limit:
        return
    longest = max(texts, key=len)
    raise _unwritable(
        name,
        longest,
        f"has {len(longest):,} characters",
        f"use up to {limit:,}",
        row=texts.index(longest) + 1 if len(texts) > 1 else None,
    )


def _is_sound(row: Any) -> bool:
    """Say of one row whether it holds nothing to refuse, by one look at its values together."""
    given = row.values() if isinstance(row, dict) else row
    if not _SINGLE.issuperset(map(type, given)):
        return False
    numbers = [value for value in given if type(value) is int]
    if numbers and not -_WHOLE <= min(numbers) <= max(numbers) < _WHOLE:
        return False
    text = "".join([value for value in given if type(value) is str])
    return "\x00" not in text and (text.isascii() or _has_whole_characters(text))


@lru_cache(maxsize=512)
def _limits(compiled: sa.sql.compiler.SQLCompiler) -> tuple[tuple[str, int], ...]:
    """Return the limits of the texts that an INSERT or UPDATE writes, by the name of the value."""
    if not (compiled.isinsert or compiled.isupdate):
        return ()
    return tuple(
        (name, limit)
        for name, bind in compiled.binds.items()
        if (limit := _limit_of(bind.type)) is not None
    )


def _limit_of(kind: Any) -> int | None:
    own = kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind
    return own.length if isinstance(own, sa.String) else None


def _check_text(value: str) -> None:
    if "\x00" in value:
        raise _unwritable("text", value, "holds a NUL character", "remove it")
    if not _has_whole_characters(value):
        raise _unwritable("text", value, "holds half a character (lone surrogate)", "remove it")


def _check_other(value: Any) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise _unwritable("number", value, "is no finite number", "use null")
    elif isinstance(value, int):
        if not -_WHOLE <= value < _WHOLE:
            raise _unwritable("number", value, "is beyond 64 bits", "write it as text")
    elif isinstance(value, Decimal):
        raise _unwritable("number", value, "is a Decimal, which gets rounded", "write it as text")
    elif isinstance(value, date | time | timedelta):
        remedy = "use a column of the type UtcTime and an aware time"
        raise _unwritable("time", value, "is a time in no fixed form", remedy)
    elif isinstance(value, Mapping | list | tuple):
        check_values(dict(value) if isinstance(value, Mapping) else value)


def _has_whole_characters(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unwritable(
    field: str, value: Any, reason: str, remedy: str, row: int | None = None
) -> InvalidRecord:
    shown = ascii(str(value)[:_SHOWN])
    problem = Problem(field=field, value=shown, reason=f"{shown} {reason}", remedy=remedy, row=row)
    return InvalidRecord("read or write a record", [problem])
