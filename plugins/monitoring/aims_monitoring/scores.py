"""How scores are distributed over outcomes and predictions: a histogram that adds up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from aims_monitoring.classes import Codes
from aims_monitoring.columns import shortened
from aims_monitoring.reading import Reading
from aims_monitoring.score_bins import EQUAL, ScoreBins

NEGATIVE, POSITIVE, UNKNOWN = 0, 1, 2
"""Places on the axes of outcomes and of predictions; unknown is a missing label or prediction."""
# Few enough to stay in the processor's cache.
SLICE = 65_536
_LEAST = float(np.finfo(np.float64).eps)
PLACES = 65_536
"""Places within a bin, of which a mean is stored as the nearest.

No decimal score lies half way between two, so that one score is stored as one, however its sums were rounded.
"""


@dataclass(slots=True)
class ScoreHistogram:
    """Counts by score (in bins from 0 to 1), outcome and prediction, and sums of the scores.

    `counts` has the axes bin, outcome, prediction; `sums` bin and outcome. `logs` holds the sum of
    ``ln(s)`` over positive and of ``ln(1 - s)`` over negative outcomes, with s kept away from 0 and 1
    by the machine's epsilon. `left_out` counts rows without a score between 0 and 1.
    """

    bins: ScoreBins
    counts: NDArray[np.int64]
    sums: NDArray[np.float64]
    logs: NDArray[np.float64]
    left_out: int = 0

    @classmethod
    def empty(cls, bins: ScoreBins) -> Self:
        """Return the histogram of no rows."""
        counts = np.zeros((bins.size, 3, 3), dtype=np.int64)
        return cls(bins, counts, np.zeros((bins.size, 3)), np.zeros(2))

    def add(self, table: Any, *, score: str, label: str, prediction: str, positive: str) -> None:
        """Count the rows of an Arrow table in; a label or prediction it lacks is unknown."""
        reading = Reading.of(table)
        scores = reading.numbers(score).values
        outcome, predicted = (_side(reading.codes(n), positive) for n in (label, prediction))
        for start in range(0, len(scores), SLICE):
            part = slice(start, start + SLICE)
            self._add_values(scores[part], outcome[part], predicted[part])

    def _add_values(
        self,
        scores: NDArray[np.float64],
        outcome: NDArray[np.uint8],
        predicted: NDArray[np.uint8],
    ) -> None:
        usable = (scores >= 0) & (scores <= 1)
        if not usable.all():
            self.left_out += int(len(scores) - usable.sum())
            scores, outcome, predicted = scores[usable], outcome[usable], predicted[usable]
        place = self.bins.place(scores)
        place *= 3
        place += outcome
        size = self.bins.size
        self.sums += np.bincount(place, weights=scores, minlength=size * 3).reshape(size, 3)
        place *= 3
        place += predicted
        self.counts += np.bincount(place, minlength=size * 9).reshape(size, 3, 3)
        self._add_logs(scores, outcome)

    def _add_logs(self, scores: NDArray[np.float64], outcome: NDArray[np.uint8]) -> None:
        positive, negative = outcome == POSITIVE, outcome == NEGATIVE
        if not (positive.any() or negative.any()):
            return
        # 1 - s for negative ones, s for all others, without a branch.
        given = np.subtract(negative, scores)
        np.abs(given, out=given)
        np.log(np.clip(given, _LEAST, 1 - _LEAST, out=given), out=given)
        self.logs[NEGATIVE] += float(np.einsum("i,i", given, negative))
        self.logs[POSITIVE] += float(np.einsum("i,i", given, positive))

    def add_bin(
        self, place: int, sides: tuple[bool | None, bool | None], count: int, *sums: Any
    ) -> None:
        """Count in what a database counted in a bin: sum of the scores, of ``ln(1 - s)``, of ``ln(s)``.

        `sides` says whether outcome and prediction are the positive class, None where they are unknown.
        """
        if place < 0:
            self.left_out += count
            return
        side, guess = (UNKNOWN if s is None else int(s) for s in sides)
        self.counts[place, side, guess] += count
        self.sums[place, side] += float(sums[0])
        if side != UNKNOWN:
            self.logs[side] += float(sums[1 + side])

    def merge(self, other: Self) -> Self:
        """Return the histogram of both parts; counts exactly, sums up to rounding.

        Raises
        ------
        ValueError
            The parts were counted in different bins.
        """
        if self.bins is not other.bins:
            raise ValueError(f"{self.bins.name} bins and {other.bins.name} ones cannot be merged")
        return type(self)(
            self.bins,
            self.counts + other.counts,
            self.sums + other.sums,
            self.logs + other.logs,
            self.left_out + other.left_out,
        )

    @property
    def rows(self) -> int:
        """Rows seen, with a usable score or not."""
        return int(self.counts.sum()) + self.left_out

    @property
    def by_outcome(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows by bin with a negative and with a positive outcome."""
        both = self.counts.sum(axis=2)
        return both[:, NEGATIVE], both[:, POSITIVE]

    @property
    def by_mean(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Mean scores and rows by bin and outcome, negative before positive; 0 where there are no rows."""
        rows = np.column_stack(self.by_outcome)
        return self.sums[:, [NEGATIVE, POSITIVE]] / np.maximum(rows, 1), rows

    @property
    def by_tenth(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Negative and positive outcomes by tenth of the range of scores, and the sum of their scores."""
        negative, positive = self.by_outcome
        known = self.sums[:, [NEGATIVE, POSITIVE]].sum(axis=1)
        tenths = self.bins.starts[:: len(self.bins.starts) // 10]
        hits, misses = np.add.reduceat(positive, tenths), np.add.reduceat(negative, tenths)
        return misses, hits, np.add.reduceat(known, tenths)

    def content(self) -> dict[str, Any]:
        """Return the histogram in its JSON form: the cells that hold rows, by place.

        Means are told by how far up in their bin they lie; in equal bins, those of layouts of the first
        version, it is sums that are.
        """
        flat = self.counts.reshape(-1)
        held = np.flatnonzero(flat)
        return {
            "cells": [held.tolist(), flat[held].tolist()],
            **({"sums": self._summed()} if self.bins is EQUAL else {"means": self._means()}),
            "logs": self.logs.tolist(),
            "left_out": self.left_out,
        }

    def _summed(self) -> list[Any]:
        flat = self.sums.reshape(-1)
        summed = np.flatnonzero(flat)
        return [summed.tolist(), shortened(flat[summed]).tolist()]

    def _means(self) -> list[int]:
        rows = self.counts.sum(axis=2)
        held = rows > 0
        low, width = _spans(self.bins, held)
        within = (self.sums[held] / rows[held] - low) / width
        places = np.clip(np.rint(within * PLACES), 0, PLACES - 1)
        found: list[int] = places.astype(np.int64).tolist()
        return found

    @classmethod
    def read(cls, content: Mapping[str, Any], bins: ScoreBins) -> Self:
        """Return the histogram that `content` gave back, which was counted in these bins."""
        found = cls.empty(bins)
        found.counts.reshape(-1)[content["cells"][0]] = content["cells"][1]
        if bins is EQUAL:
            found.sums.reshape(-1)[content["sums"][0]] = content["sums"][1]
        else:
            rows = found.counts.sum(axis=2)
            held = rows > 0
            low, width = _spans(bins, held)
            found.sums[held] = rows[held] * (low + width * np.array(content["means"]) / PLACES)
        found.logs = np.array(content["logs"], dtype=np.float64)
        found.left_out = content["left_out"]
        return found


def _spans(
    bins: ScoreBins, held: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lower edge and width of the bin of each place of `held` that is true."""
    place = np.nonzero(held)[0]
    return bins.edges[place], np.diff(bins.edges)[place]


def _side(read: Codes, positive: str) -> NDArray[np.uint8]:
    """Return per row whether a column names the positive class, another one, or nothing."""
    sides = [POSITIVE if text == positive else NEGATIVE for text in read.texts]
    return np.array([UNKNOWN, *sides], dtype=np.uint8).take(read.places)
