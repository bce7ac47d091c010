"""Reads the criteria an organisation declares under ``[risk]`` in ``aims.toml``. Pure."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from aims_core import InvalidRecord, Problem, RiskCategory
from aims_risk.criteria import DEFAULT, DIMENSIONS, TIERS, Level, RiskCriteria

_KEYS = ("scale", "likelihood", "consequence", "levels", "modifiers", "acceptance")
_SMALLEST, _LARGEST = 2, 10
_LONGEST = 40
_TAKEN = {"system_id", "rationale", "likelihood", "consequences", "prohibited_practice"}


def read_criteria(section: Mapping[str, Any]) -> RiskCriteria:
    """Return the criteria that ``[risk]`` in ``aims.toml`` declares; absent keys keep the default.

    Raises
    ------
    InvalidRecord
        A key is unknown or a value cannot serve; each is named with what would help.
    """
    use = f"use one of {', '.join(_KEYS)}"
    problems = [_problem(key, "is not a setting", use) for key in section if key not in _KEYS]
    scale = _scale(section.get("scale", DEFAULT.scale), problems)
    criteria = RiskCriteria(
        scale=scale,
        likelihood=_words(section, "likelihood", scale, DEFAULT.likelihood, problems),
        consequence=_words(section, "consequence", scale, DEFAULT.consequence, problems),
        levels=_levels(section["levels"], problems) if "levels" in section else DEFAULT.levels,
        modifiers=_modifiers(section.get("modifiers", DEFAULT.modifiers), problems),
    )
    if not problems:
        problems += _reach(criteria)
    if problems:
        raise InvalidRecord("read the risk criteria in aims.toml", problems)
    return criteria


def _problem(key: str, reason: str, remedy: str) -> Problem:
    return Problem(field=f"risk.{key}", reason=reason, remedy=remedy)


def _scale(value: Any, problems: list[Problem]) -> int:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole and _SMALLEST <= value <= _LARGEST:
        return int(value)
    problems.append(_problem("scale", f"is {value!r}", "use a whole number from 2 to 10"))
    return DEFAULT.scale


def _words(
    section: Mapping[str, Any],
    key: str,
    scale: int,
    default: tuple[str, ...],
    problems: list[Problem],
) -> tuple[str, ...]:
    """Return the words for the ratings; without any, a scale of another size shows its numbers."""
    if key not in section:
        return default if len(default) == scale else tuple(map(str, range(1, scale + 1)))
    value = section[key]
    if isinstance(value, list) and len(value) == scale and all(map(_is_word, value)):
        return tuple(value)
    remedy = f"list {scale} words, one for each rating, lowest first"
    problems.append(_problem(key, "does not name each rating", remedy))
    return default


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= _LONGEST


def _levels(value: Any, problems: list[Problem]) -> tuple[Level, ...]:
    try:
        levels = tuple(_level(one) for one in value)
    except (KeyError, TypeError, ValueError) as error:
        remedy = "give name, up_to and tier (minimal, limited or high) for each level"
        problems.append(_problem("levels", f"cannot be read ({error})", remedy))
        return DEFAULT.levels
    if not levels or not _rising(levels) or len({lv.name for lv in levels}) < len(levels):
        remedy = "name them differently, from mild to grave; up_to rises and no tier gets milder"
        problems.append(_problem("levels", "do not rise", remedy))
        return DEFAULT.levels
    return levels


def _level(one: Mapping[str, Any]) -> Level:
    name, up_to, tier = one["name"], float(one["up_to"]), RiskCategory(one["tier"])
    if not _is_word(name) or not math.isfinite(up_to) or tier not in TIERS:
        raise ValueError(f"name {name!r}, up_to {up_to}, tier {tier}")
    return Level(name=name, up_to=up_to, tier=tier)


def _rising(levels: Sequence[Level]) -> bool:
    return all(
        a.up_to < b.up_to and TIERS.index(a.tier) <= TIERS.index(b.tier)
        for a, b in pairwise(levels)
    )


def _modifiers(value: Any, problems: list[Problem]) -> Mapping[str, float]:
    named = isinstance(value, Mapping) and all(
        _is_word(name) and name not in _TAKEN and name not in DIMENSIONS for name in value
    )
    if named and all(_is_addition(points) for points in value.values()):
        return {str(name): float(points) for name, points in value.items()}
    problems.append(
        _problem(
            "modifiers",
            "must name circumstances and the points they add",
            "use numbers from 0 upward, such as vulnerable_people = 3",
        )
    )
    return DEFAULT.modifiers


def _is_addition(points: Any) -> bool:
    number = isinstance(points, int | float) and not isinstance(points, bool)
    return number and math.isfinite(points) and points >= 0


def _reach(criteria: RiskCriteria) -> list[Problem]:
    """Refuse levels that the gravest rating cannot reach: then everything would look mild."""
    gravest = criteria.scale**2
    level = criteria.level(gravest)
    if level.tier is TIERS[-1]:
        return []
    reason = (
        f"the gravest rating, {criteria.scale} x {criteria.scale} = {gravest} points, "
        f"only reaches {level.name!r}, tier {level.tier}"
    )
    return [_problem("levels", reason, "declare levels that fit the scale")]
