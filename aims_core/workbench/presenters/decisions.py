"""What waits for a second person, apart from requests: waivers, roles, releases, disposals, exceptions."""

from collections.abc import Iterator
from datetime import datetime

from aims_core.gate.waivers import Waiver
from aims_core.records import AISystem, Disposal, LegalHold
from aims_core.role_changes import RoleChange
from aims_core.rules import SeparationException, rule_of
from aims_core.workbench.presenters.cards import Act, Card, Self
from aims_core.workbench.presenters.words import plain, when
from aims_core.workbench.state import WorkbenchState

_RETAINS = "a risk reviewer or committee member"


class Decisions:
    """Everything that one person proposed and another decides on."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state

    def groups(self) -> list[tuple[str, list[Card]]]:
        """Return the cards by what they are about; groups without any are left out."""
        one = Self(self._state)
        groups: tuple[tuple[str, Iterator[Card]], ...] = (
            ("Waivers", self._waivers(one)),
            ("Roles", self._roles(one)),
            ("Legal holds to release", self._releases(one)),
            ("Evidence to dispose of", self._disposals(one)),
            ("Exceptions to rules", self._exceptions(one)),
        )
        listed = [(title, list(cards)) for title, cards in groups]
        return [(title, cards) for title, cards in listed if cards]

    def waiting(self) -> int:
        """Return how many of them the one who acts could decide on."""
        return sum(1 for _, cards in self.groups() for card in cards if not card.hint)

    def _waivers(self, one: Self) -> Iterator[Card]:
        register = self._state.workspace.waivers
        waiting = register.open()
        systems = self._systems(w.system_id for w in waiting)
        role = plain(register.policy().role)
        for waiver in waiting:
            system = systems[waiver.system_id]
            held = one.may("decide", system_id=system.system_id, unit=system.unit)
            hint = one.barred(waiver.proposed_by, allowed=held, by=f"a {role}")
            if not hint and any(map(one.is_person, waiver.approved_by)):
                hint = "You approved it; another person has to approve it too."
            yield Card(
                title=f"Waive {plain(waiver.condition)} of {system.name}",
                facts=_waiver_facts(waiver),
                acts=self._waiver_acts(waiver, own=one.is_person(waiver.proposed_by)),
                hint=hint,
            )

    def _waiver_acts(self, waiver: Waiver, *, own: bool) -> tuple[Act, ...]:
        def decide(decision: str, reason: str) -> str:
            register = self._state.workspace.waivers
            after = register.decide(waiver.waiver_id, decision, reason=reason)
            return f"Waiver of {plain(after.condition)}: {decision} recorded. It is {after.status}."

        def withdraw(reason: str) -> str:
            self._state.workspace.waivers.withdraw(waiver.waiver_id, reason=reason)
            return f"Waiver of {plain(waiver.condition)}: taken back"

        if own:
            return (Act("Take back", withdraw),)
        return (
            Act("Approve", lambda reason: decide("approve", reason), "success"),
            Act("Refuse", lambda reason: decide("refuse", reason), "danger"),
        )

    def _roles(self, one: Self) -> Iterator[Card]:
        for change in self._state.workspace.staffing.changes():
            hint = one.barred(change.proposed_by, allowed=one.may("grant"), by="an administrator")
            if not hint and one.is_person(change.actor):
                hint = "It is a role for yourself, so another administrator decides."
            yield Card(
                title=f"Make {change.actor} {plain(change.role)}",
                facts=(
                    ("Reaches", f"{change.scope_kind} {change.scope}".strip()),
                    ("Reason", change.reason),
                    ("Proposed by", _by(change.proposed_by, change.proposed_at, change.fact_at)),
                ),
                acts=self._role_acts(change, own=one.is_person(change.proposed_by)),
                hint=hint,
            )

    def _role_acts(self, change: RoleChange, *, own: bool) -> tuple[Act, ...]:
        def confirm(_reason: str) -> str:
            self._state.workspace.staffing.confirm(change.change_id)
            return f"{change.actor} is {plain(change.role)} from now on"

        def decline(reason: str) -> str:
            after = self._state.workspace.staffing.decline(change.change_id, reason=reason)
            return f"{plain(change.role).capitalize()} for {change.actor}: {after.status}"

        if own:
            return (Act("Take back", decline),)
        return (Act("Confirm", confirm, "success"), Act("Decline", decline, "danger"))

    def _releases(self, one: Self) -> Iterator[Card]:
        waiting = [h for h in self._state.workspace.evidence.holds() if h.release_proposed_at]
        systems = self._systems(h.system_id for h in waiting)
        for hold in waiting:
            unit = systems[hold.system_id].unit
            held = one.may("retain", system_id=hold.system_id, unit=unit)
            yield Card(
                title=f"Release what is held for: {hold.reason}",
                facts=(
                    ("Keeps", hold.evidence_id or f"all evidence about {hold.system_id}"),
                    ("Held by", _by(hold.placed_by, hold.placed_at, hold.fact_at)),
                    ("Why release it", hold.release_reason),
                    ("Proposed by", _released_by(hold)),
                ),
                acts=self._release_acts(hold, own=one.is_person(hold.release_proposed_by)),
                hint=one.barred(hold.release_proposed_by, allowed=held, by=_RETAINS),
            )

    def _release_acts(self, hold: LegalHold, *, own: bool) -> tuple[Act, ...]:
        def confirm(_reason: str) -> str:
            self._state.workspace.evidence.confirm_release(hold.hold_id)
            return f"{hold.hold_id} is released"

        def decline(reason: str) -> str:
            self._state.workspace.evidence.decline_release(hold.hold_id, reason)
            return f"{hold.hold_id} stays on hold"

        if own:
            return (Act("Take back", decline),)
        return (Act("Release", confirm, "success"), Act("Keep on hold", decline, "danger"))

    def _disposals(self, one: Self) -> Iterator[Card]:
        waiting = self._state.workspace.evidence.to_decide()
        systems = self._systems(kept.system_id for _, kept in waiting)
        for disposal, kept in waiting:
            unit = systems[kept.system_id].unit
            held = one.may("retain", system_id=kept.system_id, unit=unit)
            yield Card(
                title=f"Dispose of {kept.title}",
                facts=(
                    ("System", kept.system_id),
                    ("Kind", plain(kept.kind)),
                    ("Reason", disposal.reason),
                    ("Proposed by", _by(disposal.proposed_by, disposal.proposed_at)),
                ),
                acts=self._disposal_acts(disposal, own=one.is_person(disposal.proposed_by)),
                hint=one.barred(disposal.proposed_by, allowed=held, by=_RETAINS),
            )

    def _disposal_acts(self, disposal: Disposal, *, own: bool) -> tuple[Act, ...]:
        def confirm(reason: str) -> str:
            self._state.workspace.evidence.confirm_disposal(disposal.disposal_id, reason)
            return f"{disposal.evidence_id} was disposed of; its record stays"

        def decline(reason: str) -> str:
            self._state.workspace.evidence.decline_disposal(disposal.disposal_id, reason)
            return f"{disposal.evidence_id} stays"

        if own:
            return (Act("Take back", decline),)
        return (Act("Dispose of it", confirm, "success"), Act("Keep it", decline, "danger"))

    def _exceptions(self, one: Self) -> Iterator[Card]:
        today = self._state.workspace.now().date()
        for exception in self._state.workspace.separation.recorded():
            over = exception.expires_on is not None and exception.expires_on < today
            if exception.approved_at or exception.ended_at or over:
                continue
            held = one.may("approve_exceptions")
            who = "an administrator or top management"
            yield Card(
                title=f"Let rule {exception.rule} be broken for a time",
                facts=exception_facts(exception),
                acts=self._exception_acts(exception, own=one.is_person(exception.recorded_by)),
                hint=one.barred(exception.recorded_by, allowed=held, by=who),
            )

    def _exception_acts(self, exception: SeparationException, *, own: bool) -> tuple[Act, ...]:
        def approve(_reason: str) -> str:
            self._state.workspace.separation.approve_exception(exception.exception_id)
            return f"The exception to {exception.rule} holds until {exception.expires_on}"

        def end(reason: str) -> str:
            self._state.workspace.separation.end_exception(exception.exception_id, reason=reason)
            return f"The exception to {exception.rule} is ended"

        if own:
            return (Act("Take back", end),)
        return (Act("Approve", approve, "success"), Act("Do not approve", end, "danger"))

    def _systems(self, system_ids: Iterator[str]) -> dict[str, AISystem]:
        with self._state.workspace.reading() as tx:
            return dict(tx.get_systems(set(system_ids)))


def exception_facts(exception: SeparationException) -> tuple[tuple[str, str], ...]:
    """Return what an exception says."""
    return (
        ("Rule", rule_of(exception.rule).title),
        ("Why", exception.reason),
        ("In its place", exception.compensating_control),
        ("Reaches", f"{exception.scope_kind} {exception.scope}".strip()),
        ("Until", str(exception.expires_on or "a second administrator")),
        ("Recorded by", _by(exception.recorded_by, exception.recorded_at, exception.fact_at)),
    )


def _waiver_facts(waiver: Waiver) -> tuple[tuple[str, str], ...]:
    return (
        ("System", waiver.system_id),
        ("Why", waiver.reason),
        ("Meanwhile", waiver.compensating_measure),
        ("Until", str(waiver.expires_on)),
        ("Proposed by", _by(waiver.proposed_by, waiver.proposed_at, waiver.fact_at)),
        ("Approved by", ", ".join(waiver.approved_by) or "nobody yet"),
    )


def _released_by(hold: LegalHold) -> str:
    return _by(hold.release_proposed_by, hold.release_proposed_at, hold.release_proposed_fact_at)


def _by(actor: str, at: datetime | None, fact_at: datetime | None = None) -> str:
    return f"{actor}, {when(at, fact_at)}" if at else actor
