"""What happens in the risk register."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

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
    answers: Mapping[str, Any]
    rationale: str


@dataclass(frozen=True, kw_only=True)
class ResidualRiskAccepted(Event):
    """Somebody entitled accepted what risk remains (ISO/IEC 42001, 6.1.3)."""

    component: ClassVar[str] = "risk"
    assessment_id: str
    level: str
    reason: str
    valid_until: str


@dataclass(frozen=True, kw_only=True)
class RiskIdentified(Event):
    """A risk of a system stands in the register; `content` is what was said (ISO 31000, 6.4.2)."""

    component: ClassVar[str] = "risk"
    risk_id: str
    level: str
    content: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class RiskRevised(Event):
    """An identified risk was described or rated anew, closed or opened again; `changed` says how."""

    component: ClassVar[str] = "risk"
    risk_id: str
    level: str
    changed: Mapping[str, Any]
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class RiskTreated(Event):
    """A treatment was put on record or changed (ISO/IEC 42001, 6.1.3 and 8.3).

    `risk_id` is empty where the treatment is for the risk of the system as a whole.
    """

    component: ClassVar[str] = "risk"
    treatment_id: str
    risk_id: str
    measure: str
    option: str
    responsible: str
    controls: tuple[str, ...]
    status: str
