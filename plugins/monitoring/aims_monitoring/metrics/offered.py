"""Metrics that other plugins offer through ``aims_metrics``, beside the shipped ones.

A foreign metric fails alone: its figure has no value and a reason that names the plugin, and the others of
the window are as they would be without it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aims_core import Measurement, Offer, PluginError, PluginHost
from aims_monitoring.answers import figures_of, storable
from aims_monitoring.metrics.catalogue import METRICS, Compute, Metric
from aims_monitoring.profile import Profile

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
_MOST_FIGURES = 20_000


def metrics_of(host: PluginHost) -> dict[str, Metric]:
    """Return all metrics by name: the shipped ones, and those that other plugins offer."""
    return dict(METRICS) | _offered(host)


def foreign_names(names: Collection[str]) -> list[str]:
    """Return those names of metrics that are not shipped: they have the name of their plugin before a dot."""
    return [name for name in dict.fromkeys(names) if "." in name]


def foreign_figures(
    host: PluginHost,
    family: str,
    asked: Collection[str],
    window: Profile,
    reference: Profile | None,
    minimum: int | None,
) -> list[Measurement]:
    """Return the figures of foreign metrics: those asked for, and those that a family shows unasked.

    Parameters
    ----------
    family : str
        Of the monitor's kind, such as ``drift``; empty where the kind is another plugin's.
    minimum : int or None
        Fewest rows in place of each metric's own.
    """
    offered = _offered(host)
    shown = [
        m.name
        for m in offered.values()
        if family and m.family == family and _fits(m, window, reference)
    ]
    figures: list[Measurement] = []
    for name in dict.fromkeys([*foreign_names(asked), *shown]):
        metric = offered.get(name)
        if metric is None:
            figures.append(_none(name, "low", f"no installed plugin offers the metric {name}"))
        else:
            least = metric.minimum if minimum is None else minimum
            figures += metric.compute(window, reference, least)
    return figures


def listed(host: PluginHost) -> list[dict[str, Any]]:
    """Return what each metric is, with the fields of :data:`METRIC_COLUMNS`; foreign ones come last."""
    own = [_facts(metric, _of_docstring(metric)) for metric in METRICS.values()]
    specs = {offer.spec.id: offer.spec for offer in host.contributions("aims_metrics")}
    foreign = [
        _facts(metric, {part: getattr(specs[name], part) for part in _PARTS})
        for name, metric in _offered(host).items()
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


def _offered(host: PluginHost) -> dict[str, Metric]:
    return {offer.spec.id: _metric(host, offer) for offer in host.contributions("aims_metrics")}


def _metric(host: PluginHost, offer: Offer) -> Metric:
    spec = offer.spec
    return Metric(
        name=spec.id,
        title=spec.title,
        family=spec.family,
        direction=spec.direction,
        minimum=spec.minimum,
        compute=_contained(host, offer),
        needs=spec.needs,
        needs_reference=spec.needs_reference,
        per_column=spec.per_column,
    )


def _contained(host: PluginHost, offer: Offer) -> Compute:
    """Return a foreign metric of which every failure is a figure without value."""
    spec, plugin = offer.spec, offer.plugin

    def compute(window: Profile, reference: Profile | None, minimum: int) -> Sequence[Measurement]:
        try:
            answer = host.ask(offer, spec.compute, window, reference, minimum)
        except PluginError as error:
            return [_none(spec.id, spec.direction, str(error))]
        found = figures_of(answer)
        fault = found if isinstance(found, str) else _misplaced(spec, found, window)
        if fault or isinstance(found, str):
            said = f"plugin {plugin.name} {plugin.version} {fault}"
            return [_none(spec.id, spec.direction, said)]
        return [replace(one, direction=spec.direction) for one in found]

    return compute


def _misplaced(spec: Any, found: Sequence[Measurement], window: Profile) -> str:
    """Say which figure is not one of this metric."""
    if not found or len(found) > _MOST_FIGURES:
        return f"gave {len(found)} figures of {spec.id}"
    for one in found:
        if one.metric != spec.id:
            return f"gave {one.metric!a} where {spec.id} was asked for"
        if spec.per_column and one.subject not in window.columns:
            return f"gave {spec.id} of {one.subject!a}, which is no column"
    return ""


def _fits(metric: Metric, window: Profile, reference: Profile | None) -> bool:
    """Say whether a metric can be shown unasked; ids are counted only where a threshold asks."""
    schema = window.layout.schema
    if "id" in metric.needs or (metric.needs_reference and reference is None):
        return False
    return all(getattr(schema, need) for need in metric.needs)


def _none(name: str, direction: str, reason: str) -> Measurement:
    return Measurement(metric=name, value=None, n=0, direction=direction, reason=storable(reason))
