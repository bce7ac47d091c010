"""The kinds of monitors that this plugin offers through ``aims_monitors``.

A kind is a function ``measure(window, reference, options) -> Sequence[Measurement]``. `window` and
`reference` are `Profile` objects of one layout (`reference` is None when the monitor has none);
`options` holds ``metrics``, the names that thresholds ask for, and ``minimum_rows``, which is None
when each metric's own minimum sample holds. Another distribution can offer further kinds.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aims_core import Measurement
from aims_monitoring.metrics.catalogue import METRICS, compute_metrics
from aims_monitoring.profile import Profile


def performance(
    window: Profile, reference: Profile | None, options: Mapping[str, Any]
) -> Sequence[Measurement]:
    """Measure agreement with the labels, and whatever other metric a threshold asks for."""
    task = window.layout.schema.task
    return _measure(
        "regression" if task == "regression" else "performance", window, reference, options
    )


def drift(
    window: Profile, reference: Profile | None, options: Mapping[str, Any]
) -> Sequence[Measurement]:
    """Measure distance from the reference, and whatever other metric a threshold asks for."""
    return _measure("drift", window, reference, options)


def fairness(
    window: Profile, reference: Profile | None, options: Mapping[str, Any]
) -> Sequence[Measurement]:
    """Measure how groups fare, and whatever other metric a threshold asks for."""
    return _measure("fairness", window, reference, options)


def estimate(
    window: Profile, reference: Profile | None, options: Mapping[str, Any]
) -> Sequence[Measurement]:
    """Estimate performance while no labels have come, and whatever else a threshold asks for."""
    return _measure("estimate", window, reference, options)


def _measure(
    family: str, window: Profile, reference: Profile | None, options: Mapping[str, Any]
) -> Sequence[Measurement]:
    declared = window.layout.schema
    usual = [
        m.name
        for m in METRICS.values()
        if m.family == family and ("score" not in m.needs or declared.score)
    ]
    names = dict.fromkeys([*options["metrics"], *usual])
    return compute_metrics(list(names), window, reference, options["minimum_rows"])
