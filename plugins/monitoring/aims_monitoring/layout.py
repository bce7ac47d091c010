"""What is fixed before the first window is counted: edges, vocabularies and classes.

Profiles merge and compare only because they share a layout, so it is fitted once, on the
reference, stored under its digest, and never changed.
"""

import heapq
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aims_core import digest
from aims_monitoring.binning import Edges
from aims_monitoring.classes import codes, tallied
from aims_monitoring.schema import Schema
from aims_monitoring.score_bins import EQUAL, FINE, ScoreBins
from aims_monitoring.source import Source
from aims_monitoring.values import (
    array_of,
    flat,
    is_number,
    is_readable,
    joined_tables,
    numbers,
    origin_of,
)

VERSION = 2
"""Version of the stored form of layouts.

Version 1 counts scores in equal bins. A monitor goes on with it until its reference is counted anew; layouts
without scores are of that version still, so that the same reference gives the same digest.
"""
_FIRST = 1

BINS = 100
CLASSES = 100
_VOCABULARY = 200
_SAMPLE = 250_000
# A bin that is mostly a gap wider than the first share of the standard deviation is halved until no part is
# wider than the second, up to so many times in all.
_GAP, _NARROW = 0.3, 0.1
_HALVINGS = 24
# A hundredth of so many numbers is known to a third of a percent; more would only take longer to sort.
_SORTED = 100_000


@dataclass(frozen=True, eq=False)
class NumericPlan:
    """Fixed edges of a numeric column, and the shift around which its moments are taken.

    Whole numbers beyond 2**53 have no double of their own: `origin` is then taken from each value before
    it becomes one, and edges and shift count from there.
    """

    edges: NDArray[np.float64]
    shift: float = 0.0
    origin: int = 0

    @cached_property
    def bins(self) -> Edges:
        """The edges as values are looked up among them."""
        return Edges(self.edges)

    def content(self) -> dict[str, Any]:
        """Return the plan in its JSON form."""
        content = {"kind": "numeric", "edges": self.edges.tolist(), "shift": self.shift}
        # Left out where it is 0, so that layouts of before there was one keep their digest.
        return content | {"origin": self.origin} if self.origin else content


@dataclass(frozen=True)
class CategoryPlan:
    """Fixed categories of a column; `complete` says that the reference has no others."""

    vocabulary: tuple[str, ...]
    complete: bool = True

    @cached_property
    def places(self) -> dict[str, int]:
        """Position of each category."""
        return {text: place for place, text in enumerate(self.vocabulary)}

    def content(self) -> dict[str, Any]:
        """Return the plan in its JSON form."""
        return {
            "kind": "category",
            "vocabulary": list(self.vocabulary),
            "complete": self.complete,
        }


@dataclass(frozen=True)
class SkippedPlan:
    """A column that is not profiled, and why, in plain words."""

    reason: str

    def content(self) -> dict[str, Any]:
        """Return the plan in its JSON form."""
        return {"kind": "skipped", "reason": self.reason}


ColumnPlan = NumericPlan | CategoryPlan | SkippedPlan


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """The fixed frame of a family of profiles.

    `classes` are the classes that the reference's labels and predictions hold, or empty when
    there are too many to be classes.
    """

    schema: Schema
    columns: Mapping[str, ColumnPlan]
    classes: tuple[str, ...] = ()
    version: int = field(default=VERSION)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the layout's JSON form; profiles with the same one can be merged."""
        return digest(self.content())

    def content(self) -> dict[str, Any]:
        """Return the layout in its JSON form."""
        return {
            "version": self.version,
            "schema": self.schema.content(),
            "columns": {name: plan.content() for name, plan in self.columns.items()},
            "classes": list(self.classes),
        }

    @property
    def score_bins(self) -> ScoreBins:
        """The bins in which the scores of these profiles are counted."""
        return EQUAL if self.version == _FIRST else FINE

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> "Layout":
        """Return the layout that `content` gave back.

        Raises
        ------
        ValueError
            The content was written by a newer version of this package.
        """
        if content["version"] not in {_FIRST, VERSION}:
            raise ValueError(
                f"layout has version {content['version']}; this package reads up to version {VERSION}"
            )
        return cls(
            schema=Schema.of(content["schema"]),
            columns={name: _read_plan(plan) for name, plan in content["columns"].items()},
            classes=tuple(content["classes"]),
            version=content["version"],
        )


def fit_layout(source: Source, schema: Schema) -> Layout:
    """Return the layout that fits a reference.

    Categories are those of at most 250,000 rows, evenly spread, and edges quantiles of at most 100,000
    of their numbers. Counts at the edges are exact wherever the edges lie, so a sample costs some
    resolution and no truth.
    """
    table = _sample(source, [c for c in schema.profiled if c in source.names])
    plans = {
        name: _plan(table[name], coded=name in schema.categorical) for name in table.column_names
    }
    for name in schema.profiled:
        plans.setdefault(name, CategoryPlan(()))
    return Layout(
        schema=schema,
        columns=plans,
        classes=_classes(table, schema),
        version=VERSION if schema.score else _FIRST,
    )


def quantile_edges(ordered: NDArray[np.float64], bins: int = BINS) -> NDArray[np.float64]:
    """Return right-closed edges from finite values in ascending order.

    There is an edge at each of the `bins` quantiles, one below the least value, and one just
    below every value that carries a quantile's mass by itself, so that such a value lies alone
    in its bin. With no more than `bins` distinct values, every one of them does. Else a wide gap
    between two quantiles, as there is between clusters, has edges within it, for a window may come to lie
    there. Tails have none.
    """
    if not len(ordered):
        return np.empty(0)
    distinct, _ = _runs(ordered)
    if len(distinct) <= bins:
        edges = repeated = distinct
    else:
        places = (np.arange(1, bins) * len(ordered)) // bins
        edges, times = _runs(ordered[places])
        repeated = edges[times > 1]
        edges = np.concatenate((edges, _within_gaps(edges, ordered)))
    with np.errstate(over="ignore"):  # below the least float there is none; it is left out again
        below = np.nextafter(np.concatenate((repeated, ordered[:1])), -math.inf)
    joined, _ = _runs(np.sort(np.concatenate((edges, below, ordered[-1:]))))
    return joined[np.isfinite(joined)]


def _within_gaps(edges: NDArray[np.float64], ordered: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return further edges within gaps that are wide beside the standard deviation."""
    with np.errstate(over="ignore", invalid="ignore"):
        deviation = float(np.std(ordered))
    bins = [
        (low - high, low, high)
        for low, high in pairwise(edges.tolist())
        if high - low > _GAP * deviation and _is_gap(low, high, ordered)
    ]
    heapq.heapify(bins)
    found: list[float] = []
    while bins and len(found) < _HALVINGS and -bins[0][0] > _NARROW * deviation:
        _, low, high = heapq.heappop(bins)
        middle = low / 2 + high / 2
        found.append(middle)
        heapq.heappush(bins, (low - middle, low, middle))
        heapq.heappush(bins, (middle - high, middle, high))
    return np.array(found)


def _is_gap(low: float, high: float, ordered: NDArray[np.float64]) -> bool:
    first, last = np.searchsorted(ordered, [low, high])
    return float(np.diff(ordered[first : last + 1]).max()) > (high - low) / 2


def _runs(ordered: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the distinct values among ordered ones, and how often each stands.

    np.unique would sort once more, and imports more than it takes to fit a layout.
    """
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return ordered[starts], np.diff(starts, append=len(ordered))


def _sample(source: Source, names: list[str]) -> Any:
    step = max(1, math.ceil(source.rows / _SAMPLE))
    parts = [piece.take(array_of(np.arange(0, len(piece), step))) for piece in source.pieces(names)]
    return joined_tables(parts, source.name)


def _plan(column: Any, *, coded: bool) -> ColumnPlan:
    kind = flat(column).type
    if not is_readable(kind):
        return SkippedPlan(f"values of type {kind} are neither numbers nor categories")
    return _category_plan(column) if coded or not is_number(kind) else _numeric_plan(column)


def _numeric_plan(column: Any) -> NumericPlan:
    origin = origin_of(column)
    read = numbers(column, origin).values
    finite = read[np.isfinite(read)]
    ordered = np.sort(finite[:: math.ceil(len(finite) / _SORTED) or 1])
    middle = float(ordered[len(ordered) // 2]) if len(ordered) else 0.0
    return NumericPlan(quantile_edges(ordered), middle, origin)


def _category_plan(column: Any) -> ColumnPlan:
    read = codes(column)
    counts = tallied(read.places, len(read.texts) + 1)[1:]
    if len(read.texts) > _VOCABULARY and len(read.texts) > counts.sum() / 2:
        # Such values would say nothing about drift and may name persons.
        return SkippedPlan("nearly every row has a value of its own, as an identifier or free text")
    ranked = sorted(zip((-counts).tolist(), read.texts, strict=True))
    kept = tuple(sorted(text for _, text in ranked[:_VOCABULARY]))
    return CategoryPlan(kept, complete=len(ranked) <= _VOCABULARY)


def _classes(table: Any, schema: Schema) -> tuple[str, ...]:
    found: set[str] = set()
    for name in (schema.label, schema.prediction):
        if name in table.column_names:
            found.update(codes(table[name]).texts)
    return tuple(sorted(found)) if len(found) <= CLASSES else ()


def _read_plan(content: Mapping[str, Any]) -> ColumnPlan:
    if content["kind"] == "numeric":
        return NumericPlan(
            np.array(content["edges"], dtype=np.float64), content["shift"], content.get("origin", 0)
        )
    if content["kind"] == "category":
        return CategoryPlan(tuple(content["vocabulary"]), content["complete"])
    return SkippedPlan(content["reason"])
