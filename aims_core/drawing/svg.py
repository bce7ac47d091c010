"""The few SVG elements the pictures are made of; whatever is passed as text is escaped here."""

from collections.abc import Iterable, Mapping
from html import escape
from textwrap import wrap

from aims_core.canonical import digest_text

BLUE = "#0072B2"
VERMILLION = "#D55E00"
ORANGE = "#E69F00"
INK = "#1a1a1a"
GREY = "#5a5a5a"
PALE = "#ededed"
WHITE = "#ffffff"
FONT = "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', Arial, sans-serif"
SIZE = 12.0
_CHARACTER = 0.56
"""Width of an average character as a share of the font size; no font is at hand to measure with."""
_FIRST_PRINTABLE = 0x20
_NO_XML = {0xFFFE, 0xFFFF, *range(0xD800, 0xE000)}
"""Code points that XML 1.0, 2.2 has no place for, beside the control characters."""


def prefix(*content: object) -> str:
    """Return a prefix for the picture's identifiers that follows from what it shows."""
    return "aims" + digest_text(clean(repr(content)))[:10]


def picture(
    name: str, width: float, height: float, *, title: str, description: str, body: Iterable[str]
) -> str:
    """Return the whole SVG on a white ground; `name` is its :func:`prefix`."""
    w, h = number(width), number(height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {w} {h}" width="{w}" '
        f'height="{h}" style="max-width:100%;height:auto" font-family="{escape(FONT)}" '
        f'font-size="{number(SIZE)}" fill="{INK}" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{clean(title)}</title>'
        f'<desc id="{name}-desc">{clean(description)}</desc>'
        f'<rect width="{w}" height="{h}" rx="6" fill="{WHITE}"/>{"".join(body)}</svg>'
    )


def clean(words: object) -> str:
    """Return text for an element or attribute: escaped, without characters XML has no place for."""
    return escape("".join(c if _allowed(c) else "\N{REPLACEMENT CHARACTER}" for c in str(words)))


def number(value: float) -> str:
    """Return a coordinate with at most one decimal, spelled the same everywhere."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def rect(x: float, y: float, width: float, height: float, **attributes: object) -> str:
    """Return a rectangle; underscores in attribute names become hyphens."""
    place = {"x": number(x), "y": number(y), "width": number(width), "height": number(height)}
    return f"<rect{_attributes({**place, **attributes})}/>"


def path(*points: tuple[float, float], **attributes: object) -> str:
    """Return an open line through `points`."""
    steps = "M" + " L".join(f"{number(x)} {number(y)}" for x, y in points)
    return f"<path{_attributes({'d': steps, 'fill': 'none', **attributes})}/>"


def text(x: float, y: float, words: str, **attributes: object) -> str:
    """Return one line of text, centred on `x` unless ``text_anchor`` says otherwise."""
    place = {"x": number(x), "y": number(y), "text_anchor": "middle"}
    return f"<text{_attributes({**place, **attributes})}>{clean(words)}</text>"


def group(*parts: str, tooltip: str) -> str:
    """Return elements as one group whose full text shows when pointed at."""
    return f"<g><title>{clean(tooltip)}</title>{''.join(parts)}</g>"


def halo() -> dict[str, object]:
    """Return attributes that keep text readable where a line or a hatching runs behind it."""
    return {"stroke": WHITE, "stroke_width": 4, "paint_order": "stroke", "stroke_linejoin": "round"}


def folded(words: str, width: float, *, size: float = SIZE, most: int = 3) -> list[str]:
    """Return `words` broken into at most `most` lines of about `width`; the rest becomes ``…``."""
    room = max(6, int(width / (size * _CHARACTER)))
    longest = max((len(word) for word in str(words).split()), default=0)
    room = min(max(room, longest), room * 3 // 2)  # a word is rather a little too wide than broken
    return wrap(str(words), room, max_lines=most, placeholder=" …") or [""]


def length(words: str, *, size: float = SIZE) -> float:
    """Return about how wide `words` will be."""
    return len(words) * size * _CHARACTER


def _attributes(values: Mapping[str, object]) -> str:
    return "".join(f' {k.replace("_", "-")}="{clean(v)}"' for k, v in values.items())


def _allowed(character: str) -> bool:
    code = ord(character)
    return character in "\t\n\r" if code < _FIRST_PRINTABLE else code not in _NO_XML
