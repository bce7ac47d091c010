"""Canonical JSON and digests: the one spelling of a value that is stored, hashed and compared."""

import hashlib
import json
import math
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Any


def canonical_json(value: Any) -> str:
    """Return `value` as JSON with sorted keys, no spaces and times in UTC.

    Parameters
    ----------
    value : object
        Mappings with text keys, sequences, text, numbers, booleans, None, dates and aware times.

    Returns
    -------
    str
        The same text for equal values, on every platform and database.

    Raises
    ------
    ValueError
        A number is not finite, a time has no zone, a text holds a NUL, or a type has no JSON form.
    """
    try:
        return value.text if type(value) is Written else _text_of(value)
    except RecursionError:
        raise ValueError("value is nested too deeply or holds itself; flatten it") from None


class Written(dict[str, Any]):
    """A mapping that keeps its canonical JSON as `text`, so that it is spelt once and used often.

    Equal to the plain mapping, and read like it; nothing in it may be changed any more.

    Raises
    ------
    ValueError
        As for :func:`canonical_json`.
    """

    __slots__ = ("text",)

    def __init__(self, value: Mapping[str, Any]) -> None:
        super().__init__(value)
        self.text = canonical_json(dict(self))

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (dict(self),)  # a copy is a plain mapping, which may be changed

    def _shut(self, *_: Any, **__: Any) -> Any:
        raise TypeError("this mapping was written down already; change a copy of it")

    __setitem__ = __delitem__ = __ior__ = _shut
    update = setdefault = pop = popitem = clear = _shut


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of `value`, 64 hexadecimal characters."""
    return digest_text(canonical_json(value))


def digest_text(text: str) -> str:
    """Return the SHA-256 of `text` in UTF-8, 64 hexadecimal characters."""
    return hashlib.sha256(text.encode()).hexdigest()


def deadline(moment: date) -> datetime:
    """Return the aware time at which something ends; a day ends with its last moment, in UTC.

    Raises
    ------
    ValueError
        A time has no zone: whose midnight it means is not known; or it lies outside the years 1 to 9999
        in UTC.
    """
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time.max, tzinfo=UTC)
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; write for instance tzinfo=UTC")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{moment} is outside the year range of UTC") from None


def utc_text(moment: datetime) -> str:
    """Return an aware time as `YYYY-MM-DDTHH:MM:SS.ffffffZ`, which sorts as text.

    Raises
    ------
    ValueError
        The time carries no zone (nobody could tell later which hour was meant), or lies outside
        the years 1 to 9999 in UTC.
    """
    if moment.tzinfo is UTC:
        return moment.isoformat(timespec="microseconds")[:-6] + "Z"
    if moment.utcoffset() is None:
        raise ValueError(f"time {moment.isoformat()} has no zone; pass an aware time, e.g. in UTC")
    try:
        there = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"time {moment.isoformat()} is outside the year range of UTC") from None
    # Not strftime: the C library writes the year 999 with three digits, which sorts after 1000.
    return there.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def text_problem(text: str) -> str:
    """Return what keeps a text from being stored and hashed, empty when nothing does."""
    if "\x00" in text:
        return "holds a NUL character; remove it"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "holds half a character (lone surrogate); remove it"
    return ""


def writable(text: str) -> str:
    """Return `text` with what cannot be stored spelt out, for reports about such text."""
    return text.encode(errors="backslashreplace").decode().replace("\x00", "\\x00")


def spelt(value: Any, longest: int = 60) -> str:
    """Return any value as short text for a message about it, also one that cannot be spelt out."""
    try:
        text = value if isinstance(value, str) else str(value)
    except (ValueError, RecursionError):
        # A number of more than 4,300 digits, or lists within lists without end.
        text = f"a {type(value).__name__} that is too large to show"
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _text_of(value: Any) -> str:
    if type(value) in _EMPTY and not value:
        return _EMPTY[type(value)]
    if type(value) is dict and Written in map(type, value.values()):
        return _composed(value)
    try:
        text = _encode(value)
        text.encode()
    except (TypeError, ValueError):
        return _encode(_plain(value, "value"))  # the slow way names the place that is wrong
    if "\\u0000" in text or _has_odd_key(value):
        return _encode(_plain(value, "value"))
    return text


def _composed(value: dict[str, Any]) -> str:
    """Return the text of a mapping around others that are written already."""
    if not _TEXTS.issuperset(map(type, value)):
        value = {_key(key, "value"): one for key, one in value.items()}
    spelt_out = [f"{_text_of(key)}:{_part(value[key])}" for key in sorted(value)]
    return f"{{{','.join(spelt_out)}}}"


def _part(value: Any) -> str:
    if type(value) is Written:
        return value.text
    return "null" if value is None else _text_of(value)


def _other(value: Any) -> Any:
    """Return the JSON form of what the encoder does not know; anything else goes the slow way."""
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError


_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_other
).encode
_LEAVES = frozenset({str, int, float, bool, type(None), datetime})
_TEXTS = frozenset({str})
_EMPTY: Mapping[type, str] = {dict: "{}", list: "[]", tuple: "[]", str: '""'}


def _has_odd_key(value: Any) -> bool:
    """Say whether a key is no text; the encoder would quietly turn 1 into "1"."""
    if isinstance(value, Mapping):
        return not _TEXTS.issuperset(map(type, value)) or _holds_odd_key(value.values())
    return isinstance(value, list | tuple) and _holds_odd_key(value)


def _holds_odd_key(values: Collection[Any]) -> bool:
    # Most collections hold leaves alone, which the set finds out faster than a loop of ours.
    if _LEAVES.issuperset(map(type, values)):
        return False
    return any(_has_odd_key(v) for v in values if v and type(v) not in _LEAVES)


def _plain(value: Any, path: str) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value, path)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{path} is {value}; JSON has no such number, use None with a reason")
        return value
    if isinstance(value, date):
        return utc_text(value) if isinstance(value, datetime) else value.isoformat()
    return _plain_collection(value, path)


def _plain_collection(value: Any, path: str) -> Any:
    if isinstance(value, Mapping):
        return {_key(k, path): _plain(v, f"{path}.{k}") for k, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(v, f"{path}[{i}]") for i, v in enumerate(value)]
    if isinstance(value, set | frozenset):
        # By spelling, because members of different types cannot be compared.
        return sorted((_plain(v, path) for v in value), key=_encode)
    raise ValueError(f"{path} is a {type(value).__name__}, which has no JSON form")


def _text(value: str, path: str) -> str:
    if problem := text_problem(value):
        raise ValueError(f"{path} {problem}")
    return value


def _key(key: Any, path: str) -> str:
    if not isinstance(key, str):
        raise ValueError(f"{path} has the key {key!r}; keys are text")  # noqa: TRY004 - bad data, not a bad call
    return _text(str(key), path)
