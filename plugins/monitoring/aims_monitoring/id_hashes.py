"""Ids as whole numbers of 53 bits that are spread evenly: the same id has the same wherever it was read."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aims_monitoring.classes import class_text
from aims_monitoring.values import dense, flat, is_number, is_text

BITS = 53
"""Bits of a hash, which a double holds exactly; two of a million ids share one by a chance of 1 in 18,000."""

Hashes = NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_WORD = 8
_SLICE = 1 << 16
_EXACT = 2**53
# By length: what is left of a word of which only the first bytes belong to a text.
_MASKS = np.array([2 ** (8 * used) - 1 for used in range(_WORD + 1)], np.uint64)


def hashed(column: Any) -> Hashes | None:
    """Return a hash of each id of an Arrow column, without those that are missing; None if they are no ids.

    Numbers are ids by their value, 7 and 7.0 the same; decimals, texts and bytes by what is written.
    """
    if isinstance(column, pa.ChunkedArray) and column.num_chunks > 1:
        parts = [hashed(chunk) for chunk in column.chunks]
        known = [part for part in parts if part is not None]
        return np.concatenate(known) if len(known) == len(parts) else None
    array = flat(column, decode=False)
    if pa.types.is_dictionary(array.type):
        return _of_dictionary(array)
    return _of_plain(flat(array))


def _of_dictionary(array: Any) -> Hashes | None:
    values = array.dictionary
    found = _of_plain(flat(values.drop_null()) if values.null_count else flat(values))
    if found is None:
        return None
    if values.null_count or len(found) != len(values):
        return _of_plain(array.dictionary_decode())
    places = array.indices.drop_null() if array.indices.null_count else array.indices
    return found.take(dense(places.cast(pa.int64()), 0))


def _of_plain(array: Any) -> Hashes | None:
    known = array.drop_null() if array.null_count else array
    kind = known.type
    if pa.types.is_null(kind):
        return np.empty(0, np.uint64)
    if is_text(kind) or _is_binary(kind):
        return _of_bytes(known)
    if pa.types.is_floating(kind):
        return _of_floats(dense(known.cast(pa.float64()), np.nan))
    if pa.types.is_boolean(kind) or is_number(kind):
        return _of_numbers(known)
    return None


def _is_binary(kind: Any) -> bool:
    types = pa.types
    return bool(
        types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind)
    )


def _of_numbers(array: Any) -> Hashes:
    kind = array.type
    if pa.types.is_decimal(kind):
        # By the text that the same number has in any precision.
        texts = [class_text(value) or "" for value in array.to_pylist()]
        return _of_bytes(pa.array(texts, pa.string()))
    return _spread(_words(array.cast(_counted(kind)) if pa.types.is_temporal(kind) else array))


def _counted(kind: Any) -> Any:
    return pa.int32() if pa.types.is_time32(kind) or pa.types.is_date32(kind) else pa.int64()


def _words(array: Any) -> Hashes:
    signed = not pa.types.is_unsigned_integer(array.type) and not pa.types.is_boolean(array.type)
    return dense(array.cast(pa.int64() if signed else pa.uint64()), 0).view(np.uint64)


def _of_floats(values: NDArray[np.float64]) -> Hashes:
    values = values[~np.isnan(values)]
    whole = (np.abs(values) < _EXACT) & (np.trunc(values) == values)
    words = np.where(whole, np.where(whole, values, 0).astype(np.int64).view(np.uint64), 0)
    return np.where(whole, _spread(words), _spread(mixed(values.view(np.uint64))))


def _of_bytes(array: Any) -> Hashes:
    if pa.types.is_fixed_size_binary(array.type):
        array = array.cast(pa.binary())
    found = np.empty(len(array), np.uint64)
    large = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    for start in range(0, len(array), _SLICE):
        part = array.slice(start, _SLICE)
        ends = np.frombuffer(part.buffers()[1], "<i8" if large else "<i4")
        ends = ends[part.offset : part.offset + len(part) + 1].astype(np.int64)
        found[start : start + len(part)] = _of_slices(part.buffers()[2], ends)
    return found


def _of_slices(data: Any, ends: NDArray[np.int64]) -> Hashes:
    """Return the hash of each slice of bytes, eight at a time over all slices at once."""
    held = b"" if data is None else memoryview(data)[int(ends[0]) : int(ends[-1])]
    padded = np.frombuffer(bytes(held) + bytes(_WORD), np.uint8)
    # A word begins at every byte.
    words = np.ndarray(len(padded) - _WORD + 1, "<u8", padded, strides=(1,))
    begin, lengths = ends[:-1] - ends[0], np.diff(ends)
    state = mixed(lengths.view(np.uint64) + _STEP)
    active = np.arange(len(lengths))
    for done in range(0, int(lengths.max(initial=0)), _WORD):
        active = active[lengths[active] > done]
        used = np.minimum(lengths[active] - done, _WORD)
        word = words[begin[active] + done].astype(np.uint64) & _MASKS[used]
        state[active] = mixed((state[active] ^ word) + _STEP)
    return state >> np.uint64(64 - BITS)


def _spread(words: Hashes) -> Hashes:
    return mixed(words + _STEP) >> np.uint64(64 - BITS)


def mixed(words: Hashes) -> Hashes:
    """Return each word with its bits spread: the last step of SplitMix64 (Steele, Lea and Flood 2014)."""
    words = (words ^ (words >> np.uint64(30))) * _FIRST
    words = (words ^ (words >> np.uint64(27))) * _SECOND
    return words ^ (words >> np.uint64(31))
