"""Values of Arrow columns as numpy arrays: numbers, or codes into a list of texts.

Both readings account for every row: a value is a number or a text, missing, or unreadable.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from aims_core import InvalidRecord, Problem

_LONGEST_TEXT = 80


@dataclass(frozen=True, slots=True)
class Numbers:
    """Values as float64, NaN where a value is missing or unreadable; how many are unreadable."""

    values: NDArray[np.float64]
    unreadable: int


@dataclass(frozen=True, slots=True)
class Codes:
    """Distinct texts, and per row an index into them: -1 where the value is missing or unreadable."""

    texts: tuple[str, ...]
    index: NDArray[np.int64]
    unreadable: int


def flat(column: Any, *, decode: bool = True) -> Any:
    """Return a chunked or plain Arrow column as one array, of plain values unless told otherwise."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    return array.dictionary_decode() if decode and pa.types.is_dictionary(array.type) else array


def joined_tables(parts: list[Any], name: str) -> Any:
    """Return tables of one log one after the other; whole numbers give way to others, nothing else does.

    Raises
    ------
    InvalidRecord
        A column holds values of different kinds in different parts, such as text and numbers.
    """
    try:
        return pa.concat_tables(parts, promote_options="permissive")
    except pa.ArrowException:
        plain = [_plain_texts(part) for part in parts]
    try:
        return pa.concat_tables(plain, promote_options="permissive")
    except pa.ArrowException as error:
        reason = f"its parts hold values of different kinds: {str(error).splitlines()[0]}"
        problem = Problem(field="data", reason=reason, remedy="write all parts in one form")
        raise InvalidRecord(f"read {name}", [problem]) from error


def _plain_texts(table: Any) -> Any:
    columns = [flat(table.column(place)) for place in range(table.num_columns)]
    return pa.table(dict(zip(table.column_names, columns, strict=True)))


def is_number(kind: Any) -> bool:
    """Return whether an Arrow type holds quantities; truth values and texts do not."""
    types = pa.types
    return bool(
        types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_decimal(kind)
        or types.is_temporal(kind)
    )


def is_text(kind: Any) -> bool:
    """Return whether an Arrow type holds text."""
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def is_readable(kind: Any) -> bool:
    """Return whether values of an Arrow type can be profiled at all."""
    return is_number(kind) or is_text(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind)


def numbers(column: Any) -> Numbers:
    """Read a column as quantities; times count in microseconds, truth values as 0 and 1."""
    array = flat(column)
    kind = array.type
    if is_text(kind):
        return _parsed(array)
    if not is_readable(kind):
        return Numbers(np.full(len(array), math.nan), len(array) - array.null_count)
    return Numbers(_floats(_plain_number(array)), 0)


def codes(column: Any) -> Codes:
    """Read a column as categories: 1, 1.0 and true are the same class ``"1"``."""
    encoded = _encoded(column)
    if encoded is None:
        return Codes((), np.full(len(column), -1), len(column) - column.null_count)
    position: dict[str, int] = {}
    places = [
        -1 if text is None else position.setdefault(text, len(position))
        for text in map(class_text, encoded.dictionary.to_pylist())
    ]
    # The extra -1 at the end is what index -1 (missing) points at.
    return Codes(tuple(position), np.array([*places, -1], dtype=np.int64)[_places(encoded)], 0)


def _encoded(column: Any) -> Any:
    """Return a column as one dictionary array, None when its values are no categories."""
    if pa.types.is_dictionary(column.type):
        readable = is_readable(column.type.value_type)
        joined = column.unify_dictionaries() if isinstance(column, pa.ChunkedArray) else column
        return flat(joined, decode=False) if readable else None
    array = flat(column)
    return array.dictionary_encode() if is_readable(array.type) else None


def class_text(value: Any) -> str | None:
    """Return the one text of a class, or None when it stands for a missing value."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool) or (isinstance(value, float) and value.is_integer()):
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return _short(str(value).replace("\x00", "\N{REPLACEMENT CHARACTER}"))


def _short(text: str) -> str:
    if len(text) <= _LONGEST_TEXT:
        return text
    # A digest keeps two long texts apart without keeping the texts.
    return f"{text[: _LONGEST_TEXT - 20]}…{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _plain_number(array: Any) -> Any:
    """Return an array that casts to float64; times become microseconds."""
    types, kind = pa.types, array.type
    if types.is_boolean(kind):
        return array.cast(pa.uint8())
    if types.is_date(kind) or types.is_timestamp(kind):
        return array.cast(pa.timestamp("us", getattr(kind, "tz", None)), safe=False).cast(
            pa.int64()
        )
    if types.is_duration(kind):
        return array.cast(pa.duration("us"), safe=False).cast(pa.int64())
    if types.is_time(kind):
        return array.cast(pa.time64("us"), safe=False).cast(pa.int64())
    return array


def _floats(array: Any) -> NDArray[np.float64]:
    # Through DLPack, because pyarrow's own to_numpy imports pandas (0.9 s of start-up).
    filled = pc.fill_null(array.cast(pa.float64(), safe=False), math.nan)
    return np.asarray(np.from_dlpack(filled), dtype=np.float64)


def _places(encoded: Any) -> NDArray[np.int64]:
    """Return where each row's value stands in a dictionary, -1 for a missing one."""
    filled = pc.fill_null(encoded.indices.cast(pa.int64()), -1)
    return np.asarray(np.from_dlpack(filled), dtype=np.int64)


def _parsed(array: Any) -> Numbers:
    try:
        return Numbers(_floats(array), 0)
    except pa.ArrowInvalid:
        encoded = array.dictionary_encode()
    index = _places(encoded)
    # The extra None at the end is what index -1 (missing) points at; it is no failure to read.
    read = [*(_float(text) for text in encoded.dictionary.to_pylist()), None]
    values = np.array([math.nan if v is None else v for v in read])
    failed = np.array([v is None for v in read])
    failed[-1] = False
    return Numbers(values[index], int(failed[index].sum()))


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
