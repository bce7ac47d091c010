"""The workbench as one widget: header, tabs of the core, and a tab for each panel that plugins offer."""

from typing import Any

import ipywidgets as widgets
from IPython.display import display

from aims_core.contributions import Offer
from aims_core.errors import PluginError
from aims_core.workbench.context import PanelContext
from aims_core.workbench.state import (
    CONCERNS,
    DECISIONS,
    REGISTER,
    RULES,
    SYSTEM,
    TRAIL,
    WorkbenchState,
)
from aims_core.workbench.views import markup
from aims_core.workbench.views.concerns import ConcernsView
from aims_core.workbench.views.decisions import DecisionsView
from aims_core.workbench.views.header import HeaderView
from aims_core.workbench.views.heartbeat import Heartbeat
from aims_core.workbench.views.register import RegisterView
from aims_core.workbench.views.rules import RulesView
from aims_core.workbench.views.system import SystemView
from aims_core.workbench.views.trail import TrailView
from aims_core.workspace import Workspace, open_workspace


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
    register, system, decisions, concerns, rules, trail : views
        The core's tabs, usable on their own; all but the first two read nothing before they are opened.
    """

    def __init__(self, workspace: Workspace | None = None) -> None:
        self.state = WorkbenchState(workspace or open_workspace())
        self.header = HeaderView(self.state)
        self.register = RegisterView(self.state)
        self.system = SystemView(self.state)
        self._offers = {offer.spec.id: offer for offer in self._ordered()}
        self.decisions = DecisionsView(self.state)
        self.concerns = ConcernsView(self.state)
        self.rules = RulesView(self.state)
        self.trail = TrailView(self.state)
        self._drawn_late: dict[str, Any] = {
            DECISIONS: self.decisions,
            CONCERNS: self.concerns,
            RULES: self.rules,
            TRAIL: self.trail,
        }
        self._ids = [REGISTER, SYSTEM, DECISIONS, *self._offers, CONCERNS, RULES, TRAIL]
        self._built: set[str] = set()
        places = [widgets.VBox() for _ in self._offers]
        offered = [o.spec.title for o in self._offers.values()]
        titles = ["Register", "System", "Decisions", *offered, "Concerns", "Rules", "Trail"]
        first = [self.register.widget, self.system.widget, self.decisions.widget]
        last = [self.concerns.widget, self.rules.widget, self.trail.widget]
        self.tabs = widgets.Tab(children=[*first, *places, *last], titles=titles)
        self.tabs.observe(self.state.guarded(lambda _: self._chosen()), "selected_index")
        self.state.observe(self.state.guarded(lambda _: self._show()), "tab")
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
        self.state.tab = self._ids[titles.index(title)]
        return self.tabs.children[self.tabs.selected_index]

    def _ipython_display_(self) -> None:
        display(self.widget)  # type: ignore[no-untyped-call]  # IPython types nothing

    def _ordered(self) -> list[Offer]:
        offers = self.state.workspace.host.contributions("aims_panels")
        return sorted(offers, key=lambda o: (o.spec.order, o.spec.id))

    def _chosen(self) -> None:
        """Follow a click on a tab; what was said about another one is history then."""
        shown = self.tabs.selected_index
        if shown is not None and self._ids[shown] != self.state.tab:
            self.state.say("")
            self.state.tab = self._ids[shown]

    def _show(self) -> None:
        """Bring the wanted tab to the front; most of them are built when they are first opened."""
        tab = self.state.tab
        place = self._ids.index(tab)
        if tab in self._drawn_late and tab not in self._built:
            self._built.add(tab)
            self._drawn_late[tab].draw()
        if tab in self._offers and tab not in self._built:
            self._built.add(tab)
            self.tabs.children[place].children = (self._panel(self._offers[tab]),)
        self.tabs.selected_index = place

    def _panel(self, offer: Offer) -> Any:
        """Return a plugin's panel; one that fails says so in its place, and the others work."""
        context = PanelContext(self.state, offer.spec.id)
        try:
            return self.state.workspace.host.ask(offer, offer.spec.build, context)
        except PluginError as error:
            return markup.empty(
                f"This tab could not be built: {error}. The other tabs work; update or remove "
                f"{offer.plugin.distribution} {offer.plugin.version}."
            )
