"""How well predictions agree with what turned out to be true, from the confusion counts.

With two classes, precision, recall and F1 are those of the schema's positive class; with more
they are the plain mean over the classes that occur (macro average). A figure that divides by zero
is no figure: it comes as None with its reason, never as 0.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from aims_core import Measurement
from aims_monitoring.metrics.significance import around_mean, middle_of, redrawn
from aims_monitoring.profile import Profile
from aims_monitoring.scores import ScoreHistogram

_TWO = 2
_MOST_CLASSES = 20

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Confusion:
    """Rows by (label, prediction), those with both; `classes` are the ones that occur."""

    counts: Mapping[Pair, int]
    classes: tuple[str, ...]

    @property
    def n(self) -> int:
        """Rows with a label and a prediction."""
        return sum(self.counts.values())

    def of_class(self, name: str) -> tuple[int, int, int]:
        """Return true positives, false positives and false negatives of a class."""
        hit = self.counts.get((name, name), 0)
        predicted = sum(n for (_, p), n in self.counts.items() if p == name)
        true = sum(n for (label, _), n in self.counts.items() if label == name)
        return hit, predicted - hit, true - hit


def accuracy(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the share of predictions that agree with the label.

    Formula: rows on the diagonal of the confusion counts, divided by all rows with both. Source:
    ISO/IEC TS 4213. Range: 0 to 1. Direction: high is better. Minimum sample: 30 rows with both.
    """
    return [_figure("accuracy", window, minimum, _accuracy)]


def precision(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the share of predictions of a class that are right.

    Formula: ``TP / (TP + FP)``, positive class or macro average. Source: ISO/IEC TS 4213. Range: 0
    to 1. Direction: high is better. Minimum sample: 30 rows with label and prediction, and one
    prediction of each class concerned.
    """

    def one(tp: int, fp: int, _fn: int) -> float | str:
        return tp / (tp + fp) if tp + fp else "was never predicted"

    return [_figure("precision", window, minimum, lambda c: _by_class(c, window, one))]


def recall(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the share of rows of a class that were found.

    Formula: ``TP / (TP + FN)``, positive class or macro average. Source: ISO/IEC TS 4213. Range: 0
    to 1. Direction: high is better. Minimum sample: 30 rows with label and prediction, and one
    label of each class concerned.
    """

    def one(tp: int, _fp: int, fn: int) -> float | str:
        return tp / (tp + fn) if tp + fn else "never occurs among the labels"

    return [_figure("recall", window, minimum, lambda c: _by_class(c, window, one))]


def f1(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the harmonic mean of precision and recall.

    Formula: ``2 TP / (2 TP + FP + FN)``, positive class or macro average. Source: ISO/IEC TS 4213.
    Range: 0 to 1. Direction: high is better. Minimum sample: 30 rows with label and prediction,
    and one label or prediction of each class concerned.
    """

    def one(tp: int, fp: int, fn: int) -> float | str:
        return 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else "neither occurs nor is predicted"

    return [_figure("f1", window, minimum, lambda c: _by_class(c, window, one))]


def brier(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the mean squared distance of the score from the outcome.

    Formula: mean of ``(score - y)²``, y = 1 for the positive class, else 0. Source: Brier (1950).
    Range: 0 to 1. Direction: low is better. Minimum sample: 30 rows with a label and a score
    between 0 and 1. Interval: normal, with the variance of the losses at the mean score of each bin
    and outcome; none for a profile that was stored before there was a score histogram.
    """
    score, least = window.score, max(minimum, 1)
    if score is None:
        return [_none("brier", 0, "the schema names no score", "low")]
    n = int(score.counts.sum())
    if n < least:
        return [
            _none("brier", n, f"{n} row(s) have a label and a score, {least} are needed", "low")
        ]
    # sum of (s - y)² = sum of s² - 2 (sum of s where y is 1) + (rows where y is 1)
    total = float(score.squares.sum() - 2 * score.sums[1] + score.counts[1])
    value = max(total, 0.0) / n
    low, high = (
        (None, None) if window.histogram is None else _brier_interval(value, window.histogram)
    )
    return [Measurement(metric="brier", value=value, n=n, direction="low", low=low, high=high)]


def _brier_interval(value: float, histogram: ScoreHistogram) -> tuple[float, float]:
    # Fourth powers are not kept: every row of a bin and outcome is taken at their mean score.
    means, rows = histogram.by_mean
    return around_mean(value, (means - np.array([0.0, 1.0])) ** 2, rows)


def confusion_of(window: Profile) -> Confusion | str:
    """Return the confusion counts of the rows that have both, or why there are none."""
    cube = window.confusion
    if cube is None:
        return "the schema names no label or no prediction"
    if cube.too_wide:
        return "labels or predictions have more than 100 different values; these are no classes"
    counts: dict[Pair, int] = {
        (label, prediction): n
        for (label, prediction), n in cube.cells.items()
        if label is not None and prediction is not None
    }
    return Confusion(counts, tuple(sorted({name for pair in counts for name in pair})))


def positive_fault(window: Profile) -> str:
    """Say why no row can be told to be of the positive class; empty where nothing speaks against it.

    With one class alone there is nothing to tell: it may be that no row is positive.
    """
    found, positive = confusion_of(window), window.layout.schema.positive
    occurring = set(window.layout.classes)
    if not isinstance(found, str):
        if fault := _disjoint(found):
            return fault
        occurring |= set(found.classes)
    if len(occurring) < _TWO or positive in occurring:
        return ""
    named = ", ".join(sorted(occurring)[:5])
    return f"no row is of the positive class {positive!r}; name one of {named} as `positive`"


def _disjoint(found: Confusion) -> str:
    """Say that labels and predictions are written in two ways, as 0 and 1 here and no and yes there."""
    labels, predictions = ({pair[side] for pair in found.counts} for side in (0, 1))
    if min(len(labels), len(predictions)) < _TWO or not labels.isdisjoint(predictions):
        return ""
    here, there = (", ".join(sorted(names)[:3]) for names in (labels, predictions))
    return f"labels ({here}) and predictions ({there}) have no class in common"


def _figure(
    metric: str, window: Profile, minimum: int, measure: Callable[[Confusion], float | str]
) -> Measurement:
    found, least = confusion_of(window), max(minimum, 1)
    if isinstance(found, str):
        return _none(metric, 0, found)
    if found.n < least:
        reason = (
            f"{found.n} of {window.rows} row(s) have a label and a prediction, {least} are needed"
        )
        return _none(metric, found.n, reason)
    value = _disjoint(found) or measure(found)
    if isinstance(value, str):
        return _none(metric, found.n, value)
    low, high = _interval(metric, found, window) or (None, None)
    return Measurement(metric=metric, value=value, n=found.n, direction="high", low=low, high=high)


def _interval(metric: str, confusion: Confusion, window: Profile) -> tuple[float, float] | None:
    """Return the 95 % interval of a figure: where it falls when the counts are drawn again.

    With more than 20 classes there is none: each would have too few rows.
    """
    chosen = _chosen(confusion, window)
    if len(confusion.classes) > _MOST_CLASSES or isinstance(chosen, str):
        return None
    place = {name: i for i, name in enumerate(confusion.classes)}
    table = np.zeros((len(place), len(place)), dtype=np.int64)
    for (label, prediction), rows in confusion.counts.items():
        table[place[label], place[prediction]] = rows
    drawn = redrawn(table)
    hits = np.einsum("dii->di", drawn)
    if metric == "accuracy":
        return middle_of(hits.sum(axis=1) / confusion.n)
    if not set(chosen) <= set(place):
        return None
    wanted = [place[name] for name in chosen]
    tp = hits[:, wanted].astype(np.float64)
    predicted, true = drawn.sum(axis=1)[:, wanted], drawn.sum(axis=2)[:, wanted]
    below = {"precision": predicted, "recall": true, "f1": (predicted + true) / 2}[metric]
    with np.errstate(invalid="ignore", divide="ignore"):
        return middle_of((tp / below).mean(axis=1))


def _accuracy(confusion: Confusion) -> float:
    right = sum(n for (label, prediction), n in confusion.counts.items() if label == prediction)
    return right / confusion.n


def _by_class(
    confusion: Confusion, window: Profile, one: Callable[[int, int, int], Any]
) -> float | str:
    chosen = _chosen(confusion, window)
    if isinstance(chosen, str):
        return chosen
    values: list[float] = []
    for name in chosen:
        value = one(*confusion.of_class(name))
        if isinstance(value, str):
            return f"class {name} {value}"
        values.append(value)
    return sum(values) / len(values)


def _chosen(confusion: Confusion, window: Profile) -> tuple[str, ...] | str:
    """Return the classes a figure is about: the positive one of two, else all that occur."""
    positive = window.layout.schema.positive
    known = {*confusion.classes, *window.layout.classes}
    if len(known) > _TWO:
        return confusion.classes
    if positive in known or len(known) < _TWO:
        return (positive,)
    return f"the classes are {', '.join(sorted(known))}; name the positive one in the schema"


def _none(metric: str, n: int, reason: str, direction: str = "high") -> Measurement:
    return Measurement(metric=metric, value=None, n=n, direction=direction, reason=reason)
