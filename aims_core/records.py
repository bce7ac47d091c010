"""Frozen values that services return and plugins receive; safe to keep after a transaction ended."""

from collections.abc import Mapping
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
class Vote:
    """A person's decision in one role, bound to the content digest it was given for."""

    vote_id: str
    approval_id: str
    actor: str
    person: str
    role: str
    decision: Decision
    reason: str
    digest: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """A request for a transition of one revision, its votes and what still stands in the way."""

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
    votes: tuple[Vote, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def unmet(self) -> tuple[Condition, ...]:
        """Conditions that are not met, in the order they were checked."""
        return tuple(c for c in self.conditions if not c.met)


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Objective evidence (ISO 9000, 3.8.3): what it shows, its digest and when it was collected."""

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
    carried-out approvals of the system, newest first.
    """

    system: AISystem
    owner: Actor | None
    now: datetime
    results: Mapping[str, tuple[Result, ...]] = field(default_factory=dict)
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    duties: Mapping[str, frozenset[str]] = field(default_factory=dict)
    excepted: Mapping[tuple[str, str], str] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()

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
    there was too little data, and `reason` then says so. `n` counts the rows it rests on.
    """

    metric: str
    value: float | None
    n: int
    direction: str
    unit: str = ""
    subject: str = ""
    reason: str = ""


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
    """What is wrong with one field of one row, and what would help."""

    field: str
    reason: str
    remedy: str = ""
    row: int | None = None
    value: str = ""

    def __str__(self) -> str:
        place = f"row {self.row}, {self.field}" if self.row is not None else self.field
        help_ = f" {self.remedy[:1].upper()}{self.remedy[1:]}." if self.remedy else ""
        return f"{place}: {self.reason}.{help_}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A row an importer could read: values by field of the register, and where it came from."""

    row: int
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedRow:
    """A row that could not be taken: its original cells are kept, with every problem found."""

    row: int
    cells: Mapping[str, Any]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportBatch:
    """What an importer read from one source: drafts and refused rows add up to the rows read."""

    source: str
    source_digest: str
    drafts: tuple[Draft, ...]
    refused: tuple[RefusedRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportOutcome:
    """What became of an import; `registered + revised + unchanged + len(refused) == read`."""

    source: str
    read: int
    registered: int
    revised: int
    unchanged: int
    refused: tuple[RefusedRow, ...]
    dry_run: bool = False


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
    """Outcome of verifying the audit trail; `faults` names each place that does not fit."""

    events: int
    head: str
    faults: tuple[str, ...] = ()

    @property
    def intact(self) -> bool:
        """True when every event fits its hash and its neighbours."""
        return not self.faults


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
