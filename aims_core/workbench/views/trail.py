"""The trail tab: the newest checkpoint and its age, one more, whether the trail holds, and all of them."""

import ipywidgets as widgets

from aims_core.workbench.presenters.checkpoints import TrailPage
from aims_core.workbench.presenters.paging import FrameSource
from aims_core.workbench.state import TRAIL, WorkbenchState
from aims_core.workbench.views import markup
from aims_core.workbench.views.cards import in_place
from aims_core.workbench.views.kit import LABELLED, WIDE, button, fill
from aims_core.workbench.views.table import Table

_NONE = (
    "There is no checkpoint yet. An administrator or auditor makes one below. It takes a key, made "
    "once on the command line: aims audit key."
)


class TrailView:
    """Checkpoints of the audit trail."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state
        self._page = TrailPage(state)
        look = {"style": LABELLED, "layout": WIDE}
        self.passphrase = widgets.Password(
            description="Passphrase", placeholder="only if the key has one", **look
        )
        self.made = widgets.HTML()
        self.make = button(
            state, "Make a checkpoint", in_place(self.made, self._make), style="primary"
        )
        self.kept = widgets.Textarea(
            description="Checkpoint",
            placeholder="paste the text of one kept elsewhere; empty verifies the trail by itself",
            **look,
        )
        self.problem = widgets.HTML()
        self.verify = button(
            state, "Verify the trail", in_place(self.problem, self._verify), style="primary"
        )
        self._newest, self._found, self._all = (widgets.VBox() for _ in range(3))
        self.widget = widgets.VBox(
            [
                markup.heading("Newest checkpoint", 2),
                self._newest,
                self.passphrase,
                self.make,
                self.made,
                markup.heading("Does the trail hold?", 2),
                self.kept,
                self.verify,
                self.problem,
                self._found,
                markup.heading("All checkpoints"),
                self._all,
            ]
        )
        state.observe_shown(lambda _: self.draw(), "refresh", TRAIL)

    def draw(self) -> None:
        """Read the checkpoints and show them."""
        newest = self._page.newest()
        fill(self._newest, [markup.facts(newest) if newest else markup.empty(_NONE)])
        table = Table(
            FrameSource(self._page.table()),
            label="Checkpoints",
            empty="None yet.",
            on_problem=self._state.guarded,
            page_size=10,
        )
        fill(self._all, [table])

    def _make(self) -> None:
        try:
            self._page.make(self.passphrase.value)
        finally:
            self.passphrase.value = ""

    def _verify(self) -> None:
        fill(self._found, [])
        fill(self._found, [markup.facts(self._page.verify(self.kept.value))])
