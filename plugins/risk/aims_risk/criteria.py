"""Risk criteria: from likelihood and consequence to a level and a tier. Pure.

Source: ISO/IEC 42001, 6.1.1 and 6.1.2; ISO/IEC 23894, 6.3.4; ISO 31000, 6.3.4. The shape of the
scale is the organisation's own; the defaults are a common 5 by 5 matrix.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from aims_core import InvalidRecord, Problem, RiskCategory, digest

DIMENSIONS = ("organisation", "individuals", "society")
TIERS = (RiskCategory.MINIMAL, RiskCategory.LIMITED, RiskCategory.HIGH)
"""Tiers an assessment can give, mildest first; `prohibited` follows from a practice, not from a sum."""

_KEYS = ("scale", "levels", "modifiers")
_MAX_SCALE = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """A level of risk: it reaches up to `up_to` points and gives a system this tier."""

    name: str
    up_to: float
    tier: RiskCategory


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskCriteria:
    """The criteria in force.

    `scale` is the highest rating (ratings run from 1); `levels` are ordered, the last one open above;
    `modifiers` are circumstances that add points when they apply.
    """

    scale: int
    levels: tuple[Level, ...]
    modifiers: Mapping[str, float]

    @property
    def version(self) -> str:
        """First 12 characters of the digest of the criteria, so that each assessment names its own."""
        return digest(asdict(self))[:12]

    def level(self, points: float) -> Level:
        """Return the level that a number of points reaches."""
        return next((lv for lv in self.levels if points <= lv.up_to), self.levels[-1])

    def tier(self, points: float, declared: RiskCategory, *, prohibited: bool) -> RiskCategory:
        """Return the tier: what the level gives, never below what the owner declared.

        A practice answered as prohibited, or declared so, is prohibited whatever the points say.
        """
        if prohibited or declared is RiskCategory.PROHIBITED:
            return RiskCategory.PROHIBITED
        given = self.level(points).tier
        floor = TIERS.index(declared) if declared in TIERS else 0
        return TIERS[max(TIERS.index(given), floor)]


DEFAULT = RiskCriteria(
    scale=5,
    levels=(
        Level(name="low", up_to=4, tier=RiskCategory.MINIMAL),
        Level(name="moderate", up_to=9, tier=RiskCategory.LIMITED),
        Level(name="high", up_to=16, tier=RiskCategory.HIGH),
        Level(name="very_high", up_to=100, tier=RiskCategory.HIGH),
    ),
    modifiers={
        "acts_without_a_person": 2.0,
        "vulnerable_people": 3.0,
        "personal_data": 1.0,
        "large_scale": 1.0,
    },
)


def read_criteria(section: Mapping[str, Any]) -> RiskCriteria:
    """Return the criteria that ``[risk]`` in ``aims.toml`` declares; absent keys keep the default.

    Raises
    ------
    InvalidRecord
        A key is unknown or a value cannot serve; each is named with what would help.
    """
    problems = [
        Problem(
            field=f"risk.{k}", reason="is not a setting", remedy=f"use one of {', '.join(_KEYS)}"
        )
        for k in section
        if k not in _KEYS
    ]
    criteria = RiskCriteria(
        scale=_scale(section.get("scale", DEFAULT.scale), problems),
        levels=_levels(section["levels"], problems) if "levels" in section else DEFAULT.levels,
        modifiers=_modifiers(section.get("modifiers", DEFAULT.modifiers), problems),
    )
    if problems:
        raise InvalidRecord("read the risk criteria in aims.toml", problems)
    return criteria


def _scale(value: Any, problems: list[Problem]) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 2 <= value <= _MAX_SCALE:  # noqa: PLR2004 - a scale of one rating tells nothing
        return value
    problems.append(
        Problem(
            field="risk.scale", reason=f"is {value!r}", remedy="use a whole number from 2 to 10"
        )
    )
    return DEFAULT.scale


def _levels(value: Any, problems: list[Problem]) -> tuple[Level, ...]:
    try:
        levels = tuple(
            Level(
                name=str(one["name"]),
                up_to=float(one["up_to"]),
                tier=TIERS[TIERS.index(RiskCategory(one["tier"]))],
            )
            for one in value
        )
    except (KeyError, TypeError, ValueError) as error:
        remedy = "give name, up_to and tier (minimal, limited or high) for each level"
        problems.append(
            Problem(field="risk.levels", reason=f"cannot be read ({error})", remedy=remedy)
        )
        return DEFAULT.levels
    rising = all(
        a.up_to < b.up_to and TIERS.index(a.tier) <= TIERS.index(b.tier)
        for a, b in pairwise(levels)
    )
    if not levels or not rising:
        problems.append(
            Problem(
                field="risk.levels",
                reason="do not rise",
                remedy="order them from mild to grave; up_to must rise and no tier may be milder",
            )
        )
        return DEFAULT.levels
    return levels


def _modifiers(value: Any, problems: list[Problem]) -> Mapping[str, float]:
    if isinstance(value, Mapping) and all(
        isinstance(v, int | float) and not isinstance(v, bool) and v >= 0 for v in value.values()
    ):
        return {str(k): float(v) for k, v in value.items()}
    problems.append(
        Problem(
            field="risk.modifiers",
            reason="must name circumstances and the points they add",
            remedy="use numbers from 0 upward, such as vulnerable_people = 3",
        )
    )
    return DEFAULT.modifiers
