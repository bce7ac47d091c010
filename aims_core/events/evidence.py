"""Evidence added, held, disposed of and carried over."""

from dataclasses import dataclass
from datetime import datetime

from aims_core.events.occurrences import Event


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
    """Evidence is under legal hold: one record, or all of a system where `evidence_id` is empty.

    `fact_at` is since when in fact, where stated.
    """

    hold_id: str
    evidence_id: str
    reason: str
    fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class EvidenceHoldReleaseProposed(Event):
    """Somebody proposes to end a legal hold; a second person decides, and it holds until then.

    `fact_at` is when it was proposed in fact, where stated.
    """

    hold_id: str
    evidence_id: str
    reason: str
    fact_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class EvidenceHoldReleaseDeclined(Event):
    """The release of a legal hold was declined, or taken back by who proposed it; the hold stays."""

    hold_id: str
    evidence_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class EvidenceHoldReleased(Event):
    """A legal hold ended, by a second person than who proposed it; in fact at `fact_at`, where stated."""

    hold_id: str
    evidence_id: str
    reason: str
    proposed_by: str = ""
    fact_at: datetime | None = None


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
