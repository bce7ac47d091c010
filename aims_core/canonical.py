"""Canonical JSON and digests: the one spelling of a value that is stored, hashed and compared."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
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
    return json.dumps(
        _plain(value, "value"), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of `value`, 64 hexadecimal characters."""
    return digest_text(canonical_json(value))


def digest_text(text: str) -> str:
    """Return the SHA-256 of `text` in UTF-8, 64 hexadecimal characters."""
    return hashlib.sha256(text.encode()).hexdigest()


def utc_text(moment: datetime) -> str:
    """Return an aware time as `YYYY-MM-DDTHH:MM:SS.ffffffZ`, which sorts as text.

    Raises
    ------
    ValueError
        The time carries no zone: nobody could tell later which hour was meant.
    """
    if moment.tzinfo is None:
        raise ValueError(f"time {moment.isoformat()} has no zone; pass an aware time, e.g. in UTC")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


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
        return sorted(_plain(v, path) for v in value)
    raise ValueError(f"{path} is a {type(value).__name__}, which has no JSON form")


def _text(value: str, path: str) -> str:
    if "\x00" in value:
        raise ValueError(f"{path} holds a NUL character; remove it")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{path} holds half a character (lone surrogate); remove it") from None
    return value


def _key(key: Any, path: str) -> str:
    if not isinstance(key, str):
        raise ValueError(f"{path} has the key {key!r}; keys are text")  # noqa: TRY004 - bad data, not a bad call
    return _text(str(key), path)
