"""One human being fills one seat: also when they decide for somebody, or somebody decides for them."""

from datetime import UTC, datetime
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from aims_core import Decision, Vote
from aims_core.lifecycle import Slot
from aims_core.lifecycle.seats import match_seats, newest_votes

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROLES = ("risk_reviewer", "committee_member")
PERSONS = st.sampled_from(("ann", "bob", "cid", "dot"))


def vote(person, role, behalf="", ordinal=1, decision=Decision.APPROVE):
    return Vote(
        vote_id=f"{person}-{role}-{behalf}-{ordinal}",
        approval_id="apr-1",
        actor=person,
        person=person,
        role=role,
        decision=decision,
        reason="",
        digest="now",
        at=NOW,
        on_behalf_of=behalf,
        on_behalf_person=behalf,
        ordinal=ordinal,
    )


VOTES = st.lists(
    st.tuples(PERSONS, st.sampled_from(ROLES), st.one_of(st.just(""), PERSONS)), max_size=6
).map(lambda drawn: [vote(p, r, b) for p, r, b in {d for d in drawn if d[0] != d[2]}])
SEATS = st.lists(st.sampled_from(ROLES), max_size=3).map(
    lambda names: [Slot(role=n) for n in names]
)


def most(seats, votes):
    """Try every choice of votes for every choice of seats, and count the most that can be filled."""
    best = 0
    for size in range(min(len(seats), len(votes)) + 1):
        for places in permutations(range(len(seats)), size):
            for chosen in permutations(votes, size):
                persons = [p for v in chosen for p in (v.person, v.on_behalf_person) if p]
                fits = all(seats[i].role == v.role for i, v in zip(places, chosen, strict=True))
                if fits and len(set(persons)) == len(persons):
                    best = max(best, size)
    return best


@given(SEATS, VOTES)
def test_as_many_seats_are_filled_as_can_be_and_no_human_being_twice(seats, votes):
    filled = match_seats(seats, votes)

    assert len(filled) == most(seats, votes)
    assert len(set(filled.values())) == len(filled)


@given(SEATS, VOTES, st.randoms())
def test_the_order_of_votes_does_not_matter(seats, votes, chance):
    shuffled = chance.sample(votes, len(votes))

    assert len(match_seats(seats, shuffled)) == len(match_seats(seats, votes))


def test_only_the_newest_vote_of_a_seat_counts():
    first, other = vote("ann", "risk_reviewer"), vote("ann", "risk_reviewer", "bob")
    second = vote("ann", "risk_reviewer", ordinal=2, decision=Decision.REFUSE)

    newest = newest_votes([second, first, other])

    assert set(newest.values()) == {second, other}
