"""The risk tab of the workbench: matrix, assessments, and a form to rate and accept."""

from typing import Any

import ipywidgets as widgets

from aims_core import PanelContext, RecordNotFound
from aims_risk.criteria import DIMENSIONS
from aims_risk.section import matrix_svg, matrix_words

_SHOWN = ["system_id", "level", "tier", "value", "likelihood", "consequence", "assessed_by"]


def build(context: PanelContext) -> Any:
    """Return the panel."""
    return RiskPanel(context).view


class RiskPanel:
    """Shows where the portfolio stands and rates the selected system."""

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self._criteria = context.workspace.risk.criteria
        top = self._criteria.scale
        self.likelihood = _rating("Likelihood", top)
        self.consequences = {name: _rating(name.title(), top) for name in DIMENSIONS}
        self.modifiers = {
            name: widgets.Checkbox(description=name.replace("_", " "), indent=False)
            for name in (*self._criteria.modifiers, "prohibited_practice")
        }
        self.rationale = widgets.Textarea(
            description="Why", placeholder="Why these ratings?", layout={"width": "98%"}
        )
        self.reason = widgets.Text(
            description="Reason", placeholder="Why can it be accepted?", layout={"width": "70%"}
        )
        self._picture = widgets.VBox()
        self._standing = widgets.VBox()
        self._form = widgets.VBox(self._form_parts())
        self.view = widgets.VBox([self._picture, self._standing, self._form])
        context.observe(self._draw, names=["system_id", "refresh"])
        self._draw()

    def _form_parts(self) -> list[Any]:
        context = self._context
        return [
            context.heading("Rate the selected system"),
            widgets.HBox(
                [self.likelihood, *self.consequences.values()], layout={"flex_flow": "row wrap"}
            ),
            widgets.HBox(list(self.modifiers.values()), layout={"flex_flow": "row wrap"}),
            self.rationale,
            context.button("Assess", self._assess, primary=True),
            widgets.HBox([self.reason, context.button("Accept residual risk", self._accept)]),
        ]

    def _assess(self) -> None:
        made = self._context.workspace.risk.assess(
            self._context.system_id,
            likelihood=self.likelihood.value,
            consequences={name: box.value for name, box in self.consequences.items()},
            rationale=self.rationale.value,
            **{name: box.value for name, box in self.modifiers.items()},
        )
        self._context.say(f"{made.system_id}: level {made.level}, tier {made.tier}", level="ok")
        self._context.changed()

    def _accept(self) -> None:
        self._context.workspace.risk.accept(self._context.system_id, reason=self.reason.value)
        self._context.say(f"Residual risk of {self._context.system_id} accepted", level="ok")
        self._context.changed()

    def _draw(self, _change: Any = None) -> None:
        context, register = self._context, self._context.workspace.risk
        frame, counts = register.frame(), register.heatmap()
        empty = "No system was assessed yet. Select one in the register and rate it below."
        table = context.table(
            frame[_SHOWN], label="Risk assessments", empty=empty, on_select=context.select
        )
        picture = context.svg(
            matrix_svg(counts, self._criteria), matrix_words(counts, self._criteria)
        )
        self._picture.children = (context.heading("Risk"), picture, table)
        self._form.layout.display = "" if context.system_id else "none"
        self._standing.children = (self._selected(),)

    def _selected(self) -> Any:
        context = self._context
        if not context.system_id:
            return context.empty("Select a system in the register to see and rate its risk.")
        try:
            found = context.workspace.risk.get(context.system_id)
        except RecordNotFound:
            return context.empty(f"The risk of {context.system_id} was not assessed yet.")
        reasons = "; ".join(f.reason for f in found.factors)
        return context.text(
            f"{context.system_id}: level {found.level}, tier {found.tier}, {found.value:g} points. "
            f"{reasons}. Assessed by {found.assessed_by} on {found.assessed_at:%Y-%m-%d}."
        )


def _rating(title: str, top: int) -> Any:
    # A number box, not a slider: sliders have no name that a screen reader could read.
    return widgets.BoundedIntText(
        value=1, min=1, max=top, description=title, style={"description_width": "initial"}
    )
