"""The decisions tab: what waits for a second person, and seats that are lent."""

from typing import Any

import ipywidgets as widgets

from aims_core.workbench.presenters.decisions import Decisions
from aims_core.workbench.presenters.lending import Lending
from aims_core.workbench.state import DECISIONS, WorkbenchState
from aims_core.workbench.views import markup
from aims_core.workbench.views.cards import CardView, in_place
from aims_core.workbench.views.kit import LABELLED, WIDE, button, fill

_NOTHING = (
    "Nothing waits for a second person. Requests for a system's next step wait on that system's page; "
    "waivers and holds are proposed there, exceptions in Rules."
)
_NOT_LENT = "Nobody lends a seat. Who decides on requests can lend theirs below, for a holiday say."


class DecisionsView:
    """Cards by what they are about, then the seats that are lent and a form to lend one."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state
        self._decisions = Decisions(state)
        self.cards: list[CardView] = []
        self.lending = LendingView(state)
        self._waiting = widgets.VBox()
        self.widget = widgets.VBox([self._waiting, self.lending.widget])
        state.observe_shown(lambda _: self.draw(), "refresh", DECISIONS)

    def draw(self) -> None:
        """Read what waits and show it."""
        parts: list[Any] = [markup.heading("Waiting for a second person", 2)]
        self.cards = []
        for title, cards in self._decisions.groups():
            made = [CardView(self._state, card) for card in cards]
            self.cards += made
            parts += [markup.heading(title), *(view.widget for view in made)]
        if not self.cards:
            parts.append(markup.empty(_NOTHING))
        fill(self._waiting, parts)
        self.lending.draw()


class LendingView:
    """Seats that are lent, and a form to lend one's own."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state
        self._lending = Lending(state)
        self.cards: list[CardView] = []
        look = {"style": LABELLED, "layout": WIDE}
        self.seat = widgets.Dropdown(description="Your seat", options=[("-", "")], value="", **look)
        self.delegate = widgets.Dropdown(description="To", options=[("-", "")], value="", **look)
        self.until = widgets.DatePicker(description="Until", style=LABELLED)
        self.unit = widgets.Text(
            description="Only in unit", placeholder="empty: wherever you decide", **look
        )
        self.reason = widgets.Text(description="Reason", placeholder="holidays", **look)
        self.problem = widgets.HTML()
        self.give = button(state, "Lend it", in_place(self.problem, self._give), style="primary")
        self._listed, self._none = widgets.VBox(), widgets.VBox()
        self._form = widgets.VBox(
            [
                self.seat,
                self.delegate,
                self.until,
                self.unit,
                self.reason,
                self.give,
                self.problem,
            ]
        )
        self._place = widgets.VBox()
        fold = widgets.Accordion(
            children=[self._place], titles=("Lend your seat",), selected_index=None
        )
        self.widget = widgets.VBox([markup.heading("Seats that are lent", 2), self._listed, fold])

    def draw(self) -> None:
        """Show who decides for whom, and offer what the one who acts may lend."""
        self.cards = [CardView(self._state, card) for card in self._lending.cards()]
        shown = [view.widget for view in self.cards] or [markup.empty(_NOT_LENT)]
        fill(self._listed, shown)
        seats = self._lending.seats()
        _offer(self.seat, seats)
        _offer(self.delegate, [("choose", ""), *self._lending.people()])
        words = "You hold no role that decides on requests, so you have no seat to lend."
        self._place.children = (self._form,) if seats else (markup.empty(words),)

    def _give(self) -> None:
        self._lending.give(
            self.delegate.value,
            self.seat.value,
            self.until.value,
            unit=self.unit.value,
            reason=self.reason.value,
        )
        self.unit.value = self.reason.value = ""


def _offer(box: Any, options: list[tuple[str, str]]) -> None:
    """Offer what there is now and keep what was chosen where it still is."""
    kept = box.value
    box.options = options or [("-", "")]
    values = [value for _, value in box.options]
    box.value = kept if kept in values else values[0]
