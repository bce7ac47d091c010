"""What the lifecycle asks about risk: pure functions over the facts of many systems at once."""

from collections.abc import Mapping, Sequence

from aims_core import Condition, RiskCategory, SystemFacts

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
    day = result.recorded_at.date()
    return _condition(name, f"level {result.payload['level']}, by {result.recorded_by} on {day}")


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
    of = accepted.payload.get("assessment_id") if accepted else None
    if accepted is None or of != assessed.payload["assessment_id"]:
        late = (
            "after the last acceptance, risk was assessed again"
            if accepted
            else "nobody accepted it"
        )
        return _condition(
            name,
            f"residual risk {assessed.payload['level']}: {late}",
            "have a risk reviewer or committee member accept it who did not assess it",
        )
    day = accepted.recorded_at.date()
    return _condition(
        name, f"{assessed.payload['level']}, accepted by {accepted.recorded_by} on {day}"
    )
