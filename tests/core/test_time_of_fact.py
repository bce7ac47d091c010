"""A time of fact is stated by people, so it is held to what can be true; a time of entry is not stated."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from aims_core import time_of_fact_problems
from aims_core.records import AISystem
from aims_core.time_of_fact import in_fact

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ENTERED = datetime(2026, 3, 1, tzinfo=UTC)
TIMES = st.datetimes(
    min_value=datetime(2025, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2027, 1, 1),  # noqa: DTZ001 - same
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5))]),
)


def system(entry):
    made = object.__new__(AISystem)
    for name, value in (("system_id", "s"), ("entry", entry), ("registered_at", ENTERED)):
        object.__setattr__(made, name, value)
    return made


@given(TIMES)
def test_it_lies_between_the_entry_of_a_new_system_and_now(stated):
    fits = ENTERED <= stated <= NOW

    found = time_of_fact_problems("fact_at", stated, now=NOW, system=system("new"))

    assert bool(found) is not fits
    assert all(p.field == "fact_at" and p.remedy for p in found)


@given(TIMES)
def test_of_a_legacy_system_and_of_none_only_the_future_is_refused(stated):
    for about in (system("legacy"), None):
        found = time_of_fact_problems("fact_at", stated, now=NOW, system=about)
        assert bool(found) is (stated > NOW)


@given(TIMES, TIMES)
def test_it_is_not_earlier_than_what_came_before(stated, before):
    fits = before <= stated <= NOW

    found = time_of_fact_problems("fact_at", stated, now=NOW, after=("the request", before))

    assert bool(found) is not fits
    if found and stated <= NOW:
        assert "the request" in found[0].reason


@given(st.lists(st.one_of(st.none(), TIMES), min_size=1), st.lists(TIMES, min_size=30).map(sorted))
def test_a_chain_of_facts_that_is_accepted_never_runs_backwards(stated, entries):
    """Request, votes, step: entered one after the other, each held to the one before."""
    kept = []
    for fact, entered in zip(stated, entries, strict=False):
        after = ("what came before", kept[-1]) if kept else None
        if not time_of_fact_problems("fact_at", fact, now=entered, after=after):
            kept.append(in_fact(fact, entered))
            assert kept[-1] <= entered

    assert kept == sorted(kept)


def test_none_is_fine_and_a_time_without_zone_is_not():
    naive = datetime(2026, 4, 1)  # noqa: DTZ001 - that is the mistake

    assert time_of_fact_problems("fact_at", None, now=NOW) == []
    (problem,) = time_of_fact_problems("fact_at", naive, now=NOW, system=system("new"))
    assert "no zone" in problem.reason
