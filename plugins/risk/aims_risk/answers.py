"""What an assessor may answer; every wrong answer is named at once. Pure."""

from collections.abc import Mapping
from typing import Any

from aims_core import Problem
from aims_risk.criteria import DIMENSIONS, RiskCriteria

PROHIBITED = "prohibited_practice"


def check_answers(answers: Mapping[str, Any], criteria: RiskCriteria) -> list[Problem]:
    """Return what is wrong with answers to the shipped scorer; empty when nothing is."""
    known = {"likelihood", "consequences", PROHIBITED, *criteria.modifiers}
    remedy = f"answer {', '.join(sorted(known))}"
    problems = [
        Problem(field=name, reason="is not a question of the criteria", remedy=remedy)
        for name in answers
        if name not in known
    ]
    problems += check_ratings(answers, criteria)
    problems += [
        Problem(field=name, reason="is neither yes nor no", remedy="answer true or false")
        for name in (*criteria.modifiers, PROHIBITED)
        if not isinstance(answers.get(name, False), bool)
    ]
    return problems


def check_ratings(answers: Mapping[str, Any], criteria: RiskCriteria) -> list[Problem]:
    """Return what is wrong with the ratings, which place a system on the matrix for any scorer."""
    problems = _rating("likelihood", answers.get("likelihood"), criteria)
    consequences = answers.get("consequences")
    if not isinstance(consequences, Mapping) or not consequences:
        remedy = f"rate at least one of {', '.join(DIMENSIONS)}"
        return [*problems, Problem(field="consequences", reason="is not rated", remedy=remedy)]
    for name, value in consequences.items():
        field = f"consequences.{name}"
        if name not in DIMENSIONS:
            remedy = f"use {', '.join(DIMENSIONS)}"
            problems.append(Problem(field=field, reason="is no dimension", remedy=remedy))
        problems += _rating(field, value, criteria)
    return problems


def _rating(name: str, value: Any, criteria: RiskCriteria) -> list[Problem]:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= criteria.scale:
        return []
    reason = "is not rated" if value is None else f"is {value!r:.60}"
    remedy = f"rate it from 1 (lowest) to {criteria.scale}"
    return [Problem(field=name, reason=reason, remedy=remedy)]
