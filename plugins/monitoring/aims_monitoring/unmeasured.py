"""Why a run has not one figure with a value: too few rows are no fault of the monitor, all else is."""

import re
from collections.abc import Mapping

from aims_core import Measurement
from aims_monitoring.metrics.catalogue import METRICS, Metric
from aims_monitoring.records import Monitor, Run
from aims_monitoring.thresholds import read_thresholds
from aims_monitoring.windows import UNDATED

_MOST = 3
_LONGEST = 200
_TOO_FEW = re.compile(r"\b\d[\d,]* are needed\b|\btoo few\b")
"""How the metrics of this plugin, and the one that hosts others, say that rows are too few."""


def unmeasured(run: Run, monitor: Monitor, foreign: Mapping[str, Metric]) -> list[str]:
    """Return why a run measured nothing, up to three reasons; none where it did, or rows are too few.

    A run measured nothing when no figure of any window has a value: none that the thresholds ask for, where
    there are any, as what is shown beside them is held against nothing. It counts as monitoring all the same
    where each lacks its value for too few rows: that is the log's doing, and passes. Figures that are not
    applicable count only where there are no others, and so do rows without a time.

    Parameters
    ----------
    foreign : mapping of str to Metric
        The metrics of other plugins that were measured, by name.
    """
    dated = [w for w in run.windows if w.window != UNDATED]
    figures = [j.measurement for w in dated or run.windows for j in w.figures]
    thresholds = read_thresholds(monitor.thresholds)
    if thresholds:
        figures = [figure for figure in figures if any(t.covers(figure) for t in thresholds)]
    if any(figure.value is not None for figure in figures):
        return []
    if not figures:
        return ["the monitor gave no figure"]
    told = [figure for figure in figures if figure.applicable] or figures
    metrics = {**METRICS, **foreign}
    reasons = (_said(f) for f in told if not _too_few(f, metrics, monitor.minimum_rows))
    return list(dict.fromkeys(reasons))[:_MOST]


def _too_few(figure: Measurement, metrics: Mapping[str, Metric], minimum: int | None) -> bool:
    """Tell by the rows that it rests on, and where there is none by its reason: a failure has none, too."""
    metric = metrics.get(figure.metric)
    least = 0 if metric is None else metric.minimum if minimum is None else minimum
    return 0 < figure.n < least or bool(_TOO_FEW.search(figure.reason))


def _said(figure: Measurement) -> str:
    named = f"{figure.metric}:{figure.subject}" if figure.subject else figure.metric
    reason = figure.reason or "no reason is given"
    return f"{named}: {reason if len(reason) <= _LONGEST else f'{reason[:_LONGEST]}…'}"
