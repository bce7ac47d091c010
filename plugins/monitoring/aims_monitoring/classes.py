"""Values of Arrow columns as classes: where each row's stands in a list of texts, and how often each stands.

Every row is counted: its value is a text, missing, or unreadable.
"""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aims_monitoring.values import dense, flat, is_readable

_LONGEST_TEXT = 80
_EXACT = 2**53
_BYTE = 256
# Fewer values than this are counted sooner one by one than in pairs.
_MANY = 1 << 17
_LOOKED_AT = 1_000
# Looked up beside few texts, for a wider table: two texts that share a place of it cost twice the time.
_SPREADING = tuple(f"\x00{place}" for place in range(64))

Places = NDArray[Any]
"""Whole numbers from 0, in as few bytes as they fit in."""


@dataclass(frozen=True, slots=True)
class Codes:
    """Distinct texts, and per row the place of its own: 0 where the value is missing or unreadable.

    The place of ``texts[0]`` is 1.
    """

    texts: tuple[str, ...]
    places: Places
    unreadable: int

    def counts(self) -> dict[str | None, int]:
        """Return how often each text stands, None for missing; unreadable values are left out."""
        missing, *known = tallied(self.places, len(self.texts) + 1).tolist()
        return {**dict(zip(self.texts, known, strict=True)), None: missing - self.unreadable}


@dataclass(frozen=True, slots=True)
class Span:
    """Whole numbers that lie close together: the least of them, and how far above it each row's is."""

    least: int
    offsets: NDArray[np.uint8]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, column: Any) -> "Span | None":
        """Return the span of a column without gaps, None when its numbers spread wider or are not whole."""
        truth = pa.types.is_boolean(column.type)
        if not (truth or pa.types.is_integer(column.type)) or column.null_count or not len(column):
            return None
        array = flat(column)
        array = array.cast(pa.uint8()) if truth else array
        values = np.from_dlpack(array)
        for part in (values[:_LOOKED_AT], values):
            least, most = int(part.min()), int(part.max())
            # One place of a byte is left for missing values.
            if most - least >= _BYTE - 1 or max(abs(least), abs(most)) > _EXACT:
                return None
        # Modulo 256, in which the last bytes have the same differences as the numbers.
        offsets = values.astype(np.uint8) - np.uint8(least % _BYTE)
        return cls(least, offsets, tallied(offsets, _BYTE))

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The numbers that occur, ascending."""
        return np.flatnonzero(self.counts) + self.least

    @property
    def times(self) -> NDArray[np.int64]:
        """How often each of them does."""
        return self.counts[self.counts > 0]

    def codes(self) -> Codes:
        """Return the numbers as categories."""
        found = np.flatnonzero(self.counts)
        place = np.zeros(_BYTE, dtype=np.uint8)
        place[found] = np.arange(1, len(found) + 1)
        dense_already = len(found) == found[-1] + 1
        places = self.offsets + np.uint8(1) if dense_already else place.take(self.offsets)
        return Codes(tuple(str(self.least + one) for one in found.tolist()), places, 0)


def codes(column: Any, span: Span | None = None) -> Codes:
    """Read a column as categories: 1, 1.0 and true are the same class ``"1"``.

    `span` is that of the column, if it is known already.
    """
    span = span or Span.of(column)
    if span is not None:
        return span.codes()
    encoded = _encoded(column)
    if encoded is None:
        return Codes((), np.zeros(len(column), np.uint8), len(column) - column.null_count)
    position: dict[str, int] = {}
    ordered = [
        0 if text is None else position.setdefault(text, len(position) + 1)
        for text in map(class_text, encoded.dictionary.to_pylist())
    ]
    kind = kind_for(len(ordered) + 1)
    missing = encoded.indices.null_count
    where = dense(encoded.indices.cast(pa.int64()), -1) if missing else _numpy(encoded.indices)
    places = (where + 1).astype(kind)
    if ordered != list(range(1, len(ordered) + 1)):
        places = np.array([0, *ordered], dtype=kind).take(places)
    return Codes(tuple(position), places, 0)


def kind_for(size: int) -> Any:
    """Return the smallest of three kinds of whole numbers that has places below `size`."""
    if size <= _BYTE:
        return np.uint8
    return np.uint16 if size <= _BYTE**2 else np.int64


def tallied(places: Places, size: int) -> NDArray[np.int64]:
    """Return how often each place below `size` stands.

    Many bytes are taken in pairs, which halves the steps: each pair counts for both of its bytes.
    """
    if places.dtype != np.uint8 or len(places) < _MANY:
        return np.bincount(places, minlength=size)
    even = len(places) // 2 * 2
    pairs = np.bincount(places[:even].view(np.uint16), minlength=_BYTE**2).reshape(_BYTE, _BYTE)
    counts: NDArray[np.int64] = pairs.sum(axis=0) + pairs.sum(axis=1)
    for odd in places[even:]:
        counts[odd] += 1
    return counts[:size]


def class_counts(column: Any, known: tuple[str, ...] = ()) -> tuple[dict[str | None, int], int]:
    """Return how often each category stands in a column, None for missing, and the unreadable values.

    Parameters
    ----------
    known : tuple of str
        Categories that are to be expected; texts are looked up among them first, which is faster than
        finding out which there are.
    """
    found: dict[str | None, int] = {None: 0}
    unreadable = 0
    for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
        rest = _count_known(chunk, known, found) if known else chunk
        if not len(rest):
            continue
        encoded = _encoded(rest)
        if encoded is None:
            found[None] += rest.null_count
            unreadable += len(rest) - rest.null_count
        else:
            _count_places(encoded, found)
    return found, unreadable


def _count_known(chunk: Any, known: tuple[str, ...], found: dict[str | None, int]) -> Any:
    """Count the texts of a chunk that are known, and return the other values."""
    if not (pa.types.is_string(chunk.type) or pa.types.is_large_string(chunk.type)):
        return chunk
    import pyarrow.compute as pc

    looked_up = known + _SPREADING[len(known) :]
    places = pc.index_in(chunk, value_set=_texts(looked_up, chunk.type))
    gaps = places.null_count
    counted = _numpy(places.drop_null() if gaps else places).astype(kind_for(len(looked_up)))
    _add(found, map(class_text, looked_up), tallied(counted, len(looked_up)).tolist())
    return chunk.filter(places.is_null()) if gaps else chunk.slice(0, 0)


def _texts(texts: tuple[str, ...], kind: Any) -> Any:
    # By hand, as `array_of` is: pa.array would load pandas.
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    width = np.int64 if pa.types.is_large_string(kind) else np.int32
    ends = np.cumsum([0, *map(len, encoded)], dtype=width)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(kind, len(texts), buffers)


def _count_places(encoded: Any, found: dict[str | None, int]) -> None:
    missing = encoded.indices.null_count
    places = _numpy(encoded.indices.drop_null() if missing else encoded.indices)
    size = len(encoded.dictionary)
    counts = tallied(places.astype(kind_for(size)), size).tolist()
    found[None] += missing
    _add(found, map(class_text, encoded.dictionary.to_pylist()), counts)


def _add(found: dict[str | None, int], texts: Iterable[str | None], counts: list[int]) -> None:
    for text, count in zip(texts, counts, strict=True):
        found[text] = found.get(text, 0) + count


def _numpy(array: Any) -> NDArray[Any]:
    return np.asarray(np.from_dlpack(array))


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
    if isinstance(value, Decimal):
        # As a number with a fraction is written: 1.00 is the class of 1, 0.50 that of 0.5.
        return str(int(value)) if value == value.to_integral_value() else str(value.normalize())
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return _short(str(value).replace("\x00", "\N{REPLACEMENT CHARACTER}"))


def _short(text: str) -> str:
    if len(text) <= _LONGEST_TEXT:
        return text
    # A digest keeps two long texts apart without keeping the texts.
    return f"{text[: _LONGEST_TEXT - 20]}…{hashlib.sha256(text.encode()).hexdigest()[:12]}"
