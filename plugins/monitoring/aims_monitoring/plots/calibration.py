"""Whether scores mean what they say: observed share against mean score, with the rows behind each point."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from aims_monitoring.metrics.significance import wilson
from aims_monitoring.plots.drawing import BLUE, GREY, PALE, Plot, drawn, empty, said_window, short
from aims_monitoring.scores import ScoreHistogram

_POINTS = 10
_LEAST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Point:
    """A tenth of the range of scores: its mean score, the share of positive labels, and the rows."""

    score: float
    share: float
    low: float
    high: float
    n: int


def calibration_points(histogram: ScoreHistogram) -> list[Point]:
    """Return the points of a reliability diagram, ten of equal width, those without labels left out.

    Source: Murphy and Winkler (1977). Interval: Wilson.
    """
    misses, hits, scores = histogram.by_tenth
    found = []
    for place in np.flatnonzero(hits + misses):
        n, positives = int(hits[place] + misses[place]), int(hits[place])
        low, high = wilson(positives, n)
        found.append(Point(float(scores[place]) / n, positives / n, low, high, n))
    return found


def plot_calibration(monitor_id: str, window: str, histogram: ScoreHistogram | None) -> Plot:
    """Draw the reliability diagram of a window; points of fewer than ten rows are hollow."""
    title = f"Calibration, {said_window(window)}" if window else "Calibration"
    if histogram is None:
        return empty(title, "the monitor knows no score", monitor_id)
    points = calibration_points(histogram)
    if not points:
        return empty(title, "no labels have come for these scores yet", monitor_id)
    return drawn(
        lambda: _figure(title, monitor_id, points),
        title=title,
        words=_words(monitor_id, title, points),
        salt=f"{monitor_id} {title} calibration",
    )


def _figure(title: str, monitor_id: str, points: list[Point]) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.0, 5.4), layout="constrained")
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    axes.set_title(f"{title} ({short(monitor_id)})", loc="left", fontsize=12, fontweight="bold")
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=(0, (6, 3)), linewidth=1.4, label="calibrated")
    x, y = [p.score for p in points], [p.share for p in points]
    axes.vlines(x, [p.low for p in points], [p.high for p in points], color=BLUE, alpha=0.5, lw=3)
    axes.plot(x, y, color=BLUE, linewidth=1.2, zorder=2)
    for label, chosen, face in (
        ("observed, with its 95 % interval", [p for p in points if p.n >= _LEAST_ROWS], BLUE),
        ("fewer than ten rows", [p for p in points if p.n < _LEAST_ROWS], "white"),
    ):
        if chosen:
            axes.scatter(
                [p.score for p in chosen],
                [p.share for p in chosen],
                s=40,
                facecolor=face,
                edgecolors=BLUE,
                zorder=3,
                label=label,
            )
    axes.set_ylim(0, 1)
    axes.set_ylabel("share of positive labels")
    axes.legend(loc="upper left", frameon=False, fontsize=9)
    below.bar(
        [(min(int(p.score * _POINTS), _POINTS - 1) + 0.5) / _POINTS for p in points],
        [p.n for p in points],
        0.09,
        color=PALE,
        edgecolor=GREY,
        linewidth=0.6,
    )
    below.set_xlim(0, 1)
    below.set_ylabel("rows")
    below.set_xlabel("score", loc="left")
    for part in (axes, below):
        part.grid(axis="y", color="#E5E5E5", linewidth=0.8)
        part.set_axisbelow(True)
    return figure


def _words(monitor_id: str, title: str, points: list[Point]) -> str:
    worst = max(points, key=lambda p: abs(p.share - p.score))
    apart = sum(not p.low <= p.score <= p.high for p in points)
    return (
        f"{title} of monitor {monitor_id} in {len(points)} ranges of scores, "
        f"{sum(p.n for p in points):,} rows: in {apart} the score lies outside the 95 % interval of what "
        f"was observed; furthest apart at a score of {worst.score:.2f}, of which {worst.share:.0%} were "
        "positive."
    )
