"""Legal holds placed and released before anybody entered it: both times are kept, entry alone counts."""

from datetime import timedelta

import pytest

from aims_core import InvalidRecord, RequestRefused
from aims_core.testing.fixtures import TICKET_TRIAGE

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
DAY = timedelta(days=1)
SYSTEM = "ticket-triage"


@pytest.fixture
def rita(registered, entered):
    return registered.act_as("rita").evidence


@pytest.fixture
def carl(registered, entered):
    return registered.act_as("carl").evidence


@pytest.fixture
def held(rita, entered):
    """Give a hold that was placed on the third day and entered on the tenth."""
    return rita.hold(SYSTEM, "Proceeding 7", fact_at=entered + 3 * DAY)


def test_both_times_of_a_hold_and_of_its_release_are_kept(
    registered, rita, carl, entered, held, stated
):
    asked, agreed = entered + 5 * DAY, entered + 6 * DAY
    proposed = rita.propose_release(held.hold_id, "settled", fact_at=asked)

    gone = carl.confirm_release(held.hold_id, fact_at=agreed)

    assert (held.fact_at, proposed.release_proposed_fact_at) == (entered + 3 * DAY, asked)
    assert (gone.fact_at, gone.release_proposed_fact_at, gone.released_fact_at) == (
        entered + 3 * DAY,
        asked,
        agreed,
    )
    assert min(gone.placed_at, gone.release_proposed_at, gone.released_at) > entered + 9 * DAY
    assert stated(registered, "EvidenceHeld") == [held.fact_at]
    assert stated(registered, "EvidenceHoldReleaseProposed") == [asked]
    assert stated(registered, "EvidenceHoldReleased") == [agreed]
    assert rita.holds(released=True) == [gone]
    assert registered.audit.verify().intact


@ONE_DATABASE
def test_what_nobody_states_has_a_time_of_entry_only(registered, rita, carl, stated):
    held = rita.hold(SYSTEM, "Proceeding 7")
    rita.propose_release(held.hold_id, "settled")

    gone = carl.confirm_release(held.hold_id)

    assert [gone.fact_at, gone.release_proposed_fact_at, gone.released_fact_at] == [None] * 3
    for kind in ("EvidenceHeld", "EvidenceHoldReleaseProposed", "EvidenceHoldReleased"):
        assert stated(registered, kind) == [None]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("days", "why"), [(11, "lies ahead"), (-1, "the entry of ticket-triage in the inventory")]
)
def test_a_hold_is_placed_between_the_entry_of_its_system_and_now(rita, entered, days, why):
    with pytest.raises(InvalidRecord, match=why):
        rita.hold(SYSTEM, "Proceeding 7", fact_at=entered + days * DAY)
    assert rita.holds() == []


@ONE_DATABASE
def test_what_ran_before_was_held_before_its_entry(registered, rita, entered):
    description = {**TICKET_TRIAGE, "name": "Old"}
    ines = registered.act_as("ines").inventory
    ines.register("old", **description, entry="legacy", stage="deployment")

    assert rita.hold("old", "Case", fact_at=entered - 900 * DAY).fact_at == entered - 900 * DAY


def test_nothing_is_released_before_it_was_held_or_proposed(registered, rita, carl, entered, held):
    before = registered.audit.head()[0]
    with pytest.raises(InvalidRecord, match="is earlier than the hold"):
        rita.propose_release(held.hold_id, "settled", fact_at=entered + 2 * DAY)
    assert rita.holds() == [held]
    assert registered.audit.head()[0] == before + 1
    proposed = rita.propose_release(held.hold_id, "settled", fact_at=entered + 5 * DAY)

    with pytest.raises(InvalidRecord, match="is earlier than the proposal to release it"):
        carl.confirm_release(held.hold_id, fact_at=entered + 4 * DAY)

    assert carl.holds() == [proposed]


def test_a_declined_release_leaves_no_time_of_fact_and_is_proposed_anew(rita, carl, entered, held):
    rita.propose_release(held.hold_id, "settled", fact_at=entered + 5 * DAY)

    kept = carl.decline_release(held.hold_id, "no")

    assert kept == held
    again = rita.propose_release(held.hold_id, "settled", fact_at=entered + 4 * DAY)
    assert again.release_proposed_fact_at == entered + 4 * DAY


@ONE_DATABASE
def test_a_cell_runs_twice_and_never_states_another_time(
    registered, rita, carl, entered, held, stated
):
    at, later, hold_id = entered + 4 * DAY, entered + 5 * DAY, held.hold_id
    assert rita.hold(SYSTEM, "Proceeding 7", fact_at=held.fact_at) == held
    assert rita.hold(SYSTEM, "Proceeding 7") == held
    with pytest.raises(RequestRefused, match="stays as it was stated"):
        rita.hold(SYSTEM, "Proceeding 7", fact_at=at)

    proposed = rita.propose_release(hold_id, "settled", fact_at=at)
    assert rita.propose_release(hold_id, "settled", fact_at=at) == proposed
    assert rita.propose_release(hold_id, "settled") == proposed
    with pytest.raises(RequestRefused, match="stays as it was stated"):
        rita.propose_release(hold_id, "settled", fact_at=later)

    gone = carl.confirm_release(hold_id, fact_at=later)
    assert carl.confirm_release(hold_id, fact_at=later) == carl.confirm_release(hold_id) == gone
    with pytest.raises(RequestRefused, match="stays as it was stated"):
        carl.confirm_release(hold_id, fact_at=at)
    assert len(stated(registered, "EvidenceHoldReleased")) == 1
