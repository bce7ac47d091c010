"""One open request, and the buttons that decide on it."""

import ipywidgets as widgets

from aims_core.workbench.presenters.system import Request, SystemPage
from aims_core.workbench.state import WorkbenchState
from aims_core.workbench.views import markup
from aims_core.workbench.views.kit import LABELLED, WIDE, button, fact_picker, hide


class RequestView:
    """What is asked for, what holds and what does not, and Approve or Refuse with a reason."""

    def __init__(self, state: WorkbenchState, page: SystemPage, request: Request) -> None:
        self._page = page
        self._approval_id = request.approval.approval_id
        self.reason = widgets.Text(
            description="Your reason",
            placeholder="needed for a refusal",
            style=LABELLED,
            layout=WIDE,
        )
        self.fact_at = fact_picker()
        self.approve = button(state, "Approve", lambda: self._decide("approve"), style="success")
        self.refuse = button(state, "Refuse", lambda: self._decide("refuse"), style="danger")
        self.withdraw = button(state, "Withdraw", self._withdraw)
        hide(self.withdraw, hidden=not request.own)
        self.widget = widgets.VBox(
            [
                markup.facts(request.facts),
                markup.conditions(request.approval.conditions),
                *([markup.text(request.hint)] if request.hint else []),
                self.reason,
                self.fact_at,
                widgets.HBox([self.approve, self.refuse, self.withdraw]),
            ]
        )
        self.widget.add_class("aims-card")

    def _decide(self, decision: str) -> None:
        self._page.decide(self._approval_id, decision, self.reason.value, self.fact_at.value)

    def _withdraw(self) -> None:
        self._page.withdraw(self._approval_id, self.reason.value, self.fact_at.value)
