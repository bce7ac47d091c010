"""Acceptance of the risk that remains, by somebody who did not assess it."""

from datetime import datetime, timedelta

from aims_core import (
    ActorKind,
    AISystem,
    InvalidRecord,
    NotPermitted,
    Offer,
    Problem,
    RequestRefused,
    Result,
    RiskCategory,
    Transaction,
    utc_text,
)
from aims_risk.assessments import KIND as ASSESSMENT
from aims_risk.authority import Authority
from aims_risk.events import ResidualRiskAccepted
from aims_risk.fields import LONG, check_text

KIND = "risk_acceptance"


def to_accept(tx: Transaction, system: AISystem, asked: str) -> Result:
    """Return the assessment whose residual risk can be accepted now.

    Raises
    ------
    RequestRefused
        There is none, it is of an earlier revision, or the practice is prohibited.
    """
    newest = next(iter(tx.newest_results(ASSESSMENT, [system.system_id])), None)
    if newest is None:
        raise RequestRefused(f"{asked}: it was never assessed; assess it first")
    if newest.revision != system.revision:
        raise RequestRefused(
            f"{asked}: revision {newest.revision} was assessed, revision {system.revision} is "
            "current; assess it again first"
        )
    if RiskCategory.PROHIBITED in {newest.tier, system.declared_risk_category}:
        raise RequestRefused(
            f"{asked}: a prohibited practice cannot be accepted; reject or retire the system, "
            "or have its class looked at again"
        )
    return newest


def check_authority(
    tx: Transaction, system: AISystem, level: str, who: Authority, asked: str
) -> None:
    """Refuse an acceptance by somebody whose role does not reach up to the level (rule R4).

    Raises
    ------
    RequestRefused
        Nobody may accept this level.
    NotPermitted
        The actor is no person, or holds none of the roles that may accept it here.
    """
    words = level.replace("_", " ")
    if not who.by:
        raise RequestRefused(
            f"{asked}: the level is {words}, which nobody may accept; treat the risk and assess it "
            "again, or suspend, reject or retire the system"
        )
    if tx.actor.kind is not ActorKind.PERSON:
        raise NotPermitted(
            f"{asked}: {tx.actor.actor_id} is a {tx.actor.kind}; only persons accept"
        )
    if not tx.roles(system) & set(who.by):
        raise NotPermitted(
            f"{asked}: the level is {words}, and {tx.actor.actor_id} is not {' or '.join(who.by)} "
            "of this system; let one of them accept it"
        )


def check(
    tx: Transaction, asked: str, reason: str, valid_until: datetime | None, longest: int
) -> None:
    """Refuse an acceptance without a reason, one that would be over at once, or one that runs too long.

    Raises
    ------
    InvalidRecord
        Each problem is named.
    """
    problems = check_text("reason", reason, LONG)
    if valid_until is not None:
        problems += _until(tx.now, valid_until, longest)
    if problems:
        raise InvalidRecord(asked, problems)


def record(
    tx: Transaction,
    offer: Offer,
    assessed: Result,
    reason: str,
    valid_until: datetime | None,
    who: Authority,
) -> Result:
    """Return the acceptance of an assessment; one in force for it is found rather than doubled.

    Without an end of its own it runs as long as the authority allows.
    """
    key = str(assessed.payload.get("assessment_id", assessed.result_id))
    for former in tx.newest_results(KIND, [assessed.system_id]):
        same = former.payload.get("assessment_id") == key
        as_long = former.valid_until == valid_until
        if valid_until is None:
            as_long = former.valid_until is not None
        if same and as_long and not lapsed(former, tx.now):
            return former
    ends = valid_until or tx.now + timedelta(days=who.days)
    level = str(assessed.payload.get("level", assessed.tier))
    tx.record(
        ResidualRiskAccepted(
            system_id=assessed.system_id,
            assessment_id=key,
            level=level,
            reason=reason,
            valid_until=utc_text(ends),
        )
    )
    return tx.add_result(
        kind=KIND,
        system_id=assessed.system_id,
        offer=offer,
        input_digest=assessed.input_digest,
        payload={
            "assessment_id": key,
            "level": level,
            "reason": reason,
            "authority": list(who.by),
        },
        valid_until=ends,
    )


def lapsed(result: Result, now: datetime) -> bool:
    """Say whether a result was given until a time that has passed."""
    return result.valid_until is not None and result.valid_until <= now


def _until(now: datetime, valid_until: datetime, longest: int) -> list[Problem]:
    if valid_until.tzinfo is None:
        remedy = "give a time with its zone, such as datetime(2027, 1, 1, tzinfo=UTC)"
        return [Problem(field="valid_until", reason="names no time zone", remedy=remedy)]
    if valid_until <= now:
        remedy = "name a time to come"
        return [
            Problem(field="valid_until", reason=f"is past ({valid_until:%Y-%m-%d})", remedy=remedy)
        ]
    if valid_until > now + timedelta(days=longest):
        remedy = f"name a time within {longest} days, or none"
        return [Problem(field="valid_until", reason="is too far for this level", remedy=remedy)]
    return []
