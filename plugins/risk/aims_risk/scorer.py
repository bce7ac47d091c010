"""The shipped scorer: the gravest consequence times the likelihood, plus what makes it worse. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aims_core import Factor, InvalidRecord, RiskCategory, Score, ScoringInput
from aims_risk.answers import PROHIBITED, check_answers
from aims_risk.criteria import RiskCriteria, graver
from aims_risk.settings import read_criteria


def score(inputs: Sequence[ScoringInput], criteria: Mapping[str, Any]) -> Mapping[str, Score]:
    """Return a score for each system.

    Parameters
    ----------
    inputs : sequence of ScoringInput
        Answers: ``likelihood`` and ``consequences`` (ratings from 1 to the scale, the latter by
        dimension: organisation, individuals, society), each modifier as true or false, and
        ``prohibited_practice``.
    criteria : mapping
        The table ``[risk]`` of ``aims.toml``.

    Returns
    -------
    mapping of str to Score
        ``value = likelihood x gravest consequence + points of the modifiers that apply``.

    Raises
    ------
    InvalidRecord
        An answer is missing or out of range; every one is named.
    """
    in_force = read_criteria(criteria)
    return {one.facts.system.system_id: _score(one, in_force) for one in inputs}


def never_below(found: Score, declared: RiskCategory) -> Score:
    """Return the score with a tier not milder than the owner declared, and a factor that says so.

    Whoever thinks that the declaration is too grave revises the system; no scorer talks it down.
    """
    tier = graver(found.tier, declared)
    if tier is found.tier:
        return found
    reason = f"the scorer gives {found.tier}; declared as {declared}, so the tier is {tier}"
    return replace(found, tier=tier, factors=(*found.factors, _floor(tier, reason)))


def _score(one: ScoringInput, criteria: RiskCriteria) -> Score:
    system = one.facts.system
    if problems := check_answers(one.answers, criteria):
        raise InvalidRecord(f"assess {system.system_id}", problems)
    factors = _factors(one.answers, criteria)
    value = sum(f.contribution for f in factors)
    level, declared = criteria.level(value), system.declared_risk_category
    prohibited = bool(one.answers.get(PROHIBITED, False))
    tier = criteria.tier(value, declared, prohibited=prohibited)
    if tier is not level.tier:
        why = "the practice was answered as prohibited" if prohibited else f"declared as {declared}"
        reason = f"the points give {level.tier}; {why}, so the tier is {tier}"
        factors = (*factors, _floor(tier, reason))
    return Score(
        level=level.name,
        value=value,
        tier=tier,
        factors=factors,
        criteria_version=criteria.version,
    )


def _factors(answers: Mapping[str, Any], criteria: RiskCriteria) -> tuple[Factor, ...]:
    likelihood, consequences = answers["likelihood"], answers["consequences"]
    gravest = max(consequences, key=lambda name: (consequences[name], name))
    worst = consequences[gravest]
    applying = [name for name in criteria.modifiers if answers.get(name, False)]
    return (
        Factor(
            name="likelihood_x_consequence",
            value=f"{likelihood} x {worst}",
            contribution=float(likelihood * worst),
            reason=f"likelihood {likelihood} of {criteria.scale}; gravest for {gravest}: {worst}",
        ),
        *(
            Factor(
                name=name,
                value=True,
                contribution=criteria.modifiers[name],
                reason=f"{name.replace('_', ' ')} adds {criteria.modifiers[name]:g}",
            )
            for name in applying
        ),
    )


def _floor(tier: RiskCategory, reason: str) -> Factor:
    return Factor(name="tier_floor", value=str(tier), contribution=0.0, reason=reason)
