"""How groups of people fare: a bar a group with its 95 % interval, and the rate of all."""

from collections.abc import Sequence
from typing import Any

from aims_core import Measurement
from aims_monitoring.plots import drawing
from aims_monitoring.plots.drawing import Plot

_MOST_GROUPS = 30
_LONGEST_LABEL = 30


def plot_groups(
    monitor_id: str,
    title: str,
    window: str,
    figures: Sequence[Measurement],
    overall: float | None = None,
) -> Plot:
    """Draw a rate by group with its interval; groups with too few rows are named without a bar.

    Parameters
    ----------
    figures : sequence of Measurement
        One a group, its subject ``attribute=group``.
    overall : float, optional
        The rate over all rows, drawn as a line.
    """
    groups = [figure for figure in figures if figure.subject]
    title = f"{title}, {drawing.said_window(window)}" if window else title
    if not groups:
        why = next((figure.reason for figure in figures if figure.reason), "it has not run yet")
        return drawing.empty(title, why, monitor_id)
    left_out = max(0, len(groups) - _MOST_GROUPS)
    shown = sorted(groups, key=lambda f: -f.n)[:_MOST_GROUPS] if left_out else groups
    words = _words(monitor_id, title, shown, overall, left_out)
    return drawing.drawn(
        lambda: _figure(title, monitor_id, shown, overall, left_out),
        title=title,
        words=words,
        salt=f"{monitor_id} {title} groups",
    )


def _figure(
    title: str,
    monitor_id: str,
    groups: Sequence[Measurement],
    overall: float | None,
    left_out: int,
) -> Any:
    figure, axes = drawing.bars_canvas(title, monitor_id, len(groups), per_row=0.3)
    for place, group in enumerate(groups):
        _draw_group(axes, place, group)
    axes.set_yticks(range(len(groups)), [_label(group) for group in groups])
    axes.set_xlim(0, 1)
    note = f"; {left_out} smaller groups are not shown" if left_out else ""
    axes.set_xlabel(f"rate, with its 95 % interval{note}", loc="left")
    if overall is not None:
        axes.axvline(
            overall,
            color=drawing.DARK,
            linestyle=(0, (6, 3)),
            linewidth=1.4,
            label=f"all: {overall:.3g}",
        )
        drawing.legend_below(axes, columns=1, drop=-0.3 / (1.25 + 0.3 * len(groups)))
    return figure


def _draw_group(axes: Any, place: int, group: Measurement) -> None:
    if group.value is None:
        axes.text(0.01, place, "too few rows", va="center", color=drawing.GREY, fontsize=9)
        return
    axes.barh(place, group.value, 0.62, color=drawing.BLUE, alpha=0.75)
    if group.low is None or group.high is None:
        return
    ends = [[max(0.0, group.value - group.low)], [max(0.0, group.high - group.value)]]
    axes.errorbar(group.value, place, xerr=ends, color="black", capsize=3, linewidth=1.2)


def _label(group: Measurement) -> str:
    return f"{drawing.elided(group.subject, _LONGEST_LABEL)}  (n={group.n:,})"


def _words(
    monitor_id: str,
    title: str,
    groups: Sequence[Measurement],
    overall: float | None,
    left_out: int,
) -> str:
    known = [(group.value, group) for group in groups if group.value is not None]
    few = len(groups) - len(known)
    said = f"{title} of monitor {monitor_id} in {len(groups)} groups"
    if known:
        (low, least), (high, most) = (pick(known, key=lambda pair: pair[0]) for pick in (min, max))
        said += f": from {low:.3g} ({least.subject}) to {high:.3g} ({most.subject})"
    if overall is not None:
        said += f", {overall:.3g} over all"
    if few:
        said += f"; {few} with too few rows"
    return f"{said}; {left_out} smaller groups are not shown." if left_out else f"{said}."
