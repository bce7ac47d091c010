"""The rules tab: breaches as of a day, exceptions in force, a form to record one, and the rules."""

import ipywidgets as widgets

from aims_core.workbench.presenters.paging import FrameSource
from aims_core.workbench.presenters.rules import Rules
from aims_core.workbench.state import RULES, WorkbenchState
from aims_core.workbench.views import markup
from aims_core.workbench.views.cards import CardView, in_place
from aims_core.workbench.views.kit import LABELLED, WIDE, WRAPPED, button, fill
from aims_core.workbench.views.table import Table

_NO_BREACH = "No breach is on record. Nothing is to be done here."
_NO_EXCEPTION = (
    "No exception is in force. Where a rule cannot be kept for a time, record one below: it shows "
    "in every report that it touches."
)


class RulesView:
    """What was done against the rules of separation, and what may be for a time."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state
        self._rules = Rules(state)
        self.cards: list[CardView] = []
        self.day = widgets.DatePicker(description="As of", style=LABELLED)
        self.covered = widgets.Checkbox(
            description="Also those an exception covers", indent=False, value=False
        )
        self.form = ExceptionForm(state, self._rules)
        self._breaches, self._exceptions, self._listed = (widgets.VBox() for _ in range(3))
        today = button(state, "Now", self._now)
        self._fold = widgets.Accordion(
            children=[self.form.widget, self._listed],
            titles=("Record an exception", "The fifteen rules"),
            selected_index=None,
        )
        self.widget = widgets.VBox(
            [
                markup.heading("Breaches of the rules of separation", 2),
                widgets.HBox([self.day, today, self.covered], layout=WRAPPED),
                self._breaches,
                markup.heading("Exceptions in force", 2),
                self._exceptions,
                self._fold,
            ]
        )
        redraw = state.guarded(lambda _: self._draw_breaches())
        self.day.observe(redraw, "value")
        self.covered.observe(redraw, "value")
        state.observe_shown(lambda _: self.draw(), ["refresh", "system_id"], RULES)

    def draw(self) -> None:
        """Read breaches and exceptions and show them."""
        self._draw_breaches()
        self.cards = [CardView(self._state, card) for card in self._rules.exceptions()]
        shown = [view.widget for view in self.cards] or [markup.empty(_NO_EXCEPTION)]
        fill(self._exceptions, shown)
        self.form.draw()
        if not self._listed.children:
            rules = FrameSource(self._rules.table())
            self._listed.children = (Table(rules, label="Rules", empty=""),)

    def _draw_breaches(self) -> None:
        words, found = self._rules.breaches(self.day.value, covered=self.covered.value)
        table = Table(
            FrameSource(found),
            label="Breaches",
            empty=_NO_BREACH,
            on_problem=self._state.guarded,
        )
        fill(self._breaches, [markup.text(words), table])

    def _now(self) -> None:
        self.day.value = None


class ExceptionForm:
    """Puts an exception on record."""

    def __init__(self, state: WorkbenchState, rules: Rules) -> None:
        self._state = state
        self._rules = rules
        look = {"style": LABELLED, "layout": WIDE}
        choices = rules.choices()
        self.rule = widgets.Dropdown(
            description="Rule", options=choices, value=choices[0][1], **look
        )
        self.reason = widgets.Text(description="Why", placeholder="why it cannot be kept", **look)
        self.control = widgets.Text(
            description="In its place",
            placeholder="such as an outside reviewer, a later audit",
            **look,
        )
        self.until = widgets.DatePicker(description="Until", style=LABELLED)
        self.only = widgets.Checkbox(
            description="Only for the selected system", indent=False, value=False
        )
        self.problem = widgets.HTML()
        self.record = button(
            state, "Record exception", in_place(self.problem, self._record), style="primary"
        )
        self.widget = widgets.VBox(
            [
                self.rule,
                self.reason,
                self.control,
                self.until,
                self.only,
                self.record,
                self.problem,
            ]
        )

    def draw(self) -> None:
        """Offer the selected system, where there is one."""
        system_id = self._state.system_id
        self.only.disabled = not system_id
        self.only.description = (
            f"Only for {system_id}" if system_id else "Only for one system: select it first"
        )
        if not system_id:
            self.only.value = False

    def _record(self) -> None:
        self._rules.record(
            self.rule.value,
            self.reason.value,
            self.control.value,
            self.until.value,
            only_system=self.only.value,
        )
        self.reason.value = self.control.value = ""
