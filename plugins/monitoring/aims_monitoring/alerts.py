"""When windows raise an alert: on the way into a breach that lasts, once, not in every window.

Source: on-delay, deadband and one standing alarm per subject (ISA 18.2, IEC 62682); runs rules for
points beyond a limit (Western Electric 1956).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """When an alert opens and when it ends.

    It opens when a figure is in breach in `hits` of the last `of` windows that could be judged, the
    newest among them. It ends when every figure that was in breach lies within its limits again by the
    share `hysteresis` of the room that there is, see :func:`is_clear`.
    """

    hits: int = 1
    of: int = 1
    hysteresis: float = 0.0


def turns(
    series: Sequence[WindowFigures],
    *,
    fresh: Collection[str],
    open_alerts: Mapping[str, str],
    rule: Rule = Rule(),
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
    rule : Rule
        How many windows it takes, and how far back a figure must come.

    Notes
    -----
    A metric is in breach while any of its figures is: all columns of a metric are one subject, so
    that ten drifting columns raise one alert. Persistence is counted for each column by itself, so that
    chance in one and chance in another do not add up. Windows with too few rows change nothing.
    """
    new: list[Breach] = []
    ended: dict[str, str] = {}
    for metric in dict.fromkeys(j.measurement.metric for w in series for j in w.figures):
        stretches = _stretches(series, metric, rule)
        known = _known(stretches, open_alerts.get(metric, ""), fresh)
        new += [s.breach for s in stretches if s is not known and s.evidence & set(fresh)]
        if metric in open_alerts and (known is None or known.breach.ended):
            ended[metric] = series[-1].window if known is None else known.breach.ended
    place = {window.window: i for i, window in enumerate(series)}
    return Turns(new=tuple(sorted(new, key=lambda b: place[b.window])), ended=ended)


def is_clear(judged: Judged, hysteresis: float) -> bool:
    """Return whether a figure lies so far within its limits that an alert on it ends.

    The room of a limit is its distance from the level that it was counted from. A fixed one has the other
    limit, half-way, or the nearer of 0 and, for limits between 0 and 1, 1: of ``min = 0.8`` with a
    hysteresis of 0.1 an alert ends at 0.82, of ``max = 0.25`` at 0.225.
    """
    value = judged.measurement.value
    if judged.status is not Status.OK or value is None:
        return False
    low, high = judged.minimum, judged.maximum
    if low is not None and value < low + hysteresis * _room(judged, low):
        return False
    return high is None or value <= high - hysteresis * _room(judged, high)


def _room(judged: Judged, limit: float) -> float:
    if judged.centre is not None:
        return abs(limit - judged.centre)
    if judged.minimum is not None and judged.maximum is not None:
        return (judged.maximum - judged.minimum) / 2
    return min(limit, 1 - limit) if 0 < limit < 1 else abs(limit)


@dataclass(slots=True)
class _Stretch:
    """Windows from the way into a breach until the way out.

    `evidence` are the windows that made it open, `windows` all in which a figure was in breach since.
    """

    breach: Breach
    evidence: set[str]
    windows: set[str]


@dataclass(slots=True)
class _Figure:
    """How a figure stands on the way through a series: its last judged windows, and if it is open."""

    recent: list[tuple[str, bool]] = field(default_factory=list)
    open: bool = False

    def take(self, window: str, judged: Judged, rule: Rule) -> set[str]:
        """Go on by a window, and return the windows that opened the figure's breach, if this one did."""
        hit = judged.status is Status.BREACH
        if hit or judged.status is Status.OK:
            self.recent = [*self.recent, (window, hit)][-rule.of :]
        if self.open:
            self.open = not is_clear(judged, rule.hysteresis)
            return set()
        hits = {name for name, was_hit in self.recent if was_hit}
        self.open = hit and len(hits) >= rule.hits
        return hits if self.open else set()


def _stretches(series: Sequence[WindowFigures], metric: str, rule: Rule) -> list[_Stretch]:
    found: list[_Stretch] = []
    figures: dict[str, _Figure] = {}
    for window in series:
        inside = any(figure.open for figure in figures.values())
        evidence: set[str] = set()
        opened: list[Judged] = []
        crossed = False
        for judged in window.figures:
            if judged.measurement.metric != metric:
                continue
            figure = figures.setdefault(judged.name, _Figure())
            if why := figure.take(window.window, judged, rule):
                evidence |= why
                opened.append(judged)
            crossed |= judged.status is Status.BREACH
        if opened and not inside:
            worst = max(opened, key=_distance)
            found.append(_Stretch(Breach(window=window.window, worst=worst), evidence, set()))
        if found and not found[-1].breach.ended:
            if crossed:
                found[-1].windows.add(window.window)
            if not any(figure.open for figure in figures.values()):
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
    left = last is not None and not last.breach.ended and not last.evidence & set(fresh)
    return last if left else None


def _distance(judged: Judged) -> float:
    value, limit = judged.measurement.value, judged.limit
    return 0.0 if value is None or limit is None else abs(value - limit)
