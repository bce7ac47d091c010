"""Escaped markup: the one way by which text reaches an HTML widget."""

from typing import Any

import ipywidgets as widgets
from markupsafe import Markup, escape

_HEADINGS = {
    2: Markup("<h2 class='aims-heading'>{}</h2>"),
    3: Markup("<h3 class='aims-heading'>{}</h3>"),
    4: Markup("<h4 class='aims-heading'>{}</h4>"),
}
_MESSAGE = {"ok": ("✔", "#00664b"), "info": ("\N{BULLET}", "#005a8c"), "error": ("✖", "#a33c00")}


def html(markup: Markup | str) -> Any:
    """Return a widget with markup; plain text is escaped."""
    return widgets.HTML(value=str(escape(markup)))


def heading(text: str, level: int = 3) -> Any:
    """Return a heading; levels start at 2, below the notebook's own title."""
    tag = _HEADINGS[min(max(level, 2), 4)]
    return html(tag.format(text))


def text(words: str) -> Any:
    """Return a paragraph."""
    return html(Markup("<p class='aims-text'>{}</p>").format(words))


def empty(words: str) -> Any:
    """Return what stands where there is nothing yet, with what to do next."""
    return html(Markup("<p class='aims-empty'>{}</p>").format(words))


def picture(svg: str, description: str) -> Any:
    """Return a picture drawn by the product; the description is read where it cannot be seen."""
    drawn = Markup(svg)  # noqa: S704 - drawn by the product, which escapes every text in it
    return html(
        Markup("<figure class='aims-figure' role='group' aria-label='{}'>{}</figure>").format(
            description, drawn
        )
    )


def message(words: str, level: str) -> Markup:
    """Return the status line's markup: a sign, a word and a colour say the same."""
    sign, colour = _MESSAGE[level]
    said = Markup(
        "<span aria-hidden='true'>{}</span> <span style='white-space:pre-wrap'>{}</span>"
    ).format(sign, words)
    return Markup(
        "<div role='status' aria-live='polite' class='aims-message' style='border-color:{}'>{}</div>"
    ).format(colour, said if words else "")


def facts(rows: list[tuple[str, Any]]) -> Any:
    """Return names and values as a small table."""
    body = Markup("").join(
        Markup("<tr><th scope='row'>{}</th><td>{}</td></tr>").format(
            name, value if str(value).strip() else "-"
        )
        for name, value in rows
    )
    return html(Markup("<table class='aims-facts'><tbody>{}</tbody></table>").format(body))


def checklist(rows: list[tuple[bool, str, str, str]]) -> Any:
    """Return conditions as a list: met or not by sign and word, with reason and remedy."""
    body = Markup("").join(
        Markup(
            "<li class='{}'><span aria-hidden='true'>{}</span> <b>{}</b> "
            "<span class='aims-word'>{}</span><br>{}{}</li>"
        ).format(
            "aims-met" if met else "aims-unmet",
            "✔" if met else "✖",
            name.replace("_", " "),
            "met" if met else "not met",
            reason,
            Markup(" <i>{}.</i>").format(remedy[:1].upper() + remedy[1:]) if remedy else "",
        )
        for met, name, reason, remedy in rows
    )
    return html(Markup("<ul class='aims-checklist'>{}</ul>").format(body))
