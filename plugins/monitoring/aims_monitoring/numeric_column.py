"""Sufficient statistics of a column of numbers: counts and sums between fixed edges, and moments."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from aims_monitoring.binning import Binned, binned, binned_counts
from aims_monitoring.classes import Span
from aims_monitoring.kinds import (
    NUMBER,
    TIME,
    Kinds,
    count_in,
    kind_of,
    merged,
    read_kinds,
    written,
)
from aims_monitoring.layout import NumericPlan
from aims_monitoring.values import numbers

_PLACES = 28
# Few enough to stay in the processor's cache while they are looked up and summed.
_SLICE = 65_536
MISSING, MINUS_INFINITY, PLUS_INFINITY = -1, -2, -3
"""Places of values that belong in no bin."""


@dataclass(slots=True)
class NumericColumn:
    """Counts and sums between fixed edges, and moments around a fixed shift.

    `sums` are those of the distances from the shift, so that they stay fine far from zero.

    Bin ``i`` holds the values in ``(edges[i-1], edges[i]]``; the first and last bins are open, so
    values outside the reference's range are counted apart.
    """

    kind: ClassVar[str] = "numeric"
    plan: NumericPlan
    counts: NDArray[np.int64]
    sums: NDArray[np.float64]
    missing: int = 0
    unreadable: int = 0
    minus_infinity: int = 0
    plus_infinity: int = 0
    minimum: float | None = None
    maximum: float | None = None
    shifted: float = 0.0
    shifted_squares: float = 0.0
    kinds: Kinds | None = field(default_factory=dict)

    @classmethod
    def empty(cls, plan: NumericPlan) -> Self:
        """Return the statistics of no rows."""
        bins = len(plan.edges) + 1
        return cls(plan, np.zeros(bins, dtype=np.int64), np.zeros(bins))

    def add(self, column: Any, span: Span | None = None) -> None:
        """Count the values of an Arrow column in; `span` is that of the column, if it is known already."""
        before = self._values
        self._add_values(column, None if self.plan.origin else span or Span.of(column))
        # A text that was read is the number it stands for.
        kind = TIME if kind_of(column.type) == TIME else NUMBER
        count_in(self.kinds, kind, self._values - before)

    def _add_values(self, column: Any, span: Span | None) -> None:
        if span is not None:
            counted = binned_counts(span.numbers, span.times, self.plan.bins, self.plan.shift)
            self._add_part(counted)
            return
        read = numbers(column, self.plan.origin)
        self.missing -= read.unreadable  # an unreadable value is NaN as well
        self.unreadable += read.unreadable
        for start in range(0, len(read.values), _SLICE):
            part = read.values[start : start + _SLICE]
            self._add_part(binned(part, self.plan.bins, self.plan.shift))

    def _add_part(self, part: Binned) -> None:
        self.missing += part.missing
        self.minus_infinity += part.minus_infinity
        self.plus_infinity += part.plus_infinity
        if part.least > part.greatest:
            return
        self.counts += part.counts
        # Sums of values near the largest float may overflow; they are then kept as unknown.
        with np.errstate(over="ignore", invalid="ignore"):
            self.sums += part.sums
            self.shifted += float(part.sums.sum())
            self.shifted_squares += part.squares
        self.minimum = _least(self.minimum, part.least)
        self.maximum = _most(self.maximum, part.greatest)

    def add_bin(self, place: int, count: int, *sums: Any) -> None:
        """Count in what a database counted in a bin: least, greatest, distances and their squares.

        Places below 0 are `MISSING`, `MINUS_INFINITY` and `PLUS_INFINITY`; a database bins numbers only.
        """
        if place != MISSING:
            count_in(self.kinds, NUMBER, count)
        if place >= 0:
            least, most, shifted, squares = map(float, sums)
            self.counts[place] += count
            self.sums[place] += shifted
            self.shifted += shifted
            self.shifted_squares += squares
            self.minimum, self.maximum = _least(self.minimum, least), _most(self.maximum, most)
        elif place == MISSING:
            self.missing += count
        elif place == MINUS_INFINITY:
            self.minus_infinity += count
        else:
            self.plus_infinity += count

    def merge(self, other: Self) -> Self:
        """Return the statistics of both parts; counts are exact, sums equal up to rounding."""
        with np.errstate(over="ignore", invalid="ignore"):
            sums = self.sums + other.sums
            shifted = self.shifted + other.shifted
            squares = self.shifted_squares + other.shifted_squares
        return type(self)(
            self.plan,
            self.counts + other.counts,
            sums,
            self.missing + other.missing,
            self.unreadable + other.unreadable,
            self.minus_infinity + other.minus_infinity,
            self.plus_infinity + other.plus_infinity,
            _least(self.minimum, other.minimum),
            _most(self.maximum, other.maximum),
            shifted,
            squares,
            merged(self.kinds, other.kinds),
        )

    @property
    def _values(self) -> int:
        return self.n + self.minus_infinity + self.plus_infinity

    @property
    def n(self) -> int:
        """Rows with a finite value."""
        return int(self.counts.sum())

    @property
    def rows(self) -> int:
        """Rows seen, whatever was in them."""
        return self.n + self.missing + self.unreadable + self.minus_infinity + self.plus_infinity

    @property
    def mean(self) -> float | None:
        """Mean of the finite values, or None when there is none or it cannot be represented."""
        n = self.n
        from_origin = self.plan.shift + self.shifted / n if n else math.nan
        return _finite(self.plan.origin + from_origin)

    @property
    def deviation(self) -> float | None:
        """Standard deviation (population) of the finite values, or None as for the mean."""
        n = self.n
        if not n:
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            variance = self.shifted_squares / n - np.square(self.shifted / n)
        return math.sqrt(max(variance, 0.0)) if math.isfinite(variance) else None

    def content(self) -> dict[str, Any]:
        """Return the statistics in their JSON form; a sum that overflowed is null."""
        return {
            "counts": self.counts.tolist(),
            "sums": [_finite(s) for s in shortened(self.sums).tolist()],
            "missing": self.missing,
            "unreadable": self.unreadable,
            "minus_infinity": self.minus_infinity,
            "plus_infinity": self.plus_infinity,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "shifted": _finite(self.shifted),
            "shifted_squares": _finite(self.shifted_squares),
            **written(self.kinds),
        }

    @classmethod
    def read(cls, plan: NumericPlan, content: Mapping[str, Any]) -> Self:
        """Return the statistics that `content` gave back."""
        return cls(
            plan,
            np.array(content["counts"], dtype=np.int64),
            np.array([_number(s) for s in content["sums"]], dtype=np.float64),
            content["missing"],
            content["unreadable"],
            content["minus_infinity"],
            content["plus_infinity"],
            content["minimum"],
            content["maximum"],
            _number(content["shifted"]),
            _number(content["shifted_squares"]),
            read_kinds(content),
        )


def shortened(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values rounded to 28 binary places after the first: to 2e-9 of themselves.

    Rounding twice changes nothing, so a profile that was stored keeps its digest.
    """
    fraction, exponent = np.frexp(values)
    finite = np.isfinite(values)
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = np.ldexp(np.rint(np.ldexp(fraction, _PLACES)), exponent - _PLACES)
    return np.where(finite, rounded, values)


def _least(a: float | None, b: float | None) -> float | None:
    return min((v for v in (a, b) if v is not None), default=None)


def _most(a: float | None, b: float | None) -> float | None:
    return max((v for v in (a, b) if v is not None), default=None)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _number(value: float | None) -> float:
    return math.nan if value is None else value
