"""Small parts that every view is made of."""

from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets as widgets

from aims_core.workbench.state import WorkbenchState

FITTING = {"width": "max-content"}
WIDE = {"width": "98%", "max_width": "820px"}
WRAPPED = {"flex_flow": "row wrap"}
LABELLED = {"description_width": "130px"}


def button(
    state: WorkbenchState,
    label: str,
    handler: Callable[[], Any],
    *,
    style: str = "",
) -> Any:
    """Return a button whose handler runs guarded."""
    made = widgets.Button(description=label, button_style=style, layout=FITTING)
    run = state.guarded(handler)
    made.on_click(lambda _: run())
    return made


def fill(box: Any, parts: Iterable[Any]) -> None:
    """Put parts into a box, and give back what stood there: the page would keep it for ever."""
    former, now = box.children, tuple(parts)
    box.children = now
    for part in former:
        if part not in now:
            give_back(part)


def give_back(widget: Any) -> None:
    """Close a widget with all that belongs to it."""
    for child in getattr(widget, "children", ()):
        give_back(child)
    for name in ("layout", "style"):
        owned = getattr(widget, name, None)
        if isinstance(owned, widgets.Widget):
            owned.close()
    widget.close()


def fact_picker() -> Any:
    """Return a field for when something was so in fact; left empty, it was when it is entered."""
    return widgets.DatetimePicker(description="In fact, if earlier", style=LABELLED)


def hide(widget: Any, *, hidden: bool) -> None:
    """Show a widget or take it out of the page."""
    widget.layout.display = "none" if hidden else ""
