"""Decisions, Rules and Trail, and what a page got: set a value, click, read what is stored."""

import logging
from datetime import timedelta

import pytest

from aims_core import Workbench

SYSTEM = "ticket-triage"


@pytest.fixture
def aims_database():
    """One database will do: every widget calls a service that is tested on both."""
    return "sqlite"


@pytest.fixture
def bench(registered, caplog):
    """Give a workbench over one system; an unexpected problem in a handler fails the test."""
    made = Workbench(registered)
    yield made
    assert not [
        r for r in caplog.records if r.name == "aims.workbench" and r.levelno >= logging.ERROR
    ]


@pytest.fixture
def day(registered):
    return (registered.now() + timedelta(days=30)).date()


def texts(widget):
    found = []
    for name in ("value", "description", "empty", "text"):
        said = getattr(widget, name, None)
        if isinstance(said, str):
            found.append(said)
    if isinstance(getattr(widget, "rows", None), list):
        found += [str(v) for row in widget.rows for v in row]
    for child in getattr(widget, "children", ()):
        found += texts(child)
    return found


def shown(widget):
    return "\n".join(texts(widget))


def on(bench, actor, tab=""):
    """Go on as somebody, on a tab."""
    bench.state.act_as(actor)
    if tab:
        bench.open(tab)
    return bench


def press(view, label, reason=""):
    view.reason.value = reason
    view.buttons[label].click()


def propose_waiver(bench, day):
    on(bench, "olga")
    bench.state.show_system(SYSTEM)
    form = bench.system.waivers
    assert "initial_risk_assessment" in [value for _, value in form.condition.options]
    form.condition.value = "initial_risk_assessment"
    form.reason.value, form.measure.value = "The assessor is ill.", "A person looks."
    form.until.value = day
    form.propose.click()


def test_where_nothing_waits_each_tab_says_what_to_do(bench):
    assert "waivers and holds are proposed there" in shown(bench.open("Decisions"))
    assert "You hold no role that decides" in shown(bench.open("Decisions"))
    assert "No breach is on record" in shown(bench.open("Rules"))
    assert "An administrator or auditor makes one below" in shown(bench.open("Trail"))


def test_a_waiver_is_proposed_on_the_page_and_decided_by_two_others(bench, day):
    propose_waiver(bench, day)
    assert bench.state.level == "ok"
    assert "proposed, until" in shown(bench.system.waivers.form)
    [own] = on(bench, "olga", "Decisions").decisions.cards
    assert "somebody else decides" in shown(own.widget)
    assert "in fact" not in shown(own.widget)
    assert list(own.buttons) == ["Take back"]

    on(bench, "carl", "Decisions")
    assert "1 proposal" in shown(bench.header.widget)
    press(bench.decisions.cards[0], "Approve")
    assert "another person has to approve it too" in shown(bench.decisions.cards[0].widget)
    press(on(bench, "cora").decisions.cards[0], "Approve")

    [waiver] = bench.state.workspace.waivers.of(SYSTEM)
    assert (waiver.status, waiver.approved_by) == ("granted", ("carl", "cora"))
    assert bench.decisions.cards == []


def test_a_waiver_shows_when_it_was_asked_for_in_fact(bench, day):
    workspace = bench.state.workspace
    said = workspace.inventory.get(SYSTEM).registered_at
    workspace.act_as("olga").waivers.propose(
        SYSTEM,
        "initial_risk_assessment",
        reason="The assessor is ill.",
        compensating_measure="A person looks.",
        expires_on=day,
        fact_at=said,
    )

    [card] = on(bench, "carl", "Decisions").decisions.cards

    assert f"(in fact {said:%Y-%m-%d %H:%M})" in shown(card.widget)


def test_a_refusal_without_a_reason_is_refused_in_its_card_with_what_helps(bench, day):
    propose_waiver(bench, day)
    card = on(bench, "carl", "Decisions").decisions.cards[0]

    press(card, "Refuse")

    assert "say why" in card.problem.value
    assert bench.state.level == "error"
    press(card, "Refuse", "There is time.")
    assert bench.state.workspace.waivers.of(SYSTEM)[0].status == "refused"


def test_a_form_without_a_day_says_so_and_saves_nothing(bench):
    on(bench, "olga")
    bench.state.show_system(SYSTEM)
    bench.system.waivers.propose.click()

    assert "Choose the last day" in bench.system.waivers.problem.value
    assert bench.state.workspace.waivers.of(SYSTEM) == []


def test_a_proposed_role_is_confirmed_or_declined_by_another_administrator(bench):
    staffing = bench.state.workspace.staffing
    staffing.add("bert", "Bert")
    staffing.grant("bert", "administrator")
    now = bench.state.workspace.now()
    for role, said in (("inventory_steward", now), ("developer", None)):
        staffing.propose("devi", role, unit="Support", reason="Holidays.", fact_at=said)
    told = [shown(c.widget) for c in on(bench, "ada", "Decisions").decisions.cards]
    assert [f"(in fact {now:%Y-%m-%d %H:%M})" in text for text in told].count(True) == 1
    assert all("Take back" in c.buttons for c in on(bench, "ada", "Decisions").decisions.cards)

    on(bench, "bert")
    by_title = {shown(c.widget).partition("</h4>")[0]: c for c in bench.decisions.cards}
    steward = next(c for title, c in by_title.items() if "inventory steward" in title)
    press(steward, "Confirm")
    press(bench.decisions.cards[0], "Decline", "Not needed.")

    assert "inventory_steward" in {g.role for g in staffing.roles_of("devi")}
    assert {c.status for c in staffing.changes(open_only=False)} == {"confirmed", "declined"}


def test_evidence_is_held_and_released_by_two_people(bench):
    bench.state.workspace.act_as("ines").evidence.add(SYSTEM, "note", "Minutes", text="said")
    on(bench, "rita")
    bench.state.show_system(SYSTEM)
    form = bench.system.holds
    assert [words for words, _ in form.target.options] == [
        "all evidence, what is added later included",
        "note: Minutes",
    ]
    form.place.click()
    assert "reason: is empty" in form.problem.value
    form.reason.value = "Proceeding 7"
    form.place.click()
    press(form.cards[0], "Propose release", "It is settled.")
    assert "Somebody else decides in Decisions" in shown(form.form)
    assert list(on(bench, "rita", "Decisions").decisions.cards[0].buttons) == ["Take back"]

    press(on(bench, "carl", "Decisions").decisions.cards[0], "Release")

    [held] = bench.state.workspace.evidence.holds(released=True)
    assert (held.release_proposed_by, held.released_by) == ("rita", "carl")


def test_a_hold_shows_when_it_was_placed_and_its_release_proposed_in_fact(bench):
    workspace = bench.state.workspace
    said = workspace.inventory.get(SYSTEM).registered_at
    rita = workspace.act_as("rita").evidence
    held = rita.hold(SYSTEM, "Proceeding 7", fact_at=said)
    on(bench, "rita")
    bench.state.show_system(SYSTEM)
    assert f"(in fact {said:%Y-%m-%d %H:%M})" in shown(bench.system.holds.form)

    rita.propose_release(held.hold_id, "settled", fact_at=said)

    [card] = on(bench, "carl", "Decisions").decisions.cards
    assert shown(card.widget).count(f"(in fact {said:%Y-%m-%d %H:%M})") == 2


def test_who_may_not_hold_is_told_in_the_form(bench):
    on(bench, "olga")
    bench.state.show_system(SYSTEM)
    bench.system.holds.reason.value = "Because."
    bench.system.holds.place.click()

    assert "risk_reviewer" in bench.system.holds.problem.value


def test_disposal_is_confirmed_or_the_evidence_kept(bench):
    workspace = bench.state.workspace
    ines = workspace.act_as("ines").evidence
    kept = [ines.add(SYSTEM, "note", f"Minutes {n}", text=f"said {n}") for n in (1, 2)]
    store = workspace._desk.store
    clock = store.clock
    store.clock = lambda: clock() + timedelta(days=4_018)
    for one in kept:
        ines.propose_disposal(one.evidence_id, "retention ended")
    on(bench, "rita", "Decisions")

    press(bench.decisions.cards[0], "Dispose of it")
    press(bench.decisions.cards[0], "Keep it", "It is needed.")

    assert {d.status for d in ines.disposals()} == {"carried_out", "declined"}


def test_a_seat_is_lent_and_taken_back(bench, day):
    lending = on(bench, "carl", "Decisions").decisions.lending
    lending.give.click()
    assert "Choose the last day" in lending.problem.value
    lending.delegate.value, lending.until.value = "rita", day
    lending.reason.value = "Holidays."
    lending.give.click()
    [lent] = bench.state.workspace.approvals.delegations()
    assert (lent.delegate, lent.role, lent.reason) == ("rita", "committee_member", "Holidays.")
    assert "rita decides for carl" in shown(lending.widget)
    assert on(bench, "olga").decisions.lending.cards[0].buttons == {}

    press(on(bench, "carl").decisions.lending.cards[0], "End", "I am back.")

    assert bench.state.workspace.approvals.delegations() == []
    assert "Nobody lends a seat" in shown(lending.widget)


def test_an_exception_is_recorded_approved_by_another_and_ended(bench, day):
    on(bench, "olga")
    bench.state.show_system(SYSTEM)
    form = on(bench, "olga", "Rules").rules.form
    form.rule.value, form.only.value, form.until.value = "R1", True, day
    form.record.click()
    assert "reason" in form.problem.value
    form.reason.value, form.control.value = "We are three.", "An outside look."
    form.record.click()
    assert "approves it in Decisions" in bench.state.message

    press(on(bench, "ada", "Decisions").decisions.cards[0], "Approve")
    on(bench, "olga", "Rules")
    mine = next(c for c in bench.rules.cards if "An outside look." in shown(c.widget))
    press(mine, "End", "We are four now.")

    [made] = [e for e in bench.state.workspace.separation.recorded() if e.rule == "R1"]
    assert (made.scope, made.approved_by, made.end_reason) == (SYSTEM, "ada", "We are four now.")


def test_an_exception_shows_when_it_was_said_in_fact(bench, day):
    workspace = bench.state.workspace
    said = workspace.inventory.get(SYSTEM).registered_at
    workspace.act_as("olga").separation.record_exception(
        "R1",
        reason="We are three.",
        compensating_control="An outside look.",
        expires_on=day,
        system_id=SYSTEM,
        fact_at=said,
    )

    [card] = on(bench, "ada", "Decisions").decisions.cards

    assert f"(in fact {said:%Y-%m-%d %H:%M})" in shown(card.widget)


def test_breaches_show_as_of_a_day_and_covered_ones_when_asked_for(bench):
    rules = on(bench, "aude", "Rules").rules
    assert "0 breaches without an exception" in shown(rules.widget)
    assert "granted system_owner" not in shown(rules._breaches)

    rules.covered.value = True
    assert "granted system_owner" in shown(rules._breaches)
    rules.day.value = (bench.state.workspace.now() - timedelta(days=9)).date()

    assert "0 covered by one" in shown(rules._breaches)
    assert "No breach is on record" in shown(rules._breaches)


def test_a_checkpoint_without_a_key_says_how_to_get_one(bench, tmp_path, monkeypatch):
    monkeypatch.setenv("AIMS_AUDIT_KEY", str(tmp_path / "elsewhere" / "checkpoint.key"))
    trail = on(bench, "aude", "Trail").trail

    trail.make.click()

    assert "aims audit key" in trail.made.value


def test_a_checkpoint_is_made_shown_with_its_age_and_verified_against(bench, tmp_path, monkeypatch):
    monkeypatch.setenv("AIMS_AUDIT_KEY", str(tmp_path / "elsewhere" / "checkpoint.key"))
    bench.state.workspace.audit.keys.make()
    trail = on(bench, "aude", "Trail").trail
    trail.passphrase.value = "typed by mistake"
    trail.make.click()
    assert trail.passphrase.value == ""
    trail.make.click()
    assert "just now, by aude" in shown(trail.widget)

    trail.verify.click()
    assert "was not rewritten" in shown(trail._found)
    made = bench.state.workspace.audit.newest_checkpoint()
    trail.kept.value = made.note
    trail.verify.click()

    assert bench.state.level == "ok"
    assert "The audit trail is intact" in shown(trail._found)
    trail.kept.value = "no checkpoint"
    trail.verify.click()
    assert "checkpoint" in trail.problem.value
    assert trail._found.children == ()


def test_a_hostile_word_in_a_proposal_is_only_a_word(bench):
    poison = "<img src=x onerror=window.xss=1>"
    workspace = bench.state.workspace
    held = workspace.act_as("rita").evidence.hold(SYSTEM, poison)
    workspace.act_as("rita").evidence.propose_release(held.hold_id, poison)

    said = shown(on(bench, "carl", "Decisions").decisions.widget)

    assert poison not in said
    assert "&lt;img src=x" in said


def test_a_tab_that_nobody_opened_reads_nothing(bench):
    assert bench.rules._breaches.children == ()
    assert bench.trail._newest.children == ()
    assert bench.decisions._waiting.children == ()
