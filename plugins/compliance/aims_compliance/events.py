"""What happens to the Statement of Applicability."""

from dataclasses import dataclass
from typing import ClassVar

from aims_core import Event


@dataclass(frozen=True, kw_only=True)
class ControlDecided(Event):
    """A control was included or excluded, with the reason for it (ISO/IEC 42001, 6.1.3)."""

    component: ClassVar[str] = "compliance"
    control_id: str
    revision: int
    applicable: bool
    reason: str
    grounds: tuple[str, ...]
    implementation: str
    responsible: str


@dataclass(frozen=True, kw_only=True)
class StatementIssued(Event):
    """A version of the Statement of Applicability was issued; `digest` is that of its rows."""

    component: ClassVar[str] = "compliance"
    version: int
    digest: str
    catalog: str
    included: int
    excluded: int
    note: str
