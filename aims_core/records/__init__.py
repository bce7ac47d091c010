"""Frozen values that services return and plugins receive; safe to keep after a transaction ended."""

from aims_core.records.decisions import (
    Approval,
    Condition,
    Finding,
    Transitioned,
    Vote,
)
from aims_core.records.evidence import (
    BundleImport,
    Disposal,
    Evidence,
    LegalHold,
)
from aims_core.records.facts import (
    SystemFacts,
)
from aims_core.records.imports import (
    Change,
    Draft,
    ImportBatch,
    ImportOutcome,
    RefusedRow,
)
from aims_core.records.people import (
    Actor,
    Delegation,
    Grant,
)
from aims_core.records.plugins import (
    PluginInfo,
)
from aims_core.records.problems import (
    Problem,
)
from aims_core.records.reports import (
    DataTable,
    Figure,
    Paragraph,
    Report,
    ReportPin,
    Section,
)
from aims_core.records.results import (
    Result,
)
from aims_core.records.scoring import (
    CatalogItem,
    Factor,
    Measurement,
    Score,
    ScoringInput,
)
from aims_core.records.systems import (
    CONTENT_FIELDS,
    AISystem,
    Component,
    SystemChange,
)
from aims_core.records.trail import (
    Anchored,
    AnchorReceipt,
    Checkpoint,
    Erasure,
    Verification,
)
from aims_core.records.waiting import WaitingItem

__all__ = [
    "CONTENT_FIELDS",
    "AISystem",
    "Actor",
    "AnchorReceipt",
    "Anchored",
    "Approval",
    "BundleImport",
    "CatalogItem",
    "Change",
    "Checkpoint",
    "Component",
    "Condition",
    "DataTable",
    "Delegation",
    "Disposal",
    "Draft",
    "Erasure",
    "Evidence",
    "Factor",
    "Figure",
    "Finding",
    "Grant",
    "ImportBatch",
    "ImportOutcome",
    "LegalHold",
    "Measurement",
    "Paragraph",
    "PluginInfo",
    "Problem",
    "RefusedRow",
    "Report",
    "ReportPin",
    "Result",
    "Score",
    "ScoringInput",
    "Section",
    "SystemChange",
    "SystemFacts",
    "Transitioned",
    "Verification",
    "Vote",
    "WaitingItem",
]
