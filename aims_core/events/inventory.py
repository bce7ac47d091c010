"""Systems registered, revised, imported and changed in bulk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aims_core.events.occurrences import Event


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
