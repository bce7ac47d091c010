"""What the lifecycle asks about risk: pure functions over the facts of many systems at once."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from aims_core import Condition, Result, RiskCategory, SystemFacts

Answers = Mapping[str, Condition]


def initial_risk_assessment(facts: Sequence[SystemFacts]) -> Answers:
    """Met when the risk of the current revision was assessed (ISO/IEC 42001, 6.1.2 and 8.2)."""
    return {f.system.system_id: _assessed(f) for f in facts}


def not_prohibited(facts: Sequence[SystemFacts]) -> Answers:
    """Met when neither assessment nor owner calls the practice prohibited.

    Source: Regulation (EU) 2024/1689, Art. 5.
    """
    return {f.system.system_id: _allowed(f) for f in facts}


def residual_risk_accepted(facts: Sequence[SystemFacts]) -> Answers:
    """Met when the newest assessment was accepted by somebody entitled (ISO/IEC 42001, 6.1.3)."""
    return {f.system.system_id: _accepted(f) for f in facts}


@lru_cache(maxsize=10_000)
def _condition(name: str, reason: str, remedy: str = "") -> Condition:
    return Condition(name=name, met=not remedy, reason=reason, source="risk", remedy=remedy)


def _assessed(facts: SystemFacts) -> Condition:
    name, result = "initial_risk_assessment", facts.newest("risk_assessment")
    if result is None:
        return _condition(name, "risk was never assessed", "assess the risk of the system")
    if result.revision != facts.system.revision:
        reason = (
            f"revision {result.revision} was assessed, revision {facts.system.revision} is current"
        )
        return _condition(name, reason, "assess the current revision")
    if result.valid_until is not None and result.valid_until <= facts.now:
        reason = f"the assessment was valid until {result.valid_until.date()}"
        return _condition(name, reason, "assess the risk again")
    return _condition(name, f"level {_level(result)}, by {_by(result)}")


def _allowed(facts: SystemFacts) -> Condition:
    name, system = "not_prohibited", facts.system
    if RiskCategory.PROHIBITED in {system.tier, system.declared_risk_category}:
        return _condition(
            name,
            "the practice is classed as prohibited",
            "reject or retire the system, or have the class looked at again",
        )
    return _condition(name, f"declared {system.declared_risk_category}, assessed {system.tier}")


def _accepted(facts: SystemFacts) -> Condition:
    name = "residual_risk_accepted"
    assessed, accepted = facts.newest("risk_assessment"), facts.newest("risk_acceptance")
    if assessed is None:
        return _condition(name, "there is no assessment to accept", "assess the risk first")
    remedy = "have a risk reviewer or committee member accept it who did not assess it"
    risk = f"residual risk {_level(assessed)}"
    if accepted is None:
        return _condition(name, f"{risk}: nobody accepted it", remedy)
    if not _belongs(accepted, assessed):
        late = "after the last acceptance, risk was assessed again"
        return _condition(name, f"{risk}: {late}", remedy)
    if accepted.valid_until is not None and accepted.valid_until <= facts.now:
        ended = f"the acceptance by {accepted.recorded_by} ended on {accepted.valid_until.date()}"
        return _condition(name, f"{risk}: {ended}", remedy)
    return _condition(name, f"{_level(assessed)}, accepted by {_by(accepted)}")


def _belongs(accepted: Result, assessed: Result) -> bool:
    """Say whether an acceptance is for an assessment; by time where another plugin wrote either."""
    of, key = accepted.payload.get("assessment_id"), assessed.payload.get("assessment_id")
    if of is None or key is None:
        return accepted.recorded_at >= assessed.recorded_at
    return bool(of == key)


def _level(result: Result) -> str:
    return str(result.payload.get("level") or result.tier or "unknown").replace("_", " ")


def _by(result: Result) -> str:
    return f"{result.recorded_by} on {result.recorded_at.date()}"
