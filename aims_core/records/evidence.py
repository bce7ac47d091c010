"""Records of files that decisions rest on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aims_core.terms import DisposalStatus


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

    One person proposes its release and says why (`release_reason`), another releases it. `fact_at`,
    `release_proposed_fact_at` and `released_fact_at` say when that was in fact, where somebody says so.
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
    fact_at: datetime | None = None
    release_proposed_fact_at: datetime | None = None
    released_fact_at: datetime | None = None


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
