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

from aims_core import Measurement
from aims_monitoring.metrics.expected import Expected, Masses, expected
from aims_monitoring.metrics.ranking import WIDE, too_close
from aims_monitoring.metrics.significance import around, hanley_mcneil_error
from aims_monitoring.profile import Profile
from aims_monitoring.scores import NEGATIVE, POSITIVE

_LEAST_LABELS = 100


@dataclass(frozen=True, slots=True)
class _Ratio:
    """A ratio: what a true and a false positive, a false and a true negative add to either side."""

    above: tuple[int, int, int, int]
    below: tuple[int, int, int, int]
    fault: str

    def of(self, window: Expected) -> Masses:
        """Return the figure as expected and as redrawn, not a number where it divides by zero."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Masses = np.dot(self.above, window.cells) / np.dot(self.below, window.cells)
        return found

    def bracket(self, value: float, _window: Expected) -> tuple[float, float]:
        """Return the bounds that the order of scores within bins leaves; it does not matter here."""
        return value, value

    def error(self, value: float, window: Expected) -> float:
        """Return the standard error of the figure over rows and outcomes."""
        cells = window.cells[:, 0]
        apart = np.array(self.above) - value * np.array(self.below)
        return math.sqrt(float(np.dot(apart**2, cells))) / float(np.dot(self.below, cells))


@dataclass(frozen=True, slots=True)
class _Area:
    """The area under the ROC curve."""

    fault: str

    def of(self, window: Expected) -> Masses:
        """Return the area as expected and as redrawn, not a number where there is one class alone."""
        hits, rows = window.outcomes, window.negative + window.positive
        with np.errstate(invalid="ignore", divide="ignore"):
            # Of the rows below the positive outcomes, those are taken away that are positive themselves.
            found: Masses = (window.ranked - hits * hits / 2) / (hits * (rows - hits))
        return found

    def bracket(self, value: float, window: Expected) -> tuple[float, float]:
        """Return the bounds that the order of scores within bins leaves."""
        hits = float(window.outcomes[0])
        room = window.untied / 2 / (hits * (window.negative + window.positive - hits))
        return max(0.0, value - room), min(1.0, value + room)

    def error(self, value: float, window: Expected) -> float:
        """Return the standard error of the area over rows and outcomes."""
        hits = float(window.outcomes[0])
        return hanley_mcneil_error(value, hits, window.negative + window.positive - hits)


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
    in the reference. Ties: as in `roc_auc` the rows of a bin are taken as tied, the interval reaches
    from the low end for the lower to the high end for the upper bound of their order, and there is a
    reason in place of a value where the bounds are more than 0.1 apart.
    """
    return [_estimate("estimated_roc_auc", window, reference, minimum, _AREA)]


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
    n = 0 if now is None else int(now.counts[:, :, [NEGATIVE, POSITIVE]].sum())
    if before is None or now is None:
        fault = "it takes a reference and a window with scores and predictions"
    elif known < _LEAST_LABELS:
        fault = f"the reference has {known} labelled score(s), {_LEAST_LABELS} are needed"
    elif n < max(minimum, 1):
        fault = f"{n} row(s) have a score and a prediction, {max(minimum, 1)} are needed"
    else:
        found = _measured(measure, expected(now, before))
        if not isinstance(found, str):
            value, low, high = found
            return Measurement(
                metric=metric, value=value, n=n, direction="high", low=low, high=high
            )
        fault = found
    return Measurement(metric=metric, value=None, n=n, direction="high", reason=fault)


def _measured(measure: _Ratio | _Area, window: Expected) -> tuple[float, float, float] | str:
    value, *drawn = measure.of(window).tolist()
    if not math.isfinite(value):
        return measure.fault
    least, most = measure.bracket(value, window)
    if most - least > WIDE:
        return too_close(least, most)
    learnt = float(np.std([figure for figure in drawn if math.isfinite(figure)]))
    low, _ = around(least, math.hypot(measure.error(least, window), learnt))
    _, high = around(most, math.hypot(measure.error(most, window), learnt))
    return value, max(0.0, low), min(1.0, high)
