"""The register tab: every system a page at a time, filters, and a form to register one."""

from typing import Any

import ipywidgets as widgets

from aims_core.workbench.presenters.description import Registration
from aims_core.workbench.presenters.register import FILTERS, RegisterPages
from aims_core.workbench.state import REGISTER, WorkbenchState
from aims_core.workbench.views import markup
from aims_core.workbench.views.description import DescriptionView
from aims_core.workbench.views.kit import WRAPPED, button
from aims_core.workbench.views.table import Table


class RegisterView:
    """The register, its filters and the form."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state
        self._pages = RegisterPages(state)
        self._filling = False
        self.table = Table(
            self._pages,
            label="Register of AI systems",
            empty="No system fits. Clear the search and the filters, or register a system below.",
            on_select=state.guarded(state.show_system),
            on_problem=state.guarded,
            link="name",
        )
        self.filters = {name: self._filter(name) for name in FILTERS}
        self.form = DescriptionView(state, Registration(state))
        fold = widgets.Accordion(
            children=[self.form.widget], titles=("Register a system",), selected_index=None
        )
        clear = button(state, "Clear filters", lambda: setattr(state, "narrowed", {}))
        self.widget = widgets.VBox(
            [
                markup.heading("Register of AI systems", 2),
                widgets.HBox([*self.filters.values(), clear], layout=WRAPPED),
                self.table,
                fold,
            ]
        )
        state.observe_shown(lambda _: self._refresh(), "refresh", REGISTER)
        state.observe_shown(lambda _: self._narrow(), "narrowed")
        self._refresh()

    def _filter(self, name: str) -> Any:
        box = widgets.Dropdown(
            description=name.capitalize(),
            options=[("all", "")],
            value="",
            style={"description_width": "initial"},
            layout={"width": "auto", "max_width": "260px"},
        )
        box.observe(self._state.guarded(lambda _: self._filtered()), "value")
        return box

    def _filtered(self) -> None:
        if not self._filling:
            self._state.narrowed = {n: b.value for n, b in self.filters.items() if b.value}

    def _narrow(self) -> None:
        self._fill(self._state.narrowed)
        self.table.page = 0
        self.table.reload()

    def _refresh(self) -> None:
        self._fill(self._state.narrowed)
        self.table.reload()

    def _fill(self, wanted: dict[str, str]) -> None:
        """Offer what there is now; passing through other values is not a choice of anybody."""
        self._filling = True
        try:
            for name, box in self.filters.items():
                box.options = options = self._pages.choices(name)
                value = wanted.get(name, "")
                box.value = value if value in {v for _, v in options} else ""
        finally:
            self._filling = False
