"""Concerns and periodic reviews in the workbench: set a value, click, read what is stored."""

import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa

from aims_core import Workbench
from aims_core.testing import tampering

SYSTEM = "ticket-triage"
WORDS = "It ranks by <b>name</b>."


@pytest.fixture
def aims_database():
    """One database will do: every widget calls a service that is tested on both."""
    return "sqlite"


@pytest.fixture
def bench(registered, caplog):
    """Give a workbench; hanna hears concerns. An unexpected problem in a handler fails the test."""
    registered.staffing.add("hanna", "Hanna")
    registered.staffing.grant("hanna", "concern_handler")
    made = Workbench(registered)
    yield made
    assert not [
        r for r in caplog.records if r.name == "aims.workbench" and r.levelno >= logging.ERROR
    ]


def texts(widget):
    found = [v for n in ("value", "description") if isinstance(v := getattr(widget, n, None), str)]
    for child in getattr(widget, "children", ()):
        found += texts(child)
    return found


def shown(widget):
    return "\n".join(texts(widget))


def on(bench, actor, tab="Concerns"):
    bench.state.act_as(actor)
    bench.open(tab)
    return bench


def raised(bench, actor="devi"):
    form = on(bench, actor).concerns.form
    form.text.value, form.about.value = WORDS, ("carl",)
    form.send.click()
    return bench.state.workspace.concerns.frame().iloc[0]["concern_id"]


def test_where_no_concern_reaches_one_it_says_what_to_do(bench):
    assert "Anybody may raise one below" in shown(bench.open("Concerns"))


def test_a_concern_is_raised_about_a_system_and_people_and_is_theirs_to_read(bench):
    bench.state.select(SYSTEM)
    form = on(bench, "devi").concerns.form
    assert form.system.description == f"It is about {SYSTEM}"
    form.system.value = True
    concern_id = raised(bench)

    [mine] = bench.concerns.concerns
    assert "by you" in shown(mine.widget)
    assert "never whom it concerns" in bench.state.message
    assert (form.text.value, form.about.value, form.system.value) == ("", (), False)
    mine.read.click()
    found = bench.state.workspace.concerns.read(concern_id)
    assert (found.text, found.about, found.system_id) == (WORDS, ("carl", "olga"), SYSTEM)
    assert "It ranks by &lt;b&gt;name" in shown(mine.widget)
    assert "<b>name" not in shown(mine.widget).replace(WORDS, "")


def test_whom_it_concerns_does_not_learn_that_there_is_one(bench):
    bench.state.workspace.staffing.grant("carl", "concern_handler")
    raised(bench)

    assert on(bench, "carl").concerns.concerns == []
    assert "1 concern" not in shown(bench.header.widget)


def test_who_hears_it_reads_it_on_record_answers_it_and_the_answer_arrives(bench):
    concern_id = raised(bench)
    on(bench, "hanna")
    assert "1 concern to answer" in shown(bench.header.widget)
    [one] = bench.concerns.concerns
    assert WORDS not in shown(one.widget)
    one.read.click()
    assert [e.type for e in bench.state.workspace.audit.events(limit=1)] == ["core.ConcernRead"]

    one.answer.click()
    assert "answer: is empty" in one.problem.value
    one.text.value = "We take the name out."
    bench.state.changed()
    assert bench.concerns.concerns == [one]
    one.answer.click()

    assert bench.state.level == "ok"
    assert "1 concern" not in shown(bench.header.widget)
    [mine] = on(bench, "devi").concerns.concerns
    mine.read.click()
    assert "We take the name out. (hanna)" in shown(mine.widget)
    assert bench.state.workspace.concerns.read(concern_id).answered_by == "hanna"


def test_an_empty_concern_is_refused_in_the_form_and_keeps_what_was_chosen(bench):
    form = on(bench, "devi").concerns.form
    form.about.value = ("carl",)

    form.send.click()

    assert "text: is empty" in form.problem.value
    assert form.about.value == ("carl",)
    form.text.value, form.about.value = WORDS, ("hanna",)
    form.send.click()
    assert "grant the role concern_handler" in form.problem.value
    assert form.text.value == WORDS


def test_somebody_elses_draft_is_not_shown_to_the_next_who_acts(bench):
    raised(bench)
    on(bench, "hanna").concerns.concerns[0].read.click()
    [first] = bench.concerns.concerns
    first.text.value = "Half an answer."

    on(bench, "devi")
    [mine] = bench.concerns.concerns

    assert "Half an answer" not in shown(mine.widget)


def test_an_overdue_review_waits_for_those_who_may_do_it_and_is_done_on_the_page(bench):
    page = bench.system.reviews
    bench.state.show_system(SYSTEM)
    assert "Reviews begin when a system goes live" in shown(page.form)
    with tampering(bench.state.workspace) as connection:
        connection.execute(sa.text("UPDATE aims_system SET stage = 'operation_and_monitoring'"))
    store = bench.state.workspace._desk.store
    clock = store.clock
    store.clock = lambda: clock() + timedelta(days=800)
    bench.state.act_as("olga")
    assert "review overdue" not in shown(bench.header.widget)

    bench.state.act_as("rita")
    [item] = [i for i in bench.header.waiting.items if i.words.startswith("review overdue")]
    bench.header.waiting.open(item)
    assert (bench.state.system_id, bench.state.tab) == (SYSTEM, "system")
    assert ", overdue; every" in shown(page.form)
    page.complete.click()
    assert "the note is empty" in page.problem.value
    page.note.value = "Looked at drift and complaints."
    page.outcome.value = "continue"
    page.complete.click()
    assert "choose continue_with_actions" in page.problem.value
    assert page.note.value == "Looked at drift and complaints."
    page.outcome.value = "continue_with_actions"
    page.complete.click()

    [made] = bench.state.workspace.reviews.completed(SYSTEM)
    assert (made.outcome, made.reviewed_by) == ("continue_with_actions", "rita")
    assert "Looked at drift and complaints." in shown(page.form)
    assert "review overdue" not in shown(bench.header.widget)
