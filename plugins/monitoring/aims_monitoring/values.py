"""Values of Arrow columns as numbers in numpy arrays; every row is a number, missing, or unreadable."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aims_core import InvalidRecord, Problem

_EXACT = 2**53
_FULL = 2.0**64


@dataclass(frozen=True, slots=True)
class Numbers:
    """Values as float64, NaN where a value is missing or unreadable; how many are unreadable."""

    values: NDArray[np.float64]
    unreadable: int


def array_of(values: NDArray[np.int64]) -> Any:
    """Return whole numbers as an Arrow array, without a copy; ``pa.array`` would load pandas (0.5 s)."""
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(values)])


def dense(array: Any, missing: float) -> NDArray[Any]:
    """Return an Arrow array of int64 or float64 with its gaps filled, without a copy if it has none."""
    if array.null_count:
        kind = np.float64 if pa.types.is_floating(array.type) else np.int64
        value = pa.py_buffer(np.array([missing], dtype=kind))
        # A plain number would be made a scalar by pyarrow, which loads pandas.
        array = array.fill_null(pa.Array.from_buffers(array.type, 1, [None, value])[0])
    # Through DLPack, because pyarrow's own to_numpy loads pandas as well.
    return np.asarray(np.from_dlpack(array))


def flat(column: Any, *, decode: bool = True) -> Any:
    """Return a chunked or plain Arrow column as one array, of plain values unless told otherwise."""
    array = _joined(column) if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    return array.dictionary_decode() if decode and pa.types.is_dictionary(array.type) else array


def _joined(column: Any) -> Any:
    # combine_chunks copies a single chunk as well.
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


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
        or (types.is_temporal(kind) and not types.is_interval(kind))
    )


def is_text(kind: Any) -> bool:
    """Return whether an Arrow type holds text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def is_readable(kind: Any) -> bool:
    """Return whether values of an Arrow type can be profiled at all."""
    return is_number(kind) or is_text(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind)


def origin_of(column: Any) -> int:
    """Return what to take from whole numbers so that a double tells them apart, 0 where it does anyway.

    It is their median. Those within 2**53 of it have doubles of their own; those farther away share one with
    their nearest neighbours above, and still lie on the right side of every edge.
    """
    array = flat(column)
    if not are_beyond_doubles(array):
        return 0
    whole = np.sort(_whole(array.drop_null()))
    return int(whole[len(whole) // 2])


def numbers(column: Any, origin: int = 0) -> Numbers:
    """Read a column as quantities from `origin`; times count in microseconds, truth values as 0 and 1."""
    read = _numbers(column)
    if not origin:
        return read
    array = flat(column)
    if not pa.types.is_integer(array.type):
        return Numbers(read.values - origin, read.unreadable)
    whole = _whole(array)
    # Modulo 2**64, in which signed and unsigned numbers have the same differences.
    above = whole.view(np.uint64) - np.uint64(origin % 2**64)
    moved = np.where(whole >= origin, _rounded(above, up=True), -_rounded(-above, up=False))
    moved[np.isnan(read.values)] = math.nan
    return Numbers(moved, read.unreadable)


def are_beyond_doubles(column: Any) -> bool:
    """Say whether a column holds whole numbers of which a double does not tell all apart."""
    array = flat(column)
    if not pa.types.is_integer(array.type) or array.null_count == len(array):
        return False
    whole = _whole(array)
    return int(whole.min()) <= -_EXACT or int(whole.max()) >= _EXACT


def subtracted(column: Any, other: Any, rounded: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a column of whole numbers minus another, exactly where `rounded` says that they lie close."""
    near = np.abs(rounded) < _EXACT
    # Modulo 2**64, in which signed and unsigned numbers have the same differences.
    one, two = (_whole(flat(each)).view(np.uint64)[near] for each in (column, other))
    found = rounded.copy()
    found[near] = (one - two).view(np.int64).astype(np.float64)
    return found


def _rounded(whole: NDArray[np.uint64], *, up: bool) -> NDArray[np.float64]:
    """Return whole numbers as the nearest doubles that do not lie below them, or not above.

    An edge is a double: a number then lies on the side of it on which its double lies.
    """
    near = whole.astype(np.float64)
    # 2**64 itself is the double of numbers below it, and no 64 bits hold it.
    full = near == _FULL
    back = np.where(full, 0, near).astype(np.uint64)
    wrong = (~full & (back < whole)) if up else (full | (back > whole))
    return np.where(wrong, np.nextafter(near, math.inf if up else -math.inf), near)


def _whole(array: Any) -> NDArray[Any]:
    kind = pa.int64() if pa.types.is_signed_integer(array.type) else pa.uint64()
    return dense(array.cast(kind), 0)


def _numbers(column: Any) -> Numbers:
    array = flat(column)
    kind = array.type
    if is_text(kind):
        return _parsed(array)
    if not is_readable(kind):
        return Numbers(np.full(len(array), math.nan), len(array) - array.null_count)
    return Numbers(_floats(_plain_number(array)), 0)


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
    return dense(array.cast(pa.float64(), safe=False), math.nan)


def _places(encoded: Any) -> NDArray[np.int64]:
    """Return where each row's value stands in a dictionary, -1 for a missing one."""
    return dense(encoded.indices.cast(pa.int64()), -1)


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
