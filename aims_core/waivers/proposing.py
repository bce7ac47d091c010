"""What a waiver must say before anybody decides on it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta

from aims_core.canonical import canonical_json
from aims_core.errors import InvalidRecord, RequestRefused, WorkspaceError
from aims_core.gate.waivers import WaiverPolicy, waiver_policy
from aims_core.records import Problem
from aims_core.settings import Settings

_LONGEST = 4_000


def policy_of(settings: Settings) -> WaiverPolicy:
    """Return the policy in force: the shipped one, with the checks that ``[waivers] never`` adds.

    Raises
    ------
    WorkspaceError
        ``[waivers]`` holds something else than a list of check names under ``never``.
    """
    policy, section = waiver_policy(), settings.section("waivers")
    added = section.get("never", [])
    if set(section) - {"never"} or not isinstance(added, list) or not all(map(_is_word, added)):
        raise WorkspaceError(
            "[waivers] in aims.toml holds what it may not; it takes never = [names of checks], "
            "and nothing else"
        )
    return replace(policy, never=tuple(dict.fromkeys((*policy.never, *added))))


def refuse_unfit(asked: str, check: str, known: Collection[str], policy: WaiverPolicy) -> None:
    """Raise when the check is none of the lifecycle, or one that nobody may waive."""
    if check not in known:
        raise RequestRefused(
            f"{asked}: the lifecycle has no check of this name; only its named checks can be waived, "
            f"never a stage, an approval or the segregation of duties: {', '.join(sorted(known))}"
        )
    if check in policy.never:
        raise RequestRefused(f"{asked}: this can never be waived; meet it, or leave the step")


def checked(
    asked: str, reason: str, compensating_measure: str, expires_on: date, *, today: date
) -> dict[str, str]:
    """Return what a waiver says, as it is kept.

    Raises
    ------
    InvalidRecord
        Each problem is named.
    """
    said = {"reason": reason.strip(), "compensating_measure": compensating_measure.strip()}
    problems = [*_texts(said), *_day(expires_on, today)]
    if problems:
        raise InvalidRecord(asked, problems)
    return {**said, "expires_on": expires_on.isoformat()}


def _texts(said: dict[str, str]) -> list[Problem]:
    problems = []
    for field, words in said.items():
        if not 0 < len(words) <= _LONGEST:
            remedy = f"say it in a sentence, in up to {_LONGEST} characters"
            problems.append(Problem(field=field, reason="is empty or too long", remedy=remedy))
            continue
        try:
            canonical_json(words)
        except ValueError as error:
            problems.append(Problem(field=field, reason=str(error), remedy="remove it"))
    return problems


def _day(expires_on: date, today: date) -> list[Problem]:
    if isinstance(expires_on, datetime) or not isinstance(expires_on, date):
        remedy = "give a date, such as date(2027, 3, 31)"
        return [Problem(field="expires_on", reason=f"is {expires_on!r}", remedy=remedy)]
    last = today + timedelta(days=waiver_policy().longest)
    if not today <= expires_on <= last:
        remedy = f"name a day from {today} to {last}"
        return [Problem(field="expires_on", reason=f"is {expires_on}", remedy=remedy)]
    return []


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value)
