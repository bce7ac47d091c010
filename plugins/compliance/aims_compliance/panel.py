"""The compliance tab of the workbench: progress, the statement, and a form to decide on a control."""

from typing import Any

import ipywidgets as widgets

from aims_compliance.section import progress_svg, progress_words
from aims_compliance.terms import GROUNDS, IMPLEMENTATION
from aims_core import PanelContext

_SHOWN = ["control_id", "title", "state", "implementation", "responsible", "reason"]
_VERSIONS = ["version", "included", "excluded", "issued_by", "issued_at", "digest", "note"]
_NAMED = {"description_width": "initial"}


def build(context: PanelContext) -> Any:
    """Return the panel."""
    return CompliancePanel(context).view


class CompliancePanel:
    """Shows how far the statement is, and decides on one control at a time.

    Parameters
    ----------
    context : PanelContext
        The workbench's workspace and kit.
    """

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self.form = DecisionForm(context)
        self.note = widgets.Text(description="Note on this version", style=_NAMED)
        self._standing = widgets.VBox()
        self._issued = widgets.VBox()
        issue = widgets.HBox(
            [self.note, context.button("Issue the statement", self.issue)],
            layout=widgets.Layout(flex_flow="row wrap"),
        )
        self.view = widgets.VBox([self._standing, self.form.view, self._issued, issue])
        context.observe(self._draw, "refresh")
        self._draw()

    def issue(self) -> None:
        """Issue the statement as its next version."""
        made = self._context.workspace.compliance.issue(note=self.note.value)
        self._context.changed()
        self._context.say(f"Version {made.version} is issued, digest {made.digest[:12]}.", "ok")

    def _draw(self, _change: Any = None) -> None:
        context, compliance = self._context, self._context.workspace.compliance
        progress = compliance.progress()
        self._standing.children = (
            context.heading("Statement of Applicability"),
            context.svg(progress_svg(progress), progress_words(progress)),
            context.text(progress_words(progress)),
            context.table(
                compliance.statement()[_SHOWN],
                label="Controls of ISO/IEC 42001, Annex A",
                empty="The catalogue has no controls.",
                on_select=self.form.choose,
            ),
        )
        self._issued.children = (
            context.heading("Issued versions", 4),
            context.table(
                compliance.versions()[_VERSIONS],
                label="Issued versions",
                empty="None yet. Decide on every control, then issue the statement.",
            ),
        )


class DecisionForm:
    """A control, what it asks, and the decision on it; nothing is chosen beforehand."""

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        controls = context.workspace.compliance.controls()
        self._asks = dict(zip(controls["control_id"], controls["asks"], strict=True))
        titles = zip(controls["control_id"], controls["title"], strict=True)
        self.control = _choice("Control", [(f"{key} {title}", key) for key, title in titles])
        self.applicable = _choice("Decision", [("include", True), ("exclude", False)])
        self.ground = _choice("Ground", [(f"it {words}", kind) for kind, words in GROUNDS.items()])
        self.rests_on = widgets.Text(
            description="Which risk, law or contract", style=_NAMED, placeholder="name or number"
        )
        self.implementation = _choice(
            "Implementation", [(word.replace("_", " "), word) for word in IMPLEMENTATION]
        )
        self.responsible = widgets.Text(description="Responsible", style=_NAMED)
        self.reason = widgets.Textarea(
            description="Reason", style=_NAMED, layout=widgets.Layout(width="98%")
        )
        self._question = widgets.VBox()
        self.view = widgets.VBox(self._parts())
        self.control.observe(lambda _: self._show(), "value")
        self._show()

    def choose(self, control_id: str) -> None:
        """Choose a control."""
        self.control.value = control_id

    def decide(self) -> None:
        """Decide on the chosen control as entered."""
        included = self.applicable.value
        made = self._context.workspace.compliance.decide(
            self.control.value or "",
            applicable=included,
            reason=self.reason.value,
            grounds=self._grounds() if included else (),
            implementation=(self.implementation.value or "") if included else "",
            responsible=self.responsible.value,
        )
        self._context.changed()
        word = "included" if made.applicable else "excluded"
        self._context.say(f"{made.control_id} is {word}.", "ok")

    def _grounds(self) -> tuple[str, ...]:
        kind, rests_on = self.ground.value, self.rests_on.value.strip()
        if not kind:
            return ()
        return (f"{kind}: {rests_on}" if rests_on else kind,)

    def _parts(self) -> list[Any]:
        wrap = widgets.Layout(flex_flow="row wrap")
        context = self._context
        return [
            context.heading("Decide on a control", 4),
            self.control,
            self._question,
            widgets.HBox([self.applicable, self.implementation, self.responsible], layout=wrap),
            widgets.HBox([self.ground, self.rests_on], layout=wrap),
            self.reason,
            context.button("Decide", self.decide, primary=True),
        ]

    def _show(self) -> None:
        """Show what the control asks and how it stands; what was entered for another one is gone."""
        self.applicable.value = self.ground.value = self.implementation.value = None
        self.rests_on.value = self.responsible.value = self.reason.value = ""
        chosen = self.control.value
        if chosen is None:
            words = self._context.empty("Choose a control here or in the table.")
        else:
            words = self._context.text(self._asks[chosen])
        self._question.children = (words,)


def _choice(title: str, options: list[tuple[str, Any]]) -> Any:
    return widgets.Dropdown(
        options=[("choose", None), *options],
        description=title,
        style=_NAMED,
        layout=widgets.Layout(width="auto"),
    )
