"""How scores are distributed over outcomes and predictions: a histogram that adds up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from aims_monitoring.classes import Codes
from aims_monitoring.columns import shortened
from aims_monitoring.reading import Reading

BINS = 1_000
NEGATIVE, POSITIVE, UNKNOWN = 0, 1, 2
"""Places on the axes of outcomes and of predictions; unknown is a missing label or prediction."""
_SHAPE = (BINS, 3, 3)
# Few enough to stay in the processor's cache.
SLICE = 32_768
_LEAST = float(np.finfo(np.float64).eps)


@dataclass(slots=True)
class ScoreHistogram:
    """Counts by score (1,000 bins from 0 to 1), outcome and prediction, and sums of the scores.

    `counts` has the axes bin, outcome, prediction; `sums` bin and outcome. `logs` holds the sum of
    ``ln(s)`` over positive and of ``ln(1 - s)`` over negative outcomes, with s kept away from 0 and 1
    by the machine's epsilon. `left_out` counts rows without a score between 0 and 1.
    """

    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(_SHAPE, dtype=np.int64))
    sums: NDArray[np.float64] = field(default_factory=lambda: np.zeros(_SHAPE[:2]))
    logs: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    left_out: int = 0

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
        outcome: NDArray[np.int64],
        predicted: NDArray[np.int64],
    ) -> None:
        usable = (scores >= 0) & (scores <= 1)
        if not usable.all():
            self.left_out += int(len(scores) - usable.sum())
            scores, outcome, predicted = scores[usable], outcome[usable], predicted[usable]
        place = (scores * BINS).astype(np.int64)
        np.minimum(place, BINS - 1, out=place)
        place *= 3
        place += outcome
        self.sums += np.bincount(place, weights=scores, minlength=BINS * 3).reshape(_SHAPE[:2])
        place *= 3
        place += predicted
        self.counts += np.bincount(place, minlength=BINS * 9).reshape(_SHAPE)
        safe = np.clip(scores, _LEAST, 1 - _LEAST)
        self.logs[NEGATIVE] += float(np.log1p(-safe[outcome == NEGATIVE]).sum())
        self.logs[POSITIVE] += float(np.log(safe[outcome == POSITIVE]).sum())

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
        """Return the histogram of both parts; counts exactly, sums up to rounding."""
        return type(self)(
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

    def content(self) -> dict[str, Any]:
        """Return the histogram in its JSON form: the cells that hold rows, by place."""
        flat = self.counts.reshape(-1)
        held = np.flatnonzero(flat)
        summed = np.flatnonzero(self.sums.reshape(-1))
        return {
            "cells": [held.tolist(), flat[held].tolist()],
            "sums": [summed.tolist(), shortened(self.sums.reshape(-1)[summed]).tolist()],
            "logs": self.logs.tolist(),
            "left_out": self.left_out,
        }

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """Return the histogram that `content` gave back."""
        counts, sums = np.zeros(BINS * 9, dtype=np.int64), np.zeros(BINS * 3)
        counts[content["cells"][0]] = content["cells"][1]
        sums[content["sums"][0]] = content["sums"][1]
        return cls(
            counts.reshape(_SHAPE),
            sums.reshape(_SHAPE[:2]),
            np.array(content["logs"], dtype=np.float64),
            content["left_out"],
        )


def _side(read: Codes, positive: str) -> NDArray[np.int64]:
    """Return per row whether a column names the positive class, another one, or nothing."""
    sides = [POSITIVE if text == positive else NEGATIVE for text in read.texts]
    return np.array([UNKNOWN, *sides], dtype=np.int64).take(read.places)
