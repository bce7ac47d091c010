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
    """What a series of windows says: breaches that are new, and by metric the end of open alerts."""

    new: tuple[Breach, ...]
    ended: Mapping[str, str]


def turns(
    series: Sequence[WindowFigures], *, fresh: Collection[str], open_alerts: Mapping[str, str]
) -> Turns:
    """Return what to tell after a run.

    Parameters
    ----------
    series : sequence of WindowFigures
        All windows in force of the monitor, in order; not only those of the run, because a log may
        fill in windows that lie before others.
    fresh : collection of str
        Keys of the windows whose figures nobody has seen before.
    open_alerts : mapping of str to str
        By metric, the window in which its alert was raised that has not ended.

    Notes
    -----
    A metric is in breach while any of its figures is: all columns of a metric are one subject, so
    that ten drifting columns raise one alert. Windows with too few rows change nothing.
    """
    new: list[Breach] = []
    ended: dict[str, str] = {}
    for metric in dict.fromkeys(j.measurement.metric for w in series for j in w.figures):
        stretches = _stretches(series, metric)
        known = _known(stretches, open_alerts.get(metric, ""), fresh)
        new += [s.breach for s in stretches if s is not known and s.breach.window in fresh]
        if metric in open_alerts and (known is None or known.breach.ended):
            ended[metric] = series[-1].window if known is None else known.breach.ended
    place = {window.window: i for i, window in enumerate(series)}
    return Turns(new=tuple(sorted(new, key=lambda b: place[b.window])), ended=ended)


@dataclass(slots=True)
class _Stretch:
    """Windows from the way into a breach until the way out."""

    breach: Breach
    windows: list[str]


def _stretches(series: Sequence[WindowFigures], metric: str) -> list[_Stretch]:
    found: list[_Stretch] = []
    for window in series:
        worst, fine = _standing(window, metric)
        inside = bool(found) and not found[-1].breach.ended
        if worst is not None and not inside:
            found.append(_Stretch(Breach(window=window.window, worst=worst), [window.window]))
        elif worst is not None:
            found[-1].windows.append(window.window)
        elif fine and inside:
            found[-1].breach = replace(found[-1].breach, ended=window.window)
    return found


def _known(stretches: Sequence[_Stretch], window: str, fresh: Collection[str]) -> _Stretch | None:
    """Return the stretch that an open alert belongs to.

    Its first window may have been measured anew and be fine now; the alert then belongs to what is
    left of the stretch.
    """
    for stretch in stretches:
        if window in stretch.windows:
            return stretch
    last = stretches[-1] if window and stretches else None
    left = last is not None and not last.breach.ended and last.breach.window not in fresh
    return last if left else None


def _standing(window: WindowFigures, metric: str) -> tuple[Judged | None, bool]:
    figures = [j for j in window.figures if j.measurement.metric == metric]
    crossed = [j for j in figures if j.status is Status.BREACH]
    worst = max(crossed, key=_distance, default=None)
    return worst, any(j.status is Status.OK for j in figures)


def _distance(judged: Judged) -> float:
    value, limit = judged.measurement.value, judged.limit
    return 0.0 if value is None or limit is None else abs(value - limit)
