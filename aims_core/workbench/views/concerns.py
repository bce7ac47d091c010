"""The concerns tab: what reaches the one who acts, each read and answered in its place, and a form."""

from typing import Any

import ipywidgets as widgets

from aims_core.concerns import Concern
from aims_core.workbench.presenters.concerns import ConcernsPage, Reached
from aims_core.workbench.state import CONCERNS, WorkbenchState
from aims_core.workbench.views import markup
from aims_core.workbench.views.cards import in_place
from aims_core.workbench.views.kit import LABELLED, WIDE, button, fill, hide

_NONE = (
    "No concern reaches you. Anybody may raise one below, in their own words; the answer will stand "
    "here."
)
_WHO_HEARS = (
    "It reaches people who hear concerns, and never whom it concerns: those named here, and the owner of "
    "the system. They see that it is from you. Nobody else learns what it says."
)
_UNDER_FIELDS = {"margin": "0 0 4px 138px"}
_LOOK: dict[str, Any] = {"style": LABELLED, "layout": WIDE}


class ConcernsView:
    """Concerns and the form to raise one."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state
        self._page = ConcernsPage(state)
        self._actor = ""
        self._known: dict[Reached, ConcernView] = {}
        self.form = ConcernForm(state, self._page)
        self._listed = widgets.VBox()
        fold = widgets.Accordion(
            children=[self.form.widget], titles=("Raise a concern",), selected_index=None
        )
        self.widget = widgets.VBox([markup.heading("Concerns", 2), self._listed, fold])
        state.observe_shown(lambda _: self.draw(), ["refresh", "system_id"], CONCERNS)

    @property
    def concerns(self) -> list["ConcernView"]:
        """The concerns as they are shown, newest first."""
        return list(self._known.values())

    def draw(self) -> None:
        """Read which concerns there are and show them; what is open and half written stays."""
        actor = self._state.workspace.actor.actor_id
        kept = self._known if actor == self._actor else {}
        self._actor = actor
        self._known = {
            one: kept.get(one) or ConcernView(self._state, self._page, one)
            for one in self._page.reached()
        }
        fill(self._listed, [v.widget for v in self._known.values()] or [markup.empty(_NONE)])
        self.form.draw()


class ConcernView:
    """One concern: its words once they are read, and the answer or a place to write it."""

    def __init__(self, state: WorkbenchState, page: ConcernsPage, reached: Reached) -> None:
        self._page, self._reached = page, reached
        self.problem = widgets.HTML()
        self.read = button(
            state, "Show it" if reached.own else "Read it", in_place(self.problem, self._read)
        )
        self.read.tooltip = f"Read {reached.concern_id}" + (
            "" if reached.own else ": that you read it is put on record"
        )
        self.text = widgets.Textarea(
            description="Your answer", placeholder="what was found, and what is done", **_LOOK
        )
        self.answer = button(state, "Answer", in_place(self.problem, self._answer), style="primary")
        self._facts = widgets.VBox([markup.facts(self._known())])
        self._reply = widgets.VBox([self.text, self.answer])
        hide(self._reply, hidden=True)
        self.widget = widgets.VBox(
            [
                markup.heading(reached.title, 4),
                self._facts,
                self.read,
                self._reply,
                self.problem,
            ]
        )
        self.widget.add_class("aims-card")

    def _known(self) -> list[tuple[str, str]]:
        return [("Number", self._reached.concern_id), *self._reached.facts]

    def _read(self) -> None:
        found = self._page.read(self._reached.concern_id)
        fill(self._facts, [markup.facts([*self._known(), *_said(found)])])
        hide(self.read, hidden=True)
        hide(self._reply, hidden=self._reached.own or self._reached.answered)

    def _answer(self) -> None:
        self._page.answer(self._reached.concern_id, self.text.value)


class ConcernForm:
    """Raises a concern."""

    def __init__(self, state: WorkbenchState, page: ConcernsPage) -> None:
        self._state, self._page = state, page
        self.text = widgets.Textarea(
            description="In your words", placeholder="what worries you", rows=4, **_LOOK
        )
        self.about = widgets.SelectMultiple(
            description="Whom it concerns", options=(), rows=5, style=LABELLED
        )
        self.system = widgets.Checkbox(
            description="", indent=False, value=False, layout=_UNDER_FIELDS
        )
        self.problem = widgets.HTML()
        self.send = button(state, "Raise it", in_place(self.problem, self._raise), style="primary")
        self.widget = widgets.VBox(
            [
                markup.text(_WHO_HEARS),
                self.text,
                self.system,
                self.about,
                widgets.VBox(
                    [markup.quiet("Nobody, or several: hold Ctrl while you choose.")],
                    layout=_UNDER_FIELDS,
                ),
                self.send,
                self.problem,
            ]
        )

    def draw(self) -> None:
        """Offer the selected system and the people there are; what was chosen stays."""
        system_id = self._state.system_id
        self.system.disabled = not system_id
        self.system.description = (
            f"It is about {system_id}" if system_id else "About one system: select it first"
        )
        if not system_id:
            self.system.value = False
        chosen, people = self.about.value, self._page.people()
        self.about.options = people
        self.about.value = [one for one in chosen if one in {value for _, value in people}]

    def _raise(self) -> None:
        self._page.raise_one(self.text.value, self.about.value, about_system=self.system.value)
        self.text.value, self.about.value, self.system.value = "", (), False


def _said(concern: Concern) -> list[tuple[str, str]]:
    rows = [("It says", concern.text), ("Raised by", concern.raised_by)]
    if concern.about:
        rows.append(("Concerns", ", ".join(concern.about)))
    if concern.answered_at is not None:
        rows.append(("Answer", f"{concern.answer} ({concern.answered_by})"))
    return rows
