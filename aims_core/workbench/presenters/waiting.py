"""What waits for the one who acts: requests, proposals, concerns, overdue reviews, and what plugins add."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import traitlets

from aims_core.contributions import Offer
from aims_core.errors import PluginError
from aims_core.records import AISystem, Approval, Grant, WaitingItem
from aims_core.roles import allows, allows_anywhere, roles_for
from aims_core.terms import RiskCategory
from aims_core.workbench.presenters.decisions import Decisions
from aims_core.workbench.presenters.words import counted, plain
from aims_core.workbench.state import CONCERNS, DECISIONS, SYSTEM, WorkbenchState

_REVIEW = "review"
_log = logging.getLogger("aims.workbench")


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
        Requests the actor could decide on, oldest first, proposals for a second person, concerns to
        answer, overdue reviews the actor could do, then what waits on the tabs of plugins, such as open
        incidents. Reviews are looked up once a day, and when one is completed here.
    unrated : int
        Systems whose risk nobody has assessed.
    """

    items: Any = traitlets.Tuple()
    unrated = traitlets.Int(0)

    def __init__(self, state: WorkbenchState) -> None:
        super().__init__()
        self._state = state
        self._overdue: tuple[Any, list[Item]] = (None, [])
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
        self.items = (
            *self._requests(held),
            *self._proposals(),
            *self._concerns(held),
            *self._reviews(held),
            *self._of_panels(),
        )

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

    def _concerns(self, held: Sequence[Grant]) -> list[Item]:
        """Return the concerns that wait for an answer as one item, for those who hear them."""
        if not allows(held, "hear_concerns"):
            return []
        frame = self._state.workspace.concerns.frame(open_only=True)
        number = int((frame["own"] == "no").sum())
        return [Item(f"{counted(number, 'concern')} to answer", "", tab=CONCERNS)] if number else []

    def _reviews(self, held: Sequence[Grant]) -> list[Item]:
        """Return the overdue reviews; what is asked of the whole register is not asked at every act."""
        workspace = self._state.workspace
        key = (workspace.actor.actor_id, workspace.now().date(), self._state.reviewed)
        if key != self._overdue[0]:
            self._overdue = (
                key,
                [
                    Item(f"review overdue: {found.name}", found.system_id)
                    for found in (workspace.reviews.due() if allows_anywhere(held, _REVIEW) else ())
                    if found.overdue
                    and found.owner != workspace.actor.actor_id
                    and allows(held, _REVIEW, system_id=found.system_id, unit=found.unit)
                ],
            )
        return self._overdue[1]

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

    def _of_panels(self) -> list[Item]:
        """Return what waits on the tabs of plugins; one that cannot say so is named, the others are asked."""
        offers = self._state.workspace.host.contributions("aims_panels")
        saying = [offer for offer in offers if offer.spec.waiting is not None]
        saying.sort(key=lambda offer: (offer.spec.order, offer.spec.id))
        return [item for offer in saying for item in self._of_panel(offer)]

    def _of_panel(self, offer: Offer) -> list[Item]:
        workspace, tab = self._state.workspace, offer.spec.id
        try:
            answer = workspace.host.ask(offer, offer.spec.waiting, workspace)
            return [Item(i.words, i.system_id, tab=tab) for i in _checked(answer, offer)]
        except PluginError as error:
            _log.warning("what waits on the tab %s: %s", tab, error)
            return [Item(f"{offer.spec.title}: cannot be read", "", tab=tab)]


def _checked(answer: Any, offer: Offer) -> Sequence[WaitingItem]:
    if isinstance(answer, list | tuple) and all(isinstance(i, WaitingItem) for i in answer):
        return answer
    plugin = f"{offer.plugin.distribution} {offer.plugin.version}"
    raise PluginError(plugin, offer.spec.id, "what waits is not a list of WaitingItem")
