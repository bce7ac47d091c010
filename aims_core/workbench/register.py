"""The register tab: every system a page at a time, filters, and a form to register one."""

from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from aims_core.errors import InvalidRecord
from aims_core.terms import Origin, RiskCategory
from aims_core.workbench import markup
from aims_core.workbench.state import WorkbenchState
from aims_core.workbench.table import Query, Table

_COLUMNS = (
    ("system_id", "System"),
    ("name", "Name"),
    ("unit", "Unit"),
    ("owner", "Owner"),
    ("stage", "Stage"),
    ("status", "Status"),
    ("tier", "Tier"),
    ("approval_state", "Approval"),
)
_FILTERS = ("stage", "tier", "status", "unit")
_ANY = ""
_FIELDS = (
    ("system_id", "Identifier", "such as ticket-triage"),
    ("name", "Name", "what people call it"),
    ("use_case", "Use case", "what it is used for"),
    ("owner", "Owner", "who answers for it"),
    ("unit", "Unit", "department or agency"),
    ("intended_use", "Intended use", "for what and by whom it may be used"),
    ("human_oversight", "Human oversight", "who watches over it, and how"),
    ("incident_contact", "Incident contact", "whom to tell when something goes wrong"),
)
_WIDE = {"width": "98%", "max_width": "820px"}
_STYLE = {"description_width": "130px"}


class RegisterSource:
    """Pages of the register, found, sorted and counted by the database."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state
        self.filters: dict[str, str] = {}

    def columns(self) -> list[tuple[str, str]]:
        """Return the register's columns."""
        return list(_COLUMNS)

    def page(self, query: Query) -> tuple[list[list[str]], int]:
        """Return one page of systems."""
        found, total = self._state.workspace.inventory.find(
            query.search,
            sort=query.sort or "system_id",
            descending=query.descending,
            limit=query.size,
            offset=query.page * query.size,
            **self.filters,
        )
        return [[str(getattr(s, key)) for key, _ in _COLUMNS] for s in found], total


class RegisterView:
    """The register, its filters and the form."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state
        self.source = RegisterSource(state)
        self.table = Table(
            self.source,
            label="Register of AI systems",
            empty="No system fits. Clear the search and the filters, or register a system below.",
            on_select=state.guarded(state.select),
        )
        self.filters = {name: self._filter(name) for name in _FILTERS}
        self.form = RegisterForm(state)
        self.widget = widgets.VBox(
            [
                markup.heading("Register of AI systems", 2),
                widgets.HBox(list(self.filters.values()), layout={"flex_flow": "row wrap"}),
                self.table,
                self.form.widget,
            ]
        )
        state.observe(state.guarded(lambda _: self._refresh()), "refresh")
        self._refresh()

    def _filter(self, name: str) -> Any:
        box = widgets.Dropdown(
            description=name.capitalize(), options=[("all", _ANY)], value=_ANY, style=_STYLE
        )
        box.observe(self._state.guarded(lambda _: self._filtered()), "value")
        return box

    def _filtered(self) -> None:
        self.source.filters = {n: b.value for n, b in self.filters.items() if b.value != _ANY}
        self.table.page = 0
        self.table.reload()

    def _refresh(self) -> None:
        for name, box in self.filters.items():
            counts = self._state.workspace.inventory.counts(name)
            options = [("all", _ANY)]
            options += [
                (f"{value or '(none)'} ({n:,})", value) for value, n in counts.items() if value
            ]
            kept = box.value
            box.options = options
            box.value = kept if kept in {v for _, v in options} else _ANY
        self.table.reload()


class RegisterForm:
    """Registers a system; each message stands under the field it is about."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state
        self.fields = {
            name: widgets.Text(description=title, placeholder=hint, layout=_WIDE, style=_STYLE)
            for name, title, hint in _FIELDS
        }
        self.fields["origin"] = _choice("Origin", list(Origin))
        self.fields["declared_risk_category"] = _choice("Declared risk", list(RiskCategory))
        self.problems = {name: widgets.HTML() for name in self.fields}
        self.button = widgets.Button(description="Register", button_style="primary")
        run = state.guarded(self.register)
        self.button.on_click(lambda _: run())
        lines = [part for n in self.fields for part in (self.fields[n], self.problems[n])]
        self.widget = widgets.Accordion(
            children=[widgets.VBox([*lines, self.button])],
            titles=("Register a system",),
            selected_index=None,
        )

    def register(self) -> None:
        """Register what the form says; on a problem nothing is saved and every field says why."""
        values = {name: box.value for name, box in self.fields.items()}
        for line in self.problems.values():
            line.value = ""
        try:
            made = self._state.workspace.inventory.register(values.pop("system_id"), **values)
        except InvalidRecord as error:
            self._show(error)
            raise
        for name, _title, _hint in _FIELDS:
            self.fields[name].value = ""
        self._state.say(f"{made.system_id} is registered; it starts in {made.stage}", "ok")
        self._state.changed()
        self._state.select(made.system_id)

    def _show(self, error: InvalidRecord) -> None:
        for problem in error.problems:
            if problem.field in self.problems:
                words = f"{problem.reason}. {problem.remedy}"
                self.problems[problem.field].value = str(
                    Markup("<span class='aims-problem'>✖ {}</span>").format(words)
                )


def _choice(title: str, words: list[Any]) -> Any:
    return widgets.Dropdown(
        description=title, options=[str(w) for w in words], layout=_WIDE, style=_STYLE
    )
