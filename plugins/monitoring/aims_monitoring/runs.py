"""One run of a monitor: the log is scanned once, then every window's figures are judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aims_core import InvalidRecord, Measurement, Offer, PluginError, PluginHost, Problem
from aims_monitoring.answers import figures_of
from aims_monitoring.definition import OWN
from aims_monitoring.engines import Engine
from aims_monitoring.fingerprints import KnownLog, fingerprints_of, name_of
from aims_monitoring.judgement import Background, judge
from aims_monitoring.labels import Labels
from aims_monitoring.layout import Layout, fit_layout
from aims_monitoring.metrics.catalogue import METRICS, asks_for_ids
from aims_monitoring.metrics.offered import Foreign
from aims_monitoring.profile import Profile
from aims_monitoring.records import Monitor, WindowFigures
from aims_monitoring.scan import Progress, scan
from aims_monitoring.schema import Schema
from aims_monitoring.source import Source, require_columns
from aims_monitoring.thresholds import Threshold, read_thresholds
from aims_monitoring.windows import UNDATED, Window, named_after

_NOT_JUDGED: Mapping[str, Any] = {
    **dict.fromkeys(("value", "low", "high", "p")),
    "reason": "these rows carry no readable time, so they belong to no window",
}
"""What becomes of a figure of rows without a time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """What a run works with: the monitor, its kind, its fixed frame, the log and late labels.

    `recorded` holds the monitor's windows on record, where limits are learnt from them; `known` the logs
    whose windows of rows are; `foreign` the metrics of other plugins; `engine` counts the rows, in this
    process when there is none.
    """

    monitor: Monitor
    offer: Offer
    layout: Layout | None
    reference: Profile | None
    source: Source
    labels: Source | None
    recorded: tuple[WindowFigures, ...] = ()
    known: tuple[KnownLog, ...] = ()
    foreign: Foreign = field(default_factory=Foreign)
    engine: Engine | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a run found, before it is written down; `log` is named where windows are those of rows."""

    layout: Layout
    profiles: Mapping[Window, Profile]
    windows: tuple[WindowFigures, ...]
    labels_unmatched: int
    log: KnownLog | None = None


def measure_log(task: Task, host: PluginHost, *, progress: Progress | None = None) -> Outcome:
    """Return the figures of every window of a log.

    Raises
    ------
    InvalidRecord
        The log is empty, lacks a declared column, or none of the labels belongs to one of its rows.
    PluginError
        The kind of monitor failed or answered something that is no figure.
    """
    monitor = task.monitor
    schema, asked = Schema.of(monitor.schema), f"run monitor {monitor.monitor_id}"
    require_columns(task.source, schema, asked=asked, time=isinstance(monitor.window, str))
    if not task.source.rows:
        raise _refused(asked, "data", f"{task.source.name} holds no rows")
    labels = None if task.labels is None else Labels(task.labels, schema)
    if labels is not None and schema.id not in task.source.names:
        raise _refused(asked, "id", f"{task.source.name} has no column to join the labels on")
    layout = task.layout or fit_layout(task.source, schema)
    by_rows = isinstance(monitor.window, int)
    prints = fingerprints_of(task.source, schema, task.known) if by_rows else None
    profiles = scan(
        task.source,
        layout,
        monitor.window,
        labels=labels,
        progress=progress,
        engine=task.engine,
        ids=asks_for_ids(read_thresholds(monitor.thresholds), {**METRICS, **task.foreign.metrics}),
        fingerprints=prints,
    )
    if labels is not None and not labels.matched:
        raise _refused(asked, "labels", "no label has the id of a row; are they of another log?")
    log = None
    if prints is not None:
        rows, name = task.source.rows, name_of(task.source, prints, task.known)
        log = KnownLog(name=name, rows=rows, fingerprint=prints.at(rows))
        profiles = {named_after(window, name): profile for window, profile in profiles.items()}
    return Outcome(
        layout=layout,
        profiles=profiles,
        windows=_judged_windows(profiles, task, host),
        labels_unmatched=0 if labels is None else labels.unmatched,
        log=log,
    )


def _judged_windows(
    profiles: Mapping[Window, Profile], task: Task, host: PluginHost
) -> tuple[WindowFigures, ...]:
    """Return the figures of each window, held against limits that may rest on the windows before it."""
    thresholds = read_thresholds(task.monitor.thresholds)
    background = Background(
        reference=_reference_figures(task, thresholds, host),
        recorded=_kept_windows(profiles, task),
    )
    found = []
    for window, profile in profiles.items():
        measurements = _measured(profile, task, thresholds, host)
        if window.key == UNDATED:
            measurements = [replace(m, **_NOT_JUDGED) for m in measurements]
        else:
            background.advance(window.starts_at)
        figures = judge(measurements, thresholds, background)
        background.learn(figures)
        found.append(
            WindowFigures(
                window=window.key,
                starts_at=window.starts_at,
                rows=profile.rows,
                profile=profile.digest,
                figures=figures,
            )
        )
    return tuple(found)


def _kept_windows(profiles: Mapping[Window, Profile], task: Task) -> list[WindowFigures]:
    anew = {window.key for window in profiles}
    return [window for window in task.recorded if window.window not in anew]


def _reference_figures(
    task: Task, thresholds: Sequence[Threshold], host: PluginHost
) -> dict[tuple[str, str], Measurement]:
    """Return the reference's own figures by metric and column, where a limit depends on them."""
    if task.reference is None or not any(t.relative for t in thresholds):
        return {}
    measured = _measured(task.reference, task, thresholds, host)
    return {(m.metric, m.subject): m for m in measured}


def _measured(
    profile: Profile, task: Task, thresholds: Sequence[Threshold], host: PluginHost
) -> list[Measurement]:
    foreign, minimum = task.foreign, task.monitor.minimum_rows
    names = dict.fromkeys(t.metric for t in thresholds)
    apart = (
        {*foreign.metrics, *foreign.gone} if task.offer.plugin.name == OWN else {*foreign.metrics}
    )
    options = {
        "metrics": tuple(name for name in names if name not in apart),
        "minimum_rows": minimum,
    }
    answer = host.ask(task.offer, task.offer.spec.measure, profile, task.reference, options)
    found = figures_of(answer)
    if isinstance(found, str):
        raise PluginError(task.offer.plugin.name, task.offer.spec.id, found)
    given = {figure.metric for figure in found}
    return found + foreign.figures(profile, task.reference, minimum, given)


def _refused(asked: str, field: str, reason: str) -> InvalidRecord:
    return InvalidRecord(asked, [Problem(field=field, reason=reason)])
