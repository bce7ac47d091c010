"""What a panel gets: the shared state, and a kit that escapes, guards and looks like the rest."""

from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from aims_core.workbench.presenters.paging import FrameSource
from aims_core.workbench.state import WorkbenchState
from aims_core.workbench.views import kit, markup
from aims_core.workbench.views.cards import in_place
from aims_core.workbench.views.table import Table
from aims_core.workspace import Workspace


class PanelContext:
    """Handed to ``PanelSpec.build``. Read `workspace` when you act: the actor may change.

    Handlers given to the kit run guarded: an `AimsError` becomes its message on the status line, any
    other error a reference, and nothing is half done without a word.
    """

    def __init__(self, state: WorkbenchState, tab: str = "") -> None:
        self._state = state
        self._tab = tab

    @property
    def workspace(self) -> Workspace:
        """The workspace, acting as whoever is chosen in the header."""
        return self._state.workspace

    @property
    def system_id(self) -> str:
        """The selected system, or empty."""
        return str(self._state.system_id)

    def select(self, system_id: str) -> None:
        """Make a system the selected one."""
        self._state.select(system_id)

    def say(self, text: str, level: str = "info") -> None:
        """Put a message on the status line; `level` is ``ok``, ``info`` or ``error``."""
        self._state.say(text, level)

    def changed(self) -> None:
        """Say that something was written; every tab reads again when it is next shown."""
        self._state.changed()

    def observe(self, handler: Callable[[Any], Any], names: str | list[str]) -> None:
        """Call `handler` when ``system_id`` or ``refresh`` changes, or when the tab is next shown."""
        self._state.observe_shown(handler, names, self._tab)

    def table(
        self,
        frame: Any,
        *,
        label: str,
        empty: str,
        on_select: Callable[[str], Any] | None = None,
    ) -> Any:
        """Return a DataFrame as a table, a page at a time.

        The first column is the row's key; with `on_select` it becomes a button that passes it on.
        """
        guard = self._state.guarded
        chosen = guard(on_select) if on_select is not None else None
        return Table(
            FrameSource(frame), label=label, empty=empty, on_select=chosen, on_problem=guard
        )

    def button(self, label: str, handler: Callable[[], Any], *, primary: bool = False) -> Any:
        """Return a button."""
        return kit.button(self._state, label, handler, style="primary" if primary else "")

    def act(self, label: str, handler: Callable[[], Any], *, primary: bool = False) -> Any:
        """Return a button with a line under it, where a refusal of its handler stands.

        Put it at the foot of the form that it is about; what was typed there stays.
        """
        line = widgets.HTML()
        style = "primary" if primary else ""
        made = kit.button(self._state, label, in_place(line, handler), style=style)
        return widgets.VBox([made, line])

    def fill(self, box: Any, parts: Iterable[Any]) -> None:
        """Put widgets into a box and close what stood there; the page would keep it for ever."""
        kit.fill(box, parts)

    def heading(self, text: str, level: int = 3) -> Any:
        """Return a heading."""
        return markup.heading(text, level)

    def text(self, words: str) -> Any:
        """Return a paragraph; it is escaped."""
        return markup.text(words)

    def empty(self, words: str) -> Any:
        """Return what stands where there is nothing yet; say what to do next."""
        return markup.empty(words)

    def markup(self, made: Markup) -> Any:
        """Return a widget with markup that was made with `markupsafe`; plain text is escaped."""
        return markup.html(made)

    def svg(self, svg: str, description: str) -> Any:
        """Return a picture drawn by the product, with what it shows in words."""
        return markup.picture(svg, description)
