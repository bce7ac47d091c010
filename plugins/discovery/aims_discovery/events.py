"""What happened in discovery; the import itself is the core's `SystemsImported`."""

from dataclasses import dataclass
from typing import ClassVar

from aims_core import Event


@dataclass(frozen=True, kw_only=True)
class RefusedRowsKept(Event):
    """An import run is on record together with the rows it refused; digests say of which file and mapping."""

    component: ClassVar[str] = "discovery"
    run_id: str
    source: str
    source_digest: str
    mapping: str
    mapping_digest: str
    read: int
    refused: int
