"""Into which bins of [0, 1] scores are counted: equal ones, or ever finer ones towards 0 and 1.

Where events are rare nearly all scores lie within a few thousandths of 0, and equal bins cannot rank them.
Scores are scaled to thousandths once; all else is exact on doubles, so every engine finds the same bin.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

SCALE = 1_000
"""Equal bins in the range of scores."""
_DOUBLINGS = 10
_STEPS = 32
# The bits of a double below those that tell the doubling and the step within it.
_BELOW = 52 - (_STEPS.bit_length() - 1)

Scores = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Piece:
    """Bins of one width: from which thousandth on, how many to a thousandth, and the first of them.

    A rate of 0 stands for a piece that is a single bin.
    """

    start: float
    rate: float
    first: int


@dataclass(frozen=True, eq=False)
class ScoreBins:
    """Bins of scores, closed on the left, of which each lies within one of a thousand equal bins.

    `pieces` say what they are, `place` is the quick way to find the same bins for scores in [0, 1].
    """

    name: str
    size: int
    pieces: tuple[Piece, ...]
    place: Callable[[Scores], Places]

    @cached_property
    def edges(self) -> NDArray[np.float64]:
        """Lower edge of each bin, and the upper one of the last."""
        found = []
        for piece, after in pairwise((*self.pieces, Piece(SCALE, 0, self.size))):
            steps = np.arange(after.first - piece.first)
            found.append(piece.start + (steps / piece.rate if piece.rate else steps))
        return np.append(np.concatenate(found), SCALE) / SCALE

    @cached_property
    def starts(self) -> Places:
        """First bin of each of the thousand equal bins."""
        found: Places = np.searchsorted(self.edges, np.arange(SCALE) / SCALE)
        return found


def _equal(scores: Scores) -> Places:
    found = (scores * SCALE).astype(np.int64)
    np.minimum(found, SCALE - 1, out=found)
    return found


def _fine(scores: Scores) -> Places:
    """Return bins as steps below the equal ones, among them, and above them, one of which is at its end.

    The high bits of a positive double count steps that double in width after as many as there are.
    """
    scaled = scores * SCALE
    part = np.clip(scaled, _STEPS, SCALE - _STEPS)
    found = part.astype(np.int64)
    np.clip(np.subtract(SCALE, scaled, out=part), _LEAST, _STEPS, out=part)
    steps = part.view(np.int64)
    # One unit off, as a bin holds its lower edge: it counts down from 1 there, and up from 0 below.
    steps -= 1
    steps >>= _BELOW
    found -= steps
    np.clip(scaled, _BEFORE, _STEPS, out=scaled)
    steps = scaled.view(np.int64)
    steps >>= _BELOW
    found += steps
    found -= _FIRST
    return found


_LEAST = 2.0**-_DOUBLINGS
_BEFORE = float(np.nextafter(_LEAST, 0))


def _steps_of(thousandths: float) -> int:
    return int(np.float64(thousandths).view(np.int64) - 1) >> _BELOW


_FIRST = _STEPS - _steps_of(_STEPS) + _steps_of(_LEAST)


def _finer_pieces() -> tuple[tuple[Piece, ...], int]:
    doublings = range(-_DOUBLINGS, _STEPS.bit_length() - 1)
    widths = [
        (0.0, 0.0, 1),
        *((2.0**at, _STEPS / 2.0**at, _STEPS) for at in doublings),
        (float(_STEPS), 1.0, SCALE - 2 * _STEPS),
        *((SCALE - 2.0 ** (at + 1), _STEPS / 2.0**at, _STEPS) for at in reversed(doublings)),
        (SCALE - _LEAST, 0.0, 1),
    ]
    pieces, first = [], 0
    for start, rate, bins in widths:
        pieces.append(Piece(start, rate, first))
        first += bins
    return tuple(pieces), first


EQUAL = ScoreBins("equal", SCALE, (Piece(0.0, 1.0, 0),), _equal)
"""A thousand bins of equal width: those of layouts of the first version."""

_PIECES, _SIZE = _finer_pieces()
FINE = ScoreBins("fine", _SIZE, _PIECES, _fine)
"""Bins that are finer below 0.032 and above 0.968: 32 each time the distance from the end has doubled from
1e-6 on, so that none there is wider than a thirty-second of that distance."""
