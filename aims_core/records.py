"""Frozen values that services return and plugins receive; safe to keep after a transaction ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any

from aims_core.terms import (
    ActorKind,
    ApprovalState,
    ApprovalStatus,
    ComponentKind,
    Decision,
    DisposalStatus,
    Entry,
    OperationalStatus,
    Origin,
    RiskCategory,
    ScopeKind,
)

CONTENT_FIELDS = (
    "name",
    "use_case",
    "owner",
    "origin",
    "declared_risk_category",
    "unit",
    "intended_use",
    "supplier",
    "human_oversight",
    "incident_contact",
    "attributes",
    "components",
)
"""Fields of :class:`AISystem` that make up its content digest, to which an approval is bound."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AISystem:
    """An AI system as the inventory holds it now (ISO/IEC 22989; ISO/IEC 42001, A.4.2).

    `tier` is assessed, `declared_risk_category` is what its owner said; `digest` covers
    :data:`CONTENT_FIELDS` and changes with each revision of them.
    """

    system_id: str
    name: str
    use_case: str
    owner: str
    origin: Origin
    declared_risk_category: RiskCategory
    unit: str = ""
    intended_use: str = ""
    supplier: str = ""
    human_oversight: str = ""
    incident_contact: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    components: tuple[str, ...] = ()
    stage: str
    status: OperationalStatus
    tier: RiskCategory
    approval_state: ApprovalState
    entry: Entry
    revision: int
    digest: str
    registered_at: datetime
    revised_at: datetime

    def content(self) -> dict[str, Any]:
        """Return the fields that the digest covers."""
        return {name: getattr(self, name) for name in CONTENT_FIELDS}

    def unknown_because(self, name: str) -> str:
        """Return why a field is on record as unknown; empty when it is stated or nobody looked into it."""
        reasons = self.attributes.get("unknown_fields")
        if str(getattr(self, name)).strip() or not isinstance(reasons, Mapping):
            return ""
        return str(reasons.get(name) or "")

    def _repr_html_(self) -> str:
        rows = (
            ("Use case", self.use_case),
            ("Owner", self.owner),
            ("Unit", self.unit),
            ("Stage", f"{self.stage} ({self.status})"),
            ("Tier", self.tier),
            ("Approval", self.approval_state),
            ("Revision", self.revision),
        )
        body = "".join(
            f"<tr><th scope='row' style='text-align:left'>{k}</th>"
            f"<td style='text-align:left'>{escape(str(v)) or '-'}</td></tr>"
            for k, v in rows
        )
        title = f"{escape(self.name)} <code>{escape(self.system_id)}</code>"
        return f"<table><caption style='text-align:left'>{title}</caption>{body}</table>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """A model, dataset or supplier's service that AI systems are built from."""

    component_id: str
    kind: ComponentKind
    name: str
    version: str = ""
    supplier: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who acts. Two actors with the same `person` are one human being to the segregation rules."""

    actor_id: str
    name: str
    kind: ActorKind
    person: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """A role that an actor holds within a scope (`scope` is empty for the whole organisation)."""

    grant_id: str
    actor: str
    role: str
    scope_kind: ScopeKind
    scope: str
    granted_by: str
    granted_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One thing that must hold, whether it does, why, and who says so (`source`).

    `waiver` is the id of the waiver by which an unmet condition counts as met; only the core sets it.
    """

    name: str
    met: bool
    reason: str
    source: str = "core"
    remedy: str = ""
    waiver: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delegation:
    """A seat that an approver lends to another person for a time; `ended_at` is set when ended early."""

    delegation_id: str
    delegator: str
    delegate: str
    role: str
    scope_kind: ScopeKind
    scope: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    made_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""
    end_reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Vote:
    """A person's decision in one role, bound to the content digest it was given for.

    `on_behalf_of` names the actor whose seat was lent to them, `on_behalf_person` the human being behind
    that one; both are empty when somebody decides in a role of their own. Of several votes of one person
    in one seat the one with the highest `ordinal` counts.
    """

    vote_id: str
    approval_id: str
    actor: str
    person: str
    role: str
    decision: Decision
    reason: str
    digest: str
    at: datetime
    on_behalf_of: str = ""
    on_behalf_person: str = ""
    ordinal: int = 1

    @property
    def seat(self) -> tuple[str, str, str]:
        """Who decides in which role for whom; a later vote of the same seat replaces an earlier one."""
        return (self.person, self.role, self.on_behalf_person)


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """A request for a transition of one revision, its votes and what still stands in the way.

    `expires_at` is when an open request can no longer be decided. Of one that was carried out, `tier`
    is the system's when it was decided, `valid_until` when the approval ends by itself, `lapsed_at`
    when a later step (``modify``) put it out of force.
    """

    approval_id: str
    system_id: str
    transition: str
    revision: int
    digest: str
    requested_by: str
    requested_at: datetime
    reason: str
    status: ApprovalStatus
    machine_version: str
    closed_at: datetime | None = None
    closed_by: str = ""
    close_reason: str = ""
    expires_at: datetime | None = None
    valid_until: datetime | None = None
    lapsed_at: datetime | None = None
    tier: str = ""
    votes: tuple[Vote, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def unmet(self) -> tuple[Condition, ...]:
        """Conditions that are not met, in the order they were checked."""
        return tuple(c for c in self.conditions if not c.met)


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Objective evidence (ISO 9000, 3.8.3): what it shows, its digest and when it was collected.

    `revision` is the one it was collected for (0: one that this workspace does not know), `outdated`
    says that the system has another one now. `marks` holds what to mind about the content
    (``type_mismatch``, ``pickle``, ``executable``, ``active_content``), `run` what is known of the run
    of a notebook, `origin` where an imported record came from.
    """

    evidence_id: str
    system_id: str
    kind: str
    title: str
    digest: str
    media_type: str
    size: int
    location: str
    note: str
    revision: int
    collected_at: datetime
    added_at: datetime
    added_by: str
    retain_until: datetime | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    run: Mapping[str, Any] | None = None
    origin: Mapping[str, Any] | None = None
    disposed_at: datetime | None = None
    disposed_by: str = ""
    outdated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LegalHold:
    """Why evidence must not be disposed of: of one record, or of a whole system (`evidence_id` empty).

    One person proposes its release and says why (`release_reason`), another releases it.
    """

    hold_id: str
    system_id: str
    evidence_id: str
    reason: str
    placed_by: str
    placed_at: datetime
    release_proposed_by: str = ""
    release_proposed_at: datetime | None = None
    released_by: str = ""
    released_at: datetime | None = None
    release_reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Disposal:
    """A proposal to dispose of evidence, and what a second person decided on it."""

    disposal_id: str
    evidence_id: str
    reason: str
    status: DisposalStatus
    proposed_by: str
    proposed_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    decision_reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleImport:
    """What became of a bundle of evidence; `added + found + disposed == records`.

    `found` were on record already; `disposed` had been disposed of where the bundle was made, so that
    there was nothing to take over.
    """

    digest: str
    records: int
    added: int
    found: int
    disposed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """Envelope for what a provider computed; readable after the provider is uninstalled.

    `kind` says what it is (``risk_assessment``, ``measurement``), `subject` which of several
    (a monitor, a risk); the newest result of a (system, kind, subject) is the one in force.
    """

    result_id: str
    kind: str
    system_id: str
    subject: str
    provider: str
    distribution: str
    version: str
    fingerprint: str
    input_digest: str
    schema: Mapping[str, Any]
    payload: Mapping[str, Any]
    revision: int
    tier: RiskCategory | None
    recorded_by: str
    recorded_at: datetime
    valid_until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Transitioned:
    """One step in a system's life, as it was decided."""

    system_id: str
    transition: str
    from_stage: str
    to_stage: str
    from_status: str
    to_status: str
    revision: int
    digest: str
    approval_id: str
    actor: str
    at: datetime
    machine_version: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SystemFacts:
    """What checks and scorers may know of a system; they get this and never a database session.

    `results` and `evidence` are grouped by kind, newest first; `duties` maps a duty (``developer``,
    ``assessor``, ``editor``, ``validator``, ``owner``) to the persons who carried it out; `excepted`
    maps pairs of duties that may meet here to the exception that lets them; `approvals` are the
    carried-out approvals of the system, newest first; `evidence_due` is when a system that entered as
    legacy has to have made up the evidence of the gates it never passed.
    """

    system: AISystem
    owner: Actor | None
    now: datetime
    results: Mapping[str, tuple[Result, ...]] = field(default_factory=dict)
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    duties: Mapping[str, frozenset[str]] = field(default_factory=dict)
    excepted: Mapping[tuple[str, str], str] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    evidence_due: datetime | None = None

    def newest(self, kind: str) -> Result | None:
        """Return the newest result of a kind, or None when there is none."""
        found = self.results.get(kind, ())
        return found[0] if found else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Factor:
    """One reason behind a score: its value, how much it added, and why, in plain words."""

    name: str
    value: Any
    contribution: float
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """A scorer's answer for one system: a level on the criteria's scale, the tier, the factors."""

    level: str
    value: float
    tier: RiskCategory
    factors: tuple[Factor, ...]
    criteria_version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoringInput:
    """What a scorer gets for one system: the facts and the assessor's answers."""

    facts: SystemFacts
    answers: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """One measured figure (ISO/IEC 42001, 9.1).

    `direction` is ``high`` when a higher value is better, ``low`` otherwise; `value` is None when
    there was too little data, and `reason` then says so. `n` counts the rows it rests on. `low` and
    `high` are its 95 % interval and `p` the chance of such a value where nothing changed, None where
    there is none.
    """

    metric: str
    value: float | None
    n: int
    direction: str
    unit: str = ""
    subject: str = ""
    reason: str = ""
    low: float | None = None
    high: float | None = None
    p: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogItem:
    """One control or requirement of a catalogue: identifier, short title, topic, what it asks."""

    item_id: str
    title: str
    topic: str
    asks: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What is wrong with one field of one row, and what would help; `cell` is where, such as ``C17``."""

    field: str
    reason: str
    remedy: str = ""
    row: int | None = None
    value: str = ""
    cell: str = ""

    def __str__(self) -> str:
        place = f"row {self.row}, {self.field}" if self.row is not None else self.field
        place += f" ({self.cell})" if self.cell else ""
        help_ = f" {self.remedy[:1].upper()}{self.remedy[1:]}." if self.remedy else ""
        return f"{place}: {self.reason}.{help_}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A row an importer could read: values by field of the register, and where it came from.

    `places` says by field in which cell of the source its value stands, such as ``C17``.
    """

    row: int
    values: Mapping[str, Any]
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedRow:
    """A row that could not be taken: its original cells are kept, with every problem found.

    `system_id` is the identifier it would have got, where one could be made.
    """

    row: int
    cells: Mapping[str, Any]
    problems: tuple[Problem, ...]
    system_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportBatch:
    """What an importer read from one source: drafts and refused rows add up to the rows read.

    `notes` says how it was read: the encoding and delimiter that were found, the sheet, the header's row.
    `cells` gives rows by number as they stand in the source, for rows that only the register refuses;
    without it, the values of their drafts are kept in place of their cells.
    """

    source: str
    source_digest: str
    drafts: tuple[Draft, ...]
    refused: tuple[RefusedRow, ...]
    notes: tuple[str, ...] = ()
    cells: Callable[[set[int]], Mapping[int, Mapping[str, Any]]] | None = field(
        default=None, compare=False, repr=False
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What would become of one system, or became of it.

    `kind` is ``new``, ``changed`` or ``unchanged``; `fields` holds (before, after) by field, with one
    entry ``attributes.NAME`` for each attribute; `revision` is the one it starts from, 0 when new.
    """

    system_id: str
    kind: str
    revision: int = 0
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    row: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportOutcome:
    """What became of an import; `registered + revised + unchanged + len(refused) == read`.

    A dry run fills `changes`, one per row that can be taken. `warnings` are about rows that were taken:
    a name that looks like another one, a stage that the register does not follow. `notes` says how
    the source was read. `refused_file` is where in the workspace the refused rows lie, to be corrected
    and imported alone; empty after a dry run and where none was refused.
    """

    source: str
    read: int
    registered: int
    revised: int
    unchanged: int
    refused: tuple[RefusedRow, ...]
    dry_run: bool = False
    changes: tuple[Change, ...] = ()
    warnings: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    refused_file: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Paragraph:
    """Plain text in a report; it is always escaped."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DataTable:
    """A table in a report: column titles and rows of plain values."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    caption: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A picture in a report: SVG drawn by the product, and its content in words."""

    svg: str
    description: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of a report, built by one plugin."""

    section_id: str
    title: str
    blocks: tuple[Paragraph | DataTable | Figure, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportPin:
    """The checkpoint that covers what a report says: its number, events, tree root and time.

    `checkpoint` 0 means that the report is pinned to the trail's head only; `reason` says why.
    """

    checkpoint: int = 0
    size: int = 0
    root: str = ""
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A report before it is rendered: who asked, when, and the head of the trail it was read from."""

    report_id: str
    title: str
    subject: str
    organisation: str
    generated_at: datetime
    generated_by: str
    trail_head: str
    trail_length: int
    evidence_level: str
    sections: tuple[Section, ...]
    pin: ReportPin = field(default_factory=ReportPin)


@dataclass(frozen=True, kw_only=True, slots=True)
class SystemChange:
    """How one system differs between two times.

    `kind` is ``added``, ``moved`` (its stage or status differs) or ``changed``; `fields` holds what
    each field was and became.
    """

    system_id: str
    kind: str
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A system that may not be where it is, and one condition that says so."""

    system_id: str
    name: str
    unit: str
    stage: str
    tier: str
    condition: str
    reason: str
    remedy: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """Outcome of verifying the audit trail; `faults` names each place that does not fit.

    `remarks` is what a reader should know and is no fault: content erased by decision, events that
    wait for their place in the tree, a checkpoint key that was lost and replaced.
    """

    events: int
    head: str
    faults: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def intact(self) -> bool:
        """True when every event fits its hash and its neighbours."""
        return not self.faults


@dataclass(frozen=True, kw_only=True, slots=True)
class AnchorReceipt:
    """What an anchor has to show: where the checkpoint is kept, and a proof of it in text, if any."""

    location: str
    receipt: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchored:
    """How one anchor took a checkpoint: kept at `location` with its `receipt`, or failed with `error`."""

    number: int
    anchor: str
    kept: bool
    location: str = ""
    receipt: str = ""
    error: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A signed statement of the first `size` events of the trail; `note` is what is kept elsewhere.

    `number` counts from 1. `root` is 64 hexadecimal characters. `anchored` says where it went.
    """

    number: int
    origin: str
    size: int
    root: str
    note: str
    made_at: datetime
    made_by: str
    anchored: tuple[Anchored, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasure:
    """Consent to erase one event's content; `done` once an administrator and an auditor gave theirs."""

    event_id: str
    sequence: int
    asked_by: str
    role: str
    reason: str
    at: datetime
    done: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PluginInfo:
    """A plugin as the host sees it: active, failed, blocked, with its reason."""

    name: str
    distribution: str
    version: str
    fingerprint: str
    status: str
    reason: str = ""
    hooks: tuple[str, ...] = ()
