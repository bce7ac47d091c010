"""The form of a description; each message stands under the field it is about."""

from typing import Any

import ipywidgets as widgets

from aims_core.workbench.presenters.description import Description, Field
from aims_core.workbench.state import WorkbenchState
from aims_core.workbench.views import markup
from aims_core.workbench.views.kit import LABELLED, WIDE, button


class DescriptionView:
    """Fields, what is wrong with each, and the button that saves them."""

    def __init__(self, state: WorkbenchState, form: Description) -> None:
        self._form = form
        self.fields = {field.name: _box(field, form) for field in form.fields}
        self.problems = {field.name: widgets.HTML() for field in form.fields}
        self.button = button(state, form.button, self._send, style="primary")
        lines = [part for n in self.fields for part in (self.fields[n], self.problems[n])]
        self.widget = widgets.VBox([markup.quiet("* is needed"), *lines, self.button])
        form.observe(lambda change: self._show(change["new"]), "problems")

    def fill(self) -> None:
        """Start from what the form starts with."""
        self._show({})
        for name, value in self._form.initial().items():
            self.fields[name].value = value

    def _send(self) -> None:
        self._form.send({name: str(box.value) for name, box in self.fields.items()})
        self.fill()

    def _show(self, problems: dict[str, str]) -> None:
        for name, line in self.problems.items():
            line.value = markup.problem(problems.get(name, ""))


def _box(field: Field, form: Description) -> Any:
    title = f"{field.title} *" if field.required else field.title
    look = {"description": title, "style": LABELLED, "layout": WIDE}
    if field.options:
        return widgets.Dropdown(options=field.options, value="", **look)
    if field.name == "owner":
        return widgets.Combobox(options=form.people(), placeholder=field.hint, **look)
    kind = widgets.Textarea if field.long else widgets.Text
    return kind(placeholder=field.hint, **look)
