"""When windows raise an alert: on the way into a breach, once, not in every window."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from aims_monitoring.records import Judged, Status, WindowFigures


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """A metric's way into a breach, and the window in which it was over; empty while it is not."""

    window: str
    worst: Judged
    ended: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Turns:
    """What a series of windows says: breaches that are new, and open alerts that are over."""

    new: tuple[Breach, ...]
    ended: Mapping[str, str]


def turns(
    series: Sequence[WindowFigures], *, fresh: Collection[str], open_alerts: Collection[str]
) -> Turns:
    """Return what to tell after a run.

    Parameters
    ----------
    series : sequence of WindowFigures
        All windows in force of the monitor, in order; not only those of the run, because a log may
        fill in windows that lie before others.
    fresh : collection of str
        Keys of the windows whose figures nobody has seen before.
    open_alerts : collection of str
        Metrics with an alert that has not ended.

    Notes
    -----
    A metric is in breach while any of its figures is: all columns of a metric are one subject, so
    that ten drifting columns raise one alert. Windows with too few rows change nothing.
    """
    new: list[Breach] = []
    ended: dict[str, str] = {}
    for metric in _metrics(series):
        opened, over = _of_metric(series, metric, fresh, known=metric in open_alerts)
        new += opened
        if over and metric in open_alerts:
            ended[metric] = over
    place = {window.window: i for i, window in enumerate(series)}
    return Turns(new=tuple(sorted(new, key=lambda b: place[b.window])), ended=ended)


def _metrics(series: Sequence[WindowFigures]) -> list[str]:
    return list(dict.fromkeys(j.measurement.metric for w in series for j in w.figures))


def _of_metric(
    series: Sequence[WindowFigures], metric: str, fresh: Collection[str], *, known: bool
) -> tuple[list[Breach], str]:
    """Return new breaches of a metric, and the window since which it is not in breach any more."""
    found: list[Breach] = []
    inside, ended = False, ""
    for window in series:
        worst, fine = _standing(window, metric)
        if worst is not None:
            if not inside and not known and window.window in fresh:
                found.append(Breach(window=window.window, worst=worst))
            inside, ended = True, ""
        elif fine and inside:
            inside, ended = False, window.window
            if found and not found[-1].ended:
                found[-1] = replace(found[-1], ended=ended)
    # An alert whose windows were measured anew, and are all fine now, is over too.
    return found, "" if inside else ended or series[-1].window


def _standing(window: WindowFigures, metric: str) -> tuple[Judged | None, bool]:
    figures = [j for j in window.figures if j.measurement.metric == metric]
    crossed = [j for j in figures if j.status is Status.BREACH]
    worst = max(crossed, key=_distance, default=None)
    return worst, any(j.status is Status.OK for j in figures)


def _distance(judged: Judged) -> float:
    value, limit = judged.measurement.value, judged.limit
    return 0.0 if value is None or limit is None else abs(value - limit)
