"""The incidents tab of the workbench: the register, and a form to take one further."""

from typing import Any

import ipywidgets as widgets

from aims_core import PanelContext, Severity
from aims_incidents.handling import Incident, IncidentStatus

_SHOWN = ["incident_id", "system_id", "severity", "status", "title", "opened_at", "opened_by"]
_WIDE = {"width": "98%"}


def build(context: PanelContext) -> Any:
    """Return the panel."""
    return IncidentPanel(context).view


class IncidentPanel:
    """Shows all incidents; the chosen one can be analysed, treated and closed."""

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self._chosen = ""
        self.words = widgets.Textarea(layout=_WIDE)
        self.title = widgets.Text(description="What", placeholder="What happened?", layout=_WIDE)
        self.severity = widgets.Dropdown(description="Severity", options=[str(s) for s in Severity])
        self._register = widgets.VBox()
        self._detail = widgets.VBox()
        self._form = widgets.VBox(
            [
                context.heading("Report an incident of the selected system"),
                self.title,
                self.severity,
                context.button("Open incident", self._open),
            ]
        )
        self.view = widgets.VBox([self._register, self._detail, self._form])
        context.observe(self._draw, names=["system_id", "refresh"])
        self._draw()

    def _draw(self, _change: Any = None) -> None:
        context = self._context
        table = context.table(
            context.workspace.incidents.frame()[_SHOWN],
            label="Incidents",
            empty="No incident is on record. A breached threshold opens one by itself.",
            on_select=self._choose,
        )
        self._register.children = (context.heading("Incidents"), table)
        self._form.layout.display = "" if context.system_id else "none"
        self._detail.children = self._parts() if self._chosen else ()

    def _choose(self, incident_id: str) -> None:
        self._chosen = incident_id
        self._detail.children = self._parts()

    def _parts(self) -> tuple[Any, ...]:
        context, found = self._context, self._context.workspace.incidents.get(self._chosen)
        said = f"{found.title}: {found.severity}, {found.status}. {found.description}"
        parts = [context.heading(f"Incident {found.incident_id}"), context.text(said)]
        if found.cause:
            parts.append(context.text(f"Cause: {found.cause}"))
        if found.treatment:
            parts.append(context.text(f"Treatment: {found.treatment}"))
        return (*parts, *self._next(found))

    def _next(self, found: Incident) -> list[Any]:
        button = self._context.button
        self.words.value = ""
        if found.status is IncidentStatus.OPEN:
            self.words.placeholder = "What caused it?"
            return [self.words, button("Put cause on record", self._analyse, primary=True)]
        if found.status is IncidentStatus.ANALYSED:
            self.words.placeholder = "What was done about the cause?"
            return [self.words, button("Put treatment on record", self._treat, primary=True)]
        if found.status is IncidentStatus.TREATED:
            return [button("Close incident", self._close, primary=True)]
        return []

    def _open(self) -> None:
        made = self._context.workspace.incidents.open(
            self._context.system_id, title=self.title.value, severity=self.severity.value
        )
        self._done(made, "opened")

    def _analyse(self) -> None:
        register = self._context.workspace.incidents
        self._done(register.analyse(self._chosen, cause=self.words.value), "analysed")

    def _treat(self) -> None:
        register = self._context.workspace.incidents
        self._done(register.treat(self._chosen, treatment=self.words.value), "treated")

    def _close(self) -> None:
        self._done(self._context.workspace.incidents.close(self._chosen), "closed")

    def _done(self, incident: Incident, what: str) -> None:
        self._chosen = incident.incident_id
        self._context.say(f"Incident {incident.incident_id} {what}", level="ok")
        self._context.changed()
