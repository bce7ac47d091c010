"""The risk tab of the workbench: matrix, assessments, the selected system, and a form to rate it."""

from typing import Any

import ipywidgets as widgets

from aims_core import PanelContext, RecordNotFound
from aims_risk.criteria import DIMENSIONS
from aims_risk.matrix import matrix_svg, matrix_words

_SHOWN = ["system_id", "level", "tier", "value", "likelihood", "consequence", "assessed_by"]
_RISKS = ["risk_id", "title", "level", "risk_owner", "status"]
_WIDE = {"description_width": "initial"}


def build(context: PanelContext) -> Any:
    """Return the panel."""
    return RiskPanel(context).view


class RiskPanel:
    """Shows where the portfolio stands, says why the selected system stands there, and rates it.

    Parameters
    ----------
    context : PanelContext
        The workbench's workspace, selection and kit.
    """

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self.form = RatingForm(context)
        self._rated = ""
        self._portfolio = widgets.VBox()
        self._selected = widgets.VBox()
        self.view = widgets.VBox([self._portfolio, self._selected, self.form.view])
        context.observe(self._draw, ["system_id", "refresh"])
        self._draw()

    def _draw(self, _change: Any = None) -> None:
        context, register = self._context, self._context.workspace.risk
        criteria, counts = register.criteria, register.heatmap()
        self._portfolio.children = (
            context.heading("Risk of all assessed systems"),
            context.svg(matrix_svg(counts, criteria), matrix_words(counts, criteria)),
            context.table(
                register.frame()[_SHOWN],
                label="Risk assessments in force",
                empty="No system was assessed yet. Select one in the register and rate it below.",
                on_select=context.select,
            ),
        )
        self._selected.children = tuple(self._about(context.system_id))
        self.form.view.layout.display = "" if context.system_id else "none"
        if context.system_id != self._rated:
            # Ratings left over from another system would be taken for this one's.
            self.form.clear()
            self._rated = context.system_id

    def _about(self, system_id: str) -> list[Any]:
        context = self._context
        if not system_id:
            return [context.empty("Select a system to see why it stands where it does.")]
        return [
            context.heading(f"Risk of {system_id}"),
            *self._standing(system_id),
            context.table(
                context.workspace.risk.risks(system_id)[_RISKS],
                label=f"Identified risks of {system_id}",
                empty="No single risk was identified. In a notebook: ws.risk.identify(…)",
            ),
        ]

    def _standing(self, system_id: str) -> list[Any]:
        context = self._context
        try:
            found = context.workspace.risk.get(system_id)
        except RecordNotFound:
            return [context.empty("Its risk was not assessed yet. Rate it below.")]
        day = f"{found.assessed_at:%Y-%m-%d}"
        said = (
            f"Level {found.level.replace('_', ' ')}, tier {found.tier}, {found.value:g} points; "
            f"assessed by {found.assessed_by} on {day} for revision {found.revision}."
        )
        reasons = [f"{factor.contribution:+g}: {factor.reason}" for factor in found.factors]
        return [context.text(words) for words in (said, *reasons, f"Rationale: {found.rationale}")]


class RatingForm:
    """Likelihood, consequences, circumstances and why; and the acceptance of what remains.

    Nothing is chosen beforehand, so that no rating is given by not looking.
    """

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        criteria = context.workspace.risk.criteria
        self.likelihood = _choice("Likelihood", criteria.likelihood)
        self.consequences = {
            name: _choice(f"Consequence for {name}", criteria.consequence) for name in DIMENSIONS
        }
        self.circumstances = {
            name: widgets.Checkbox(description=name.replace("_", " ").capitalize(), indent=False)
            for name in (*criteria.modifiers, "prohibited_practice")
        }
        wide = widgets.Layout(width="98%")
        self.rationale = widgets.Textarea(description="Why these ratings", layout=wide, style=_WIDE)
        self.reason = widgets.Text(description="Why it can be accepted", layout=wide, style=_WIDE)
        wrap = widgets.Layout(flex_flow="row wrap")
        self.view = widgets.VBox(
            [
                context.heading("Rate it", 4),
                widgets.HBox([self.likelihood, *self.consequences.values()], layout=wrap),
                widgets.HBox(list(self.circumstances.values()), layout=wrap),
                self.rationale,
                context.button("Assess", self.assess, primary=True),
                context.heading("Accept what remains", 4),
                self.reason,
                context.button("Accept residual risk", self.accept),
            ]
        )

    def clear(self) -> None:
        """Forget what was entered."""
        for choice in (self.likelihood, *self.consequences.values()):
            choice.value = None
        for box in self.circumstances.values():
            box.value = False
        self.rationale.value = self.reason.value = ""

    def assess(self) -> None:
        """Rate the selected system as entered."""
        chosen = {name: choice.value for name, choice in self.consequences.items()}
        made = self._context.workspace.risk.assess(
            self._context.system_id,
            likelihood=self.likelihood.value,
            consequences={name: value for name, value in chosen.items() if value is not None},
            rationale=self.rationale.value,
            **{name: box.value for name, box in self.circumstances.items()},
        )
        self._context.changed()
        self._context.say(f"{made.system_id}: level {made.level}, tier {made.tier}.", "ok")

    def accept(self) -> None:
        """Accept the residual risk of the selected system."""
        system_id = self._context.system_id
        self._context.workspace.risk.accept(system_id, reason=self.reason.value)
        self._context.changed()
        self._context.say(f"The residual risk of {system_id} is accepted.", "ok")


def _choice(title: str, words: tuple[str, ...]) -> Any:
    numbered = [(w if w == str(n) else f"{n}: {w}", n) for n, w in enumerate(words, start=1)]
    return widgets.Dropdown(
        options=[("not rated", None), *numbered],
        description=title,
        style=_WIDE,
        layout=widgets.Layout(width="auto"),
    )
