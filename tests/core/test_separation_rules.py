"""The rules of separation as data: R1 to R15, each seen by the core or honest about who sees it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims_core import RecordNotFound, ScopeKind, WorkspaceError, default_machine
from aims_core.lifecycle.machine import DUTIES
from aims_core.rules import SeparationException, covering, in_force_on, load_rules, rule_of
from aims_core.rules.rule import TWO_PEOPLE, read_rules
from aims_core.separation.breaches import JUDGES

RULES = load_rules()


def test_there_are_fifteen_rules_in_their_order():
    assert [r.id for r in RULES] == [f"R{n}" for n in range(1, 16)]


def test_breaches_are_computed_for_exactly_the_rules_that_the_core_sees():
    assert {*JUDGES, "R15"} == {r.id for r in RULES if r.seen_by == "core"}
    assert all(r.unseen for r in RULES if r.seen_by != "core")


def test_what_the_lifecycle_keeps_apart_is_what_the_rules_say():
    stated = {pair for r in RULES for pair in r.apart}
    kept = {pair for step in default_machine().transitions for pair in step.apart}

    assert kept <= stated
    for rule in ("R1", "R2", "R3"):
        lifecycle = {p for p in rule_of(rule).apart if set(p) <= set(DUTIES)}
        assert lifecycle & kept, rule


def test_no_exception_lets_one_person_ask_and_approve():
    assert all(TWO_PEOPLE not in r.excepts for r in RULES)


def test_an_unknown_rule_is_named_with_near_ones():
    with pytest.raises(RecordNotFound, match="R16"):
        rule_of("R16")


SOUND = {
    "id": "R1",
    "title": "t",
    "apart": [["requester", "approver"], ["editor", "approver"]],
    "scope": "s",
    "source": "x",
    "enforced_by": "core",
    "seen_by": "core",
    "exceptable": True,
    "excepts": [["editor", "approver"]],
}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"title": ""}, "title is empty"),
        ({"seen_by": "somebody"}, "why the core cannot"),
        ({"unseen": "because"}, "why the core cannot"),
        ({"excepts": [["requester", "approver"]]}, "never"),
        ({"excepts": [["a", "b"]]}, "only its own pairs"),
        ({"exceptable": False}, "has no exceptions"),
        ({"apart": [["editor", "editor"]], "excepts": []}, "no pair of duties"),
        ({"colour": "red"}, "colour is unknown"),
    ],
)
def test_rules_that_do_not_hold_together_are_refused(change, says):
    assert read_rules({"rule": [SOUND]})
    with pytest.raises(WorkspaceError, match=says):
        read_rules({"rule": [{**SOUND, **change}]})


def test_a_rule_declared_twice_or_none_at_all_is_refused():
    with pytest.raises(WorkspaceError, match="R1 is there twice"):
        read_rules({"rule": [SOUND, SOUND]})
    with pytest.raises(WorkspaceError, match="cannot be read"):
        read_rules({})


NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MOMENTS = st.integers(-20, 20).map(lambda days: NOON + timedelta(days=days))
EXCEPTIONS = st.builds(
    SeparationException,
    exception_id=st.uuids().map(str),
    rule=st.sampled_from(["R1", "R2"]),
    reason=st.just("r"),
    compensating_control=st.just("c"),
    scope_kind=st.sampled_from(list(ScopeKind)),
    scope=st.sampled_from(["", "s", "u"]),
    pairs=st.just(()),
    expires_on=st.none() | st.integers(1, 28).map(lambda day: date(2026, 6, day)),
    recorded_by=st.just("a"),
    recorded_at=MOMENTS,
    approved_at=st.none() | MOMENTS,
    ended_at=st.none() | MOMENTS,
)


@given(EXCEPTIONS, MOMENTS)
def test_an_exception_holds_from_its_approval_to_its_end_and_never_again(exception, at):
    if in_force_on(exception, at):
        assert exception.approved_at <= at
        assert exception.ended_at is None or at <= exception.ended_at
        assert exception.expires_on is None or at.date() <= exception.expires_on
    elif exception.approved_at is not None and exception.approved_at <= at:
        assert not in_force_on(exception, at + timedelta(days=1))


@given(st.lists(EXCEPTIONS, max_size=5), MOMENTS)
def test_only_an_exception_of_the_rule_in_force_and_within_reach_covers(exceptions, at):
    found = covering(exceptions, "R1", at, system_id="s", unit="u")

    if found is None:
        return
    assert found.rule == "R1"
    assert in_force_on(found, at)
    reach = {
        (ScopeKind.ORGANISATION, ""),
        (ScopeKind.UNIT, "u"),
        (ScopeKind.SYSTEM, "s"),
    }
    assert (found.scope_kind, found.scope) in reach


@given(st.lists(EXCEPTIONS, max_size=5), MOMENTS)
def test_what_belongs_to_no_unit_is_covered_by_no_exception_of_a_unit(exceptions, at):
    found = covering(exceptions, "R1", at)

    assert found is None or found.scope_kind is ScopeKind.ORGANISATION
