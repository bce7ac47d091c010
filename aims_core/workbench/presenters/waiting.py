"""What waits for the one who acts: requests to decide, open incidents, systems nobody has rated."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import traitlets

from aims_core.records import AISystem, Approval, Grant, Result
from aims_core.roles import allows, roles_for
from aims_core.terms import RiskCategory
from aims_core.workbench.presenters.decisions import Decisions
from aims_core.workbench.presenters.words import counted, plain
from aims_core.workbench.state import DECISIONS, SYSTEM, WorkbenchState

_INCIDENT = "incident"
_CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits: in words, the system it is about, and the tab where it is done."""

    words: str
    system_id: str
    tab: str = SYSTEM


class Waiting(traitlets.HasTraits):
    """Read again with every write and every change of actor.

    Attributes
    ----------
    items : tuple of Item
        Requests the actor could decide on, oldest first, proposals for a second person, then open
        incidents of systems the actor owns or handles incidents for.
    unrated : int
        Systems whose risk nobody has assessed.
    """

    items: Any = traitlets.Tuple()
    unrated = traitlets.Int(0)

    def __init__(self, state: WorkbenchState) -> None:
        super().__init__()
        self._state = state
        state.observe_shown(lambda _: self.read(), "refresh")
        self.read()

    @property
    def title(self) -> str:
        """How much waits, as a sentence."""
        number = len(self.items)
        if not number:
            return "Nothing waits for you."
        return f"{counted(number, 'thing')} {'waits' if number == 1 else 'wait'} for you:"

    def read(self) -> None:
        """Read what waits."""
        workspace = self._state.workspace
        held = workspace.staffing.roles_of(workspace.actor.actor_id)
        self.unrated = workspace.inventory.find(tier=str(RiskCategory.UNDETERMINED), limit=0)[1]
        self.items = (*self._requests(held), *self._proposals(), *self._incidents(held))

    def open(self, item: Item) -> None:
        """Open what waits where it is done."""
        if item.system_id:
            self._state.show_system(item.system_id, item.tab)
        else:
            self._state.say("")
            self._state.tab = item.tab

    def _proposals(self) -> list[Item]:
        """Return what else a second person decides on as one item: it is done on one tab."""
        number = Decisions(self._state).waiting()
        return (
            [Item(f"{counted(number, 'proposal')} to decide", "", tab=DECISIONS)] if number else []
        )

    def _requests(self, held: Sequence[Grant]) -> list[Item]:
        requests = self._state.workspace.approvals.open()
        with self._state.workspace.reading() as tx:
            systems = tx.get_systems(r.system_id for r in requests)
        return [
            Item(f"{plain(r.transition)}: {systems[r.system_id].name}", r.system_id)
            for r in requests
            if self._may_decide(r, systems[r.system_id], held)
        ]

    def _may_decide(self, request: Approval, system: AISystem, held: Sequence[Grant]) -> bool:
        workspace = self._state.workspace
        actor_id = workspace.actor.actor_id
        slots = {slot.role for slot in workspace.machine.transition(request.transition).approvals}
        voted = any(vote.actor == actor_id for vote in request.votes)
        return bool(
            slots & roles_for(held, system) and not voted and request.requested_by != actor_id
        )

    def _incidents(self, held: Sequence[Grant]) -> list[Item]:
        """Incidents are known to the core as results, whichever plugin keeps their register."""
        with self._state.workspace.reading() as tx:
            known = [r for r in tx.newest_results(_INCIDENT) if r.payload.get("status") != _CLOSED]
            systems = tx.get_systems(r.system_id for r in known)
        return [
            Item(
                f"{r.payload.get('severity', '')} incident: {r.payload.get('title', r.subject)}",
                r.system_id,
                tab=self._tab_of(r),
            )
            for r in known
            if self._concerned(systems[r.system_id], held)
        ]

    def _concerned(self, system: AISystem, held: Sequence[Grant]) -> bool:
        return system.owner == self._state.workspace.actor.actor_id or allows(
            held, "handle_incidents", system_id=system.system_id, unit=system.unit
        )

    def _tab_of(self, result: Result) -> str:
        offers = self._state.workspace.host.contributions("aims_panels")
        return next(
            (str(o.spec.id) for o in offers if o.plugin.distribution == result.distribution), SYSTEM
        )
