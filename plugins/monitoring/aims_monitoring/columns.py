"""Sufficient statistics of one column in one window; adding them up is merging.

Each kind accounts for every row: its counts, its missing, infinite and unreadable values add up
to the rows it has seen.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from aims_monitoring.layout import CategoryPlan, ColumnPlan, NumericPlan, SkippedPlan
from aims_monitoring.values import class_counts, numbers

_UNSEEN_KEPT = 20
_PLACES = 28
# Few enough to stay in the processor's cache while they are sorted and summed.
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

    @classmethod
    def empty(cls, plan: NumericPlan) -> Self:
        """Return the statistics of no rows."""
        bins = len(plan.edges) + 1
        return cls(plan, np.zeros(bins, dtype=np.int64), np.zeros(bins))

    def add(self, column: Any) -> None:
        """Count the values of an Arrow column in."""
        read = numbers(column, self.plan.origin)
        self.missing -= read.unreadable  # an unreadable value is NaN as well
        self.unreadable += read.unreadable
        for start in range(0, len(read.values), _SLICE):
            self._add_values(read.values[start : start + _SLICE])

    def _add_values(self, values: NDArray[np.float64]) -> None:
        ordered = np.sort(values)  # NaN sorts last
        end = int(np.searchsorted(ordered, math.nan))
        low = int(np.searchsorted(ordered[:end], -math.inf, side="right"))
        high = int(np.searchsorted(ordered[:end], math.inf, side="left"))
        self.missing += len(ordered) - end
        self.minus_infinity += low
        self.plus_infinity += end - high
        if high > low:
            self._add_finite(ordered[low:high])

    def _add_finite(self, ordered: NDArray[np.float64]) -> None:
        inner = np.searchsorted(ordered, self.plan.edges, side="right")
        places = np.concatenate(([0], inner, [len(ordered)]))
        self.counts += np.diff(places)
        starts = places[:-1]
        filled = places[1:] > starts  # reduceat would repeat a value for an empty bin
        self.minimum = _least(self.minimum, float(ordered[0]))
        self.maximum = _most(self.maximum, float(ordered[-1]))
        # Sums of values near the largest float may overflow; they are then kept as unknown.
        with np.errstate(over="ignore", invalid="ignore"):
            ordered -= self.plan.shift
            sums = np.add.reduceat(ordered, starts[filled])
            self.sums[filled] += sums
            self.shifted += float(sums.sum())
            self.shifted_squares += float(np.einsum("i,i", ordered, ordered))

    def add_bin(self, place: int, count: int, *sums: Any) -> None:
        """Count in what a database counted in a bin: least, greatest, distances and their squares.

        Places below 0 are `MISSING`, `MINUS_INFINITY` and `PLUS_INFINITY`.
        """
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
        )

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
        from_origin = self.plan.shift + self.shifted / self.n if self.n else math.nan
        return _finite(self.plan.origin + from_origin)

    @property
    def deviation(self) -> float | None:
        """Standard deviation (population) of the finite values, or None as for the mean."""
        if not self.n:
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            variance = self.shifted_squares / self.n - np.square(self.shifted / self.n)
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
        )


@dataclass(slots=True)
class CategoryColumn:
    """Counts of the reference's categories, of all others together, and some names of the others.

    The names kept are the first twenty in alphabetical order: which ones those are does not
    depend on how the rows were cut, so merging stays exact while memory stays bounded.
    """

    kind: ClassVar[str] = "category"
    plan: CategoryPlan
    counts: NDArray[np.int64]
    other: int = 0
    missing: int = 0
    unreadable: int = 0
    unseen: dict[str, int] = field(default_factory=dict)

    @classmethod
    def empty(cls, plan: CategoryPlan) -> Self:
        """Return the statistics of no rows."""
        return cls(plan, np.zeros(len(plan.vocabulary), dtype=np.int64))

    def add(self, column: Any) -> None:
        """Count the values of an Arrow column in."""
        counts, unreadable = class_counts(column)
        self.unreadable += unreadable
        self.add_counts(counts)

    def add_counts(self, counts: Mapping[str | None, int]) -> None:
        """Count in how often each category stands; None stands for missing."""
        place = self.plan.places
        others: dict[str, int] = {}
        for text, count in counts.items():
            if text is None:
                self.missing += count
            elif text in place:
                self.counts[place[text]] += count
            elif count:
                others[text] = count
        self.other += sum(others.values())
        self.unseen = _first_names(self.unseen, others)

    def merge(self, other: Self) -> Self:
        """Return the statistics of both parts, exactly as one scan would give them."""
        return type(self)(
            self.plan,
            self.counts + other.counts,
            self.other + other.other,
            self.missing + other.missing,
            self.unreadable + other.unreadable,
            _first_names(self.unseen, other.unseen),
        )

    @property
    def n(self) -> int:
        """Rows with a category."""
        return int(self.counts.sum()) + self.other

    @property
    def rows(self) -> int:
        """Rows seen, whatever was in them."""
        return self.n + self.missing + self.unreadable

    def content(self) -> dict[str, Any]:
        """Return the statistics in their JSON form."""
        return {
            "counts": self.counts.tolist(),
            "other": self.other,
            "missing": self.missing,
            "unreadable": self.unreadable,
            "unseen": self.unseen,
        }

    @classmethod
    def read(cls, plan: CategoryPlan, content: Mapping[str, Any]) -> Self:
        """Return the statistics that `content` gave back."""
        return cls(
            plan,
            np.array(content["counts"], dtype=np.int64),
            content["other"],
            content["missing"],
            content["unreadable"],
            dict(content["unseen"]),
        )


@dataclass(slots=True)
class SkippedColumn:
    """A column that is not profiled, and why; its rows are counted all the same."""

    kind: ClassVar[str] = "skipped"
    plan: SkippedPlan
    unreadable: int = 0
    missing: int = 0
    n: ClassVar[int] = 0

    @classmethod
    def empty(cls, plan: SkippedPlan) -> Self:
        """Return the statistics of no rows."""
        return cls(plan)

    def add(self, column: Any) -> None:
        """Count the rows of an Arrow column."""
        self.missing += column.null_count
        self.unreadable += len(column) - column.null_count

    def merge(self, other: Self) -> Self:
        """Return the counts of both parts."""
        return type(self)(
            self.plan, self.unreadable + other.unreadable, self.missing + other.missing
        )

    @property
    def rows(self) -> int:
        """Rows seen."""
        return self.unreadable + self.missing

    def content(self) -> dict[str, Any]:
        """Return the counts in their JSON form."""
        return {"unreadable": self.unreadable, "missing": self.missing}

    @classmethod
    def read(cls, plan: SkippedPlan, content: Mapping[str, Any]) -> Self:
        """Return the counts that `content` gave back."""
        return cls(plan, content["unreadable"], content["missing"])


Column = NumericColumn | CategoryColumn | SkippedColumn


def empty_column(plan: ColumnPlan) -> Column:
    """Return the statistics of no rows for the kind of column that was planned."""
    if isinstance(plan, NumericPlan):
        return NumericColumn.empty(plan)
    if isinstance(plan, CategoryPlan):
        return CategoryColumn.empty(plan)
    return SkippedColumn.empty(plan)


def read_column(plan: ColumnPlan, content: Mapping[str, Any]) -> Column:
    """Return a column's statistics from their JSON form."""
    if isinstance(plan, NumericPlan):
        return NumericColumn.read(plan, content)
    if isinstance(plan, CategoryPlan):
        return CategoryColumn.read(plan, content)
    return SkippedColumn.read(plan, content)


def shortened(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values rounded to 28 binary places after the first: to 2e-9 of themselves.

    Rounding twice changes nothing, so a profile that was stored keeps its digest.
    """
    fraction, exponent = np.frexp(values)
    finite = np.isfinite(values)
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = np.ldexp(np.rint(np.ldexp(fraction, _PLACES)), exponent - _PLACES)
    return np.where(finite, rounded, values)


def _first_names(kept: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    names = sorted({*kept, *more})[:_UNSEEN_KEPT]
    return {name: kept.get(name, 0) + more.get(name, 0) for name in names}


def _least(a: float | None, b: float | None) -> float | None:
    return min((v for v in (a, b) if v is not None), default=None)


def _most(a: float | None, b: float | None) -> float | None:
    return max((v for v in (a, b) if v is not None), default=None)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _number(value: float | None) -> float:
    return math.nan if value is None else value
