"""Metrics that other plugins offer through ``aims_metrics``, beside the shipped ones.

A foreign metric fails alone: its figure has no value and a reason that names the plugin, and the others of
the window are as they would be without it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aims_core import Measurement, Offer, PluginError, PluginHost, PluginInfo
from aims_monitoring.answers import figures_of, shortened
from aims_monitoring.definition import OWN
from aims_monitoring.metrics.catalogue import METRICS, Compute, Metric
from aims_monitoring.metrics.performance import positive_fault
from aims_monitoring.profile import Profile
from aims_monitoring.records import Monitor
from aims_monitoring.schema import Schema
from aims_monitoring.thresholds import read_thresholds

_MOST_FIGURES = 20_000


def metrics_of(host: PluginHost) -> dict[str, Metric]:
    """Return all metrics by name: the shipped ones, and those that other plugins offer."""
    return dict(METRICS) | _offered(host)


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreign:
    """The metrics of other plugins that a monitor measures, collected once for a run.

    Parameters
    ----------
    metrics : mapping of str to Metric
        Those to be measured: asked for by a threshold, or shown unasked.
    gone : mapping of str to str
        Why a metric that is asked for cannot be measured, by its name.
    columns : mapping of str to sequence of str
        The columns that thresholds name, by metric; an empty text stands for all columns.
    providers : mapping of str to mapping
        Distribution, version and fingerprint behind each of `metrics`, but this plugin's own.
    """

    metrics: Mapping[str, Metric] = field(default_factory=dict)
    gone: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    providers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def figures(
        self,
        window: Profile,
        reference: Profile | None,
        minimum: int | None,
        given: Collection[str] = (),
    ) -> list[Measurement]:
        """Return the figures of a window; whatever goes wrong with one is its reason.

        Parameters
        ----------
        minimum : int or None
            Fewest rows in place of each metric's own.
        given : collection of str
            Metrics that the kind of monitor has measured itself.
        """
        found: list[Measurement] = []
        for name, metric in self.metrics.items():
            if name not in given:
                least = metric.minimum if minimum is None else minimum
                found += self._of_columns(_measured(metric, window, reference, least))
        for name, reason in self.gone.items():
            if name not in given:
                found += self._of_columns([_none(name, "low", reason)])
        return found

    def _of_columns(self, found: Sequence[Measurement]) -> Sequence[Measurement]:
        """Say why there is no figure at each column that a threshold names, where it will be looked for."""
        columns = self.columns.get(found[0].metric, ())
        if len(found) > 1 or found[0].value is not None or found[0].subject or not columns:
            return found
        return [replace(found[0], subject=column) for column in columns]


def foreign_of(host: PluginHost, monitor: Monitor) -> Foreign:
    """Return the metrics of other plugins that a monitor measures, and what is gone of them.

    A kind of monitor of another plugin says itself what it shows unasked, and may have names with dots.
    """
    columns: dict[str, list[str]] = {}
    for threshold in read_thresholds(monitor.thresholds):
        if "." in threshold.metric:
            columns.setdefault(threshold.metric, []).append(threshold.column)
    offers = {offer.spec.id: offer for offer in host.contributions("aims_metrics")}
    shown = [name for name, offer in offers.items() if _is_shown(offer.spec, monitor)]
    measured = [name for name in dict.fromkeys([*columns, *shown]) if name in offers]
    return Foreign(
        metrics={name: _metric(host, offers[name]) for name in measured},
        gone={name: _why_gone(host, name) for name in columns if name not in offers},
        columns=columns,
        providers={
            name: _provider(offers[name].plugin)
            for name in measured
            if offers[name].plugin.name != OWN
        },
    )


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
        found = figures_of(answer, _MOST_FIGURES)
        fault = found if isinstance(found, str) else _misplaced(spec, found, window)
        if fault or isinstance(found, str):
            said = f"plugin {plugin.name} {plugin.version} {fault}"
            return [_none(spec.id, spec.direction, said)]
        return [_of_enough(replace(one, direction=spec.direction), minimum) for one in found]

    return compute


def _misplaced(spec: Any, found: Sequence[Measurement], window: Profile) -> str:
    """Say which figure is not one of this metric."""
    if not found:
        return f"gave 0 figures of {spec.id}"
    for one in found:
        if one.metric != spec.id:
            return f"gave {one.metric!a} where {spec.id} was asked for"
        if spec.per_column and one.subject not in window.columns:
            return f"gave {spec.id} of {one.subject!a}, which is no column"
    return ""


def _of_enough(figure: Measurement, minimum: int) -> Measurement:
    """Take the value of a figure that rests on fewer rows than are needed."""
    if figure.value is None or figure.n >= minimum:
        return figure
    reason = f"{figure.n} row(s), {minimum} are needed"
    return replace(figure, value=None, low=None, high=None, p=None, reason=reason)


def _measured(
    metric: Metric, window: Profile, reference: Profile | None, minimum: int
) -> Sequence[Measurement]:
    """Return the figures of a foreign metric, which is asked only where there is what it needs."""
    lacks = _lacks(metric.needs, window.layout.schema)
    if not lacks and metric.needs_reference and reference is None:
        lacks = "the monitor has no reference"
    if not lacks and {"label", "score"} <= set(metric.needs):
        lacks = positive_fault(window)
    if lacks:
        return [_none(metric.name, metric.direction, lacks)]
    return metric.compute(window, reference, minimum)


def _lacks(needs: Sequence[str], schema: Schema) -> str:
    missing = [need for need in needs if not getattr(schema, need)]
    return f"the schema names no {' and no '.join(missing)}" if missing else ""


def _is_shown(spec: Any, monitor: Monitor) -> bool:
    """Say whether a kind of ours shows a metric unasked: ids are counted only where a threshold asks."""
    own, _, family = monitor.kind.partition(".")
    schema = Schema.of(monitor.schema)
    if family == "performance" and schema.task == "regression":
        family = "regression"
    fits = "id" not in spec.needs and not _lacks(spec.needs, schema)
    referred = bool(monitor.reference) or not spec.needs_reference
    return own == OWN and bool(spec.family) and spec.family == family and fits and referred


def _why_gone(host: PluginHost, name: str) -> str:
    plugin = name.partition(".")[0]
    info = next((found for found in host.plugins() if found.name == plugin), None)
    if info is None:
        why = f"{plugin} is not installed"
    elif info.status == "active":
        why = f"{info.distribution} {info.version} does not have it"
    else:
        why = f"{plugin} is {info.status}, {info.reason}"
    return f"no installed plugin offers the metric {name}: {why}"


def _provider(plugin: PluginInfo) -> Mapping[str, str]:
    return {
        "distribution": plugin.distribution,
        "version": plugin.version,
        "fingerprint": plugin.fingerprint,
    }


def _none(name: str, direction: str, reason: str) -> Measurement:
    return Measurement(metric=name, value=None, n=0, direction=direction, reason=shortened(reason))
