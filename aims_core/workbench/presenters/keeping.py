"""Waivers and legal holds of the selected system: what there is, what may be proposed, what may be held."""

from datetime import date

from aims_core.records import AISystem, LegalHold
from aims_core.workbench.presenters.cards import Act, Card, chosen_day
from aims_core.workbench.presenters.words import counted, plain, when
from aims_core.workbench.state import WorkbenchState


class SystemWaivers:
    """Conditions of the selected system that count as met for a time."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state

    def rows(self, system: AISystem) -> list[tuple[str, str]]:
        """Return (condition, how its waiver stands) of the waivers of a system, newest first."""
        return [
            (
                plain(w.condition).capitalize(),
                f"{w.status}, until {w.expires_on}, by {w.proposed_by}: {w.reason}",
            )
            for w in self._state.workspace.waivers.of(system.system_id)
        ]

    def conditions(self, system: AISystem) -> list[tuple[str, str]]:
        """Return (words, name) of what is not met here or at a next step and can be waived."""
        workspace = self._state.workspace
        asked = list(workspace.reviews.conditions(system.system_id))
        for step in workspace.machine.possible(system.stage, system.status):
            asked += workspace.approvals.preview(system.system_id, step.name, reason="given later")
        never = set(workspace.waivers.policy().never)
        checks = set(workspace.machine.check_names())
        found = dict.fromkeys(c.name for c in asked if not c.met and c.name in checks - never)
        return [(plain(name).capitalize(), name) for name in found]

    def propose(self, check: str, reason: str, measure: str, until: date | None) -> None:
        """Propose that a condition counts as met for a time."""
        made = self._state.workspace.waivers.propose(
            self._state.system_id,
            check,
            reason=reason,
            compensating_measure=measure,
            expires_on=chosen_day(until, f"waive {plain(check)}"),
        )
        persons = counted(self._state.workspace.waivers.policy().persons, "person")
        self._state.changed()
        self._state.say(
            f"Waiver of {plain(made.condition)} is proposed; {persons} apart decide on it in "
            "Decisions",
            "ok",
        )


class SystemHolds:
    """Legal holds on evidence about the selected system."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state

    def cards(self, system: AISystem) -> list[Card]:
        """Return the holds in force, each with what may be done about it."""
        return [self._card(hold) for hold in self._state.workspace.evidence.holds(system.system_id)]

    def targets(self, system: AISystem) -> list[tuple[str, str]]:
        """Return (words, id) of what can be held: all of it, or one record."""
        kept = self._state.workspace.evidence.of(system.system_id)
        one = [(f"{plain(e.kind)}: {e.title}", e.evidence_id) for e in kept]
        return [("all evidence, what is added later included", system.system_id), *one]

    def place(self, target: str, reason: str) -> None:
        """Put evidence under legal hold."""
        made = self._state.workspace.evidence.hold(target, reason.strip())
        self._state.changed()
        what = made.evidence_id or "all evidence"
        self._state.say(f"{what} is held: it cannot be disposed of until two release it", "ok")

    def _card(self, hold: LegalHold) -> Card:
        facts: tuple[tuple[str, str], ...] = (
            ("Keeps", hold.evidence_id or "all evidence"),
            ("Held by", f"{hold.placed_by}, {when(hold.placed_at, hold.fact_at)}"),
        )
        if hold.release_proposed_at is not None:
            said = f"{hold.release_proposed_by} proposes its release: {hold.release_reason}"
            facts += (("Release", f"{said}. Somebody else decides in Decisions."),)
            return Card(title=hold.reason, facts=facts)
        return Card(title=hold.reason, facts=facts, acts=(self._release(hold.hold_id),))

    def _release(self, hold_id: str) -> Act:
        def propose(reason: str) -> str:
            self._state.workspace.evidence.propose_release(hold_id, reason.strip())
            return "Its release is proposed; somebody else decides in Decisions"

        return Act("Propose release", propose)
