"""What is misspelt or of the wrong type is answered in words that help, never by silence."""

import json
from datetime import date, datetime

import pytest

from aims_core import InvalidRecord, RecordNotFound
from aims_core.choices import choose, no_choice
from aims_core.terms import Decision, OperationalStatus, RiskCategory


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ({"stage": "deploymnt"}, "Use one of inception, acquisition"),
        ({"status": "running"}, "Use active or suspended"),
        ({"tier": "hihg"}, "Use one of prohibited, high"),
        ({"declared_risk_category": "x"}, "declared_risk_category: 'x' is not known"),
        ({"origin": "x"}, "Use one of in_house"),
        ({"entry": "x"}, "Use new or legacy"),
        ({"approval_state": "x"}, "approval_state: 'x' is not known"),
        ({"owner": "olgaa"}, "olgaa"),
        ({"unit": "Suport"}, "Suport"),
    ],
)
def test_a_filter_that_nothing_can_fit_is_refused_with_those_that_are_known(
    registered, filters, says, tmp_path
):
    inventory = registered.act_as("olga").inventory
    inventory.revise("ticket-triage", unit="Support")

    for read in (
        inventory.find,
        inventory.frame,
        inventory.states,
        lambda **given: inventory.export(tmp_path / "never.csv", **given),
    ):
        with pytest.raises(InvalidRecord, match="find systems") as caught:
            read(**filters)
        assert says in str(caught.value)
    assert not (tmp_path / "never.csv").exists()


def test_near_words_are_named(registered):
    registered.act_as("olga").inventory.revise("ticket-triage", unit="Support")

    with pytest.raises(InvalidRecord, match=r"Use Support\."):
        registered.inventory.find(unit="Suport")
    with pytest.raises(InvalidRecord, match="olga"):
        registered.inventory.find(owner="olgaa")


def test_a_filter_that_nothing_fits_now_is_answered_by_an_empty_page(registered):
    inventory = registered.act_as("olga").inventory
    inventory.revise("ticket-triage", unit="Support")
    inventory.revise("ticket-triage", unit="Sales")
    registered.staffing.grant("rita", "developer", unit="Research")

    for filters in (
        {"stage": "retirement"},
        {"status": "suspended"},
        {"tier": RiskCategory.HIGH},
        {"entry": "legacy"},
        {"owner": "rita"},
        {"unit": "Support"},
        {"unit": "Research"},
    ):
        assert inventory.find(**filters) == ([], 0)
    assert inventory.find(stage="", unit=None)[1] == 1


def test_before_any_unit_is_stated_none_can_be_misspelt(workspace):
    assert workspace.inventory.find(unit="Support") == ([], 0)


@pytest.mark.parametrize(
    "read",
    [
        lambda ws: ws.approvals.frame("ticket-triag"),
        lambda ws: ws.approvals.open("ticket-triag"),
        lambda ws: ws.waivers.frame("ticket-triag"),
        lambda ws: ws.audit.events("ticket-triag"),
    ],
)
def test_lists_of_a_system_that_is_not_there_say_so(registered, read):
    with pytest.raises(RecordNotFound, match="Did you mean ticket-triage"):
        read(registered)


def test_roles_of_nobody_are_not_an_empty_answer(workspace):
    with pytest.raises(RecordNotFound, match="Did you mean olga"):
        workspace.staffing.roles_of("olgaa")
    assert workspace.staffing.roles_of("olga")


def test_change_sets_of_no_status_are_refused(workspace):
    with pytest.raises(InvalidRecord, match="Use one of open, applied, withdrawn"):
        workspace.inventory.change_sets("closed")
    assert workspace.inventory.change_sets("open").empty


@pytest.mark.parametrize("given", [{"limit": -1}, {"limit": "5"}, {"limit": 2**70}, {"before": -1}])
def test_a_number_of_events_that_is_none_is_refused_on_both_databases(workspace, given):
    with pytest.raises(InvalidRecord, match=f"{next(iter(given))}: .* Use 0 or more"):
        workspace.audit.events(**given)
    assert workspace.audit.events(limit=0) == []


def test_an_event_of_the_core_that_there_is_not_is_refused(workspace):
    with pytest.raises(InvalidRecord, match=r"such as core\.TransitionDecided"):
        workspace.audit.events(event_type="core.TransitonDecided")
    assert workspace.audit.events(event_type="core.TransitionDecided") == []
    assert workspace.audit.events(event_type="elsewhere.Happened") == []


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda ws: ws.approvals.decide("x", "maybe"), "decision: .* Use approve or refuse"),
        (lambda ws: ws.waivers.decide("x", "maybe"), "decision: .* Use approve or refuse"),
        (lambda ws: ws.reviews.complete("x", outcome="fine", note="n"), "outcome: .* Use one of c"),
        (lambda ws: ws.staffing.add("zoe", "Zoe", kind="robot"), "kind: .* Use one of person"),
        (lambda ws: ws.evidence.disposals("gone"), "status: .* Use one of proposed"),
        (lambda ws: ws.inventory.get(5), "system_id: 5 is no text. Give the id"),
        (lambda ws: ws.inventory.get(None), "system_id: None is no text"),
        (lambda ws: ws.approvals.open(5), "system_id: 5 is no text"),
        (lambda ws: ws.separation.breaches(system_ids=[5]), "system_id: 5 is no text"),
        (lambda ws: ws.staffing.roles_of(5), "actor_id: 5 is no text"),
    ],
)
def test_a_word_or_an_id_that_is_none_is_refused_with_what_would_do(workspace, act, says):
    with pytest.raises(InvalidRecord, match=says):
        act(workspace)


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"until": "2026-12-01"}, "until: '2026-12-01' is neither a day nor a time. Give a date"),
        ({"until": datetime(2099, 1, 1)}, "until: .* no time zone"),  # noqa: DTZ001 - the case
        ({"until": date(2099, 1, 1), "since": "now"}, "since: 'now' is neither a day nor a time"),
    ],
)
def test_a_seat_is_lent_until_a_day_or_a_time(workspace, terms, says):
    with pytest.raises(InvalidRecord, match=says):
        workspace.act_as("carl").approvals.delegate("rita", "committee_member", **terms)


def test_a_time_of_fact_in_words_is_refused(registered):
    olga = registered.act_as("olga")

    with pytest.raises(InvalidRecord, match=r"fact_at: '2026-03-03' is no time. Give an aware"):
        olga.approvals.request("ticket-triage", "start_development", fact_at="2026-03-03")
    with pytest.raises(InvalidRecord, match="collected_at: '2026-03-03' is no time"):
        olga.evidence.add(
            "ticket-triage", text="x", kind="note", title="t", collected_at="2026-03-03"
        )


@pytest.mark.parametrize("content", [[], 5, None, {"cells": 5, "nbformat": 4, "nbformat_minor": 5}])
def test_json_that_is_no_notebook_is_told(registered, tmp_path, content):
    path = tmp_path / "run.ipynb"
    path.write_text(json.dumps(content), "utf-8")

    with pytest.raises(InvalidRecord, match=r"is no notebook: (its JSON is no object|.)"):
        registered.act_as("olga").evidence.add_executed_notebook("ticket-triage", path)


def test_a_choice_is_a_text_that_is_listed():
    assert choose(Decision, "approve", field="d", asked="a") is Decision.APPROVE
    assert choose(Decision, Decision.REFUSE, field="d", asked="a") is Decision.REFUSE
    for odd in (5, None, [], "APPROVE", "", "x" * 500):
        with pytest.raises(InvalidRecord, match="Use approve or refuse") as caught:
            choose(Decision, odd, field="d", asked="a")
        assert len(str(caught.value)) < 200


def test_of_many_only_near_ones_are_named_or_how_to_list_them():
    many = [f"name-{n:03d}" for n in range(200)]

    assert "near it, such as name-100" in no_choice("name-00", many, field="f").remedy
    assert no_choice("zzz", many, field="f", remedy="list them").remedy == "list them"
    assert no_choice("x", list(OperationalStatus), field="f").reason == "'x' is not known"
