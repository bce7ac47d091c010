"""R13: votes that were given for somebody else, and whether that could be lent. Pure."""

from collections.abc import Iterator

from aims_core.records import Delegation
from aims_core.rules import rule_of
from aims_core.separation.breach import OTHER_ACCOUNT, Breach, CastVote, Ledger, Step, reaches
from aims_core.separation.deciding import conflict, is_near


def lent_wrongly(ledger: Ledger) -> Iterator[Breach]:
    """R13: somebody decided for a person who may not decide on it, or whose seat was not lent to them."""
    for step in ledger.steps:
        for vote in step.votes:
            if not vote.on_behalf_of:
                continue
            pair, under, what, hidden = _joined(ledger, step, vote)
            if not what and not _lent(ledger, step.system_id, vote):
                what = f"whose seat as {vote.role} was not lent to them"
            if what:
                yield Breach(
                    rule="R13",
                    system_id=step.system_id,
                    persons=(ledger.person(vote.actor), ledger.person(vote.on_behalf_of)),
                    what=f"approved {step.transition} for {vote.on_behalf_of}, {what}",
                    at=vote.at,
                    records=(step.approval_id, vote.vote_id),
                    pair=pair,
                    hidden=hidden,
                    under=under,
                )


def _joined(
    ledger: Ledger, step: Step, vote: CastVote
) -> tuple[tuple[str, str] | None, str, str, str]:
    """Return the duties that were joined, the rule that keeps them apart, and both in words."""
    principal = ledger.person(vote.on_behalf_of)
    pair, how, accounts = conflict(ledger, step, principal, vote.role, vote.at)
    if pair is not None:
        hidden = "" if vote.on_behalf_of in accounts else OTHER_ACCOUNT
        return pair, "R1", f"who {how} it", hidden
    rule = rule_of("R3")
    grave = str(ledger.tier(step.system_id, step.at)) in rule.tiers
    released = step.moves and step.to_stage in rule.stages
    if grave and released and is_near(ledger, step, principal):
        return ("developer", "approver"), "R3", "who owns or developed it", ""
    return None, "", "", ""


def _lent(ledger: Ledger, system_id: str, vote: CastVote) -> bool:
    """Say whether the seat was lent, by somebody who held it at the time of the vote."""
    unit = ledger.unit(system_id, vote.at)
    held = ledger.holds_as(vote.on_behalf_of, vote.role, system_id, vote.at)
    return held and any(
        _fits(one, vote) and reaches(one, system_id, unit) for one in ledger.delegations
    )


def _fits(one: Delegation, vote: CastVote) -> bool:
    named = (one.delegator, one.delegate, one.role)
    over = one.ended_at is not None and one.ended_at <= vote.at
    return (
        named == (vote.on_behalf_of, vote.actor, vote.role)
        and max(one.starts_at, one.made_at) <= vote.at < one.ends_at
        and not over
    )
