"""What happened: facts in the past tense, written to the audit trail in the act's own transaction.

A plugin defines further events by subclassing :class:`Event`; the events by which governance
functions answer each other (a breach opens an incident) are the core's, so either side can be swapped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact. `system_id` is the AI system it is about, or empty; `component` names its origin."""

    component: ClassVar[str] = "core"
    system_id: str = ""

    @property
    def type(self) -> str:
        """Name under which the event is stored, e.g. ``core.SystemRegistered``."""
        return f"{self.component}.{type(self).__name__}"

    def payload(self) -> dict[str, Any]:
        """Return the event's own fields, without `system_id`."""
        names = _own_fields.get(type(self))
        if names is None:
            names = tuple(f.name for f in fields(self) if f.name != "system_id")
            _own_fields[type(self)] = names
        return {name: getattr(self, name) for name in names}


_own_fields: dict[type, tuple[str, ...]] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedEvent:
    """An event as it stands in the trail and as listeners receive it.

    `sequence` is its place in the trail, from 1; `payload` holds the fields of the event class.
    Listeners are told at least once, so they act idempotently by `event_id`.
    """

    sequence: int
    event_id: str
    type: str
    at: datetime
    actor: str
    system_id: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class WorkspaceFounded(Event):
    """The first event: a workspace exists and has its first administrator."""

    organisation: str
    administrator: str


@dataclass(frozen=True, kw_only=True)
class BackupMade(Event):
    """A copy of everything was taken and verified; `digest` is that of its manifest.

    `size` and `root` say how far the audit trail had come.
    """

    digest: str
    size: int
    root: str
    files: int


@dataclass(frozen=True, kw_only=True)
class DatabaseCopied(Event):
    """All records up to here were copied from another database, where they end at the same tree.

    `source` and `target` are kinds of databases, `size` and `root` the trail's tree in both, `digest` that
    of the number and content of the rows of every table, `logins` the commands that secure the copy and give
    people the logins of the original again.
    """

    source: str
    target: str
    size: int
    root: str
    rows: int
    digest: str
    logins: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WorkspaceRestored(Event):
    """All records are those of a backup: what was recorded after `size` events is not among them.

    `backup` is the digest of its manifest, `made_at` when it was made, `root` the head of its trail.
    `known_size` is the size of the longest trail known of at the time, from a checkpoint kept elsewhere
    or the database that gave way, 0 if none; where it is larger than `size`, events are lost. `logins` are
    the commands that secure the database and give people the logins again that they had.
    """

    backup: str
    made_at: str
    size: int
    root: str
    known_size: int
    logins: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ActorAdded(Event):
    """A person, service, plugin or unit is known from here on."""

    actor: str
    name: str
    kind: str
    person: str


@dataclass(frozen=True, kw_only=True)
class RoleGranted(Event):
    """An actor holds a role within a scope."""

    grant_id: str
    actor: str
    role: str
    scope_kind: str
    scope: str


@dataclass(frozen=True, kw_only=True)
class RoleRevoked(Event):
    """An actor no longer holds a role; open votes in that role are void."""

    grant_id: str
    actor: str
    role: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class DatabaseSecured(Event):
    """From here on the database itself enforces who may do what; `fingerprint` is that of its catalogue.

    `left` are lines of the catalogue that somebody added since it was secured before, and that stayed.
    """

    number: int
    fingerprint: str
    machine_version: str
    left: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LoginGranted(Event):
    """A login of the database belongs to an actor: to work, to decide, to read, or to keep books."""

    login: str
    actor: str
    credential: str


@dataclass(frozen=True, kw_only=True)
class LoginConfirmed(Event):
    """Another administrator confirmed the decision login that one gave themselves: now it decides."""

    login: str
    actor: str


@dataclass(frozen=True, kw_only=True)
class LoginRevoked(Event):
    """A login was shut out of the database."""

    login: str
    actor: str
    credential: str


@dataclass(frozen=True, kw_only=True)
class SystemRegistered(Event):
    """An AI system stands in the inventory; one that ran before makes up its evidence by `evidence_due`."""

    revision: int
    digest: str
    stage: str
    entry: str
    content: Mapping[str, Any]
    evidence_due: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SystemRevised(Event):
    """The description of a system changed; earlier approvals lapse."""

    revision: int
    digest: str
    changed: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ComponentRegistered(Event):
    """A model, dataset or supplier's service is known."""

    component_id: str
    kind: str
    name: str
    version: str
    supplier: str


@dataclass(frozen=True, kw_only=True)
class ImportStarted(Event):
    """An import in several transactions began; without `SystemsImported` after it, it was stopped."""

    source: str
    source_digest: str
    importer: str
    read: int


@dataclass(frozen=True, kw_only=True)
class SystemsImported(Event):
    """One import run ended: how many rows were read and what became of them."""

    source: str
    source_digest: str
    importer: str
    read: int
    registered: int
    revised: int
    unchanged: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class ChangesProposed(Event):
    """Somebody wants many systems described otherwise; `digest` is that of the changes and base revisions."""

    change_set_id: str
    digest: str
    systems: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class ChangesApplied(Event):
    """A change set was carried out whole; each system's `SystemRevised` stands before it."""

    change_set_id: str
    digest: str
    systems: int
    proposed_by: str


@dataclass(frozen=True, kw_only=True)
class ChangesWithdrawn(Event):
    """A change set will not be carried out."""

    change_set_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ApprovalRequested(Event):
    """Somebody asks for a transition of one revision of a system."""

    approval_id: str
    transition: str
    revision: int
    digest: str
    reason: str
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class VoteCast(Event):
    """A person decided on a request, in a role of their own or in one lent to them.

    `replaces` is the id of an earlier vote of theirs that no longer counts.
    """

    approval_id: str
    role: str
    decision: str
    reason: str
    digest: str
    on_behalf_of: str = ""
    replaces: str = ""


@dataclass(frozen=True, kw_only=True)
class ApprovalClosed(Event):
    """A request ended without a transition: refused, withdrawn, lapsed or expired."""

    approval_id: str
    transition: str
    status: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SeatDelegated(Event):
    """An approver lent their seat to another person for a time."""

    delegation_id: str
    delegator: str
    delegate: str
    role: str
    scope_kind: str
    scope: str
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class DelegationEnded(Event):
    """A lent seat went back before its time; votes given in it no longer count."""

    delegation_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ApprovalsLapsed(Event):
    """A step put approvals that had been given out of force; the next gate needs a new one."""

    transition: str
    approvals: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TransitionDecided(Event):
    """A system moved through its lifecycle; `conditions` is what was checked and how it stood."""

    approval_id: str
    transition: str
    from_stage: str
    to_stage: str
    from_status: str
    to_status: str
    revision: int
    digest: str
    machine_version: str
    reason: str
    conditions: tuple[Mapping[str, Any], ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class WaiverProposed(Event):
    """Somebody asks that a named condition of a system counts as met for a time."""

    waiver_id: str
    condition: str
    reason: str
    compensating_measure: str
    expires_on: str
    tier: str


@dataclass(frozen=True, kw_only=True)
class WaiverVoteCast(Event):
    """A committee member decided on a waiver."""

    waiver_id: str
    decision: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class WaiverGranted(Event):
    """Two persons apart approved a waiver; the condition counts as met through `expires_on`."""

    waiver_id: str
    condition: str
    expires_on: str
    approvers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class WaiverClosed(Event):
    """A waiver was refused or withdrawn."""

    waiver_id: str
    condition: str
    status: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ExceptionRecorded(Event):
    """A rule of separation may be broken within a scope for a time, once somebody else approves it."""

    exception_id: str
    rule: str
    reason: str
    compensating_control: str
    scope_kind: str
    scope: str
    expires_on: str


@dataclass(frozen=True, kw_only=True)
class ExceptionApproved(Event):
    """An exception to a rule of separation takes effect."""

    exception_id: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class ExceptionUsed(Event):
    """An act passed that a rule of separation would have refused, by this exception."""

    exception_id: str
    act: str


@dataclass(frozen=True, kw_only=True)
class ExceptionEnded(Event):
    """An exception to a rule of separation no longer holds."""

    exception_id: str
    rule: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RoleChangeProposed(Event):
    """An administrator proposes a grant, which another one must confirm."""

    change_id: str
    actor: str
    role: str
    scope_kind: str
    scope: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RoleChangeClosed(Event):
    """A proposed grant was confirmed (`grant_id` names the grant), declined or withdrawn."""

    change_id: str
    status: str
    grant_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReviewDue(Event):
    """A periodic review comes due; recorded once for each system and due date (ISO/IEC 42001, 9.1)."""

    due_on: str
    tier: str
    owner: str
    since: str
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class ReviewCompleted(Event):
    """Somebody of the second line reviewed a running system; `unmet` is what was not met then."""

    review_id: str
    revision: int
    outcome: str
    note: str
    unmet: tuple[str, ...]
    due_on: str


@dataclass(frozen=True, kw_only=True)
class ActRefused(Event):
    """Somebody tried what the rules do not allow; nothing else was written."""

    act: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CheckpointKeyAdded(Event):
    """A key signs checkpoints from here on; `signature` is that of the key it replaces, if there was one."""

    origin: str
    key: str
    replaces: str
    signature: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CheckpointMade(Event):
    """The first `size` events were signed as they stood."""

    number: int
    size: int
    root: str
    key: str


@dataclass(frozen=True, kw_only=True)
class CheckpointAnchored(Event):
    """A checkpoint was handed to the anchors: `kept` by some, and what each of the others said."""

    number: int
    kept: Mapping[str, str]
    failed: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ErasureRequested(Event):
    """An administrator or an auditor wants an event's content erased; it takes both."""

    event_id: str
    role: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class EventErased(Event):
    """An event's content is gone by decision of two people; `left` is what still stands of it."""

    left: Mapping[str, Any]
    requested_by: str
    role: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ConcernRaised(Event):
    """Somebody raised a concern (ISO/IEC 42001, A.3.3); about what and whom is not told here."""

    concern_id: str


@dataclass(frozen=True, kw_only=True)
class ConcernRead(Event):
    """Somebody who hears concerns read one."""

    concern_id: str


@dataclass(frozen=True, kw_only=True)
class ConcernAnswered(Event):
    """A concern was answered."""

    concern_id: str


@dataclass(frozen=True, kw_only=True)
class EvidenceAdded(Event):
    """A file or statement was put on record as evidence."""

    evidence_id: str
    kind: str
    title: str
    digest: str
    media_type: str
    size: int
    revision: int = 0
    collected_at: datetime | None = None
    retain_until: datetime | None = None
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EvidenceHeld(Event):
    """Evidence is under legal hold: one record, or all of a system where `evidence_id` is empty."""

    hold_id: str
    evidence_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class EvidenceHoldReleaseProposed(Event):
    """Somebody proposes to end a legal hold; a second person decides, and it holds until then."""

    hold_id: str
    evidence_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class EvidenceHoldReleaseDeclined(Event):
    """The release of a legal hold was declined, or taken back by who proposed it; the hold stays."""

    hold_id: str
    evidence_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class EvidenceHoldReleased(Event):
    """A legal hold ended, by a second person than who proposed it."""

    hold_id: str
    evidence_id: str
    reason: str
    proposed_by: str = ""


@dataclass(frozen=True, kw_only=True)
class EvidenceDisposalProposed(Event):
    """Somebody proposes to dispose of evidence whose retention has ended; a second person decides."""

    disposal_id: str
    evidence_id: str
    digest: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class EvidenceDisposalDeclined(Event):
    """A proposal to dispose of evidence was declined; the evidence stays."""

    disposal_id: str
    evidence_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class EvidenceDisposed(Event):
    """Evidence was disposed of by two people; `content` is ``removed``, or ``kept`` for another record."""

    disposal_id: str
    evidence_id: str
    digest: str
    proposed_by: str
    content: str


@dataclass(frozen=True, kw_only=True)
class EvidenceExported(Event):
    """Evidence left the workspace in a bundle; `digest` is that of the bundle."""

    digest: str
    systems: tuple[str, ...]
    records: int


@dataclass(frozen=True, kw_only=True)
class EvidenceImported(Event):
    """A bundle of evidence was taken in; each record that was new has an ``EvidenceAdded`` of its own."""

    digest: str
    organisation: str
    records: int
    added: int
    found: int
    disposed: int


@dataclass(frozen=True, kw_only=True)
class ResultRecorded(Event):
    """A provider's answer was stored: a risk assessment, a measurement, an acceptance."""

    result_id: str
    kind: str
    subject: str
    provider: str
    distribution: str
    version: str
    input_digest: str
    payload_digest: str
    tier: str


@dataclass(frozen=True, kw_only=True)
class ThresholdBreached(Event):
    """A measurement crossed its threshold (ISO/IEC 42001, 9.1). Incident functions listen to this.

    `direction` is ``above`` or ``below``: on which side of the threshold the value lies.
    """

    monitor_id: str
    metric: str
    value: float
    threshold: float
    direction: str
    severity: str
    window: str


@dataclass(frozen=True, kw_only=True)
class IncidentOpened(Event):
    """An incident of a system is being handled (ISO/IEC 42001, A.8.4)."""

    incident_id: str
    severity: str
    title: str
    cause_event: str
    occurred_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class IncidentClosed(Event):
    """An incident ended with its cause and its treatment on record."""

    incident_id: str
    cause: str
    treatment: str


@dataclass(frozen=True, kw_only=True)
class ReportIssued(Event):
    """A report was rendered; `digest` is that of the bytes; `checkpoint` (0 for none) covers what it says."""

    report_id: str
    format: str
    subject: str
    digest: str
    trail_head: str
    checkpoint: int = 0
    tree_size: int = 0
    tree_root: str = ""
    evidence_level: str = ""
