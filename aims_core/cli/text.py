"""Plain text for terminals: control characters made visible, widths counted, tables fitted."""

import unicodedata
from collections.abc import Sequence

_GAP = "  "
_NARROWEST = 8
_LINES = 3
_LONG_WORD = 32


def visible(text: str) -> str:
    """Return `text` on one line, with every character that could steer a terminal made visible."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _shown(c) for c in text)


def visible_lines(text: str) -> str:
    """Return `text` with its line breaks kept and all other control characters made visible."""
    return "\n".join(visible(line) for line in text.split("\n"))


def width(text: str) -> int:
    """Return how many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(c) for c in text)


def wrap(text: str, room: int, lines: int = _LINES) -> list[str]:
    """Return `text` as at most `lines` lines of `room` columns; the last ends in … where cut."""
    found = [""]
    for word in text.split(" "):
        joined = f"{found[-1]} {word}" if found[-1] else word
        if width(joined) <= room:
            found[-1] = joined
        else:
            found += _pieces(word, room)
        if len(found) > lines + 1:
            break
    kept = [line for line in found if line] or [""]
    return kept if len(kept) <= lines else [*kept[: lines - 1], _cut(kept[lines - 1], room)]


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> str:
    """Return rows under their titles, no wider than `room`; the widest columns give way first."""
    titles = [title.replace("_", " ") for title in columns]
    cells = [[title, *(row[i] for row in rows)] for i, title in enumerate(titles)]
    natural = [max(width(cell) for cell in column) for column in cells]
    unbroken = [max(_longest_word(cell) for cell in column) for column in cells]
    widths = _fitted(natural, unbroken, room - len(_GAP) * (len(titles) - 1))
    lines = [*_row(titles, widths), _GAP.join("-" * w for w in widths)]
    for row in rows:
        lines += _row(row, widths)
    return "\n".join(lines)


def record(pairs: Sequence[tuple[str, str]], room: int) -> str:
    """Return one record as lines of name and value, long values wrapped under themselves."""
    left = max((width(name) for name, _ in pairs), default=0)
    space = max(_NARROWEST, room - left - len(_GAP))
    lines = []
    for name, value in pairs:
        first, *rest = wrap(value, space, lines=200)
        lines.append(f"{_padded(name.replace('_', ' '), left)}{_GAP}{first}".rstrip())
        lines += [" " * (left + len(_GAP)) + line for line in rest]
    return "\n".join(lines)


def _shown(character: str) -> str:
    if character in "\n\r\t" or unicodedata.category(character) == "Zs":
        return " "
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004 - two or four digits


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _pieces(word: str, room: int) -> list[str]:
    pieces, here, taken = [], "", 0
    for character in word:
        columns = _columns(character)
        if taken + columns > room:
            pieces.append(here)
            here, taken = "", 0
        here += character
        taken += columns
    return [*pieces, here]


def _cut(line: str, room: int) -> str:
    while line and width(line) > room - 1:
        line = line[:-1]
    return f"{line}…"


def _fitted(natural: list[int], unbroken: list[int], room: int) -> list[int]:
    """Take columns from the widest, at first only where no word is broken for it."""
    widths = list(natural)
    for floors in (unbroken, [_NARROWEST] * len(widths)):
        while sum(widths) > room:
            spare = [w - floor for w, floor in zip(widths, floors, strict=True)]
            giving = [w if s > 0 else 0 for w, s in zip(widths, spare, strict=True)]
            if not any(giving):
                break
            widths[giving.index(max(giving))] -= 1
    return widths


def _longest_word(cell: str) -> int:
    return min(_LONG_WORD, max(width(word) for word in cell.split(" ")))


def _row(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    wrapped = [wrap(cell, room) for cell, room in zip(cells, widths, strict=True)]
    height = max(len(lines) for lines in wrapped)
    return [
        _GAP.join(
            _padded(lines[i] if i < len(lines) else "", room)
            for lines, room in zip(wrapped, widths, strict=True)
        ).rstrip()
        for i in range(height)
    ]


def _padded(text: str, room: int) -> str:
    return text + " " * (room - width(text))
