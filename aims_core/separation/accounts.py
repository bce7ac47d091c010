"""R15: what only shows when persons are judged, not accounts, and across time. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from aims_core.separation.breach import Breach, CastVote, Ledger, Step


def across_accounts(ledger: Ledger, found: Iterable[Breach]) -> Iterator[Breach]:
    """R15: breaches of other rules by a second account or a role laid down, and by whose account it is.

    What an exception covered is covered here as well.
    """
    for breach in found:
        if breach.hidden:
            what = f"{breach.what}, {breach.hidden} ({breach.rule})"
            yield replace(breach, rule="R15", what=what)
    yield from _unknown_persons(ledger)
    for step in ledger.steps:
        yield from _counted_for_others(ledger, step)
        yield from _counted_twice(ledger, step)


def _unknown_persons(ledger: Ledger) -> Iterator[Breach]:
    """By a name that is nobody's, an account is judged as somebody of its own."""
    for actor, person in ledger.persons.items():
        added_at = ledger.added_at.get(actor)
        if added_at is not None and ledger.added_at.get(person) is None:
            yield Breach(
                rule="R15",
                system_id="",
                persons=(person,),
                what=f"{actor} stands for {person}, as whom nobody is known",
                at=added_at,
                records=(actor,),
            )


def _counted_for_others(ledger: Ledger, step: Step) -> Iterator[Breach]:
    for vote in step.votes:
        person = ledger.person(vote.actor)
        if vote.counted_for and vote.counted_for != person:
            what = (
                f"approved {step.transition} as {vote.actor}, counted for {vote.counted_for}, "
                "who is somebody else"
            )
            yield _breach(step, person, what, [vote])


def _counted_twice(ledger: Ledger, step: Step) -> Iterator[Breach]:
    own: dict[str, dict[str, CastVote]] = {}
    for vote in step.votes:
        if not vote.on_behalf_of:
            own.setdefault(ledger.person(vote.actor), {})[vote.actor] = vote
    for person, votes in own.items():
        if len(votes) > 1:
            names = " and ".join(sorted(votes))
            what = f"approved {step.transition} as {names}, which are one person"
            yield _breach(step, person, what, list(votes.values()))


def _breach(step: Step, person: str, what: str, votes: list[CastVote]) -> Breach:
    return Breach(
        rule="R15",
        system_id=step.system_id,
        persons=(person,),
        what=what,
        at=max(vote.at for vote in votes),
        records=(step.approval_id, *(vote.vote_id for vote in votes)),
    )
