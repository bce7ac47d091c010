"""AI systems, their components, and what is known of them at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any

from aims_core.terms import (
    ApprovalState,
    ComponentKind,
    Entry,
    OperationalStatus,
    Origin,
    RiskCategory,
    graver,
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

    `tier` is assessed, `declared_risk_category` is what its owner said; :attr:`governing_tier` is the
    one by which the system is judged. `digest` covers :data:`CONTENT_FIELDS` and changes with each
    revision of them.
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

    @property
    def governing_tier(self) -> RiskCategory:
        """Return the tier by which the system is judged: the assessed one, or a graver declared one.

        An assessment is never milder than what was declared, so a declaration above the assessed tier is
        one that nobody has assessed yet. Quorum, checks, required fields, waivers and periodic reviews
        go by it.
        """
        return graver(self.tier, self.declared_risk_category)

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
class SystemChange:
    """How one system differs between two times.

    `kind` is ``added``, ``moved`` (its stage or status differs) or ``changed``; `fields` holds what
    each field was and became.
    """

    system_id: str
    kind: str
    fields: Mapping[str, tuple[Any, Any]]
