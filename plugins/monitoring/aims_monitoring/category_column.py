"""Sufficient statistics of a column of categories, and of one that is not profiled: counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from aims_monitoring.classes import Codes, class_counts
from aims_monitoring.kinds import Kinds, count_in, kind_of, merged, read_kinds, written
from aims_monitoring.layout import CategoryPlan, SkippedPlan

_UNSEEN_KEPT = 20


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
    kinds: Kinds | None = field(default_factory=dict)

    @classmethod
    def empty(cls, plan: CategoryPlan) -> Self:
        """Return the statistics of no rows."""
        return cls(plan, np.zeros(len(plan.vocabulary), dtype=np.int64))

    def add(self, column: Any) -> None:
        """Count the values of an Arrow column in."""
        counts, unreadable = class_counts(column, self.plan.vocabulary)
        self.unreadable += unreadable
        self.add_counts(counts, kind_of(column.type))

    def add_codes(self, read: Codes, kind: str) -> None:
        """Count in values that were read as categories already, and came as one kind."""
        self.unreadable += read.unreadable
        self.add_counts(read.counts(), kind)

    def add_counts(self, counts: Mapping[str | None, int], kind: str) -> None:
        """Count in how often each category stands, whose values came as one kind; None stands for missing."""
        place = self.plan.places
        others: dict[str, int] = {}
        for text, count in counts.items():
            if text is None:
                self.missing += count
            elif text in place:
                self.counts[place[text]] += count
            elif count:
                others[text] = count
        beyond = sum(others.values())
        self.other += beyond
        values = sum(counts.values()) - counts.get(None, 0)
        count_in(self.kinds, kind, values, beyond)
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
            merged(self.kinds, other.kinds),
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
            **written(self.kinds),
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
            read_kinds(content),
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


def _first_names(kept: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    names = sorted({*kept, *more})[:_UNSEEN_KEPT]
    return {name: kept.get(name, 0) + more.get(name, 0) for name in names}
