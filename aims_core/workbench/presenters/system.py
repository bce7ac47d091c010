"""One system's page: where it stands, what must hold, what may come next, who decides, what happened."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aims_core.frames import TEXT, TIME, fixed_frame
from aims_core.records import AISystem, Approval, Condition, Evidence
from aims_core.roles import roles_for
from aims_core.terms import ApprovalStatus
from aims_core.workbench.presenters.description import owner_words
from aims_core.workbench.presenters.words import (
    APPROVALS,
    STATUSES,
    TIERS,
    counted,
    happened,
    plain,
    signed,
    told,
    when,
)
from aims_core.workbench.state import WorkbenchState

EVIDENCE_KINDS = (
    "documentation",
    "validation",
    "impact_assessment",
    "supplier_due_diligence",
    "retirement_plan",
)
_HISTORY = {"when": TIME, "who": TEXT, "what": TEXT, "details": TEXT}
_EVENTS = 500


@dataclass(frozen=True, slots=True)
class Request:
    """An open request: the facts to decide on, its conditions, and why one may not decide, if so."""

    approval: Approval
    facts: tuple[tuple[str, str], ...]
    hint: str
    own: bool


class SystemPage:
    """Reads and acts on the selected system."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state

    def system(self) -> AISystem | None:
        """Return the selected system, None while none is selected."""
        if not self._state.system_id:
            return None
        return self._state.workspace.inventory.get(self._state.system_id)

    def standing(self, system: AISystem) -> list[tuple[str, str]]:
        """Return the four things people look for first: stage, status, tier, approval."""
        return [
            ("Stage", self._state.workspace.machine.stage(system.stage).title),
            ("Status", signed(STATUSES, system.status)),
            ("Risk tier", signed(TIERS, system.tier)),
            ("Approval", signed(APPROVALS, system.approval_state)),
        ]

    def facts(self, system: AISystem) -> list[tuple[str, str]]:
        """Return the description on record."""
        return [
            ("Use case", system.use_case),
            ("Intended use", system.intended_use),
            ("Owner", owner_words(self._state, system.owner)),
            ("Unit", system.unit),
            ("Origin", plain(str(system.origin))),
            ("Supplier", system.supplier),
            ("Declared risk", signed(TIERS, system.declared_risk_category)),
            ("Human oversight", system.human_oversight),
            ("Incident contact", system.incident_contact),
            ("Components", ", ".join(system.components)),
            ("Revision", f"{system.revision}, of {system.revised_at:%Y-%m-%d %H:%M}"),
        ]

    def visited(self, system: AISystem) -> tuple[str, ...]:
        """Return the stages that lie behind the system; none when it came in already running."""
        steps = self._state.workspace.approvals.transitions(system.system_id)
        if not steps:
            return ()
        return (self._state.workspace.machine.initial, *(t.to_stage for t in steps))

    def conditions(self, system: AISystem) -> tuple[Condition, ...]:
        """Return what must hold where the system stands."""
        return self._state.workspace.reviews.conditions(system.system_id)

    def steps(self, system: AISystem) -> list[tuple[str, str]]:
        """Return (title with who decides, name) of each step that leads on from here."""
        found = []
        for step in self._state.workspace.machine.possible(system.stage, system.status):
            deciding = [
                counted(n, plain(slot.role))
                for slot in step.approvals
                if (n := slot.needed(str(system.governing_tier)))
            ]
            words = f"approved by {' and '.join(deciding)}" if deciding else "takes effect at once"
            found.append((f"{step.title} ({words})", step.name))
        return found

    def preview(self, system: AISystem, step: str, reason: str) -> tuple[Condition, ...]:
        """Return what a step asks for, as it stands now."""
        # The reason is typed below the list; asking for it there before that would only be noise.
        return self._state.workspace.approvals.preview(
            system.system_id, step, reason=reason or "given below"
        )

    def requests(self, system: AISystem) -> list[Request]:
        """Return the open requests of the system."""
        approvals = self._state.workspace.approvals
        return [
            self._request(system, approvals.get(a.approval_id))
            for a in approvals.open(system.system_id)
        ]

    def ask(self, step: str, reason: str, fact_at: datetime | None = None) -> None:
        """Ask for a step; `fact_at` is when that was in fact, where it was before."""
        made = self._state.workspace.approvals.request(
            self._state.system_id, step, reason=reason, fact_at=fact_at
        )
        done = made.status is ApprovalStatus.CARRIED_OUT
        words = "done" if done else "requested; others decide now"
        self._tell(f"{plain(made.transition)} of {made.system_id}: {words}")

    def decide(
        self, approval_id: str, decision: str, reason: str, fact_at: datetime | None = None
    ) -> None:
        """Approve or refuse a request; `fact_at` is when that was decided in fact, where it was before."""
        workspace = self._state.workspace
        after = workspace.approvals.decide(approval_id, decision, reason=reason, fact_at=fact_at)
        words = (
            f"{plain(after.transition)} of {after.system_id}: "
            f"recorded as {workspace.actor.actor_id}. "
        )
        if after.status is ApprovalStatus.OPEN:
            words += f"Still open: {'; '.join(c.reason for c in after.unmet)}"
        else:
            words += f"It is {plain(str(after.status))}"
        self._tell(words)

    def withdraw(self, approval_id: str, reason: str, fact_at: datetime | None = None) -> None:
        """Take one's own request back; `fact_at` is when that was in fact, where it was before."""
        made = self._state.workspace.approvals.withdraw(approval_id, reason=reason, fact_at=fact_at)
        self._tell(f"{plain(made.transition)} of {made.system_id}: withdrawn")

    def evidence(self, system: AISystem) -> list[tuple[str, str]]:
        """Return (kind, title with when, by whom and what to mind) of the evidence on record."""
        return [
            (plain(e.kind), f"{e.title}, {e.collected_at:%Y-%m-%d}, by {e.added_by}{_mind(e)}")
            for e in self._state.workspace.evidence.of(system.system_id)
        ]

    def add_evidence(self, kind: str, title: str, *, text: str = "", path: str = "") -> None:
        """Put evidence on record: a text, or a file by its path."""
        given: dict[str, Any] = {"path": Path(path).expanduser()} if path else {"text": text}
        made = self._state.workspace.evidence.add(
            self._state.system_id, kind.strip().replace(" ", "_"), title, **given
        )
        self._tell(f"{plain(made.kind)} is on record: {made.title}")

    def history(self, system: AISystem) -> Any:
        """Return what happened as a DataFrame with the columns when, who, what and details."""
        rows = [
            {"when": e.at, "who": e.actor, "what": happened(e), "details": told(e)}
            for e in self._state.workspace.audit.events(system.system_id, limit=_EVENTS)
        ]
        return fixed_frame(rows, _HISTORY)

    def _request(self, system: AISystem, approval: Approval) -> Request:
        given = [
            f"{v.actor} as {plain(v.role)}: {v.decision}, {when(v.at, v.fact_at)}"
            for v in approval.votes
        ]
        own = approval.requested_by == self._state.workspace.actor.actor_id
        facts = (
            ("Step", self._state.workspace.machine.transition(approval.transition).title),
            (
                "Asked by",
                f"{approval.requested_by}, {when(approval.requested_at, approval.fact_at)}",
            ),
            ("Reason", approval.reason),
            ("For revision", str(approval.revision)),
            ("Votes so far", "; ".join(given)),
        )
        return Request(approval, facts, self._hint(system, approval, own=own), own)

    def _hint(self, system: AISystem, approval: Approval, *, own: bool) -> str:
        """Say beforehand what the core would refuse, so that nobody learns it by failing."""
        workspace = self._state.workspace
        step = workspace.machine.transition(approval.transition)
        held = workspace.staffing.roles_of(workspace.actor.actor_id)
        roles = [slot.role for slot in step.approvals]
        if own:
            return "You asked for this, so somebody else decides."
        if not set(roles) & roles_for(held, system):
            wanted = " or ".join(plain(role) for role in roles)
            return f"It takes a {wanted} to decide; you are none here."
        return ""

    def _tell(self, words: str) -> None:
        self._state.changed()
        self._state.say(words, "ok")


def _mind(evidence: Evidence) -> str:
    """Say of what old revision evidence is, and what its content is besides what it seems."""
    said = list(map(plain, evidence.marks))
    if evidence.outdated:
        known = f"revision {evidence.revision}" if evidence.revision else "a revision unknown here"
        said.insert(0, f"of {known}, not the one now")
    return f" ({'; '.join(said)})" if said else ""
