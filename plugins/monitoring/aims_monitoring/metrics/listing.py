"""What each metric is, for who chooses one: shipped ones by their docstrings, foreign ones by fields."""

from collections.abc import Mapping
from typing import Any

from aims_core import PluginHost
from aims_monitoring.metrics.catalogue import METRICS, Metric
from aims_monitoring.metrics.offered import metrics_of

METRIC_COLUMNS: Mapping[str, str] = {
    "name": "string",
    "title": "string",
    "family": "string",
    "direction": "string",
    "range": "string",
    "minimum": "Int64",
    "formula": "string",
    "source": "string",
}
"""Columns of the list of metrics, in order, with their types."""
_PARTS = {"range": "Range:", "formula": "Formula:", "source": "Source:"}


def listed(host: PluginHost) -> list[dict[str, Any]]:
    """Return what each metric is, with the fields of :data:`METRIC_COLUMNS`; foreign ones come last."""
    own = [_facts(metric, _of_docstring(metric)) for metric in METRICS.values()]
    specs = {offer.spec.id: offer.spec for offer in host.contributions("aims_metrics")}
    foreign = [
        _facts(metric, {part: getattr(specs[name], part) for part in _PARTS})
        for name, metric in metrics_of(host).items()
        if name in specs
    ]
    return [*own, *foreign]


def _facts(metric: Metric, parts: Mapping[str, str]) -> dict[str, Any]:
    return {name: getattr(metric, name) for name in METRIC_COLUMNS if name not in parts} | dict(
        parts
    )


def _of_docstring(metric: Metric) -> dict[str, str]:
    """Return formula, source and range, which the docstring of a shipped metric states in this form."""
    text = " ".join((metric.compute.__doc__ or "").split()).replace("``", "")
    return {part: _sentence(text.partition(f"{word} ")[2]) for part, word in _PARTS.items()}


def _sentence(text: str) -> str:
    """Return a text up to where the next of its parts begins."""
    for word in ("Formula:", "Source:", "Range:", "Direction:", "Interval:", "Minimum sample:"):
        text = text.partition(f" {word}")[0]
    return text.rstrip(" .")
