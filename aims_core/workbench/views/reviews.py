"""The periodic review on a system's page."""

from typing import Any

import ipywidgets as widgets

from aims_core.records import AISystem
from aims_core.workbench.presenters.reviews import SystemReviews
from aims_core.workbench.state import WorkbenchState
from aims_core.workbench.views import markup
from aims_core.workbench.views.cards import in_place
from aims_core.workbench.views.kit import LABELLED, WIDE, button, fill, hide

_NOT_YET = "Reviews begin when a system goes live; this one does not run."
_LOOK: dict[str, Any] = {"style": LABELLED, "layout": WIDE}


class ReviewsView:
    """When a system is to be reviewed, the reviews on record, and a form to complete one."""

    def __init__(self, state: WorkbenchState) -> None:
        self._reviews = SystemReviews(state)
        outcomes = self._reviews.outcomes()
        self.outcome = widgets.Dropdown(
            description="Comes out as", options=outcomes, value=outcomes[0][1], **_LOOK
        )
        self.note = widgets.Textarea(
            description="Note", placeholder="what was looked at, and why it comes out so", **_LOOK
        )
        self.problem = widgets.HTML()
        self.complete = button(
            state, "Put review on record", in_place(self.problem, self._complete), style="primary"
        )
        self._listed = widgets.VBox()
        self._fields = widgets.VBox([self.outcome, self.note, self.complete, self.problem])
        self.form = widgets.VBox([self._listed, self._fields])

    def draw(self, system: AISystem) -> None:
        """Show when it is due and what was found before, and offer the form where the system runs."""
        runs, rows = self._reviews.runs(system), self._reviews.rows(system)
        parts = [markup.facts(rows)] if rows else []
        fill(self._listed, parts if runs else [*parts, markup.empty(_NOT_YET)])
        hide(self._fields, hidden=not runs)

    def _complete(self) -> None:
        self._reviews.complete(self.outcome.value, self.note.value)
        self.note.value = ""
