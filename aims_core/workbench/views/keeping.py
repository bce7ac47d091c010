"""Waivers and legal holds on a system's page."""

from typing import Any

import ipywidgets as widgets

from aims_core.records import AISystem
from aims_core.workbench.presenters.keeping import SystemHolds, SystemWaivers
from aims_core.workbench.state import WorkbenchState
from aims_core.workbench.views import markup
from aims_core.workbench.views.cards import CardView, in_place
from aims_core.workbench.views.kit import LABELLED, WIDE, button, fill, hide

_LOOK: dict[str, Any] = {"style": LABELLED, "layout": WIDE}


class WaiversView:
    """The waivers of a system, and a form to propose one."""

    def __init__(self, state: WorkbenchState) -> None:
        self._waivers = SystemWaivers(state)
        self.condition = widgets.Dropdown(
            description="Condition", options=[("-", "")], value="", **_LOOK
        )
        self.reason = widgets.Text(
            description="Why", placeholder="why it cannot be met now", **_LOOK
        )
        self.measure = widgets.Text(
            description="Meanwhile", placeholder="what protects people in its place", **_LOOK
        )
        self.until = widgets.DatePicker(description="Until", style=LABELLED)
        self.problem = widgets.HTML()
        self.propose = button(
            state, "Propose waiver", in_place(self.problem, self._propose), style="primary"
        )
        self._listed, self._none = widgets.VBox(), widgets.VBox()
        self._fields = widgets.VBox(
            [self.condition, self.reason, self.measure, self.until, self.propose, self.problem]
        )
        self.form = widgets.VBox([self._listed, self._none, self._fields])

    def draw(self, system: AISystem) -> None:
        """Show what is waived, and offer what could be."""
        rows = self._waivers.rows(system)
        fill(self._listed, [markup.facts(rows)] if rows else [])
        offered = self._waivers.conditions(system)
        words = "Everything that could be waived is met here and at the next steps."
        fill(self._none, [] if offered else [markup.empty(words)])
        hide(self._fields, hidden=not offered)
        kept = self.condition.value
        self.condition.options = offered or [("-", "")]
        values = [value for _, value in self.condition.options]
        self.condition.value = kept if kept in values else values[0]

    def _propose(self) -> None:
        self._waivers.propose(
            self.condition.value, self.reason.value, self.measure.value, self.until.value
        )
        self.reason.value = self.measure.value = ""


class HoldsView:
    """The legal holds on a system's evidence, and a form to place one."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state
        self._holds = SystemHolds(state)
        self.cards: list[CardView] = []
        self.target = widgets.Dropdown(description="Hold", options=[("-", "")], value="", **_LOOK)
        self.reason = widgets.Text(
            description="Reason", placeholder="such as the name of a proceeding", **_LOOK
        )
        self.problem = widgets.HTML()
        self.place = button(
            state, "Put on hold", in_place(self.problem, self._place), style="primary"
        )
        self._listed = widgets.VBox()
        self.form = widgets.VBox([self._listed, self.target, self.reason, self.place, self.problem])

    def draw(self, system: AISystem) -> None:
        """Show what is held, and offer what can be."""
        self.cards = [CardView(self._state, card) for card in self._holds.cards(system)]
        words = "Nothing is held. A hold keeps evidence from being disposed of, whatever its age."
        fill(self._listed, [view.widget for view in self.cards] or [markup.quiet(words)])
        kept = self.target.value
        self.target.options = self._holds.targets(system)
        values = [value for _, value in self.target.options]
        self.target.value = kept if kept in values else values[0]

    def _place(self) -> None:
        self._holds.place(self.target.value, self.reason.value)
        self.reason.value = ""
