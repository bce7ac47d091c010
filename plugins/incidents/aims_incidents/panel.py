"""The incidents tab of the workbench: the register, and a form to take one further."""

from typing import Any

import ipywidgets as widgets

from aims_core import PanelContext, Severity
from aims_incidents.handling import Incident
from aims_incidents.reporting_form import ReportingForm
from aims_incidents.terms import CauseKind, IncidentStatus

_SHOWN = ["incident_id", "system_id", "severity", "status", "title", "assigned_to", "opened_at"]
_WIDE = {"width": "98%"}
_LABEL = {"description_width": "7em"}
_NOBODY = "nobody yet"


def build(context: PanelContext) -> Any:
    """Return the panel."""
    return IncidentPanel(context).view


class IncidentPanel:
    """Shows all incidents; the chosen one can be assigned, analysed, treated, closed and decided on (R9).

    Parameters
    ----------
    context : PanelContext
        The workbench's workspace, selection and kit.
    """

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self._chosen = ""
        self.cause = _words("Cause", "What caused it?")
        self.cause_kind = _choice("Kind of cause", [str(k) for k in CauseKind])
        self.treatment = _words("Treatment", "What was done about the cause?")
        self.assigned_to = _choice("Assigned to", [_NOBODY])
        self.title = widgets.Text(
            description="What", placeholder="What happened?", layout=_WIDE, style=_LABEL
        )
        self.severity = _choice("Severity", [str(s) for s in Severity])
        self.reporting = ReportingForm(context)
        self._register = widgets.VBox()
        self._detail = widgets.VBox()
        self._form = widgets.VBox(
            [
                context.heading("Report an incident of the selected system"),
                self.title,
                self.severity,
                context.act("Open incident", self._open),
            ]
        )
        self.view = widgets.VBox([self._register, self._detail, self._form])
        context.observe(self._draw, names=["system_id", "refresh"])
        self._draw()

    def choose(self, incident_id: str) -> None:
        """Show an incident and what it needs next."""
        self._chosen = incident_id
        self._detail.children = self._parts()

    def _draw(self, _change: Any = None) -> None:
        context = self._context
        table = context.table(
            context.workspace.incidents.frame()[_SHOWN],
            label="Incidents",
            empty="No incident is on record. A breached threshold opens one by itself.",
            on_select=self.choose,
        )
        self._register.children = (context.heading("Incidents"), table)
        self._form.layout.display = "" if context.system_id else "none"
        self._detail.children = self._parts() if self._chosen else ()

    def _parts(self) -> tuple[Any, ...]:
        context, register = self._context, self._context.workspace.incidents
        found = register.get(self._chosen)
        said = f"{found.title}: {found.severity}, {found.status}. {found.description}"
        parts = [context.heading(f"Incident {found.incident_id}"), context.text(said)]
        if found.cause:
            kind = found.cause_kind.replace("_", " ")
            parts.append(context.text(f"Cause ({kind}): {found.cause}"))
        if found.treatment:
            words = f"Treatment, by {found.treated_by}: {found.treatment}"
            parts.append(context.text(words))
        events = register.timeline(self._chosen)
        lines = "; ".join(f"{e.at:%Y-%m-%d %H:%M} {e.actor}: {_spoken(e.type)}" for e in events)
        parts += [context.text(f"So far: {lines}."), *self._next(found)]
        return (*parts, *self.reporting.parts(found.incident_id))

    def _next(self, found: Incident) -> list[Any]:
        button = self._context.act
        if found.status is IncidentStatus.CLOSED:
            return []
        people = [p.actor_id for p in self._context.workspace.staffing.people()]
        self.assigned_to.options = [_NOBODY, *people]
        self.assigned_to.value = found.assigned_to if found.assigned_to in people else _NOBODY
        self.cause.value, self.cause_kind.value = found.cause, str(found.cause_kind)
        self.treatment.value = found.treatment
        parts = [widgets.HBox([self.assigned_to, button("Assign", self._assign)])]
        parts += [self.cause, self.cause_kind]
        parts.append(
            button(
                "Put cause on record", self._analyse, primary=found.status is IncidentStatus.OPEN
            )
        )
        if found.status is not IncidentStatus.OPEN:
            due = found.status is IncidentStatus.ANALYSED
            parts += [
                self.treatment,
                button("Put treatment on record", self._treat, primary=due),
            ]
        if found.status is IncidentStatus.TREATED:
            parts.append(button("Close incident", self._close, primary=True))
        return parts

    def _open(self) -> None:
        made = self._context.workspace.incidents.open(
            self._context.system_id, title=self.title.value, severity=self.severity.value
        )
        self.title.value = ""
        self._done(made, "opened")

    def _assign(self) -> None:
        if self.assigned_to.value == _NOBODY:
            self._context.say("Choose who sees to it first.", level="error")
            return
        register = self._context.workspace.incidents
        self._done(register.assign(self._chosen, self.assigned_to.value), "assigned")

    def _analyse(self) -> None:
        register = self._context.workspace.incidents
        made = register.analyse(self._chosen, self.cause.value, kind=self.cause_kind.value)
        self._done(made, "analysed")

    def _treat(self) -> None:
        register = self._context.workspace.incidents
        self._done(register.treat(self._chosen, self.treatment.value), "treated")

    def _close(self) -> None:
        self._done(self._context.workspace.incidents.close(self._chosen), "closed")

    def _done(self, incident: Incident, what: str) -> None:
        self._chosen = incident.incident_id
        self._context.say(f"Incident {incident.incident_id} {what}", level="ok")
        self._context.changed()


def _words(title: str, hint: str) -> Any:
    return widgets.Textarea(description=title, placeholder=hint, layout=_WIDE, style=_LABEL)


def _choice(title: str, options: list[str]) -> Any:
    return widgets.Dropdown(description=title, options=options, style=_LABEL)


def _spoken(event_type: str) -> str:
    """Return ``core.IncidentOpened`` as ``incident opened``."""
    name = event_type.rpartition(".")[2]
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
