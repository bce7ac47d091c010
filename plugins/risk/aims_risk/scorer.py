"""The shipped scorer: the gravest consequence times the likelihood, plus what makes it worse. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from aims_core import Factor, InvalidRecord, Problem, RiskCategory, Score, ScoringInput
from aims_risk.criteria import DIMENSIONS, RiskCriteria, read_criteria

PROHIBITED = "prohibited_practice"


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


def _score(one: ScoringInput, criteria: RiskCriteria) -> Score:
    system = one.facts.system
    if problems := check_answers(one.answers, criteria):
        raise InvalidRecord(f"assess {system.system_id}", problems)
    factors = _factors(one.answers, criteria)
    value = sum(f.contribution for f in factors)
    prohibited = bool(one.answers.get(PROHIBITED, False))
    declared = system.declared_risk_category
    tier = criteria.tier(value, declared, prohibited=prohibited)
    return Score(
        level=criteria.level(value).name,
        value=value,
        tier=tier,
        factors=(*factors, *_floor(criteria, value, declared, tier, prohibited=prohibited)),
        criteria_version=criteria.version,
    )


def check_answers(answers: Mapping[str, Any], criteria: RiskCriteria) -> list[Problem]:
    """Return what is wrong with an assessor's answers; empty when nothing is."""
    known = {"likelihood", "consequences", PROHIBITED, *criteria.modifiers}
    problems = [
        Problem(
            field=name,
            reason="is not a question of the criteria",
            remedy=f"answer {', '.join(sorted(known))}",
        )
        for name in answers
        if name not in known
    ]
    problems += _rating("likelihood", answers.get("likelihood"), criteria)
    consequences = answers.get("consequences")
    if not isinstance(consequences, Mapping) or not consequences:
        remedy = f"rate at least one of {', '.join(DIMENSIONS)}"
        return [*problems, Problem(field="consequences", reason="is not rated", remedy=remedy)]
    for name, value in consequences.items():
        if name not in DIMENSIONS:
            remedy = f"use {', '.join(DIMENSIONS)}"
            problems.append(
                Problem(field=f"consequences.{name}", reason="is no dimension", remedy=remedy)
            )
        problems += _rating(f"consequences.{name}", value, criteria)
    for name in (*criteria.modifiers, PROHIBITED):
        if not isinstance(answers.get(name, False), bool):
            problems.append(
                Problem(field=name, reason="is neither yes nor no", remedy="answer true or false")
            )
    return problems


def _rating(name: str, value: Any, criteria: RiskCriteria) -> list[Problem]:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= criteria.scale:
        return []
    reason = "is not rated" if value is None else f"is {value!r}"
    remedy = f"rate it from 1 (lowest) to {criteria.scale}"
    return [Problem(field=name, reason=reason, remedy=remedy)]


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


def _floor(
    criteria: RiskCriteria,
    value: float,
    declared: RiskCategory,
    tier: RiskCategory,
    *,
    prohibited: bool,
) -> tuple[Factor, ...]:
    """Return the factor that says why the tier is not the one the points give."""
    given = criteria.level(value).tier
    if tier is given:
        return ()
    why = "the practice was answered as prohibited" if prohibited else f"declared as {declared}"
    reason = f"the points give {given}; {why}, so the tier is {tier}"
    return (Factor(name="tier_floor", value=str(tier), contribution=0.0, reason=reason),)
