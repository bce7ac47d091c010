"""Whether a log goes on one that was measured before: fingerprints of its first rows.

A log grows: a file is appended to, a folder has one file more, a frame is longer. Windows of a number of
rows keep their names then, because the rows that were there are told to be the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aims_monitoring.id_hashes import hashed, mixed
from aims_monitoring.schema import Schema
from aims_monitoring.source import Source, is_database
from aims_monitoring.values import dense, flat, is_number, numbers

NAME = 8
"""Characters of a log's digest by which its windows are named."""

_EXACT = 2.0**53
_STEP = np.uint64(0x9E3779B97F4A7C15)
# Stands for a text, so that no text has the words of a number.
_TEXT = np.uint64(0xD1B54A32D192ED03)

Words = NDArray[np.uint64]


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownLog:
    """A log as a run found it: the name that its windows bear, its rows, and their fingerprint."""

    name: str
    rows: int
    fingerprint: str


class Fingerprints:
    """Fingerprints of the first rows of a log, at some numbers of rows at once.

    A fingerprint has 64 bits: the sum over the rows of what their values and their place hash to, so that
    parts of a log that were read apart add up. The order of the columns does not count, nor whether a whole
    number came as a float, nor a column without a value.

    Parameters
    ----------
    lengths : iterable of int
        Numbers of rows.
    names : sequence of str
        Columns whose values count.
    seen : int
        Rows of the log before the first one that is added.
    """

    def __init__(self, lengths: Iterable[int], names: Sequence[str], *, seen: int = 0) -> None:
        self.lengths = sorted(set(lengths))
        self.names = tuple(names)
        self._seen = seen
        self._sums = [0] * len(self.lengths)

    def add(self, table: Any) -> None:
        """Add the rows that follow, from an Arrow table or row group with the named columns."""
        rows = len(table)
        places = np.arange(self._seen, self._seen + rows, dtype=np.uint64)
        state = mixed((places + np.uint64(1)) * _STEP)
        for name in self.names:
            words = _words(table[name])
            if words is not None:
                own = int(_named(name))
                state += np.where(words, mixed(words + np.uint64(own)), np.uint64(0))
        state = mixed(state)
        cuts = np.clip(np.array([0, *self.lengths]) - self._seen, 0, rows)
        for part, (start, end) in enumerate(pairwise(cuts.tolist())):
            self._add(part, int(state[start:end].sum(dtype=np.uint64)))
        self._seen += rows

    def sums(self) -> list[str]:
        """Return what this part of a log adds up to, to be added elsewhere by `take`."""
        return [f"{each:016x}" for each in self._sums]

    def take(self, sums: Sequence[str]) -> None:
        """Add what another part of the log adds up to."""
        for part, each in enumerate(sums):
            self._add(part, int(each, 16))

    def _add(self, part: int, words: int) -> None:
        self._sums[part] = (self._sums[part] + words) % 2**64

    def at(self, length: int) -> str:
        """Return the fingerprint of the first rows, as 16 hexadecimal digits."""
        return f"{sum(self._sums[: self.lengths.index(length) + 1]) % 2**64:016x}"


def fingerprints_of(source: Source, schema: Schema, known: Sequence[KnownLog]) -> Fingerprints:
    """Return the fingerprints to take of a log: as a whole, and as long as logs on record were.

    All its columns count but the label, which may come later; of a table in a database those that the
    schema declares.
    """
    names = [name for name in source.names if source.names.count(name) == 1]
    if is_database(source):
        declared = {*schema.profiled, schema.id, schema.time}
        names = [name for name in names if name in declared]
    lengths = [log.rows for log in known if log.rows <= source.rows]
    return Fingerprints([*lengths, source.rows], [name for name in names if name != schema.label])


def name_of(source: Source, fingerprints: Fingerprints, known: Sequence[KnownLog]) -> str:
    """Return the name of a log: that of the longest log on record whose rows it begins with, else its own."""
    going_on = [
        log
        for log in known
        if log.rows <= source.rows and log.fingerprint == fingerprints.at(log.rows)
    ]
    longest = max(going_on, key=lambda log: log.rows, default=None)
    return source.digest()[:NAME] if longest is None else longest.name


def _named(name: str) -> np.uint64:
    found = hashed(pa.array([name], pa.string()))
    assert found is not None  # noqa: S101 - a text has a hash; this tells the type checker
    return np.uint64(found[0])


def _words(column: Any) -> Words | None:
    """Return a word for each value, 0 where it is missing; None for values that have none, such as lists."""
    kind = column.type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if is_number(kind) or pa.types.is_boolean(kind):
        return _of_numbers(column)
    found = hashed(column)
    if found is None:
        return None
    if len(found) < len(column):
        valid = np.from_dlpack(flat(column).is_valid().cast(pa.uint8())).astype(bool)
        placed = np.zeros(len(column), np.uint64)
        placed[valid] = found ^ _TEXT
        return placed
    return found ^ _TEXT


def _of_numbers(column: Any) -> Words:
    values = numbers(column).values
    words = (values + 0.0).view(np.uint64)  # -0.0 is 0.0
    words = words + _STEP  # the word of 0.0 is 0, which stands for missing
    array = flat(column)
    if pa.types.is_integer(array.type):
        beyond = np.abs(values) >= _EXACT
        if beyond.any():
            signed = pa.types.is_signed_integer(array.type)
            whole = dense(array.cast(pa.int64() if signed else pa.uint64()), 0).view(np.uint64)
            words = np.where(beyond, mixed(whole), words)
    words[np.isnan(values)] = 0
    return words
