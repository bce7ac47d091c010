"""The workbench as one widget: header, tabs of the core, and a tab for each panel that plugins offer."""

from typing import Any

import ipywidgets as widgets
from IPython.display import display

from aims_core.contributions import Offer
from aims_core.errors import PluginError
from aims_core.workbench import markup
from aims_core.workbench.context import PanelContext
from aims_core.workbench.header import HeaderView
from aims_core.workbench.heartbeat import Heartbeat
from aims_core.workbench.register import RegisterView
from aims_core.workbench.state import WorkbenchState
from aims_core.workbench.system import SystemView
from aims_core.workspace import Workspace, open_workspace

_REGISTER, _SYSTEM = 0, 1


class Workbench:
    """Show a workspace in a notebook: ``Workbench()`` as the last line of a cell.

    Parameters
    ----------
    workspace : Workspace, optional
        The one found from ``AIMS_WORKSPACE`` or the folder of the notebook, when omitted.

    Attributes
    ----------
    state : WorkbenchState
        What is selected and who acts, observable.
    register, system : RegisterView, SystemView
        The core's tabs, usable on their own.
    """

    def __init__(self, workspace: Workspace | None = None) -> None:
        self.state = WorkbenchState(workspace or open_workspace())
        self.context = PanelContext(self.state)
        self.header = HeaderView(self.state)
        self.register = RegisterView(self.state)
        self.system = SystemView(self.state)
        self._offers = self._ordered()
        self._built: set[int] = set()
        places = [widgets.VBox() for _ in self._offers]
        titles = ["Register", "System", *(o.spec.title for o in self._offers)]
        self.tabs = widgets.Tab(
            children=[self.register.widget, self.system.widget, *places], titles=titles
        )
        self.tabs.observe(self.state.guarded(lambda _: self._build_shown()), "selected_index")
        self.state.observe(self.state.guarded(lambda _: self._go_to_system()), "system_id")
        self.widget = widgets.VBox([Heartbeat(), self.header.widget, self.tabs])
        self.widget.add_class("aims-workbench")

    def open(self, title: str) -> Any:
        """Open a tab by its title and return its widget.

        Raises
        ------
        ValueError
            There is no tab of this title; the ones there are are named.
        """
        titles = list(self.tabs.titles)
        if title not in titles:
            raise ValueError(f"there is no tab {title!r}; there are {', '.join(titles)}")
        self.tabs.selected_index = titles.index(title)
        return self.tabs.children[self.tabs.selected_index]

    def _ipython_display_(self) -> None:
        display(self.widget)  # type: ignore[no-untyped-call]

    def _ordered(self) -> list[Offer]:
        offers = self.state.workspace.host.contributions("aims_panels")
        return sorted(offers, key=lambda o: (o.spec.order, o.spec.id))

    def _go_to_system(self) -> None:
        if self.state.system_id and self.tabs.selected_index == _REGISTER:
            self.tabs.selected_index = _SYSTEM

    def _build_shown(self) -> None:
        """Build a plugin's panel when its tab is first opened; one that fails says so in its place."""
        shown = self.tabs.selected_index
        place = (shown or 0) - 2
        if place < 0 or place in self._built:
            return
        self._built.add(place)
        offer = self._offers[place]
        self.tabs.children[shown].children = (self._panel(offer),)

    def _panel(self, offer: Offer) -> Any:
        try:
            return self.state.workspace.host.ask(offer, offer.spec.build, self.context)
        except PluginError as error:
            return markup.empty(
                f"This tab could not be built: {error}. The other tabs work; update or remove "
                f"{offer.plugin.distribution} {offer.plugin.version}."
            )
