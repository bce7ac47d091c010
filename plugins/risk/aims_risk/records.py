"""Frozen values that the risk register returns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aims_core import Factor, RiskCategory


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """A rating of one system's risk, with every factor behind it.

    `consequence` is the gravest rating over the dimensions; `revision` that of the system rated.
    """

    assessment_id: str
    system_id: str
    revision: int
    likelihood: int
    consequence: int
    level: str
    value: float
    tier: RiskCategory
    factors: tuple[Factor, ...]
    rationale: str
    criteria_version: str
    provider: str
    assessed_by: str
    assessed_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Risk:
    """One identified risk of a system (ISO 31000, 6.4.2), as it stands now.

    `risk_source` is what gives rise to it, `consequence` what would happen to whom; `level` follows
    from likelihood and the gravest of `consequences`, with the treatments in place.
    """

    system_id: str
    risk_id: str
    title: str
    risk_source: str
    consequence: str
    likelihood: int
    consequences: Mapping[str, int]
    level: str
    risk_owner: str
    status: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Treatment:
    """What is done about a risk; `risk_id` is empty where it is for the system's risk as a whole.

    `controls` are identifiers of controls that it rests on, such as ``A.7.4`` of ISO/IEC 42001.
    """

    treatment_id: str
    system_id: str
    risk_id: str
    measure: str
    option: str
    responsible: str
    controls: tuple[str, ...]
    status: str
    recorded_by: str
    recorded_at: datetime
