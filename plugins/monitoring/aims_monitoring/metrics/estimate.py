"""How well a system probably does while no labels have come: confidence-based performance estimation.

The scores of the reference are calibrated (isotonic, on the bins of the histogram); each row of the
window then counts as positive with its calibrated probability. This holds as long as the relation of
features and outcome has not changed: it sees a shift of who comes, never a change of what is true.
Source: NannyML, confidence-based performance estimation (CBPE); Kivimäki et al. (2024).

An interval is normal, from two errors that do not depend on each other. One is the error the figure
itself would have if rows and outcomes came by their probabilities: of a ratio ``A / B`` of counts by the
delta method ``sum of m (a - R b)² / B²`` over the four cells, m rows expected in a cell of which each adds
a to A and b to B; of the area that of Hanley and McNeil (1982). The other is that of the calibration,
learnt from a finite reference: the deviation of the figure over 100 redrawings of the outcomes in each
pooled block.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aims_core import Measurement
from aims_monitoring.metrics.ranking import auc_of
from aims_monitoring.metrics.significance import around, hanley_mcneil_error
from aims_monitoring.profile import Profile
from aims_monitoring.scores import NEGATIVE, POSITIVE, ScoreHistogram

Masses = NDArray[np.float64]
_LEAST_LABELS = 100
_DRAWS = 100


@dataclass(frozen=True, slots=True)
class _Ratio:
    """A ratio: what a true and a false positive, a false and a true negative add to either side."""

    above: tuple[int, int, int, int]
    below: tuple[int, int, int, int]
    fault: str

    def of(self, chance: Masses, negative: Masses, positive: Masses) -> Masses:
        """Return the figure for each row of chances, not a number where it divides by zero."""
        cells = _cells(chance, negative, positive)
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Masses = np.dot(self.above, cells) / np.dot(self.below, cells)
        return found

    def error(self, value: float, chance: Masses, negative: Masses, positive: Masses) -> float:
        """Return the standard error of the figure over rows and outcomes."""
        cells = _cells(chance, negative, positive)
        apart = np.array(self.above) - value * np.array(self.below)
        return math.sqrt(float(np.dot(apart**2, cells))) / float(np.dot(self.below, cells))


@dataclass(frozen=True, slots=True)
class _Area:
    """The area under the ROC curve."""

    fault: str

    def of(self, chance: Masses, negative: Masses, positive: Masses) -> Masses:
        """Return the area for each row of chances, not a number where there is one class alone."""
        rows = negative + positive
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Masses = auc_of(chance * rows, (1 - chance) * rows)
        return found

    def error(self, value: float, chance: Masses, negative: Masses, positive: Masses) -> float:
        """Return the standard error of the area over rows and outcomes."""
        rows = negative + positive
        return hanley_mcneil_error(
            value, float((chance * rows).sum()), float(((1 - chance) * rows).sum())
        )


_ACCURACY = _Ratio((1, 0, 0, 1), (1, 1, 1, 1), "there are no rows")
_PRECISION = _Ratio((1, 0, 0, 0), (1, 1, 0, 0), "nothing was predicted as positive")
_RECALL = _Ratio((1, 0, 0, 0), (1, 0, 1, 0), "no positive outcome is expected")
_F1 = _Ratio((2, 0, 0, 0), (2, 1, 1, 0), "no positive is expected or predicted")
_AREA = _Area("all outcomes are expected to be of one class")


def estimated_accuracy(
    window: Profile, reference: Profile | None, minimum: int
) -> list[Measurement]:
    """Return the estimated share of right predictions.

    Formula: ``(TP + TN) / n`` of the expected counts; see the module for what it rests on. Source:
    NannyML, CBPE. Range: 0 to 1. Direction: high is better. Minimum sample: 30 rows with a score
    and a prediction, and 100 labelled scores in the reference.
    """
    return [_estimate("estimated_accuracy", window, reference, minimum, _ACCURACY)]


def estimated_precision(
    window: Profile, reference: Profile | None, minimum: int
) -> list[Measurement]:
    """Return the estimated precision of the positive class.

    Formula: ``TP / (TP + FP)`` of the expected counts; see the module for what it rests on. Source:
    NannyML, CBPE. Range: 0 to 1. Direction: high is better. Minimum sample: 30 rows with a score
    and a prediction, and 100 labelled scores in the reference.
    """
    return [_estimate("estimated_precision", window, reference, minimum, _PRECISION)]


def estimated_recall(window: Profile, reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the estimated recall of the positive class.

    Formula: ``TP / (TP + FN)`` of the expected counts; see the module for what it rests on. Source:
    NannyML, CBPE. Range: 0 to 1. Direction: high is better. Minimum sample: 30 rows with a score
    and a prediction, and 100 labelled scores in the reference.
    """
    return [_estimate("estimated_recall", window, reference, minimum, _RECALL)]


def estimated_f1(window: Profile, reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the estimated F1 of the positive class.

    Formula: ``2 TP / (2 TP + FP + FN)`` of the expected counts; see the module for what it rests
    on. Source: NannyML, CBPE. Range: 0 to 1. Direction: high is better. Minimum sample: 30 rows
    with a score and a prediction, and 100 labelled scores in the reference.
    """
    return [_estimate("estimated_f1", window, reference, minimum, _F1)]


def estimated_roc_auc(
    window: Profile, reference: Profile | None, minimum: int
) -> list[Measurement]:
    """Return the estimated area under the ROC curve.

    Formula: ``as roc_auc, each bin's rows split by their calibrated probability`` of the expected
    counts; see the module for what it rests on. Source: NannyML, CBPE. Range: 0 to 1. Direction:
    high is better. Minimum sample: 30 rows with a score and a prediction, and 100 labelled scores
    in the reference.
    """
    return [_estimate("estimated_roc_auc", window, reference, minimum, _AREA)]


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
    rows = (negative + positive).astype(np.float64)
    held = np.flatnonzero(rows)
    blocks: list[list[float]] = []
    for place in held:
        blocks.append([positive[place] / rows[place], rows[place], 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            share, weight, bins = blocks.pop()
            before = blocks[-1]
            before[0] = (before[0] * before[1] + share * weight) / (before[1] + weight)
            before[1] += weight
            before[2] += bins
    shares, weights, bins_of = np.array(blocks).T
    return _Blocks(held, shares, weights, bins_of.astype(np.int64))


def _chances(blocks: _Blocks, bins: NDArray[np.int64], drawn: Masses | None = None) -> Masses:
    """Return the chances by bin, a row for each drawing of the blocks' shares, one without any.

    Bins without labelled rows take the value between their neighbours.
    """
    shares = blocks.shares[None, :] if drawn is None else drawn
    block = np.repeat(np.arange(len(blocks.bins)), blocks.bins)
    place = np.interp(bins, blocks.held, np.arange(len(blocks.held)))
    left = place.astype(np.int64)
    right, weight = np.minimum(left + 1, len(blocks.held) - 1), place - left
    found: Masses = shares.take(block[left], axis=1)
    between = np.flatnonzero(weight)
    found[:, between] *= 1 - weight[between]
    found[:, between] += weight[between] * shares.take(block[right[between]], axis=1)
    return found


def _redrawn(blocks: _Blocks, bins: NDArray[np.int64]) -> Masses:
    """Return the chances by bin as other outcomes in the reference would have given them.

    A block of one outcome alone is drawn as if half a row of each had come on top (Jeffreys 1946).
    """
    shares = (blocks.shares * blocks.rows + 0.5) / (blocks.rows + 1)
    size = (_DRAWS, len(shares))
    hits = np.random.default_rng(0).binomial(blocks.rows.astype(np.int64), shares, size)
    return _chances(blocks, bins, hits / blocks.rows)


def _estimate(
    metric: str,
    window: Profile,
    reference: Profile | None,
    minimum: int,
    measure: _Ratio | _Area,
) -> Measurement:
    fault, now = "", window.histogram
    before = None if reference is None else reference.histogram
    known = 0 if before is None else int(before.counts[:, [NEGATIVE, POSITIVE]].sum())
    predicted = None if now is None else now.counts.sum(axis=1)[:, [NEGATIVE, POSITIVE]]
    n = 0 if predicted is None else int(predicted.sum())
    if before is None or predicted is None:
        fault = "it takes a reference and a window with scores and predictions"
    elif known < _LEAST_LABELS:
        fault = f"the reference has {known} labelled score(s), {_LEAST_LABELS} are needed"
    elif n < max(minimum, 1):
        fault = f"{n} row(s) have a score and a prediction, {max(minimum, 1)} are needed"
    else:
        rows = predicted.astype(np.float64)
        found = _measured(measure, _blocks(before), rows[:, NEGATIVE], rows[:, POSITIVE])
        if not isinstance(found, str):
            value, low, high = found
            return Measurement(
                metric=metric, value=value, n=n, direction="high", low=low, high=high
            )
        fault = found
    return Measurement(metric=metric, value=None, n=n, direction="high", reason=fault)


def _measured(
    measure: _Ratio | _Area, blocks: _Blocks, negative: Masses, positive: Masses
) -> tuple[float, float, float] | str:
    # Bins without rows add nothing.
    held = np.flatnonzero(negative + positive)
    negative, positive = negative[held], positive[held]
    chance = _chances(blocks, held)
    value = float(measure.of(chance, negative, positive)[0])
    if not math.isfinite(value):
        return measure.fault
    drawn = measure.of(_redrawn(blocks, held), negative, positive)
    learnt = float(np.std(drawn[np.isfinite(drawn)]))
    low, high = around(
        value, math.hypot(measure.error(value, chance[0], negative, positive), learnt)
    )
    return value, max(0.0, low), min(1.0, high)


def _cells(chance: Masses, negative: Masses, positive: Masses) -> Masses:
    """Return the expected true and false positives, false and true negatives."""
    tp, fn = chance @ positive, chance @ negative
    return np.array([tp, positive.sum() - tp, fn, negative.sum() - fn])
