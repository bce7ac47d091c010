"""Seats of approvers that are lent to others for a time: listed, given, ended."""

from datetime import date

from aims_core.workbench.presenters.cards import Act, Card, Self, chosen_day
from aims_core.workbench.presenters.words import person, plain
from aims_core.workbench.state import WorkbenchState


class Lending:
    """What the one who acts lends, is lent, and may lend."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state

    def cards(self) -> list[Card]:
        """Return the seats that are lent now; one's own, and for administrators all, can be ended."""
        one = Self(self._state)
        cards = []
        for lent in self._state.workspace.approvals.delegations():
            mine = one.is_person(lent.delegator) or one.is_person(lent.delegate)
            reach = f"{lent.scope_kind} {lent.scope}".strip()
            cards.append(
                Card(
                    title=f"{lent.delegate} decides for {lent.delegator}, as {plain(lent.role)}",
                    facts=(
                        ("Reaches", reach),
                        ("From", f"{lent.starts_at:%Y-%m-%d %H:%M}"),
                        ("Until", f"{lent.ends_at:%Y-%m-%d %H:%M}"),
                        ("Reason", lent.reason),
                    ),
                    acts=(self._end(lent.delegation_id),) if mine or one.may("grant") else (),
                )
            )
        return cards

    def seats(self) -> list[tuple[str, str]]:
        """Return (words, role) of the seats the one who acts could lend."""
        workspace = self._state.workspace
        seats = {slot.role for step in workspace.machine.transitions for slot in step.approvals}
        held = {g.role for g in workspace.staffing.roles_of(workspace.actor.actor_id)}
        return [(plain(role), role) for role in sorted(seats & held)]

    def people(self) -> list[tuple[str, str]]:
        """Return (name, id) of everybody else."""
        workspace = self._state.workspace
        return [
            (person(p), p.actor_id)
            for p in workspace.staffing.people()
            if p.person != workspace.actor.person
        ]

    def give(self, delegate: str, role: str, until: date | None, *, unit: str, reason: str) -> None:
        """Lend a seat of one's own."""
        made = self._state.workspace.approvals.delegate(
            delegate,
            role,
            until=chosen_day(until, "lend your seat"),
            unit=unit.strip(),
            reason=reason.strip(),
        )
        self._state.changed()
        words = (
            f"{made.delegate} decides for you as {plain(made.role)} until {made.ends_at:%Y-%m-%d}"
        )
        self._state.say(words, "ok")

    def _end(self, delegation_id: str) -> Act:
        def end(reason: str) -> str:
            made = self._state.workspace.approvals.end_delegation(delegation_id, reason=reason)
            return f"{made.delegate} no longer decides for {made.delegator}"

        return Act("End", end, "danger")
