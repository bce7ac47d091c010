"""Scores, measurements and catalogues that plugins offer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aims_core.records.facts import SystemFacts
from aims_core.terms import RiskCategory


@dataclass(frozen=True, kw_only=True, slots=True)
class Factor:
    """One reason behind a score: its value, how much it added, and why, in plain words."""

    name: str
    value: Any
    contribution: float
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """A scorer's answer for one system: a level on the criteria's scale, the tier, the factors."""

    level: str
    value: float
    tier: RiskCategory
    factors: tuple[Factor, ...]
    criteria_version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoringInput:
    """What a scorer gets for one system: the facts and the assessor's answers."""

    facts: SystemFacts
    answers: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """One measured figure (ISO/IEC 42001, 9.1).

    `direction` is ``high`` when a higher value is better, ``low`` otherwise; `value` is None when
    there was too little data, and `reason` then says so; beside a value it says what was found. `n` counts
    the rows it rests on. `low` and `high` are its 95 % interval and `p` the chance of such a value where
    nothing changed, None where there is none. `applicable` is False for a figure that this subject does
    not have whatever its data are, such as an order of categories; it has no value, and a reason.
    """

    metric: str
    value: float | None
    n: int
    direction: str
    unit: str = ""
    subject: str = ""
    reason: str = ""
    low: float | None = None
    high: float | None = None
    p: float | None = None
    applicable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogItem:
    """One control or requirement of a catalogue: identifier, short title, topic, what it asks."""

    item_id: str
    title: str
    topic: str
    asks: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
