"""How well a system probably does while no labels have come: confidence-based performance estimation.

The scores of the reference are calibrated (isotonic, on the bins of the histogram); each row of the
window then counts as positive with its calibrated probability. This holds as long as the relation of
features and outcome has not changed: it sees a shift of who comes, never a change of what is true.
Source: NannyML, confidence-based performance estimation (CBPE); Kivimäki et al. (2024).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from aims_core import Measurement
from aims_monitoring.metrics.ranking import auc_of
from aims_monitoring.profile import Profile
from aims_monitoring.scores import NEGATIVE, POSITIVE, ScoreHistogram

Masses = NDArray[np.float64]
_LEAST_LABELS = 100


def estimated_accuracy(
    window: Profile, reference: Profile | None, minimum: int
) -> list[Measurement]:
    """Return the estimated share of right predictions.

    Formula: ``(TP + TN) / n`` of the expected counts; see the module for what it rests on. Source:
    NannyML, CBPE. Range: 0 to 1. Direction: high is better. Minimum sample: 30 rows with a score
    and a prediction, and 100 labelled scores in the reference.
    """
    return [_estimate("estimated_accuracy", window, reference, minimum, _accuracy)]


def estimated_precision(
    window: Profile, reference: Profile | None, minimum: int
) -> list[Measurement]:
    """Return the estimated precision of the positive class.

    Formula: ``TP / (TP + FP)`` of the expected counts; see the module for what it rests on. Source:
    NannyML, CBPE. Range: 0 to 1. Direction: high is better. Minimum sample: 30 rows with a score
    and a prediction, and 100 labelled scores in the reference.
    """
    return [_estimate("estimated_precision", window, reference, minimum, _precision)]


def estimated_recall(window: Profile, reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the estimated recall of the positive class.

    Formula: ``TP / (TP + FN)`` of the expected counts; see the module for what it rests on. Source:
    NannyML, CBPE. Range: 0 to 1. Direction: high is better. Minimum sample: 30 rows with a score
    and a prediction, and 100 labelled scores in the reference.
    """
    return [_estimate("estimated_recall", window, reference, minimum, _recall)]


def estimated_f1(window: Profile, reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the estimated F1 of the positive class.

    Formula: ``2 TP / (2 TP + FP + FN)`` of the expected counts; see the module for what it rests
    on. Source: NannyML, CBPE. Range: 0 to 1. Direction: high is better. Minimum sample: 30 rows
    with a score and a prediction, and 100 labelled scores in the reference.
    """
    return [_estimate("estimated_f1", window, reference, minimum, _f1)]


def estimated_roc_auc(
    window: Profile, reference: Profile | None, minimum: int
) -> list[Measurement]:
    """Return the estimated area under the ROC curve.

    Formula: ``as roc_auc, each bin's rows split by their calibrated probability`` of the expected
    counts; see the module for what it rests on. Source: NannyML, CBPE. Range: 0 to 1. Direction:
    high is better. Minimum sample: 30 rows with a score and a prediction, and 100 labelled scores
    in the reference.
    """
    return [_estimate("estimated_roc_auc", window, reference, minimum, _area)]


def calibrated(histogram: ScoreHistogram) -> Masses:
    """Return by bin the probability of a positive outcome, never falling with the score.

    Pool-adjacent-violators over the bins that hold labelled rows (Ayer et al. 1955); bins without any
    take the value between their neighbours.
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
    fitted = np.repeat([b[0] for b in blocks], [int(b[2]) for b in blocks])
    everywhere: Masses = np.interp(np.arange(len(rows)), held, fitted)
    return everywhere


def _estimate(
    metric: str,
    window: Profile,
    reference: Profile | None,
    minimum: int,
    measure: Callable[[Masses, Masses, Masses], float | str],
) -> Measurement:
    found: float | str
    now = window.histogram
    before = None if reference is None else reference.histogram
    known = 0 if before is None else int(before.counts[:, [NEGATIVE, POSITIVE]].sum())
    predicted = None if now is None else now.counts.sum(axis=1)[:, [NEGATIVE, POSITIVE]]
    n = 0 if predicted is None else int(predicted.sum())
    if before is None or predicted is None:
        found = "it takes a reference and a window with scores and predictions"
    elif known < _LEAST_LABELS:
        found = f"the reference has {known} labelled score(s), {_LEAST_LABELS} are needed"
    elif n < max(minimum, 1):
        found = f"{n} row(s) have a score and a prediction, {max(minimum, 1)} are needed"
    else:
        found = measure(
            calibrated(before),
            predicted[:, NEGATIVE].astype(np.float64),
            predicted[:, POSITIVE].astype(np.float64),
        )
    if isinstance(found, str):
        return Measurement(metric=metric, value=None, n=n, direction="high", reason=found)
    return Measurement(metric=metric, value=found, n=n, direction="high")


def _cells(chance: Masses, negative: Masses, positive: Masses) -> tuple[float, float, float, float]:
    """Return the expected true and false positives, false and true negatives."""
    tp, fn = float((chance * positive).sum()), float((chance * negative).sum())
    return tp, float(positive.sum()) - tp, fn, float(negative.sum()) - fn


def _accuracy(chance: Masses, negative: Masses, positive: Masses) -> float:
    tp, fp, fn, tn = _cells(chance, negative, positive)
    return (tp + tn) / (tp + fp + fn + tn)


def _precision(chance: Masses, negative: Masses, positive: Masses) -> float | str:
    tp, fp, _, _ = _cells(chance, negative, positive)
    return tp / (tp + fp) if tp + fp else "nothing was predicted as positive"


def _recall(chance: Masses, negative: Masses, positive: Masses) -> float | str:
    tp, _, fn, _ = _cells(chance, negative, positive)
    return tp / (tp + fn) if tp + fn else "no positive outcome is expected"


def _f1(chance: Masses, negative: Masses, positive: Masses) -> float | str:
    tp, fp, fn, _ = _cells(chance, negative, positive)
    return 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else "no positive is expected or predicted"


def _area(chance: Masses, negative: Masses, positive: Masses) -> float | str:
    rows = negative + positive
    ones, zeros = chance * rows, (1 - chance) * rows
    if not (ones.sum() and zeros.sum()):
        return "all outcomes are expected to be of one class"
    return auc_of(ones, zeros)
