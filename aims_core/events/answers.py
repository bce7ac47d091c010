"""Events by which governance functions answer each other, so that either side can be swapped."""

from dataclasses import dataclass
from datetime import datetime

from aims_core.events.occurrences import Event


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
