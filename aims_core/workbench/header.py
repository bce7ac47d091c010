"""The strip on top: who acts and how sure that is, and what waits for them."""

from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from aims_core.roles import roles_for
from aims_core.workbench import markup
from aims_core.workbench.state import WorkbenchState


def waiting(state: WorkbenchState) -> list[tuple[str, str]]:
    """Return (words, system) of each open request that the actor could decide on."""
    workspace = state.workspace
    held = workspace.staffing.roles_of(workspace.actor.actor_id)
    found = []
    for request in workspace.approvals.open():
        system = workspace.inventory.get(request.system_id)
        slots = {slot.role for slot in workspace.machine.transition(request.transition).approvals}
        voted = any(v.actor == workspace.actor.actor_id for v in request.votes)
        mine = request.requested_by == workspace.actor.actor_id
        if slots & roles_for(held, system) and not voted and not mine:
            words = f"{request.transition.replace('_', ' ')}: {system.name}"
            found.append((words, request.system_id))
    return found


class HeaderView:
    """Who acts, a choice to act as somebody else, and buttons to what waits."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state
        people = state.workspace.staffing.people()
        self.actor = widgets.Dropdown(
            description="Acting as",
            options=[(f"{p.name} ({p.actor_id})", p.actor_id) for p in people],
            value=state.workspace.actor.actor_id,
            style={"description_width": "initial"},
        )
        self.actor.observe(state.guarded(lambda change: state.act_as(change["new"])), "value")
        self._said = widgets.VBox()
        self._waiting = widgets.VBox()
        self.status = widgets.HTML(value=str(markup.message("", "info")))
        self.widget = widgets.VBox([self._said, self._waiting, self.status])
        state.observe(state.guarded(lambda _: self.draw()), "refresh")
        state.observe(self._show_message, "message")
        self.draw()

    def draw(self) -> None:
        """Show who acts and what waits for them."""
        workspace = self._state.workspace
        roles = sorted({g.role for g in workspace.staffing.roles_of(workspace.actor.actor_id)})
        held = ", ".join(r.replace("_", " ") for r in roles) or "no role"
        title = Markup(
            "<div><b>{}</b>: AI management system<br><small>{} as {}. {}</small></div>"
        ).format(
            workspace.settings.organisation,
            workspace.actor.name,
            held,
            f"Evidence level: {workspace.evidence_level}.",
        )
        self._said.children = (
            widgets.HBox(
                [markup.html(title), self.actor],
                layout={"justify_content": "space-between", "flex_flow": "row wrap"},
            ),
        )
        self._waiting.children = (*self._buttons(), *self._failures())

    def _buttons(self) -> tuple[Any, ...]:
        found = waiting(self._state)
        if not found:
            return (markup.text("Nothing waits for your decision."),)
        number = len(found)
        said = f"{number} request{'s wait' if number > 1 else ' waits'} for your decision:"
        buttons = []
        for words, system_id in found[:5]:
            button = widgets.Button(
                description=words, layout={"width": "max-content"}, icon="gavel"
            )
            run = self._state.guarded(self._state.select)
            button.on_click(lambda _, run=run, system_id=system_id: run(system_id))
            buttons.append(button)
        return (markup.text(said), widgets.HBox(buttons, layout={"flex_flow": "row wrap"}))

    def _failures(self) -> tuple[Any, ...]:
        """Say which plugins do not work, so that a missing tab is no riddle."""
        failed = [p for p in self._state.workspace.host.plugins() if p.status == "failed"]
        if not failed:
            return ()
        said = "; ".join(f"{p.distribution} {p.version}: {p.reason}" for p in failed)
        return (markup.text(f"{len(failed)} plugin(s) do not work. {said}"),)

    def _show_message(self, _change: Any) -> None:
        self.status.value = str(markup.message(self._state.message, self._state.level))
