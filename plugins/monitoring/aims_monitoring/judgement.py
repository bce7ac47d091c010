"""Whether the figures of a window keep their limits, or cross them by more than chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from aims_core import Measurement
from aims_monitoring.limits import Limit, Limits, Past, limits_of
from aims_monitoring.metrics.significance import significant
from aims_monitoring.records import Judged, Status, WindowFigures
from aims_monitoring.thresholds import Threshold

_FALSE_DISCOVERIES = 0.01

Name = tuple[str, str]


@dataclass(slots=True)
class Background:
    """What figures are compared with: the reference's own, and those of earlier windows, by name.

    A name is a metric with its column, empty where there is none. `recorded` holds the windows on record,
    in order, that have not been added to the history yet.
    """

    reference: Mapping[Name, Measurement] = field(default_factory=dict)
    recorded: list[WindowFigures] = field(default_factory=list)
    history: dict[Name, list[Past]] = field(default_factory=dict)

    def learn(self, figures: Sequence[Judged]) -> None:
        """Add a window to the history: nothing that crossed its limits is taken for usual."""
        for judged in figures:
            figure = judged.measurement
            if figure.value is not None and judged.status is not Status.BREACH:
                past = Past(value=figure.value, n=figure.n)
                self.history.setdefault((figure.metric, figure.subject), []).append(past)

    def advance(self, starts_at: datetime | None) -> None:
        """Add the recorded windows that lie before a time; all of them where windows have none."""
        while self.recorded:
            first = self.recorded[0].starts_at
            if starts_at is not None and first is not None and first >= starts_at:
                return
            self.learn(self.recorded.pop(0).figures)


@dataclass(frozen=True, slots=True)
class _Held:
    """A figure with its limits, and those of them that it crosses."""

    figure: Measurement
    threshold: Threshold | None
    limits: Limits = field(default_factory=Limits)
    crossed: tuple[Limit, ...] = ()


def judge(
    measurements: Sequence[Measurement],
    thresholds: Sequence[Threshold],
    background: Background | None = None,
) -> tuple[Judged, ...]:
    """Return each figure with its status.

    The threshold of a column goes before one for all columns. A threshold for which there is no
    figure at all gives one without value, so that it cannot be overlooked.

    A figure beyond its limit is a breach only where chance is no explanation: its 95 % interval lies
    beyond the limit as a whole, and its p-value is among those that hold at a false discovery rate of
    1 % over all figures of the window (Benjamini and Hochberg 1995). Otherwise it is uncertain. A figure
    that has neither interval nor p-value is taken as it is. Beyond a limit learnt from history a p-value
    of the history, see `limits.Usual.tail`, stands for the interval, and must hold as well.

    Parameters
    ----------
    background : Background, optional
        The reference's figures and those of earlier windows, for limits that depend on them.
    """
    background = background or Background()
    absent = [_absent(t) for t in thresholds if not any(t.covers(m) for m in measurements)]
    held = [_held(m, _threshold_for(m, thresholds), background) for m in (*measurements, *absent)]
    beyond_chance = _discoveries(held)
    return tuple(_judged(place, item, beyond_chance) for place, item in enumerate(held))


def _held(figure: Measurement, threshold: Threshold | None, background: Background) -> _Held:
    if threshold is None:
        return _Held(figure, threshold)
    name = (figure.metric, figure.subject)
    history = background.history.get(name, ())
    limits = limits_of(threshold, figure, background.reference.get(name), history)
    if figure.value is None:
        return _Held(figure, threshold, limits)
    crossed = tuple(limit for limit in limits.all if limit.crossed(figure.value))
    return _Held(figure, threshold, limits, crossed)


def _discoveries(held: Sequence[_Held]) -> set[tuple[int, bool]]:
    """Return which tests of a window hold, by the figure's place and whether history is what it tests.

    A figure is tested once against nothing having changed, and once against its own history.
    """
    tests: list[tuple[tuple[int, bool], float]] = []
    for place, item in enumerate(held):
        figure = item.figure
        if figure.p is not None:
            tests.append(((place, False), figure.p))
        usual = next((limit.usual for limit in item.limits.all if limit.usual is not None), None)
        if usual is not None and figure.value is not None:
            tests.append(((place, True), usual.tail(figure.value)))
    holds = significant([p for _, p in tests], _FALSE_DISCOVERIES)
    return {test for (test, _), held_up in zip(tests, holds, strict=True) if held_up}


def _judged(place: int, item: _Held, beyond_chance: set[tuple[int, bool]]) -> Judged:
    figure, limits = item.figure, item.limits
    sure = next((x for x in item.crossed if _surely(place, figure, x, beyond_chance)), None)
    if limits.missing and figure.value is not None:
        figure = replace(figure, reason=limits.missing)
    return Judged(
        measurement=figure,
        status=_status(item, sure),
        minimum=limits.minimum,
        maximum=limits.maximum,
        centre=limits.centre,
        side=sure.side if sure else "",
        limit=sure.value if sure else None,
    )


def _surely(
    place: int, figure: Measurement, limit: Limit, beyond_chance: set[tuple[int, bool]]
) -> bool:
    if figure.p is not None and (place, False) not in beyond_chance:
        return False
    if limit.usual is not None:
        return (place, True) in beyond_chance
    return not limit.reached_back(figure)


def _status(item: _Held, sure: Limit | None) -> Status:
    if item.figure.value is None:
        # A threshold that names the column asks for a figure that cannot be: that is no pass.
        asked = item.threshold is not None and item.threshold.column
        beside = not item.figure.applicable and not asked
        return Status.NOT_APPLICABLE if beside else Status.INSUFFICIENT
    if item.threshold is None:
        return Status.WATCHED
    if sure is not None:
        return Status.BREACH
    if item.crossed:
        return Status.UNCERTAIN
    return Status.OK if item.limits.all else Status.INSUFFICIENT


def _threshold_for(measurement: Measurement, thresholds: Sequence[Threshold]) -> Threshold | None:
    covering = [t for t in thresholds if t.covers(measurement)]
    return max(covering, key=lambda t: bool(t.column), default=None)


def _absent(threshold: Threshold) -> Measurement:
    lower = (threshold.minimum, threshold.fall, threshold.deviations_below)
    return Measurement(
        metric=threshold.metric,
        value=None,
        n=0,
        direction="low" if lower == (None, None, None) else "high",
        subject=threshold.column,
        reason="the monitor gave no such figure",
    )
