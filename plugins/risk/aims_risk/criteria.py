"""Risk criteria: from likelihood and consequence to a level and a tier. Pure.

Source: ISO/IEC 42001, 6.1.1 and 6.1.2; ISO/IEC 23894, 6.3.4; ISO 31000, 6.3.4. The shape of the
scale is the organisation's own; the defaults are a common 5 by 5 matrix.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from aims_core import RiskCategory, digest

DIMENSIONS = ("organisation", "individuals", "society")
"""Who bears a consequence (ISO/IEC 42001, 6.1.2)."""
TIERS = (RiskCategory.MINIMAL, RiskCategory.LIMITED, RiskCategory.HIGH)
"""Tiers an assessment can give, mildest first; `prohibited` follows from a practice, not from a sum."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """A level of risk: it reaches up to `up_to` points and gives a system this tier."""

    name: str
    up_to: float
    tier: RiskCategory


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskCriteria:
    """The criteria in force.

    Attributes
    ----------
    scale : int
        The highest rating; ratings run from 1.
    likelihood, consequence : tuple of str
        A word for each rating, lowest first.
    levels : tuple of Level
        Mildest first; the last one is open above.
    modifiers : mapping of str to float
        Circumstances that make it worse, and the points they add when they apply.
    """

    scale: int
    likelihood: tuple[str, ...]
    consequence: tuple[str, ...]
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
        given = RiskCategory.PROHIBITED if prohibited else self.level(points).tier
        return graver(given, declared)


def graver(first: RiskCategory, second: RiskCategory) -> RiskCategory:
    """Return the graver of two tiers; `undetermined` is the mildest, because it says nothing."""
    order = (RiskCategory.UNDETERMINED, *TIERS, RiskCategory.PROHIBITED)
    return max(first, second, key=order.index)


DEFAULT = RiskCriteria(
    scale=5,
    likelihood=("rare", "unlikely", "possible", "likely", "almost certain"),
    consequence=("negligible", "minor", "moderate", "major", "severe"),
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
