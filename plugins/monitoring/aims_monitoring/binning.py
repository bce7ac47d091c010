"""Values put into bins between fixed edges, in whichever of two forms the processor does faster.

With wide vector instructions numpy sorts a double in 4 ns, and edges are then looked up among the values.
Without them it takes 65 ns; values are then looked up among the edges, 17 ns each. Counts are the same.
"""

import math
from dataclasses import dataclass
from functools import cache
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# What numpy sorts by: levels of x86-64 (AVX2, AVX-512), before 2.4 by other names; ARM, POWER.
_LEVELS = ("X86_V3", "X86_V4")
_WIDE = ("AVX2", "AVX512_SKX", "ASIMD", "VSX2")


@dataclass(frozen=True, slots=True)
class Binned:
    """What some values add to a column: counts and sums of distances from the shift by bin, and the rest."""

    counts: NDArray[np.int64]
    sums: Floats
    squares: float
    least: float
    greatest: float
    missing: int
    minus_infinity: int
    plus_infinity: int


@cache
def sorts_fast() -> bool:
    """Return whether numpy sorts by vector instructions here; where it does not say, it is taken to."""
    features = getattr(import_module("numpy._core._multiarray_umath"), "__cpu_features__", None)
    if features is None:
        return True
    names = _LEVELS if any(name in features for name in _LEVELS) else _WIDE
    return any(features.get(name) for name in names)


def binned(values: Floats, edges: Floats, shift: float) -> Binned:
    """Return counts and sums of values between right-closed edges.

    Sums of values near the largest float may overflow; they are then infinite or NaN. `least` and `greatest`
    are infinite where no value is finite.
    """
    return _by_sorting(values, edges, shift) if sorts_fast() else _by_search(values, edges, shift)


def binned_counts(
    values: NDArray[np.int64], times: NDArray[np.int64], edges: Floats, shift: float
) -> Binned:
    """Return counts and sums of ascending values of which each stands some times."""
    found = values.astype(np.float64)
    places, bins = np.searchsorted(edges, found), len(edges) + 1
    counts = np.zeros(bins, dtype=np.int64)
    np.add.at(counts, places, times)
    distance = found - shift
    sums = np.bincount(places, weights=distance * times, minlength=bins).astype(np.float64)
    squares = float((distance * distance * times).sum())
    return Binned(counts, sums, squares, *_ends(found[:1], found[-1:]), 0, 0, 0)


def _by_sorting(values: Floats, edges: Floats, shift: float) -> Binned:
    ordered = np.sort(values)  # NaN sorts last
    end = int(np.searchsorted(ordered, math.nan))
    low = int(np.searchsorted(ordered[:end], -math.inf, side="right"))
    high = int(np.searchsorted(ordered[:end], math.inf, side="left"))
    finite = ordered[low:high]
    places = np.concatenate(([0], np.searchsorted(finite, edges, side="right"), [len(finite)]))
    counts, starts = np.diff(places), places[:-1]
    filled = counts > 0  # reduceat would repeat a value for an empty bin
    least, greatest = _ends(finite[:1], finite[-1:])
    sums = np.zeros(len(counts))
    with np.errstate(over="ignore", invalid="ignore"):
        finite -= shift
        if len(finite):
            sums[filled] = np.add.reduceat(finite, starts[filled])
        squares = float(np.einsum("i,i", finite, finite))
    return Binned(counts, sums, squares, least, greatest, len(ordered) - end, low, end - high)


def _by_search(values: Floats, edges: Floats, shift: float) -> Binned:
    known = np.isfinite(values)
    finite = values if known.all() else values[known]
    places, bins = places_among(finite, edges), len(edges) + 1
    counts = np.bincount(places, minlength=bins)
    with np.errstate(over="ignore", invalid="ignore"):
        distance = finite - shift
        sums: Floats = np.bincount(places, weights=distance, minlength=bins).astype(np.float64)
        squares = float(np.einsum("i,i", distance, distance))
    missing = int(np.isnan(values).sum())
    low = int((values == -math.inf).sum())
    high = len(values) - len(finite) - missing - low
    return Binned(counts, sums, squares, *_ends(finite, finite), missing, low, high)


def places_among(values: Floats, edges: Floats) -> NDArray[np.int64]:
    """Return the bin of each finite value, by a binary search that all values take step by step together."""
    step = 1 << len(edges).bit_length()
    padded = np.full(step, math.inf)
    padded[: len(edges)] = edges
    places = np.zeros(len(values), dtype=np.int64)
    while step := step // 2:
        places += (values > padded.take(places + (step - 1))) * step
    return places


def _ends(low: Floats, high: Floats) -> tuple[float, float]:
    return (float(low.min()), float(high.max())) if len(low) else (math.inf, -math.inf)
