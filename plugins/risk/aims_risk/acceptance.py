"""Acceptance of the risk that remains, by somebody who did not assess it."""

from datetime import datetime

from aims_core import (
    AISystem,
    InvalidRecord,
    Offer,
    Problem,
    RequestRefused,
    Result,
    RiskCategory,
    Transaction,
    utc_text,
)
from aims_risk.assessments import KIND as ASSESSMENT
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


def check(tx: Transaction, asked: str, reason: str, valid_until: datetime | None) -> None:
    """Refuse an acceptance without a reason, or one that would be over at once.

    Raises
    ------
    InvalidRecord
        Each problem is named.
    """
    problems = check_text("reason", reason, LONG)
    if valid_until is not None:
        problems += _until(tx.now, valid_until)
    if problems:
        raise InvalidRecord(asked, problems)


def record(
    tx: Transaction, offer: Offer, assessed: Result, reason: str, valid_until: datetime | None
) -> Result:
    """Return the acceptance of an assessment; one in force for it is found rather than doubled."""
    key = str(assessed.payload.get("assessment_id", assessed.result_id))
    for former in tx.newest_results(KIND, [assessed.system_id]):
        same = former.payload.get("assessment_id") == key and former.valid_until == valid_until
        if same and not lapsed(former, tx.now):
            return former
    level = str(assessed.payload.get("level", assessed.tier))
    tx.record(
        ResidualRiskAccepted(
            system_id=assessed.system_id,
            assessment_id=key,
            level=level,
            reason=reason,
            valid_until="" if valid_until is None else utc_text(valid_until),
        )
    )
    return tx.add_result(
        kind=KIND,
        system_id=assessed.system_id,
        offer=offer,
        input_digest=assessed.input_digest,
        payload={"assessment_id": key, "level": level, "reason": reason},
        valid_until=valid_until,
    )


def lapsed(result: Result, now: datetime) -> bool:
    """Say whether a result was given until a time that has passed."""
    return result.valid_until is not None and result.valid_until <= now


def _until(now: datetime, valid_until: datetime) -> list[Problem]:
    if valid_until.tzinfo is None:
        remedy = "give a time with its zone, such as datetime(2027, 1, 1, tzinfo=UTC)"
        return [Problem(field="valid_until", reason="names no time zone", remedy=remedy)]
    if valid_until <= now:
        remedy = "name a time to come, or none"
        return [
            Problem(field="valid_until", reason=f"is past ({valid_until:%Y-%m-%d})", remedy=remedy)
        ]
    return []
