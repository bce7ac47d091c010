"""The risk matrix and horizontal bars."""

from collections.abc import Mapping, Sequence
from itertools import product

from aims_core.drawing.svg import (
    BLUE,
    GREY,
    INK,
    PALE,
    WHITE,
    clean,
    folded,
    group,
    length,
    picture,
    prefix,
    rect,
    text,
)

SEQUENCE = ("#fff7e0", "#fdd49e", "#f79a4b", "#d55e00", "#7f2704")
"""Light to dark, so that the order survives grey print; every step carries readable text."""
_DARK_FROM = 4
_CELL_W, _CELL_H = 104, 58
_ROW_LABEL, _HEAD, _FOOT = 150, 16, 62
_BAR_H, _BAR_STEP, _BAR_W = 20, 28, 420
_LABEL_MOST = 300


def heatmap_svg(
    counts: Mapping[tuple[int, int], int],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    row_title: str,
    column_title: str,
    levels: Mapping[tuple[int, int], str],
) -> str:
    """Return a risk matrix: how many lie in each cell, and which level each cell means.

    Parameters
    ----------
    counts : Mapping[tuple[int, int], int]
        Numbers by (row, column), both counted from 1 as ratings are; a cell left out holds 0.
    rows, columns : Sequence[str]
        Titles, lowest first; the highest row is drawn on top.
    row_title, column_title : str
        What the two sides rate, e.g. likelihood and consequence.
    levels : Mapping[tuple[int, int], str]
        The level's word by (row, column).

    Returns
    -------
    str
        SVG; the shade of a cell follows its level, and its number and word stand in it.
    """
    shades = _shades(levels)
    width = 24 + _ROW_LABEL + len(columns) * _CELL_W + 16
    height = _HEAD + len(rows) * _CELL_H + _FOOT
    places = list(product(range(1, len(rows) + 1), range(1, len(columns) + 1)))
    body = [
        _cell(r, c, len(rows), counts.get((r, c), 0), levels.get((r, c), ""), shades)
        for r, c in places
    ]
    body += _sides(rows, columns, row_title, column_title)
    said = [
        f"{row_title} {rows[r - 1]}, {column_title} {columns[c - 1]}: "
        f"{counts[r, c]:,} ({levels.get((r, c), 'no level')})"
        for r, c in places
        if counts.get((r, c))
    ]
    return picture(
        prefix(
            "heatmap", sorted(counts.items()), list(rows), list(columns), sorted(levels.items())
        ),
        width,
        height,
        title=f"{row_title} by {column_title}",
        description="; ".join(said) or "All cells are empty.",
        body=body,
    )


def bars_svg(values: Mapping[str, int], *, title: str) -> str:
    """Return horizontal bars in the order given, each with its name and its number.

    Parameters
    ----------
    values : Mapping[str, int]
        Numbers, 0 or more, by name; choose and order them before, nothing is left out here.
    title : str
        What is counted.

    Returns
    -------
    str
        SVG.
    """
    names = {name: folded(name, _LABEL_MOST, most=1)[0] for name in values}
    left = 24 + max((length(n) for n in names.values()), default=0)
    longest = max([1, *values.values()])
    body = [text(16, 26, title, text_anchor="start", font_size=14, font_weight="bold")]
    for place, (name, value) in enumerate(values.items()):
        top = 42 + place * _BAR_STEP
        wide = max(value / longest * _BAR_W, 2 if value else 0)
        body.append(
            group(
                text(left, top + 14, names[name], text_anchor="end"),
                rect(left + 8, top, _BAR_W, _BAR_H, rx=2, fill=PALE),
                rect(left + 8, top, wide, _BAR_H, rx=2, fill=BLUE),
                text(
                    left + 18 + _BAR_W,
                    top + 14,
                    f"{value:,}",
                    text_anchor="start",
                    font_weight="bold",
                ),
                tooltip=f"{name}: {value:,}",
            )
        )
    if not values:
        body.append(text(16, 56, "nothing to count", text_anchor="start", fill=GREY))
    return picture(
        prefix("bars", title, list(values.items())),
        left + _BAR_W + 100,
        52 + max(1, len(values)) * _BAR_STEP,
        title=title,
        description="; ".join(f"{name}: {value:,}" for name, value in values.items()) or "nothing",
        body=body,
    )


def _shades(levels: Mapping[tuple[int, int], str]) -> dict[str, int]:
    """Give each level a step of the sequence, mildest first by where its cells lie on average."""
    weights: dict[str, list[int]] = {}
    for (row, column), word in levels.items():
        weights.setdefault(word, []).append(row * column)
    words = sorted(weights, key=lambda w: (sum(weights[w]) / len(weights[w]), w))
    last = max(1, len(words) - 1)
    return {word: round(i * (len(SEQUENCE) - 1) / last) for i, word in enumerate(words)}


def _cell(
    row: int, column: int, height: int, count: int, level: str, shades: Mapping[str, int]
) -> str:
    x = 24 + _ROW_LABEL + (column - 1) * _CELL_W
    y = _HEAD + (height - row) * _CELL_H
    shade = shades.get(level, 0)
    ink = WHITE if shade >= _DARK_FROM else INK
    middle = x + _CELL_W / 2
    weight = {"font_weight": "bold", "font_size": 19} if count else {"font_size": 15}
    return group(
        rect(x, y, _CELL_W, _CELL_H, fill=SEQUENCE[shade], stroke=WHITE, stroke_width=2),
        text(middle, y + 27, f"{count:,}" if count else "\N{MIDDLE DOT}", fill=ink, **weight),
        text(
            middle, y + 46, folded(level, _CELL_W - 8, size=11, most=1)[0], fill=ink, font_size=11
        ),
        tooltip=f"{count:,}, {level}",
    )


def _sides(
    rows: Sequence[str], columns: Sequence[str], row_title: str, column_title: str
) -> list[str]:
    bottom = _HEAD + len(rows) * _CELL_H
    left = 24 + _ROW_LABEL
    drawn = []
    for place, words in enumerate(rows, start=1):
        middle = bottom - (place - 0.5) * _CELL_H
        for i, line in enumerate(shown := folded(words, _ROW_LABEL - 20, most=2)):
            y = middle + 4 + (i - (len(shown) - 1) / 2) * 14
            drawn.append(text(left - 8, y, line, text_anchor="end"))
    for place, words in enumerate(columns, start=1):
        for i, line in enumerate(folded(words, _CELL_W - 6, most=2)):
            drawn.append(text(left + (place - 0.5) * _CELL_W, bottom + 18 + i * 14, line))
    centre = _HEAD + len(rows) * _CELL_H / 2
    drawn.append(
        f'<text transform="translate(18 {centre:.0f}) rotate(-90)" text-anchor="middle" '
        f'font-weight="bold">{clean(row_title)} \N{RIGHTWARDS ARROW}</text>'
    )
    middle = left + len(columns) * _CELL_W / 2
    drawn.append(
        text(middle, bottom + 52, f"{column_title} \N{RIGHTWARDS ARROW}", font_weight="bold")
    )
    return drawn
