"""All metrics by name: what each is called, where it is low or high, how many rows it needs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from aims_core import Measurement, Problem
from aims_monitoring.metrics import (
    distance,
    drift,
    estimate,
    fairness,
    oversight,
    performance,
    quality,
    ranking,
    regression,
)
from aims_monitoring.metrics.expected import shared
from aims_monitoring.profile import Profile
from aims_monitoring.thresholds import Threshold

Compute = Callable[[Profile, Profile | None, int], Sequence[Measurement]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """A metric: ``compute(window, reference, minimum) -> Sequence[Measurement]``.

    `family` is the kind of monitor that shows it unasked, empty where only a threshold asks for it;
    `minimum` is the fewest rows it is computed on; `direction` is ``high`` when a higher value is
    better; `needs` names the roles that the schema must declare.
    """

    name: str
    title: str
    family: str
    direction: str
    minimum: int
    compute: Compute
    needs: tuple[str, ...] = ()
    needs_reference: bool = False
    per_column: bool = False


_HUNDRED = 100
_THIRTY = 30


_CLASSES = ("label", "prediction")
_SCORES = ("label", "score")


def _performance(
    name: str,
    title: str,
    compute: Compute,
    direction: str = "high",
    *,
    needs: tuple[str, ...] = _CLASSES,
    family: str = "performance",
) -> Metric:
    return Metric(
        name=name,
        title=title,
        family=family,
        direction=direction,
        minimum=_THIRTY,
        compute=compute,
        needs=needs,
    )


def _fairness(name: str, title: str, compute: Compute, direction: str = "low") -> Metric:
    needs = ("group", *_CLASSES)
    return _performance(name, title, compute, direction, needs=needs, family="fairness")


def _estimate(name: str, title: str, compute: Compute) -> Metric:
    found = _performance(name, title, compute, needs=_SCORES, family="estimate")
    return replace(found, needs_reference=True)


def _of_column(name: str, title: str, compute: Compute, family: str, minimum: int) -> Metric:
    return Metric(
        name=name,
        title=title,
        family=family,
        direction="low",
        minimum=minimum,
        compute=compute,
        per_column=True,
    )


def _drift(name: str, title: str, compute: Compute) -> Metric:
    return Metric(
        name=name,
        title=title,
        family="drift",
        direction="low",
        minimum=_HUNDRED,
        compute=compute,
        needs_reference=True,
        per_column=True,
    )


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        _performance("accuracy", "Accuracy", performance.accuracy),
        _performance("precision", "Precision", performance.precision),
        _performance("recall", "Recall", performance.recall),
        _performance("f1", "F1", performance.f1),
        _performance("brier", "Brier score", performance.brier, "low", needs=_SCORES),
        _performance("roc_auc", "Area under the ROC curve", ranking.roc_auc, needs=_SCORES),
        _performance("pr_auc", "Average precision", ranking.pr_auc, needs=_SCORES),
        _performance("log_loss", "Log loss", ranking.log_loss, "low", needs=_SCORES),
        _performance(
            "calibration_error",
            "Expected calibration error",
            ranking.calibration_error,
            "low",
            needs=_SCORES,
        ),
        _performance("mae", "Mean absolute error", regression.mae, "low", family="regression"),
        _performance(
            "rmse", "Root mean squared error", regression.rmse, "low", family="regression"
        ),
        _performance("r2", "Coefficient of determination", regression.r2, family="regression"),
        _performance("bias", "Mean error", regression.bias, "low", family="regression"),
        *(
            _fairness(name, title, fairness.rate(name), fairness.RATES[name][0])
            for name, title in (
                ("selection_rate", "Selection rate by group"),
                ("true_positive_rate", "True positive rate by group"),
                ("false_positive_rate", "False positive rate by group"),
                ("false_negative_rate", "False negative rate by group"),
                ("group_precision", "Precision by group"),
                ("group_accuracy", "Accuracy by group"),
            )
        ),
        _fairness(
            "demographic_parity_difference",
            "Difference of selection rates",
            fairness.demographic_parity_difference,
        ),
        _fairness(
            "demographic_parity_ratio",
            "Ratio of selection rates",
            fairness.demographic_parity_ratio,
            "high",
        ),
        _fairness(
            "equal_opportunity_difference",
            "Difference of true positive rates",
            fairness.equal_opportunity_difference,
        ),
        _fairness(
            "equalized_odds_difference",
            "Difference of error rates",
            fairness.equalized_odds_difference,
        ),
        _fairness(
            "equalized_odds_ratio", "Ratio of error rates", fairness.equalized_odds_ratio, "high"
        ),
        _estimate("estimated_accuracy", "Estimated accuracy", estimate.estimated_accuracy),
        _estimate("estimated_precision", "Estimated precision", estimate.estimated_precision),
        _estimate("estimated_recall", "Estimated recall", estimate.estimated_recall),
        _estimate("estimated_f1", "Estimated F1", estimate.estimated_f1),
        _estimate("estimated_roc_auc", "Estimated area under ROC", estimate.estimated_roc_auc),
        _drift("psi", "Population stability index", drift.psi),
        _drift("ks", "Kolmogorov-Smirnov distance", drift.ks),
        _drift("js", "Jensen-Shannon distance", drift.js),
        _drift("wasserstein", "Wasserstein distance", distance.wasserstein),
        _drift("cramers_v", "Cramér's V", distance.cramers_v),
        _drift("unusable_rise", "Rise of unusable values", quality.unusable_rise),
        _drift("type_change", "Values of another kind", quality.type_change),
        _of_column(
            "outside_share",
            "Share of values never seen before",
            distance.outside_share,
            "drift",
            _THIRTY,
        ),
        _of_column(
            "missing_share", "Share of missing values", quality.missing_share, "drift", _THIRTY
        ),
        Metric(
            name="duplicate_share",
            title="Share of rows with an id that came before",
            family="",
            direction="low",
            minimum=_THIRTY,
            compute=quality.duplicate_share,
            needs=("id",),
        ),
        _of_column("true_share", "Share of true values", oversight.true_share, "", _THIRTY),
        _of_column("mean", "Mean", oversight.mean, "", _THIRTY),
        _of_column("p95", "95th percentile", oversight.p95, "", _THIRTY),
    )
}
"""Metrics by name."""


DEFAULT_THRESHOLDS: Mapping[str, Mapping[str, Mapping[str, float]]] = {
    "monitoring.drift": {
        "psi": {"max": 0.25},
        "ks": {"max": 0.1},
        "cramers_v": {"max": 0.1},
        "wasserstein": {"max": 0.25},
        "outside_share": {"max": 0.01},
        "unusable_rise": {"max": 0.05},
        "type_change": {"max": 0.01},
    },
    "monitoring.fairness": {
        "demographic_parity_difference": {"max": 0.1},
        "equalized_odds_difference": {"max": 0.1},
    },
}
"""Limits by kind of monitor, for who has no better ones. Performance and estimates have none: what is
good enough depends on the use. Source: Yurdakul (2018) for psi; the rest are house values."""


def metric_problem(name: str, metrics: Mapping[str, Metric] = METRICS) -> Problem | None:
    """Return what is wrong with the name of a metric, or None when there is such a metric."""
    if name in metrics:
        return None
    near = get_close_matches(name, metrics, n=2)
    remedy = f"perhaps {' or '.join(near)} is meant" if near else f"use one of {', '.join(metrics)}"
    return Problem(field="thresholds", reason=f"there is no metric {name!r}", remedy=remedy)


def asks_for_ids(thresholds: Iterable[Threshold], metrics: Mapping[str, Metric] = METRICS) -> bool:
    """Say whether a threshold is about ids, which are counted only then; `metrics` are all there are."""
    asked = (metrics.get(threshold.metric) for threshold in thresholds)
    return any(metric is not None and "id" in metric.needs for metric in asked)


def compute_metrics(
    names: Sequence[str], window: Profile, reference: Profile | None, minimum: int | None = None
) -> list[Measurement]:
    """Return the figures of the named metrics; `minimum` replaces each metric's own minimum sample.

    Raises
    ------
    ValueError
        Window and reference have different layouts, so their bins mean different things.
    """
    if reference is not None and window.layout.digest != reference.layout.digest:
        raise ValueError(
            "profiles with different layouts cannot be compared; count both in the reference's layout"
        )
    chosen = [METRICS[name] for name in names]
    of_scores = any(metric.needs == _SCORES for metric in chosen)
    fault = performance.positive_fault(window) if of_scores else ""
    with shared():
        return _figures(chosen, fault, window, reference, minimum)


def _figures(
    chosen: Sequence[Metric],
    fault: str,
    window: Profile,
    reference: Profile | None,
    minimum: int | None,
) -> list[Measurement]:
    return [
        # Most metrics say their direction, and a copy takes longer than some figures do.
        found if found.direction == metric.direction else replace(found, direction=metric.direction)
        for metric in chosen
        for found in (
            [_unmeasured(metric, fault)]
            if fault and metric.needs == _SCORES
            else metric.compute(window, reference, metric.minimum if minimum is None else minimum)
        )
    ]


def _unmeasured(metric: Metric, reason: str) -> Measurement:
    return Measurement(
        metric=metric.name, value=None, n=0, direction=metric.direction, reason=reason
    )
