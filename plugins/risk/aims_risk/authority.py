"""Who may accept a residual risk of which level, and for how long at most. Pure.

Source: ISO/IEC 42001, 6.1.3; ISO 31000, 6.5. Rule R4 of the core: the authority follows the level, an
acceptance ends, and what is critical is treated or stopped, never accepted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aims_core import InvalidRecord, Problem, RiskCategory

_SECOND_LINE = ("risk_reviewer", "committee_member", "top_management")
_ABOVE = ("committee_member", "top_management")
_LONGEST = 3_660


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority:
    """Roles that may accept a level, and the longest an acceptance runs, in days; without roles, nobody."""

    by: tuple[str, ...]
    days: int


DEFAULT: Mapping[str, Authority] = {
    "low": Authority(by=_SECOND_LINE, days=730),
    "moderate": Authority(by=_SECOND_LINE, days=365),
    "high": Authority(by=_ABOVE, days=183),
    "very_high": Authority(by=(), days=0),
}
_BY_TIER: Mapping[RiskCategory, Authority] = {
    RiskCategory.MINIMAL: DEFAULT["low"],
    RiskCategory.LIMITED: DEFAULT["moderate"],
}


def authority_for(section: Mapping[str, Any], level: str, tier: RiskCategory) -> Authority:
    """Return who may accept a level; one that nobody declared is judged by its tier.

    Parameters
    ----------
    section : mapping
        ``[risk]`` of ``aims.toml``, whose table ``acceptance`` may declare levels.
    tier : RiskCategory
        Tier of the assessment.

    Raises
    ------
    InvalidRecord
        What is declared cannot serve; each fault is named.
    """
    declared = read_authorities(section.get("acceptance", {}))
    return {**DEFAULT, **declared}.get(level) or _BY_TIER.get(tier, DEFAULT["high"])


def read_authorities(value: Any) -> dict[str, Authority]:
    """Return the authorities that ``[risk.acceptance]`` declares, by level.

    Raises
    ------
    InvalidRecord
        A level names no list of roles, or no sound number of days.
    """
    if not isinstance(value, Mapping):
        raise _unfit([_problem("acceptance", "is no table")])
    problems = [p for level, said in value.items() for p in _faults(str(level), said)]
    if problems:
        raise _unfit(problems)
    return {
        str(level): Authority(by=tuple(said["by"]), days=int(said.get("days", 0)))
        for level, said in value.items()
    }


def _faults(level: str, said: Any) -> list[Problem]:
    field = f"acceptance.{level}"
    if not isinstance(said, Mapping) or set(said) - {"by", "days"} or "by" not in said:
        return [_problem(field, "does not say who may accept it")]
    roles, days = said["by"], said.get("days", 0)
    found = []
    known = set(_SECOND_LINE)
    if not isinstance(roles, list) or not all(isinstance(r, str) and r in known for r in roles):
        found.append(_problem(f"{field}.by", f"names others than {', '.join(_SECOND_LINE)}"))
    whole = isinstance(days, int) and not isinstance(days, bool)
    if not whole or (roles and not 1 <= days <= _LONGEST):
        found.append(_problem(f"{field}.days", f"is {days!r}"))
    return found


def _problem(key: str, reason: str) -> Problem:
    remedy = f'write high = {{ by = ["committee_member"], days = 183 }}; days from 1 to {_LONGEST}'
    return Problem(field=f"risk.{key}", reason=reason, remedy=remedy)


def _unfit(problems: list[Problem]) -> InvalidRecord:
    return InvalidRecord("read who may accept risk, in aims.toml", problems)
