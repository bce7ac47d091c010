"""The system tab: one system's page, where it stands, what it may do next, and who decides."""

from typing import Any

import ipywidgets as widgets

from aims_core.drawing import lifecycle_svg
from aims_core.records import AISystem, Approval, Condition
from aims_core.terms import ApprovalStatus
from aims_core.workbench import markup
from aims_core.workbench.state import WorkbenchState
from aims_core.workbench.table import FrameSource, Table

_WIDE = {"width": "98%", "max_width": "820px"}
_STYLE = {"description_width": "100px"}
_HISTORY = ["sequence", "at", "actor", "type", "payload"]
_AUTO = {"width": "max-content"}


class SystemView:
    """The selected system's page."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state
        self.transition = widgets.Dropdown(
            description="Next step", options=[("none", "")], value="", style=_STYLE, layout=_WIDE
        )
        self.reason = widgets.Text(
            description="Reason", placeholder="Why now?", style=_STYLE, layout=_WIDE
        )
        self.request = self._button("Request", self._ask, primary=True)
        self.gate = widgets.VBox()
        self.decisions: list[DecisionView] = []
        self._page = widgets.VBox()
        self._open = widgets.VBox()
        self._steps = widgets.VBox(
            [
                markup.heading("What may come next"),
                self.transition,
                self.reason,
                self.gate,
                self.request,
            ]
        )
        self._past = widgets.VBox()
        self.widget = widgets.VBox([self._page, self._open, self._steps, self._past])
        draw = state.guarded(lambda _: self.draw())
        state.observe(draw, ["system_id", "refresh"])
        self.transition.observe(state.guarded(lambda _: self._preview()), "value")
        self.draw()

    def draw(self) -> None:
        """Read the selected system again and show it."""
        if not self._state.system_id:
            words = "Select a system in the register: its page opens here."
            self._page.children = (markup.heading("System", 2), markup.empty(words))
            self._open.children = self._past.children = ()
            self._steps.layout.display = "none"
            return
        workspace = self._state.workspace
        system = workspace.inventory.get(self._state.system_id)
        self._steps.layout.display = ""
        self._page.children = self._facts(system)
        self._offer(system)
        self._list_open(workspace.approvals.open(system.system_id))
        self._past.children = self._history(system)

    def _facts(self, system: AISystem) -> tuple[Any, ...]:
        workspace = self._state.workspace
        been = [t.to_stage for t in workspace.approvals.transitions(system.system_id)]
        picture = lifecycle_svg(
            workspace.machine,
            stage=system.stage,
            status=str(system.status),
            visited=[workspace.machine.initial, *been] if been else (),
        )
        conditions = workspace.reviews.conditions(system.system_id)
        return (
            markup.heading(f"{system.name} ({system.system_id})", 2),
            markup.picture(picture, f"Lifecycle: the system is in {system.stage}, {system.status}"),
            markup.facts(_described(system)),
            markup.heading("What must hold where it stands"),
            _conditions(conditions)
            if conditions
            else markup.empty("Nothing is asked of a system in this stage."),
        )

    def _offer(self, system: AISystem) -> None:
        steps = self._state.workspace.machine.possible(system.stage, system.status)
        options = [(s.title, s.name) for s in steps] or [("none: its life has ended", "")]
        kept = self.transition.value
        self.transition.options = options
        names = [name for _, name in options]
        self.transition.value = kept if kept in names else names[0]
        self.request.disabled = not steps
        self._preview()

    def _preview(self) -> None:
        if not self.transition.value or not self._state.system_id:
            self.gate.children = ()
            return
        conditions = self._state.workspace.approvals.preview(
            self._state.system_id, self.transition.value, reason=self.reason.value or "given below"
        )
        title = f"What {self.transition.value.replace('_', ' ')} asks for"
        self.gate.children = (markup.heading(title, 4), _conditions(conditions))

    def _ask(self) -> None:
        made = self._state.workspace.approvals.request(
            self._state.system_id, self.transition.value, reason=self.reason.value
        )
        self.reason.value = ""
        done = made.status is ApprovalStatus.CARRIED_OUT
        words = "done" if done else "requested; others decide now"
        self._state.say(f"{made.transition} of {made.system_id}: {words}", "ok")
        self._state.changed()

    def _list_open(self, requests: list[Approval]) -> None:
        self.decisions = [DecisionView(self._state, request) for request in requests]
        if requests:
            boxes = [d.widget for d in self.decisions]
            self._open.children = (markup.heading("Waiting for a decision"), *boxes)
        else:
            self._open.children = ()

    def _history(self, system: AISystem) -> tuple[Any, ...]:
        workspace = self._state.workspace
        evidence = workspace.evidence.of(system.system_id)
        listed = [
            (e.kind.replace("_", " "), f"{e.title}, {e.collected_at.date()}, by {e.added_by}")
            for e in evidence
        ]
        words = "No evidence is on record. Add some with ws.evidence.add(...)."
        return (
            markup.heading("Evidence"),
            markup.facts(listed) if listed else markup.empty(words),
            markup.heading("History"),
            Table(
                FrameSource(workspace.audit.frame(system.system_id, limit=500)[_HISTORY]),
                label="Audit trail of the system",
                empty="Nothing happened yet.",
                page_size=10,
            ),
        )

    def _button(self, label: str, handler: Any, *, primary: bool = False) -> Any:
        made = widgets.Button(
            description=label, button_style="primary" if primary else "", layout=_AUTO
        )
        run = self._state.guarded(handler)
        made.on_click(lambda _: run())
        return made


class DecisionView:
    """One open request, and the two buttons that decide on it."""

    def __init__(self, state: WorkbenchState, approval: Approval) -> None:
        self._state = state
        self._approval = approval
        self.reason = widgets.Text(
            description="Reason", placeholder="Needed for a refusal", style=_STYLE, layout=_WIDE
        )
        self.approve = widgets.Button(description="Approve", button_style="success", layout=_AUTO)
        self.refuse = widgets.Button(description="Refuse", button_style="danger", layout=_AUTO)
        for button, decision in ((self.approve, "approve"), (self.refuse, "refuse")):
            run = state.guarded(self._decide)
            button.on_click(lambda _, run=run, decision=decision: run(decision))
        given = [f"{v.actor} ({v.role}): {v.decision}" for v in approval.votes]
        rows = [
            ("Step", approval.transition.replace("_", " ")),
            ("Asked by", f"{approval.requested_by}, {approval.requested_at:%Y-%m-%d %H:%M}"),
            ("Reason", approval.reason),
            ("Revision", approval.revision),
            ("Votes so far", ", ".join(given)),
        ]
        self.widget = widgets.VBox(
            [
                markup.facts(rows),
                self.reason,
                widgets.HBox([self.approve, self.refuse]),
            ]
        )

    def _decide(self, decision: str) -> None:
        workspace = self._state.workspace
        after = workspace.approvals.decide(
            self._approval.approval_id, decision, reason=self.reason.value
        )
        words = f"{after.transition} of {after.system_id}: recorded as {workspace.actor.actor_id}"
        if after.status is ApprovalStatus.OPEN:
            missing = "; ".join(c.reason for c in after.unmet)
            words += f". Still open: {missing}"
        else:
            words += f". It is {str(after.status).replace('_', ' ')}"
        self._state.say(words, "ok")
        self._state.changed()


def _described(system: AISystem) -> list[tuple[str, Any]]:
    return [
        ("Use case", system.use_case),
        ("Intended use", system.intended_use),
        ("Owner", system.owner),
        ("Unit", system.unit),
        ("Origin", str(system.origin).replace("_", " ")),
        ("Risk", f"declared {system.declared_risk_category}, assessed {system.tier}"),
        ("Approval", system.approval_state),
        ("Human oversight", system.human_oversight),
        ("Incident contact", system.incident_contact),
        ("Components", ", ".join(system.components)),
        ("Revision", f"{system.revision}, {system.revised_at:%Y-%m-%d %H:%M}"),
    ]


def _conditions(conditions: tuple[Condition, ...]) -> Any:
    return markup.checklist([(c.met, c.name, c.reason, c.remedy) for c in conditions])
