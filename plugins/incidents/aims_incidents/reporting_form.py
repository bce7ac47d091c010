"""Whether an incident must be reported, in the incidents tab: proposed, confirmed or declined there (R9)."""

from typing import Any

import ipywidgets as widgets

from aims_core import InvalidRecord, PanelContext, Problem
from aims_incidents.reportability import Reportability

_WIDE = {"width": "98%"}
_LABEL = {"description_width": "7em"}
_CHOOSE, _YES, _NO = "choose", "must be reported", "need not be reported"
_WHO = (
    "A risk reviewer or committee member proposes, and a legal counsel confirms; who owns the system does "
    "neither. That it need not be reported is a decision too, with a reason. Two days after an incident "
    "became serious, silence is a breach of rule R9."
)


class ReportingForm:
    """How the decision on one incident stands, and what may be done about it.

    Parameters
    ----------
    context : PanelContext
        The workbench's workspace and kit.
    """

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self._incident_id = ""
        self.reportable = widgets.Dropdown(
            description="Incident", options=[_CHOOSE, _YES, _NO], style=_LABEL
        )
        self.reason = _words("Why", "such as the criterion of Art. 3(49) that is met")
        self.objection = _words("Your reason", "needed to decline")
        self._propose_act = context.act("Propose", self._propose, primary=True)
        self._confirm_act = context.act("Confirm", self._confirm, primary=True)
        self._decline_act = context.act("Decline", self._decline)

    def parts(self, incident_id: str) -> list[Any]:
        """Return the widgets about one incident; what was typed about another is gone."""
        if incident_id != self._incident_id:
            self._incident_id = incident_id
            self.reportable.value, self.reason.value, self.objection.value = _CHOOSE, "", ""
        found = self._context.workspace.incidents.reporting.of(incident_id)
        shown = [
            self._context.heading("Must it be reported to an authority?"),
            self._context.text(said(found)),
        ]
        if found.status == "decided":
            return shown
        if found.status == "proposed":
            shown += [self.objection, widgets.HBox([self._confirm_act, self._decline_act])]
            shown.append(self._context.text("Or propose otherwise, in place of the open proposal:"))
        return [*shown, self.reportable, self.reason, self._propose_act]

    def _propose(self) -> None:
        asked = f"propose whether {self._incident_id} is reportable"
        if self.reportable.value == _CHOOSE:
            remedy = f"choose whether it {_YES} or {_NO}"
            problem = Problem(field="reportable", reason="is not chosen", remedy=remedy)
            raise InvalidRecord(asked, [problem])
        self._reporting.propose(
            self._incident_id, reportable=self.reportable.value == _YES, reason=self.reason.value
        )
        self.reportable.value, self.reason.value = _CHOOSE, ""
        self._done("Your proposal is on record; a legal counsel confirms or declines it")

    def _confirm(self) -> None:
        made = self._reporting.confirm(self._incident_id)
        self._done(f"Decided: it {_YES if made.reportable else _NO}")

    def _decline(self) -> None:
        self._reporting.decline(self._incident_id, reason=self.objection.value)
        self.objection.value = ""
        self._done("The proposal is declined; somebody proposes anew")

    @property
    def _reporting(self) -> Any:
        return self._context.workspace.incidents.reporting

    def _done(self, words: str) -> None:
        self._context.say(words, level="ok")
        self._context.changed()


def said(found: Reportability) -> str:
    """Return in words how the decision stands, and who is to act."""
    what, why = f"it {_YES if found.reportable else _NO}", found.reason.rstrip(".")
    if found.status == "decided":
        return (
            f"Decided: {what}. {found.proposed_by} proposed it, {found.decided_by} confirmed it: "
            f"{why}."
        )
    if found.status == "proposed":
        return f"{found.proposed_by} proposes that {what}: {why}. {_WHO}"
    if found.status == "declined":
        return f"{found.decided_by} declined what was proposed: {why}. {_WHO}"
    return f"Nobody decided yet. {_WHO}"


def _words(title: str, hint: str) -> Any:
    return widgets.Textarea(description=title, placeholder=hint, layout=_WIDE, style=_LABEL, rows=2)
