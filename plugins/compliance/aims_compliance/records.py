"""Frozen values that the Statement of Applicability returns."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlDecision:
    """What was decided on one control; `revision` counts the decisions on it, from 1.

    `implementation` is empty where the control is excluded.
    """

    decision_id: str
    control_id: str
    revision: int
    applicable: bool
    reason: str
    grounds: tuple[str, ...]
    implementation: str
    responsible: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedStatement:
    """A version of the statement; `digest` covers its rows, so that any change shows."""

    version: int
    digest: str
    catalog: str
    included: int
    excluded: int
    note: str
    issued_by: str
    issued_at: datetime
