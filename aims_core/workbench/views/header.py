"""The strip on top: who acts and how sure that is, what waits for them, and what just happened."""

from datetime import datetime, timedelta
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from aims_core.evidence_level import EvidenceLevel
from aims_core.workbench.presenters.waiting import Item, Waiting
from aims_core.workbench.presenters.words import counted, person, plain
from aims_core.workbench.state import REGISTER, WorkbenchState
from aims_core.workbench.views import markup
from aims_core.workbench.views.kit import WRAPPED, button, fill
from aims_core.workbench.views.status import StatusLine

_SHOWN = 5
_JUDGED_FOR = timedelta(minutes=1)
"""How long an evidence level is shown before it is judged anew, which reads the catalogue where secured."""
_KNOWN = {"E3", "E4"}
"""Evidence levels at which the database knows who is connected."""
_APART = {"justify_content": "space-between", "flex_flow": "row wrap", "align_items": "center"}


class HeaderView:
    """Who acts, a choice to act as somebody else, and buttons to what waits."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state
        self._judged: tuple[datetime, EvidenceLevel] | None = None
        self.waiting = Waiting(state)
        self.actor = widgets.Dropdown(
            description="Acting as",
            options=self._people(),
            value=state.workspace.actor.actor_id,
            style={"description_width": "initial"},
            layout={"width": "300px"},
        )
        self.actor.observe(state.guarded(lambda change: state.act_as(change["new"])), "value")
        self.status = StatusLine()
        self._said = widgets.VBox(layout={"flex": "1 1 480px"})
        self._waiting = widgets.HBox(layout={**WRAPPED, "align_items": "center"})
        strip = widgets.HBox([self._said, self.actor], layout=_APART)
        strip.add_class("aims-strip")
        self.widget = widgets.VBox([strip, self._waiting, self.status])
        state.observe_shown(lambda _: self.draw(), "refresh")
        state.observe(lambda _: self.status.show(state.message, state.level), "message")
        self.draw()

    def draw(self) -> None:
        """Show who acts and what waits for them."""
        workspace = self._state.workspace
        roles = sorted(
            {plain(g.role) for g in workspace.staffing.roles_of(workspace.actor.actor_id)}
        )
        at, level = self._evidence()
        known = level.level in _KNOWN
        said = Markup(
            "<div class='aims-who'><b>{}</b>: AI management system<br>"
            "Signed in as <b>{}</b> ({}), {}<br>"
            "<span class='aims-quiet'>{}Evidence level {}, judged at {:%H:%M:%S} UTC.</span>{}</div>"
        ).format(
            workspace.settings.organisation,
            workspace.actor.name,
            "known by your login" if known else "self-declared",
            ", ".join(roles) or "no role",
            "" if known else "Self-declared: this database cannot check who you are. ",
            level,
            at,
            _explained(level),
        )
        fill(self._said, [markup.html(said)])
        fill(self._waiting, [*self._items(), *self._unrated(), *self._failures()])

    def _evidence(self) -> tuple[datetime, EvidenceLevel]:
        """Return the evidence level and when it was judged, at most a minute ago."""
        now = self._state.workspace.now()
        if self._judged is None or not timedelta() <= now - self._judged[0] < _JUDGED_FOR:
            self._judged = now, self._state.workspace.judge_evidence()
        return self._judged

    def _people(self) -> list[tuple[str, str]]:
        workspace = self._state.workspace
        known = {p.actor_id: p for p in workspace.staffing.people()}
        # Whoever opened the workbench is offered too, even when no person: a service, say.
        known.setdefault(workspace.actor.actor_id, workspace.actor)
        return [(person(actor), actor_id) for actor_id, actor in known.items()]

    def _items(self) -> list[Any]:
        items = self.waiting.items
        parts = [markup.text(self.waiting.title), *(self._opener(i) for i in items[:_SHOWN])]
        if len(items) > _SHOWN:
            parts.append(markup.quiet(f"and {len(items) - _SHOWN:,} more"))
        return parts

    def _opener(self, item: Item) -> Any:
        return button(self._state, item.words, lambda: self.waiting.open(item), style="warning")

    def _unrated(self) -> list[Any]:
        number = self.waiting.unrated
        if not number:
            return []
        words = f"{counted(number, 'system')} without a risk rating"
        return [button(self._state, words, self._show_unrated)]

    def _show_unrated(self) -> None:
        self._state.narrowed = {"tier": "undetermined"}
        self._state.tab = REGISTER

    def _failures(self) -> list[Any]:
        """Say which plugins do not work, so that a missing tab is no riddle."""
        failed = [p for p in self._state.workspace.host.plugins() if p.status == "failed"]
        if not failed:
            return []
        said = "; ".join(f"{p.distribution} {p.version}: {p.reason}" for p in failed)
        return [markup.text(f"{counted(len(failed), 'plugin')} cannot be used. {said}")]


def _explained(level: EvidenceLevel) -> Markup:
    """Return what the level holds and lacks, folded away until somebody asks."""
    parts = [("What you can rely on", level.holds), ("What you cannot", level.lacks)]
    lists = Markup("").join(
        Markup("<p>{}</p><ul>{}</ul>").format(
            title, Markup("").join(Markup("<li>{}</li>").format(line) for line in lines)
        )
        for title, lines in parts
        if lines
    )
    return Markup(
        "<details class='aims-quiet'><summary>What does this prove?</summary>{}</details>"
    ).format(lists)
