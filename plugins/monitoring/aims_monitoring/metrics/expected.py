"""What a window without labels is expected to hold, by the scores of a reference whose outcomes are known.

Scores are calibrated on the bins of the reference (isotonic regression). All figures that are estimated need
the same few sums over bins, each the sum of a bin's chance and a weight. Chances are shares of pooled blocks,
so that weights are added up by block once, and 100 redrawings of the shares cost next to nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aims_monitoring.scores import NEGATIVE, PLACES, POSITIVE, ScoreHistogram

Masses = NDArray[np.float64]
_DRAWS = 100
_Pair = tuple[int, int]
_found: ContextVar["dict[_Pair, Expected] | None"] = ContextVar("_found", default=None)


@dataclass(frozen=True, slots=True)
class Expected:
    """Sums over the rows of a window, first as expected, then 100 times as redrawn.

    Positive outcomes among the rows predicted as negative and as positive, and `ranked`: the rows that lie
    below each positive outcome, half of its own bin among them. `untied` are the pairs of a positive and a
    negative outcome that share a bin and whose order is not known.
    """

    negative: float
    positive: float
    missed: Masses
    hits: Masses
    ranked: Masses
    untied: float

    @property
    def outcomes(self) -> Masses:
        """Positive outcomes."""
        return self.missed + self.hits

    @property
    def cells(self) -> Masses:
        """True and false positives, false and true negatives."""
        return np.array(
            [self.hits, self.positive - self.hits, self.missed, self.negative - self.missed]
        )


@contextmanager
def shared() -> Iterator[None]:
    """Within this block, work out once what several figures of the same two profiles need."""
    token = _found.set({})
    try:
        yield
    finally:
        _found.reset(token)


def expected(window: ScoreHistogram, reference: ScoreHistogram) -> Expected:
    """Return what the rows of a window that have a score and a prediction are expected to be."""
    known, pair = _found.get(), (id(window), id(reference))
    if known is None:
        return _expected(window, reference)
    if pair not in known:
        known[pair] = _expected(window, reference)
    return known[pair]


def _expected(window: ScoreHistogram, reference: ScoreHistogram) -> Expected:
    predicted = window.counts.sum(axis=1)[:, [NEGATIVE, POSITIVE]].astype(np.float64)
    # Bins without rows add nothing.
    held = np.flatnonzero(predicted.sum(axis=1))
    negative, positive = predicted[held].T
    rows = negative + positive
    blocks = _blocks(reference)
    spread = _Spread.over(blocks, held)
    weights = np.array([negative, positive, rows * (np.cumsum(rows) - rows / 2)])
    by_block = np.array([spread.gathered(weight) for weight in weights])
    missed, hits, ranked = by_block @ np.vstack([blocks.shares, _redrawn(blocks)]).T
    chance = spread.chances(blocks.shares)
    # A row makes no pair with itself.
    pairs = rows * np.maximum(rows - 1, 0) * chance * (1 - chance)
    untied = pairs[~_of_one_score(window, reference, held)].sum()
    return Expected(
        float(negative.sum()), float(positive.sum()), missed, hits, ranked, float(untied)
    )


def _of_one_score(
    window: ScoreHistogram, reference: ScoreHistogram, held: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return by bin whether all its rows seem to have one score, as a model of few scores gives.

    The means of all outcomes, labels that are not known among them, are then the same on both sides.
    """
    sides = (window, reference)
    rows = np.hstack([side.counts.sum(axis=2)[held] for side in sides])
    means = np.hstack([side.sums[held] for side in sides]) / np.maximum(rows, 1)
    low = np.where(rows, means, np.inf).min(axis=1)
    high = np.where(rows, means, -np.inf).max(axis=1)
    # One side may have been stored, which moves a mean by up to half a place.
    room = np.diff(window.bins.edges)[held] / PLACES
    several = np.count_nonzero(rows, axis=1) > 1
    found: NDArray[np.bool_] = several & (high - low <= room)
    return found


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Pooled blocks of the bins that hold labelled rows: share of positives, rows and bins of each."""

    held: NDArray[np.int64]
    shares: Masses
    rows: Masses
    bins: NDArray[np.int64]


def _blocks(histogram: ScoreHistogram) -> _Blocks:
    """Return the chance of a positive outcome by block, never falling with the score.

    Pool-adjacent-violators over the bins that hold labelled rows (Ayer et al. 1955).
    """
    negative, positive = histogram.by_outcome
    rows = negative + positive
    held = np.flatnonzero(rows)
    blocks: list[tuple[int, int, int]] = []
    for hits, all_of_them in zip(positive[held].tolist(), rows[held].tolist(), strict=True):
        block = (hits, all_of_them, 1)
        while blocks and blocks[-1][0] * block[1] >= block[0] * blocks[-1][1]:
            before = blocks.pop()
            block = (before[0] + block[0], before[1] + block[1], before[2] + block[2])
        blocks.append(block)
    found = np.array(blocks)
    return _Blocks(held, found[:, 0] / found[:, 1], found[:, 1].astype(np.float64), found[:, 2])


def _redrawn(blocks: _Blocks) -> Masses:
    """Return the shares of the blocks as other outcomes in the reference would have given them.

    A block of one outcome alone is drawn as if half a row of each had come on top (Jeffreys 1946).
    """
    shares = (blocks.shares * blocks.rows + 0.5) / (blocks.rows + 1)
    size = (_DRAWS, len(shares))
    hits = np.random.default_rng(0).binomial(blocks.rows.astype(np.int64), shares, size)
    found: Masses = hits / blocks.rows
    return found


@dataclass(frozen=True, slots=True)
class _Spread:
    """How chances of bins come from shares of blocks.

    Bins without labelled rows in the reference lie between two blocks, `weight` of the way to the right one.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    weight: Masses
    blocks: int

    @classmethod
    def over(cls, blocks: _Blocks, bins: NDArray[np.int64]) -> "_Spread":
        """Return how these bins lie to the blocks."""
        block = np.repeat(np.arange(len(blocks.bins)), blocks.bins)
        place = np.interp(bins, blocks.held, np.arange(len(blocks.held)))
        left = place.astype(np.int64)
        right = np.minimum(left + 1, len(blocks.held) - 1)
        return cls(block[left], block[right], place - left, len(blocks.shares))

    def chances(self, shares: Masses) -> Masses:
        """Return the chance of a positive outcome by bin."""
        found: Masses = (1 - self.weight) * shares[self.left] + self.weight * shares[self.right]
        return found

    def gathered(self, weights: Masses) -> Masses:
        """Return what weights by bin come to by block, so that they give the same sum with its shares."""
        found = np.zeros(self.blocks)
        found += np.bincount(self.left, weights * (1 - self.weight), self.blocks)
        found += np.bincount(self.right, weights * self.weight, self.blocks)
        return found
