"""Counts of what was predicted against what was true, by group where groups are declared."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from aims_monitoring.classes import Codes, kind_for, tallied
from aims_monitoring.reading import Reading

_AXIS = 100
_CELLS = 10_000
# Possible cells up to which each has a counter; beyond, the rows are sorted by cell.
_COUNTED = 65_536
# Scores summed at once, few enough to stay in the processor's cache.
_SLICE = 32_768

Cell = tuple[str | None, ...]


@dataclass(slots=True)
class Cube:
    """How many rows fall in each combination of the axes; None in a cell stands for missing.

    Memory is bounded: an axis with more than 100 distinct values, or more than 10,000 cells, makes
    the cube `too_wide`. It then counts rows only. Whether it is too wide depends on the rows, not on
    how they were cut.
    """

    axes: tuple[str, ...]
    rows: int = 0
    cells: dict[Cell, int] = field(default_factory=dict)
    too_wide: bool = False

    def add(self, table: Any) -> Mapping[Cell, int] | None:
        """Count the rows of an Arrow table in; an axis it lacks is missing throughout.

        Returns
        -------
        mapping or None
            The cells of these rows, None where the cube does not keep them.
        """
        self.rows += len(table)
        reading = Reading.of(table)
        read = [reading.codes(name) for name in self.axes]
        if self.too_wide or any(len(r.texts) > _AXIS for r in read):
            self._widen()
            return None
        found = _counted(read)
        self.add_cells(found)
        return found

    def add_margin(self, more: Mapping[Cell, int], rows: int) -> None:
        """Count in rows by the cells of a cube whose last axes are those of this one."""
        self.rows += rows
        summed: dict[Cell, int] = defaultdict(int)
        for cell, count in more.items():
            summed[cell[-len(self.axes) :]] += count
        self.add_cells(summed)

    def add_cells(self, more: Mapping[Cell, int]) -> None:
        """Count cells in, unless the cube is too wide already or becomes so."""
        if self.too_wide:
            return
        for cell, count in more.items():
            self.cells[cell] = self.cells.get(cell, 0) + count
        widths = [len({cell[i] for cell in self.cells} - {None}) for i in range(len(self.axes))]
        if len(self.cells) > _CELLS or max(widths, default=0) > _AXIS:
            self._widen()

    def _widen(self) -> None:
        self.too_wide = True
        self.cells = {}

    def merge(self, other: Self) -> Self:
        """Return the counts of both parts."""
        rows = self.rows + other.rows
        if self.too_wide or other.too_wide:
            return type(self)(self.axes, rows, {}, too_wide=True)
        both = type(self)(self.axes, rows, dict(self.cells))
        both.add_cells(other.cells)
        return both

    def content(self) -> dict[str, Any]:
        """Return the counts in their JSON form, cells in a fixed order."""
        ordered = sorted(
            self.cells.items(), key=lambda item: [(v is None, v or "") for v in item[0]]
        )
        return {
            "axes": list(self.axes),
            "rows": self.rows,
            "too_wide": self.too_wide,
            "cells": [[*cell, count] for cell, count in ordered],
        }

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """Return the cube that `content` gave back."""
        cells = {tuple(cell[:-1]): int(cell[-1]) for cell in content["cells"]}
        return cls(tuple(content["axes"]), content["rows"], cells, content["too_wide"])


@dataclass(slots=True)
class ScoreSums:
    """Count, sum and sum of squares of the scores, apart for the negative and positive outcome.

    `left_out` counts rows without a label or without a score between 0 and 1.
    """

    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(2, dtype=np.int64))
    sums: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    squares: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    left_out: int = 0

    def add(self, table: Any, *, score: str, label: str, positive: str) -> None:
        """Count the rows of an Arrow table in."""
        reading = Reading.of(table)
        labels, scores = reading.codes(label), reading.numbers(score).values
        # Place 0 (missing) is on a side that is left out.
        side = np.array([2, *(int(text == positive) for text in labels.texts)], dtype=np.uint8)
        sides = side.take(labels.places)
        for start in range(0, len(scores), _SLICE):
            self._add_values(scores[start : start + _SLICE], sides[start : start + _SLICE])

    def _add_values(self, scores: NDArray[np.float64], sides: NDArray[np.uint8]) -> None:
        usable = (scores >= 0) & (scores <= 1)
        self.left_out += len(scores)
        if not usable.all():
            scores, sides = scores[usable], sides[usable]
        squares = scores * scores
        for side in (0, 1):
            # Products with 0 and 1: choosing rows of two mixed outcomes costs ten times as much.
            chosen = sides == side
            count = int(np.count_nonzero(chosen))
            self.left_out -= count
            self.counts[side] += count
            self.sums[side] += float(np.einsum("i,i", scores, chosen))
            self.squares[side] += float(np.einsum("i,i", squares, chosen))

    def add_sums(
        self,
        *,
        usable: bool,
        outcome: bool | None,
        count: int,
        total: Any,
        squares: Any,
    ) -> None:
        """Count in what a database summed over rows of one outcome; without one they are left out."""
        if not usable or outcome is None:
            self.left_out += count
            return
        side = int(outcome)
        self.counts[side] += count
        self.sums[side] += float(total)
        self.squares[side] += float(squares)

    def merge(self, other: Self) -> Self:
        """Return the sums of both parts."""
        return type(self)(
            self.counts + other.counts,
            self.sums + other.sums,
            self.squares + other.squares,
            self.left_out + other.left_out,
        )

    def content(self) -> dict[str, Any]:
        """Return the sums in their JSON form."""
        return {
            "counts": self.counts.tolist(),
            "sums": self.sums.tolist(),
            "squares": self.squares.tolist(),
            "left_out": self.left_out,
        }

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """Return the sums that `content` gave back."""
        return cls(
            np.array(content["counts"], dtype=np.int64),
            np.array(content["sums"], dtype=np.float64),
            np.array(content["squares"], dtype=np.float64),
            content["left_out"],
        )


def _counted(read: Sequence[Codes]) -> dict[Cell, int]:
    # One place more than there are texts, for missing. Five groups of 100 fit in 64 bits.
    widths = [len(axis.texts) + 1 for axis in read]
    size = math.prod(widths)
    kind = kind_for(size)
    combined = read[0].places.astype(kind)
    for axis, width in zip(read[1:], widths[1:], strict=True):
        combined *= kind(width)
        combined += axis.places.astype(kind, copy=False)
    if size <= _COUNTED:
        per_cell = tallied(combined, size)
        found = np.flatnonzero(per_cell)
        counts = per_cell[found]
    else:
        found, counts = np.unique(combined, return_counts=True)
    return {
        _cell(code, read): count
        for code, count in zip(found.tolist(), counts.tolist(), strict=True)
    }


def _cell(code: int, read: Sequence[Codes]) -> Cell:
    cell: list[str | None] = []
    for axis in reversed(read):
        code, place = divmod(code, len(axis.texts) + 1)
        cell.append(axis.texts[place - 1] if place else None)
    return tuple(reversed(cell))
