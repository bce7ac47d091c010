"""Votes and seats: which votes count, and how many seats they fill. One human being fills one seat."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from aims_core.lifecycle.machine import Slot
from aims_core.records import Vote

Seated = dict[int, str]


def newest_votes(votes: Iterable[Vote]) -> dict[tuple[str, str, str], Vote]:
    """Return the vote that counts by seat; earlier ones of the same person and role were replaced."""
    newest: dict[tuple[str, str, str], Vote] = {}
    for vote in sorted(votes, key=lambda v: v.ordinal):
        newest[vote.seat] = vote
    return newest


def match_seats(seats: Sequence[Slot], votes: Sequence[Vote]) -> Seated:
    """Return which person fills which seat, so that as many seats as possible are filled.

    One person fills one seat, whatever roles they hold, and a vote for somebody else stands for both
    of them: neither fills another seat. As a vote for somebody may be of use or in the way, the best
    choice of them is tried out; the rest is a matching that does not depend on the order of the votes.
    """
    lent = sorted((v for v in votes if v.on_behalf_person), key=lambda v: v.vote_id)
    own = [v for v in votes if not v.on_behalf_person]
    best: Seated = {}
    for number in range(min(len(lent), len(seats)) + 1):
        for chosen in combinations(lent, number):
            used = [p for v in chosen for p in (v.person, v.on_behalf_person)]
            if len(set(used)) < len(used):
                continue
            found = _matched(seats, [*chosen, *(v for v in own if v.person not in used)])
            if len(found) > len(best):
                best = found
            if len(best) == len(seats):
                return best
    return best


def _matched(seats: Sequence[Slot], votes: Sequence[Vote]) -> Seated:
    """Return a maximum bipartite matching of persons and seats."""
    holder: Seated = {}
    roles: dict[str, set[str]] = {}
    for vote in votes:
        roles.setdefault(vote.person, set()).add(vote.role)

    def seat(person: str, tried: set[int]) -> bool:
        for i, slot in enumerate(seats):
            if slot.role in roles[person] and i not in tried:
                tried.add(i)
                if i not in holder or seat(holder[i], tried):
                    holder[i] = person
                    return True
        return False

    for person in sorted(roles):
        seat(person, set())
    return holder
