"""JSON from elsewhere, read strictly: what two readers could take for two things is refused."""

import json
import math
from collections.abc import Callable, Iterable
from typing import Any

Instead = Callable[[str, str], Any]
"""Gives what stands in the place of a number that cannot be held: told how it is written, and why not."""
DEEPEST = 32
"""Levels of lists and objects within each other."""
_EXACT = 2**53
_SHOWN = 40


def strict_json(text: str, *, instead: Instead | None = None) -> Any:
    """Return the value of a JSON text.

    Parameters
    ----------
    text : str
        One JSON value.
    instead : callable, optional
        Called with a number that cannot be held, as it is written, and the reason; what it returns stands
        in its place, so that one number need not spoil a whole file. By default it is refused. NaN and
        infinities are no JSON, and refused in any case.

    Raises
    ------
    ValueError
        It is no JSON, holds a key twice, NaN or an infinity, a whole number beyond 2^53 (other readers
        would round it), half a character, or more than 32 levels.
    """
    try:
        value = json.loads(
            text,
            object_pairs_hook=_each_key_once,
            parse_constant=_no_number,
            parse_int=_number(_exact, instead),
            parse_float=_number(_finite, instead),
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"is no JSON: {error.msg} in {where}") from None
    except RecursionError:
        raise ValueError(_too_deep()) from None
    if depth(value) > DEEPEST:
        raise ValueError(_too_deep())
    if "\\u" in text or not text.isascii():
        _whole(json.dumps(value, ensure_ascii=False))
    return value


def depth(value: Any) -> int:
    """Return how many levels of lists and objects a value has, counted without recursion."""
    levels, layer = 0, [value]
    while layer := [one for one in layer if isinstance(one, dict | list | tuple)]:
        levels += 1
        layer = [inner for one in layer for inner in _inner(one)]
    return levels


def inexact(value: Any) -> bool:
    """Return whether a value holds a whole number beyond 2^53, which other readers of JSON round."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, int) and abs(one) > _EXACT:
            return True
        waiting.extend(_inner(one))
    return False


def _inner(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list | tuple) else ()


def _too_deep() -> str:
    return f"is nested deeper than {DEEPEST} levels; flatten it"


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"has the key {twice[:_SHOWN]!r} twice; nobody can tell which one counts")
    return found


def _whole(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("holds half a character (lone surrogate); remove it") from None


def _number(read: Callable[[str], Any], instead: Instead | None) -> Callable[[str], Any]:
    if instead is None:
        return read

    def reading(digits: str) -> Any:
        try:
            return read(digits)
        except ValueError as error:
            return instead(digits, str(error))

    return reading


def _no_number(name: str) -> Any:
    raise ValueError(f"holds {name}, which is no number in JSON; use null")


def _exact(digits: str) -> int:
    if len(digits) > len(str(-_EXACT)) or abs(int(digits)) > _EXACT:
        raise ValueError(f"holds the whole number {digits[:_SHOWN]}, beyond 2^53; write it as text")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"holds the number {digits[:_SHOWN]}, which is too large")
    return number
