"""Escaped markup: the one way by which text reaches an HTML widget."""

from collections.abc import Iterable, Sequence
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup, escape

from aims_core.records import Condition

_HEADINGS = {
    2: Markup("<h2 class='aims-heading'>{}</h2>"),
    3: Markup("<h3 class='aims-heading'>{}</h3>"),
    4: Markup("<h4 class='aims-heading'>{}</h4>"),
}


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


def quiet(words: str) -> Any:
    """Return a paragraph in small letters."""
    return html(Markup("<p class='aims-quiet'>{}</p>").format(words))


def empty(words: str) -> Any:
    """Return what stands where there is nothing yet, with what to do next."""
    return html(Markup("<p class='aims-empty'>{}</p>").format(words))


def problem(words: str) -> str:
    """Return what is wrong with a field, to stand under it; nothing for no words."""
    return str(Markup("<span class='aims-problem'>✖ {}</span>").format(words)) if words else ""


def refusal(words: str) -> str:
    """Return why something was refused, with its remedies, to stand in the form it is about."""
    return str(Markup("<div class='aims-refusal' role='alert'>✖ {}</div>").format(words))


def picture(svg: str, description: str) -> Any:
    """Return a picture drawn by the product; the description is read where it cannot be seen."""
    drawn = Markup(svg)  # noqa: S704 - drawn by the product, which escapes every text in it
    return html(
        Markup("<figure class='aims-figure' role='group' aria-label='{}'>{}</figure>").format(
            description, drawn
        )
    )


def facts(rows: Iterable[tuple[str, Any]]) -> Any:
    """Return names and values as a small table."""
    body = Markup("").join(
        Markup("<tr><th scope='row'>{}</th><td>{}</td></tr>").format(
            name, value if str(value).strip() else "-"
        )
        for name, value in rows
    )
    return html(Markup("<table class='aims-facts'><tbody>{}</tbody></table>").format(body))


def chips(rows: Iterable[tuple[str, str]]) -> Any:
    """Return names and short values side by side."""
    body = Markup("").join(
        Markup("<div class='aims-chip' role='listitem'><small>{}</small><b>{}</b></div>").format(
            name, value
        )
        for name, value in rows
    )
    return html(Markup("<div class='aims-chips' role='list'>{}</div>").format(body))


def conditions(found: Sequence[Condition]) -> Any:
    """Return conditions by sign and word: what is not met in full, what is met folded away."""
    unmet, met = [c for c in found if not c.met], [c for c in found if c.met]
    said = f"{len(met)} of {len(found)} conditions are met"
    folded = Markup("")
    if met:
        folded = Markup(
            "<details class='aims-met'><summary><span aria-hidden='true'>✔</span> {}</summary>{}</details>"
        ).format(said, _listed(met))
    return html(Markup("{}{}").format(_listed(unmet) if unmet else "", folded))


def _listed(found: Sequence[Condition]) -> Markup:
    body = Markup("").join(
        Markup(
            "<li class='{}'><span aria-hidden='true'>{}</span> <b>{}</b> "
            "<span class='aims-word'>{}</span><br>{}{}</li>"
        ).format(
            "" if c.met else "aims-unmet",
            "✔" if c.met else "✖",
            c.name.replace("_", " ").capitalize(),
            "met" if c.met else "not met",
            c.reason,
            Markup(" <i>{}.</i>").format(c.remedy[:1].upper() + c.remedy[1:]) if c.remedy else "",
        )
        for c in found
    )
    return Markup("<ul class='aims-checklist'>{}</ul>").format(body)
