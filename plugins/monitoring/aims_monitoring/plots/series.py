"""A metric over its windows: line, limits, and what stands how told apart by shape as well as colour."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from aims_core import RecordNotFound, plain_number
from aims_monitoring.metrics.catalogue import METRICS, Metric
from aims_monitoring.plots.drawing import (
    BLUE,
    DARK,
    GREY,
    VERMILLION,
    Plot,
    canvas,
    drawn,
    empty,
    legend_below,
    short,
)
from aims_monitoring.records import Monitor, Status

_MOST_POINTS = 2_000
_MARGIN = 0.05
_LETTERS = 56
_LONGEST_TICK = 20
_SHARES = ("accuracy", "precision", "recall", "f1", "brier", "ks", "js", "missing_share")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What is drawn: one metric of one column over the windows of a monitor."""

    monitor: Monitor
    metric: str
    column: str
    points: tuple[Mapping[str, Any], ...]
    known: Metric | None = None

    @property
    def title(self) -> str:
        """Name of the metric, and of its column where it has one."""
        name = self.known.title if self.known else self.metric
        return f"{name} of {short(self.column)}" if self.column else name

    def newest_limit(self, side: str) -> float | None:
        """Return the limit of a side that holds now: that of the newest window which has one."""
        return next((p[side] for p in reversed(self.points) if p[side] is not None), None)


def plot_series(
    monitor: Monitor,
    series: Any,
    metric: str = "",
    column: str = "",
    *,
    metrics: Mapping[str, Metric] = METRICS,
) -> Plot:
    """Draw one metric of a monitor's series; `metrics` holds their titles.

    Raises
    ------
    RecordNotFound
        The monitor has not measured this metric or this column.
    """
    rows = series.astype(object).where(series.notna(), None).to_dict("records")
    if not rows and not (metric or column):
        return empty("Nothing measured yet", "it has not run yet", monitor.monitor_id)
    line = _chosen(monitor, rows, metric, column)
    return _drawn(replace(line, known=metrics.get(line.metric)))


def _chosen(monitor: Monitor, rows: Sequence[Mapping[str, Any]], metric: str, column: str) -> Line:
    measured = list(dict.fromkeys(row["metric"] for row in rows))
    limited = [row["metric"] for row in rows if _limited(row)]
    breached = [row["metric"] for row in reversed(rows) if row["status"] == Status.BREACH]
    metric = metric or next(iter([*breached, *limited, *measured]), "")
    if metric not in measured:
        raise RecordNotFound("measured metric", metric, measured)
    of_metric = [row for row in rows if row["metric"] == metric]
    columns = list(dict.fromkeys(row["column"] for row in of_metric))
    column = column or max(columns, key=lambda name: _concern(of_metric, name))
    if column not in columns:
        raise RecordNotFound(f"column with {metric}", column, columns)
    points = [row for row in of_metric if row["column"] == column]
    return Line(monitor=monitor, metric=metric, column=column, points=tuple(_thinned(points)))


def _limited(row: Mapping[str, Any]) -> bool:
    return row["minimum"] is not None or row["maximum"] is not None


def _concern(rows: Sequence[Mapping[str, Any]], column: str) -> tuple[int, float]:
    own = [row for row in rows if row["column"] == column]
    signs = {"low": 1.0, "high": -1.0}
    values = [signs.get(r["direction"], 1.0) * r["value"] for r in own if r["value"] is not None]
    breaches = sum(row["status"] == Status.BREACH for row in own)
    return breaches, max(values, default=float("-inf"))


def _thinned(points: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Keep at most 2,000 points; of each bundle the one that stands worst."""
    step = -(-len(points) // _MOST_POINTS)
    if step <= 1:
        return points
    bundles = [points[i : i + step] for i in range(0, len(points), step)]
    return [max(bundle, key=lambda p: Status(p["status"]).rank) for bundle in bundles]


def _drawn(line: Line) -> Plot:
    salt = f"{line.monitor.monitor_id} {line.metric} {line.column}"
    return drawn(lambda: _figure(line), title=line.title, words=_words(line), salt=salt)


def _figure(line: Line) -> Figure:
    figure, axes = canvas(line.title, line.monitor.monitor_id, height=3.6)
    places = _places(line.points)
    _draw_values(axes, line, places)
    _leave_room(axes, line, places)
    _draw_limits(axes, line, places)
    _label(axes, line, places)
    made: Figure = figure
    return made


def _places(points: Sequence[Mapping[str, Any]]) -> list[float]:
    """Windows of time lie where time puts them; others one after the other."""
    starts = [point["starts_at"] for point in points]
    if all(isinstance(start, datetime) for start in starts):
        return [(start - starts[0]).total_seconds() for start in starts]
    return [float(place) for place in range(len(points))]


def _is_learning(point: Mapping[str, Any]) -> bool:
    return point["status"] == Status.INSUFFICIENT and point["value"] is not None


_Kind = tuple[Callable[[Mapping[str, Any]], bool], str, str, str, str]
_KINDS: Sequence[_Kind] = (
    (lambda p: p["status"] == Status.OK, "o", BLUE, "white", "within limits"),
    (lambda p: p["status"] == Status.WATCHED, "o", BLUE, "white", "measured"),
    (_is_learning, "o", "white", BLUE, "limits not known yet"),
    (lambda p: p["status"] == Status.UNCERTAIN, "^", "white", DARK, "beyond, perhaps by chance"),
    (lambda p: p["status"] == Status.BREACH, "D", VERMILLION, "white", "breach"),
)


def _draw_values(axes: Axes, line: Line, places: Sequence[float]) -> None:
    values = [_number(p["value"]) for p in line.points]
    axes.plot(list(places), values, color=BLUE, linewidth=1.8, zorder=2)
    low, high = ([_number(p[end]) for p in line.points] for end in ("low", "high"))
    axes.vlines(list(places), low, high, color=BLUE, alpha=0.35, linewidth=3, zorder=1)
    for of_kind, marker, face, edge, label in _KINDS:
        chosen = [i for i, p in enumerate(line.points) if of_kind(p)]
        if chosen:
            axes.scatter(
                [places[i] for i in chosen],
                [values[i] for i in chosen],
                marker=marker,
                s=34 if marker == "o" else 52,
                facecolor=face,
                edgecolors=edge,
                linewidths=0.8 if edge == "white" else 1.4,
                zorder=3,
                label=label,
            )
    _draw_gaps(axes, line, places)


def _draw_gaps(axes: Axes, line: Line, places: Sequence[float]) -> None:
    gaps = [place for place, p in zip(places, line.points, strict=True) if p["value"] is None]
    if gaps:
        axes.scatter(
            gaps,
            [0.03] * len(gaps),
            marker="x",
            s=36,
            color=GREY,
            transform=axes.get_xaxis_transform(),
            zorder=3,
            label="no figure",
        )


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _draw_limits(axes: Axes, line: Line, places: Sequence[float]) -> None:
    """Draw the limits that held in each window, and write those of the newest beside them."""
    bottom, top = axes.get_ylim()
    left, right = axes.get_xlim()
    # Apart, so that two limits that lie close do not write over each other.
    sides = (("minimum", "at least", bottom, "top"), ("maximum", "at most", top, "bottom"))
    both = all(line.newest_limit(side) is not None for side, *_ in sides)
    for side, words, end, place in sides:
        limits = [_number(point[side]) for point in line.points]
        newest = line.newest_limit(side)
        if all(limit != limit for limit in limits):  # noqa: PLR0124 - true of NaN alone
            continue
        # To the edges of the picture, so that a single window has a limit to be seen too.
        at, drawn_limits = [left, *places, right], [limits[0], *limits, limits[-1]]
        axes.plot(at, drawn_limits, color=VERMILLION, ls=(0, (6, 3)), linewidth=1.4, zorder=1)
        axes.fill_between(at, drawn_limits, end, color=VERMILLION, alpha=0.07, lw=0, zorder=0)
        if newest is not None:
            axes.annotate(
                f"threshold\n{words} {plain_number(newest)}",
                (1.0, newest),
                xycoords=("axes fraction", "data"),
                xytext=(5, 0),
                textcoords="offset points",
                ha="left",
                va=place if both else "center",
                color=DARK,
                fontsize=9,
            )
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)


def _leave_room(axes: Axes, line: Line, places: Sequence[float]) -> None:
    """Leave air around values and limits, and start at zero where it is near."""
    parts = ("value", "low", "high", "minimum", "maximum")
    shown = [p[part] for p in line.points for part in parts if p[part] is not None] or [0.0, 1.0]
    low, high = min(shown), max(shown)
    spread = (high - low) or abs(high) or 1.0
    bottom = 0.0 if 0 <= low < high / 2 else low - 0.15 * spread
    top = high + 0.15 * spread
    if line.metric in _SHARES:
        bottom, top = max(bottom, 0.0), min(top, 1.03)
    axes.set_ylim(bottom, top)
    # By all windows: those without a figure at either end would lie outside otherwise.
    margin = _MARGIN * (places[-1] - places[0]) or 1.0
    axes.set_xlim(places[0] - margin, places[-1] + margin)


def _label(axes: Axes, line: Line, places: Sequence[float]) -> None:
    labels = [_tick(str(point["window"])) for point in line.points]
    fitting = max(2, _LETTERS // max(len(label) for label in labels))
    chosen = range(0, len(labels), -(-len(labels) // fitting))
    axes.set_xticks([places[i] for i in chosen], [labels[i] for i in chosen])
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.grid(axis="y", color="#E5E5E5", linewidth=0.8)
    axes.set_axisbelow(True)
    length = line.monitor.window
    axes.set_xlabel(f"windows of {length} rows" if isinstance(length, int) else length)
    legend_below(axes, columns=4)


def _tick(window: str) -> str:
    """Return a window's name under the axis; windows of rows are counted within their log."""
    log, parted, number = window.partition(":")
    counted = parted and number.isdigit()
    return f"{log[:4]}:{int(number)}" if counted else short(window, _LONGEST_TICK)


def _words(line: Line) -> str:
    newest = line.points[-1]
    crossed = sum(p["status"] == Status.BREACH for p in line.points)
    value = "no figure" if newest["value"] is None else plain_number(newest["value"])
    sides = (("minimum", "at least"), ("maximum", "at most"))
    limits = [
        f"{words} {plain_number(limit)}"
        for side, words in sides
        if (limit := line.newest_limit(side)) is not None
    ]
    said = f"threshold {' and '.join(limits)}, crossed in {crossed}" if limits else "no threshold"
    return (
        f"{line.title} of monitor {line.monitor.monitor_id} over {len(line.points)} windows from "
        f"{line.points[0]['window']} to {newest['window']}: {said}; newest value {value}."
    )
