"""What all pictures share: their form, their colours, and what makes a drawing of matplotlib fit a page."""

import re
import warnings
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from io import StringIO
from threading import Lock
from typing import Any

from aims_core import digest_text

# Okabe and Ito (2008): told apart with every common kind of colour blindness.
BLUE, VERMILLION, GREY, PALE = "#0072B2", "#D55E00", "#767676", "#C9CED3"
DARK = "#9A4400"
"""Vermillion darkened until small text has a contrast of 4.5 on white."""
WIDTH = 8.0
_LONGEST_NAME = 50
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

    def _repr_html_(self) -> str:
        # JupyterLab makes an image without words of an SVG; here it gets them, and keeps them untrusted.
        content = b64encode(self.svg.encode()).decode()
        source = f"data:image/svg+xml;base64,{content}"
        return f'<img style="max-width:100%" alt="{escape(self.description)}" src="{source}">'

    def __str__(self) -> str:
        return self.svg


def short(name: str, longest: int = _LONGEST_NAME) -> str:
    """Return a name that fits, its end cut off where it is too long."""
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def elided(name: str, longest: int) -> str:
    """Return a name that fits, its middle left out where it is too long: ends tell names apart."""
    if len(name) <= longest:
        return name
    tail = longest // 2
    return f"{name[: longest - tail - 1]}…{name[-tail:]}"


def said_window(key: str) -> str:
    """Return a window's name for people: those of rows are counted, with the start of their log's digest."""
    log, parted, number = key.partition(":")
    return f"window {int(number)} of log {log[:4]}" if parted and number.isdigit() else key


def drawn(figure: Callable[[], Any], *, title: str, words: str, salt: str) -> Plot:
    """Return the picture that a function draws, with a name, a description and ids of its own.

    Parameters
    ----------
    figure : callable
        Returns a matplotlib ``Figure``; called while the settings of this house are in force.
    title, words : str
        Name and description, which are read aloud instead of the picture.
    salt : str
        What tells the picture from others on a page; the same gives the same bytes.
    """
    import matplotlib as mpl

    settings: Any = {
        "svg.hashsalt": salt,
        "svg.fonttype": "none",  # text stays text: searchable, readable aloud
        "font.family": "sans-serif",
        "font.size": 10,
        "hatch.linewidth": 0.6,
        "text.parse_math": False,  # a dollar sign in a column's name is no formula
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with _LOCK, mpl.rc_context(settings), warnings.catch_warnings():
        # The text is drawn by the viewer, whose fonts may well have the glyph.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        buffer = StringIO()
        figure().savefig(buffer, format="svg", metadata=_NO_METADATA, transparent=False)
    return Plot(_accessible(buffer.getvalue(), title, words, salt), words)


def empty(title: str, why: str, monitor_id: str) -> Plot:
    """Return a picture that has nothing to show, and says why."""

    def figure() -> Any:
        made, axes = canvas(title, monitor_id, height=1.6)
        axes.text(
            0.5, 0.5, why, ha="center", va="center", transform=axes.transAxes, color=GREY, wrap=True
        )
        axes.set_axis_off()
        return made

    words = f"{title} of monitor {monitor_id}: {why}."
    return drawn(figure, title=title, words=words, salt=f"{monitor_id} {title} {why}")


def canvas(title: str, monitor_id: str, *, height: float) -> tuple[Any, Any]:
    """Return a figure and its axes, with the title and the monitor it is of."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.add_subplot()
    heading = f"{title} ({short(monitor_id)})"
    axes.set_title(heading, loc="left", fontsize=12, fontweight="bold")
    return figure, axes


def legend_below(axes: Any, columns: int = 3, drop: float = -0.16) -> None:
    """Put the legend below the axis: beside a long title the two would run into each other."""
    axes.legend(
        loc="upper right",
        bbox_to_anchor=(1.0, drop),
        ncols=columns,
        frameon=False,
        fontsize=9,
        borderaxespad=0.2,
        handletextpad=0.4,
    )


def bars_canvas(title: str, monitor_id: str, rows: int, per_row: float) -> tuple[Any, Any]:
    """Return a canvas for horizontal bars, as high as its rows need."""
    figure, axes = canvas(title, monitor_id, height=1.25 + per_row * rows)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.grid(axis="x", color="#E5E5E5", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    return figure, axes


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
