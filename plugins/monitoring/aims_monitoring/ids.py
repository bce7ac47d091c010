"""How many ids of a window repeat, from hashes of them: exact for few, estimated for many.

The smallest hashes are kept, in whatever order the ids come. Of few ids these are all; of many they tell by
how closely they lie how many there are. Two such lists give that of both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from aims_monitoring.id_hashes import BITS, hashed

KEPT = 1 << 17
"""How many hashes are kept: 131,072 distinct ids are counted exactly, in a megabyte for each window."""
_NORMAL = 1.959963984540054

Hashes = NDArray[np.uint64]


@dataclass(slots=True)
class IdCounts:
    """Rows with an id, and how many distinct ids there are among them.

    `smallest` are the smallest distinct hashes, ascending. They are not stored, as whoever knows a person's
    id could look for it among them: read back, a window has its numbers, and None for its hashes.
    """

    n: int = 0
    missing: int = 0
    unreadable: int = 0
    smallest: Hashes | None = field(default_factory=lambda: np.empty(0, np.uint64))
    sample: int = 0
    _distinct: int | None = None

    def add(self, column: Any) -> None:
        """Count the ids of an Arrow column in."""
        hashes = hashed(column)
        if hashes is None:
            self.missing += column.null_count
            self.unreadable += len(column) - column.null_count
            return
        self.n += len(hashes)
        self.missing += len(column) - len(hashes)
        if self.smallest is not None:
            self.smallest, self.sample = _joined(self.smallest, hashes, self.sample)

    def add_missing(self, rows: int) -> None:
        """Count rows in that have no id."""
        self.missing += rows

    def merge(self, other: Self) -> Self:
        """Return the counts of both parts, exactly as one scan would give them.

        Without the hashes of either the number of distinct ids of both is not known.
        """
        both = type(self)(
            self.n + other.n, self.missing + other.missing, self.unreadable + other.unreadable
        )
        if self.smallest is None or other.smallest is None:
            both.smallest = None
            return both
        # The one that may lack hashes goes first: only what lies below its last is known of both.
        first, second = sorted((self, other), key=lambda ids: -ids.sample)
        assert first.smallest is not None  # noqa: S101 - seen above
        assert second.smallest is not None  # noqa: S101 - same
        both.smallest, both.sample = _joined(first.smallest, second.smallest, first.sample)
        return both

    @property
    def rows(self) -> int:
        """Rows seen, whatever was in them."""
        return self.n + self.missing + self.unreadable

    @property
    def distinct(self) -> int | None:
        """Distinct ids: exact where `sample` is 0, else estimated; None where nobody knows.

        Formula: ``(k - 1) / u``, u the k-th smallest hash as a share of the range of hashes, and never
        more than the rows. Source: Bar-Yossef et al. (2002), Counting distinct elements in a data stream;
        Beyer et al. (2007), On synopses for distinct-value estimation, by whom it has no bias.
        """
        if self.smallest is None:
            return self._distinct
        if not self.sample:
            return len(self.smallest)
        share = (int(self.smallest[-1]) + 1) / 2**BITS
        return int(min(self.n, round((self.sample - 1) / share)))

    @property
    def bounds(self) -> tuple[int, int] | None:
        """Ends of the 95 % interval of the distinct ids: the number itself where it is exact.

        The relative standard error is ``1 / sqrt(k - 2)`` (Beyer et al. 2007): 0.28 % of 131,072 hashes.
        """
        distinct = self.distinct
        if distinct is None or not self.sample:
            return None if distinct is None else (distinct, distinct)
        error = _NORMAL / (self.sample - 2) ** 0.5
        return min(self.n, round(distinct / (1 + error))), min(
            self.n, round(distinct / (1 - error))
        )

    def content(self) -> dict[str, Any]:
        """Return the counts in their JSON form, without the hashes."""
        return {
            "n": self.n,
            "missing": self.missing,
            "unreadable": self.unreadable,
            "distinct": self.distinct,
            "sample": self.sample,
        }

    @classmethod
    def read(cls, content: Mapping[str, Any], smallest: Hashes | None = None) -> Self:
        """Return the counts that `content` gave back; `smallest` are their hashes, if they came along."""
        return cls(
            content["n"],
            content["missing"],
            content["unreadable"],
            smallest,
            content["sample"],
            content["distinct"],
        )


def _joined(kept: Hashes, more: Hashes, sample: int) -> tuple[Hashes, int]:
    """Return the smallest distinct hashes of both, and how many where not all are kept, else 0.

    `sample` is that of those kept already: none above the last of them is known completely.
    """
    if sample:
        more = more[more < kept[-1]]
    found = np.sort(np.concatenate((kept, more)))
    # np.unique finds the same by a table, which takes twenty times as long.
    found = found[np.concatenate(([True], found[1:] != found[:-1]))] if len(found) else found
    if len(found) > KEPT or sample:
        found = found[:KEPT].copy()
        return found, len(found)
    return found, 0
