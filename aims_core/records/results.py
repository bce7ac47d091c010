"""What a governance function found out about a system."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aims_core.terms import RiskCategory


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """Envelope for what a provider computed; readable after the provider is uninstalled.

    `kind` says what it is (``risk_assessment``, ``measurement``), `subject` which of several
    (a monitor, a risk); the newest result of a (system, kind, subject) is the one in force.
    """

    result_id: str
    kind: str
    system_id: str
    subject: str
    provider: str
    distribution: str
    version: str
    fingerprint: str
    input_digest: str
    schema: Mapping[str, Any]
    payload: Mapping[str, Any]
    revision: int
    tier: RiskCategory | None
    recorded_by: str
    recorded_at: datetime
    valid_until: datetime | None = None
