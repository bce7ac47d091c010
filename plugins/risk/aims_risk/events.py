"""What happens in the risk register."""

from dataclasses import dataclass
from typing import ClassVar

from aims_core import Event


@dataclass(frozen=True, kw_only=True)
class RiskAssessed(Event):
    """The risk of a system was rated against the criteria in force (ISO/IEC 42001, 6.1.2 and 8.2)."""

    component: ClassVar[str] = "risk"
    assessment_id: str
    level: str
    value: float
    tier: str
    criteria_version: str


@dataclass(frozen=True, kw_only=True)
class ResidualRiskAccepted(Event):
    """Somebody entitled accepted what risk remains (ISO/IEC 42001, 6.1.3)."""

    component: ClassVar[str] = "risk"
    assessment_id: str
    level: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RiskTreated(Event):
    """A treatment of a system's risk was put on record (ISO/IEC 42001, 6.1.3 and 8.3)."""

    component: ClassVar[str] = "risk"
    treatment_id: str
    measure: str
    status: str
