"""A card with its buttons; a refusal stands in the card it is about, and on the status line."""

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from aims_core.errors import AimsError
from aims_core.workbench.presenters.cards import Act, Card, done
from aims_core.workbench.state import WorkbenchState
from aims_core.workbench.views import markup
from aims_core.workbench.views.kit import LABELLED, WIDE, WRAPPED, button


class CardView:
    """What it is about, why one may not decide if so, a reason, and the buttons."""

    def __init__(self, state: WorkbenchState, card: Card) -> None:
        self._state = state
        self.reason = widgets.Text(
            description="Your reason",
            placeholder="needed, unless you agree to it",
            style=LABELLED,
            layout=WIDE,
        )
        self.problem = widgets.HTML()
        self.buttons = {act.label: self._button(act, card) for act in card.acts}
        parts = [markup.heading(card.title, 4), markup.facts(card.facts)]
        if card.hint:
            parts.append(markup.text(card.hint))
        if card.acts:
            row = widgets.HBox([*self.buttons.values()], layout=WRAPPED)
            parts += [self.reason, row, self.problem]
        self.widget = widgets.VBox(parts)
        self.widget.add_class("aims-card")

    def _button(self, act: Act, card: Card) -> Any:
        made = button(
            self._state,
            act.label,
            in_place(self.problem, lambda: done(self._state, act.run, self.reason.value)),
            style=act.style,
        )
        # Read out alone, "Approve" does not say what; the title does.
        made.tooltip = f"{act.label}: {card.title}"
        return made


def in_place(line: Any, act: Callable[[], Any]) -> Callable[[], None]:
    """Return an act whose refusal is shown on a line of its own form as well."""

    def run() -> None:
        line.value = ""
        try:
            act()
        except AimsError as error:
            line.value = markup.refusal(str(error))
            raise

    return run
