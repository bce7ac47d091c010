"""A metric over its windows as SVG: line, threshold, breaches told apart by shape as well as colour."""

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from io import StringIO
from threading import Lock
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from aims_core import RecordNotFound, digest_text
from aims_monitoring.metrics.catalogue import METRICS
from aims_monitoring.records import Monitor, Status

_MOST_POINTS = 2_000
_LETTERS = 80
_LONGEST_NAME = 50
_LONGEST_TICK = 20
# Okabe and Ito (2008): told apart with every common kind of colour blindness.
_BLUE, _VERMILLION, _GREY = "#0072B2", "#D55E00", "#767676"
_DARK = "#9A4400"  # vermillion darkened until small text has a contrast of 4.5 on white
_SHARES = ("accuracy", "precision", "recall", "f1", "brier", "ks", "js", "missing_share")
_NO_METADATA: Any = dict.fromkeys(("Date", "Creator", "Format", "Type"))
# Settings of matplotlib are global; two drawings at once would take each other's.
_LOCK = Lock()


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing: `svg` is the picture, `description` says in words what it shows."""

    svg: str
    description: str

    def _repr_svg_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.svg


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What is drawn: one metric of one column over the windows of a monitor."""

    monitor: Monitor
    metric: str
    column: str
    points: tuple[Mapping[str, Any], ...]

    @property
    def title(self) -> str:
        """Name of the metric, and of its column where it has one."""
        known = METRICS.get(self.metric)
        name = known.title if known else self.metric
        return f"{name} of {_short(self.column)}" if self.column else name


def _short(name: str, longest: int = _LONGEST_NAME) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def plot_series(monitor: Monitor, series: Any, metric: str = "", column: str = "") -> Plot:
    """Draw one metric of a monitor's series.

    Raises
    ------
    RecordNotFound
        The monitor has not measured this metric or this column.
    """
    rows = series.astype(object).where(series.notna(), None).to_dict("records")
    if not rows and not (metric or column):
        return _drawn(Line(monitor=monitor, metric="", column="", points=()))
    return _drawn(_chosen(monitor, rows, metric, column))


def _chosen(monitor: Monitor, rows: Sequence[Mapping[str, Any]], metric: str, column: str) -> Line:
    measured = list(dict.fromkeys(row["metric"] for row in rows))
    limited = [row["metric"] for row in rows if _limited(row)]
    metric = metric or next(iter([*limited, *measured]), "")
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
    words = _words(line)
    salt = f"{line.monitor.monitor_id} {line.metric} {line.column}"
    settings: Any = {
        "svg.hashsalt": salt,
        "svg.fonttype": "none",  # text stays text: searchable, readable aloud
        "font.family": "sans-serif",
        "font.size": 10,
        "text.parse_math": False,  # a dollar sign in a column's name is no formula
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with _LOCK, mpl.rc_context(settings), warnings.catch_warnings():
        # The text is drawn by the viewer, whose fonts may well have the glyph.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        buffer = StringIO()
        _figure(line).savefig(buffer, format="svg", metadata=_NO_METADATA, transparent=False)
    return Plot(_accessible(buffer.getvalue(), line.title, words, salt), words)


def _figure(line: Line) -> Figure:
    figure = Figure(figsize=(8.0, 3.6), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(_heading(line), loc="left", fontsize=12, fontweight="bold")
    places = _places(line.points)
    if not line.points:
        axes.text(
            0.5, 0.5, "no run yet", ha="center", va="center", transform=axes.transAxes, color=_GREY
        )
        axes.set_xticks([])
        axes.set_yticks([])
        return figure
    _draw_values(axes, line, places)
    _leave_room(axes, line, places)
    _draw_limits(axes, line)
    _label(axes, line, places)
    return figure


def _heading(line: Line) -> str:
    return f"{line.title or 'Nothing measured yet'} ({_short(line.monitor.monitor_id)})"


def _places(points: Sequence[Mapping[str, Any]]) -> list[float]:
    """Windows of time lie where time puts them; others one after the other."""
    starts = [point["starts_at"] for point in points]
    if all(isinstance(start, datetime) for start in starts):
        return [(start - starts[0]).total_seconds() for start in starts]
    return [float(place) for place in range(len(points))]


def _draw_values(axes: Axes, line: Line, places: Sequence[float]) -> None:
    values = [float("nan") if p["value"] is None else p["value"] for p in line.points]
    axes.plot(list(places), values, color=_BLUE, linewidth=1.8, zorder=2)
    kinds: Sequence[tuple[tuple[str, ...], str, str, str]] = (
        (
            (Status.OK, Status.WATCHED),
            "o",
            _BLUE,
            "within limits" if _any_limit(line) else "measured",
        ),
        ((Status.BREACH,), "D", _VERMILLION, "breach"),
    )
    for statuses, marker, colour, label in kinds:
        chosen = [i for i, p in enumerate(line.points) if p["status"] in statuses]
        if chosen:
            axes.scatter(
                [places[i] for i in chosen],
                [values[i] for i in chosen],
                marker=marker,
                s=34 if marker == "o" else 52,
                color=colour,
                edgecolors="white",
                linewidths=0.8,
                zorder=3,
                label=label,
            )
    gaps = [place for place, p in zip(places, line.points, strict=True) if p["value"] is None]
    if gaps:
        axes.scatter(
            gaps,
            [0.03] * len(gaps),
            marker="x",
            s=36,
            color=_GREY,
            transform=axes.get_xaxis_transform(),
            zorder=3,
            label="no figure",
        )


def _any_limit(line: Line) -> bool:
    return any(_limited(point) for point in line.points)


def _draw_limits(axes: Axes, line: Line) -> None:
    newest = line.points[-1]
    bottom, top = axes.get_ylim()
    sides = (("minimum", "at least", bottom), ("maximum", "at most", top))
    for side, words, end in sides:
        limit = newest[side]
        if limit is None:
            continue
        axes.axhline(limit, color=_VERMILLION, linestyle=(0, (6, 3)), linewidth=1.4, zorder=1)
        axes.axhspan(limit, end, color=_VERMILLION, alpha=0.07, linewidth=0, zorder=0)
        axes.annotate(
            f"threshold\n{words} {limit:g}",
            (1.0, limit),
            xycoords=("axes fraction", "data"),
            xytext=(5, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            color=_DARK,
            fontsize=9,
        )


def _leave_room(axes: Axes, line: Line, places: Sequence[float]) -> None:
    """Leave air around values and limits, and start at zero where it is near."""
    newest = line.points[-1]
    values = [p["value"] for p in line.points if p["value"] is not None]
    limits = [v for v in (newest["minimum"], newest["maximum"]) if v is not None]
    shown = [*values, *limits] or [0.0, 1.0]
    low, high = min(shown), max(shown)
    spread = (high - low) or abs(high) or 1.0
    bottom = 0.0 if 0 <= low < high / 2 else low - 0.15 * spread
    top = high + 0.15 * spread
    if line.metric in _SHARES:
        bottom, top = max(bottom, 0.0), min(top, 1.03)
    axes.set_ylim(bottom, top)
    if len(places) == 1:
        axes.set_xlim(places[0] - 1, places[0] + 1)


def _label(axes: Axes, line: Line, places: Sequence[float]) -> None:
    labels = [_short(str(point["window"]), _LONGEST_TICK) for point in line.points]
    fitting = max(2, _LETTERS // max(len(label) for label in labels))
    chosen = range(0, len(labels), -(-len(labels) // fitting))
    axes.set_xticks([places[i] for i in chosen], [labels[i] for i in chosen])
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.grid(axis="y", color="#E5E5E5", linewidth=0.8)
    axes.set_axisbelow(True)
    length = line.monitor.window
    axes.set_xlabel(f"windows of {length} rows" if isinstance(length, int) else length)
    axes.legend(
        # Below the axis: beside a long title the two would run into each other.
        loc="upper right",
        bbox_to_anchor=(1.0, -0.16),
        ncols=3,
        frameon=False,
        fontsize=9,
        borderaxespad=0.2,
        handletextpad=0.2,
    )


def _words(line: Line) -> str:
    if not line.points:
        return f"Monitor {line.monitor.monitor_id} has not run yet."
    newest = line.points[-1]
    crossed = sum(p["status"] == Status.BREACH for p in line.points)
    value = "no figure" if newest["value"] is None else f"{newest['value']:.4g}"
    sides = (("minimum", "at least"), ("maximum", "at most"))
    limits = [f"{words} {newest[side]:g}" for side, words in sides if newest[side] is not None]
    said = f"threshold {' and '.join(limits)}, crossed in {crossed}" if limits else "no threshold"
    return (
        f"{line.title} of monitor {line.monitor.monitor_id} over {len(line.points)} windows from "
        f"{line.points[0]['window']} to {newest['window']}: {said}; newest value {value}."
    )


def _accessible(svg: str, title: str, words: str, salt: str) -> str:
    """Give the picture a name and a description, and ids and styles that are its own on any page."""
    own = f"m{digest_text(salt)[:8]}"
    body = svg[svg.index("<svg") :]
    body = re.sub(r'\bid="', f'id="{own}-', body)
    body = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{own}-", body)
    # Inside a page the style of matplotlib would reach every other picture there.
    body = body.replace(">*{", f">#{own} *{{")
    named = (
        f'<svg id="{own}" role="img" aria-labelledby="{own}-name {own}-words" '
        'style="max-width:100%;height:auto"'
    )
    head = (
        f'<title id="{own}-name">{escape(title)}</title>'
        f'<desc id="{own}-words">{escape(words)}</desc>'
    )
    opening, rest = body.split(">", 1)
    return f"{opening.replace('<svg', named, 1)}>\n {head}{rest}"
