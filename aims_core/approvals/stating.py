"""When something was asked, decided, withdrawn or done in fact: stated, and held to what can be true.

Nothing is judged by it: who may act, what has expired and what counts follow from the time of entry.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter

from aims_core.approvals.case import Case
from aims_core.lifecycle.evaluate import void_votes
from aims_core.lifecycle.seats import newest_votes
from aims_core.records import Approval, Vote
from aims_core.store import Transaction
from aims_core.terms import Decision
from aims_core.time_of_fact import Latest, in_fact


def of_request(approval: Approval) -> Latest:
    """Return when a request was made in fact."""
    return ("the request", in_fact(approval.fact_at, approval.requested_at))


def before_vote(approval: Approval, former: Vote | None) -> Latest:
    """Return what a vote comes after: the request, or the vote of the same seat that it replaces."""
    asked = of_request(approval)
    if former is None:
        return asked
    return _last([asked, ("the vote that it replaces", in_fact(former.fact_at, former.at))])


def before_step(approval: Approval, case: Case) -> Latest:
    """Return what a step comes after: the last of the votes that count for it, or the request."""
    return _last([of_request(approval), *_approving(case)])


def by_the_last_vote(tx: Transaction, approval: Approval, case: Case) -> datetime | None:
    """Return when a step was decided in fact that the vote just cast carries out; None for now.

    That is the time of the last of the votes that count, whichever of them was entered last.
    """
    decided = before_step(approval, case)[1]
    return decided if decided < tx.now else None


def _last(facts: Sequence[Latest]) -> Latest:
    return max(facts, key=itemgetter(1))


def _approving(case: Case) -> Iterable[Latest]:
    void = void_votes(case.step, case.claim, case.facts)
    for vote in newest_votes(case.claim.votes).values():
        if vote.decision is Decision.APPROVE and vote.vote_id not in void:
            yield (f"the approval by {vote.actor}", in_fact(vote.fact_at, vote.at))
