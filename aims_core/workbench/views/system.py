"""The system tab: one system's page, who decides on it, and what may come next."""

from typing import Any

import ipywidgets as widgets

from aims_core.drawing import lifecycle_svg
from aims_core.records import AISystem
from aims_core.workbench.presenters.description import Correction
from aims_core.workbench.presenters.paging import FrameSource
from aims_core.workbench.presenters.system import EVIDENCE_KINDS, SystemPage
from aims_core.workbench.state import SYSTEM, WorkbenchState
from aims_core.workbench.views import markup
from aims_core.workbench.views.description import DescriptionView
from aims_core.workbench.views.keeping import HoldsView, WaiversView
from aims_core.workbench.views.kit import LABELLED, WIDE, button, fact_picker, fill, hide
from aims_core.workbench.views.request import RequestView
from aims_core.workbench.views.reviews import ReviewsView
from aims_core.workbench.views.table import Table

_COLUMNS = {"flex_flow": "row wrap", "justify_content": "space-between"}


class SystemView:
    """The selected system's page, from the most to the least urgent."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state
        self._page = SystemPage(state)
        self.decisions: list[RequestView] = []
        self.step = StepView(state, self._page)
        self.evidence = EvidenceView(state, self._page)
        self.correction = DescriptionView(state, Correction(state))
        self.waivers = WaiversView(state)
        self.holds = HoldsView(state)
        self.reviews = ReviewsView(state)
        self._fold = widgets.Accordion(
            children=[
                self.correction.widget,
                self.evidence.form,
                self.waivers.form,
                self.holds.form,
                self.reviews.form,
            ],
            titles=(
                "Correct the description",
                "Put evidence on record",
                "Waive a condition",
                "Hold evidence",
                "Review it",
            ),
            selected_index=None,
        )
        self._corrected = ("", 0)
        self._top, self._open, self._facts, self._past = (widgets.VBox() for _ in range(4))
        self.widget = widgets.VBox(
            [
                self._top,
                self._open,
                self._facts,
                self.step.widget,
                self.evidence.widget,
                self._fold,
                self._past,
            ]
        )
        state.observe_shown(lambda _: self.draw(), ["system_id", "refresh"], SYSTEM)
        self.draw()

    def draw(self) -> None:
        """Read the selected system again and show it."""
        system = self._page.system()
        for part in (self.step.widget, self.evidence.widget, self._fold):
            hide(part, hidden=system is None)
        if system is None:
            words = "Select a system in the register: its page opens here."
            fill(self._top, [markup.heading("System", 2), markup.empty(words)])
            for box in (self._open, self._facts, self._past):
                fill(box, [])
            return
        fill(self._top, self._headed(system))
        self._list_open(system)
        self.step.draw(system)
        fill(self._facts, self._described(system))
        self.evidence.draw(system)
        self.waivers.draw(system)
        self.holds.draw(system)
        self.reviews.draw(system)
        self._start_correction(system)
        fill(self._past, self._history(system))

    def _headed(self, system: AISystem) -> list[Any]:
        picture = lifecycle_svg(
            self._state.workspace.machine,
            stage=system.stage,
            status=str(system.status),
            visited=self._page.visited(system),
        )
        words = f"Lifecycle: the system is in {system.stage}, {system.status}"
        return [
            markup.heading(system.name, 2),
            markup.quiet(system.system_id),
            markup.chips(self._page.standing(system)),
            markup.picture(picture, words),
        ]

    def _list_open(self, system: AISystem) -> None:
        self.decisions = [
            RequestView(self._state, self._page, r) for r in self._page.requests(system)
        ]
        boxes = [decision.widget for decision in self.decisions]
        fill(self._open, [markup.heading("Waiting for a decision"), *boxes] if boxes else [])

    def _described(self, system: AISystem) -> list[Any]:
        found = self._page.conditions(system)
        nothing = "Nothing is asked of a system in this stage."
        left = widgets.VBox(
            [markup.heading("On record"), markup.facts(self._page.facts(system))],
            layout={"flex": "1 1 420px"},
        )
        right = widgets.VBox(
            [
                markup.heading("What must hold where it stands"),
                markup.conditions(found) if found else markup.empty(nothing),
            ],
            layout={"flex": "1 1 380px"},
        )
        return [widgets.HBox([left, right], layout=_COLUMNS)]

    def _start_correction(self, system: AISystem) -> None:
        """Start from the record when it is another one; what somebody is writing stays otherwise."""
        seen = (system.system_id, system.revision)
        if seen != self._corrected:
            self._corrected = seen
            self.correction.fill()

    def _history(self, system: AISystem) -> list[Any]:
        table = Table(
            FrameSource(self._page.history(system)),
            label=f"History of {system.system_id}",
            empty="Nothing happened yet.",
            page_size=10,
        )
        return [markup.heading("History"), table]


class StepView:
    """What may come next: a step, what it asks for, and the button that asks."""

    def __init__(self, state: WorkbenchState, page: SystemPage) -> None:
        self._state = state
        self._page = page
        self._system: AISystem | None = None
        self.transition = widgets.Dropdown(
            description="Next step", options=[("none", "")], value="", style=LABELLED, layout=WIDE
        )
        self.reason = widgets.Text(
            description="Reason", placeholder="Why now?", style=LABELLED, layout=WIDE
        )
        self.fact_at = fact_picker()
        self.request = button(state, "Request", self._ask, style="primary")
        self.gate = widgets.VBox()
        self.widget = widgets.VBox(
            [
                markup.heading("What may come next"),
                self.transition,
                self.gate,
                self.reason,
                self.fact_at,
                self.request,
            ]
        )
        self.transition.observe(state.guarded(lambda _: self._preview()), "value")

    def draw(self, system: AISystem) -> None:
        """Offer the steps that lead on from where the system stands."""
        other = self._system is None or self._system.system_id != system.system_id
        self._system = system
        if other:
            self.reason.value, self.fact_at.value = "", None
        options = self._page.steps(system) or [("none: its life has ended", "")]
        names = [name for _, name in options]
        kept = self.transition.value
        self.transition.options = options
        self.transition.value = kept if kept in names and not other else names[0]
        self.request.disabled = not names[0]
        self._preview()

    def _preview(self) -> None:
        if self._system is None or not self.transition.value:
            fill(self.gate, [])
            return
        found = self._page.preview(self._system, self.transition.value, self.reason.value)
        fill(self.gate, [markup.heading("What it asks for", 4), markup.conditions(found)])

    def _ask(self) -> None:
        self._page.ask(self.transition.value, self.reason.value, self.fact_at.value)
        self.reason.value, self.fact_at.value = "", None


class EvidenceView:
    """The evidence on record, and a form to add to it."""

    def __init__(self, state: WorkbenchState, page: SystemPage) -> None:
        self._page = page
        look = {"style": LABELLED, "layout": WIDE}
        self.kind = widgets.Combobox(
            description="Kind",
            options=[kind.replace("_", " ") for kind in EVIDENCE_KINDS],
            placeholder="documentation, validation, …",
            **look,
        )
        self.title = widgets.Text(description="Title", placeholder="what it shows", **look)
        self.path = widgets.Text(
            description="File", placeholder="path of a file; or write a text below", **look
        )
        self.text = widgets.Textarea(description="Text", **look)
        self._listed = widgets.VBox()
        self.widget = widgets.VBox([markup.heading("Evidence"), self._listed])
        self.form = widgets.VBox(
            [
                self.kind,
                self.title,
                self.path,
                self.text,
                button(state, "Put on record", self._add, style="primary"),
            ]
        )

    def draw(self, system: AISystem) -> None:
        """Show what is on record."""
        listed = self._page.evidence(system)
        words = "No evidence is on record. Put some on record below."
        fill(self._listed, [markup.facts(listed) if listed else markup.empty(words)])

    def _add(self) -> None:
        self._page.add_evidence(
            self.kind.value, self.title.value, text=self.text.value, path=self.path.value.strip()
        )
        for box in (self.kind, self.title, self.path, self.text):
            box.value = ""
