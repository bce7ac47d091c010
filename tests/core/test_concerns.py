"""R10: a concern reaches who hears concerns, and never whom it concerns under any account."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from aims_core import (
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RequestRefused,
    SegregationOfDuties,
    tables,
)
from aims_core.concerns import COLUMNS
from aims_core.testing.intruder import granted_past_the_rules, tampering

SYSTEM = "ticket-triage"


def later(workspace, **span):
    store = workspace._desk.store
    clock = store.clock
    store.clock = lambda: clock() + timedelta(**span)


def found(workspace, rule="R10", **options):
    return [b for b in workspace.separation.breaches(**options) if b.rule == rule]


@pytest.fixture
def heard(registered):
    """Give the workspace with hanna and hugo, who hear concerns."""
    for actor_id in ("hanna", "hugo"):
        registered.staffing.add(actor_id, actor_id.title())
        registered.staffing.grant(actor_id, "concern_handler")
    return registered


@pytest.fixture
def by(heard):
    return lambda actor: heard.act_as(actor).concerns


def test_a_concern_is_raised_heard_answered_and_its_answer_read(heard, by):
    raised = by("devi").raise_concern("It ranks by name.", system_id=SYSTEM)
    assert by("devi").raise_concern("It ranks by name.", system_id=SYSTEM) == raised
    assert raised.about == ("olga",)

    assert by("hanna").read(raised.concern_id) == raised
    done = by("hanna").answer(raised.concern_id, "We take the name out.")

    assert by("hanna").answer(raised.concern_id, "We take the name out.") == done
    assert by("devi").read(raised.concern_id).answer == "We take the name out."
    assert found(heard) == []
    assert by("hanna").frame(open_only=True).empty


def test_nothing_of_it_stands_in_the_trail(heard, by):
    raised = by("devi").raise_concern("Olga hides it.", about=["olga"], system_id=SYSTEM)
    by("hanna").read(raised.concern_id)
    by("hanna").answer(raised.concern_id, "We look into it.")

    told = [e for e in heard.audit.events(limit=50) if "Concern" in e.type]

    assert [e.type.rpartition(".")[2] for e in told] == [
        "ConcernAnswered",
        "ConcernRead",
        "ConcernRaised",
    ]
    assert [(e.system_id, dict(e.payload)) for e in told] == [
        ("", {"concern_id": raised.concern_id})
    ] * 3


def test_it_never_reaches_whom_it_concerns_and_they_cannot_tell_that_it_is_there(heard, by):
    heard.staffing.add("hugo2", "Hugo again", person="hugo")
    heard.staffing.grant("hugo2", "concern_handler")
    raised = by("devi").raise_concern("Hugo tells tales.", about=["hugo"])

    for actor in ("hugo", "hugo2"):
        assert by(actor).frame().empty
        with pytest.raises(RecordNotFound) as there:
            by(actor).read(raised.concern_id)
        with pytest.raises(RecordNotFound) as absent:
            by(actor).read("cnc-0")
        assert str(there.value).replace(raised.concern_id, "cnc-0") == str(absent.value)
        with pytest.raises(RecordNotFound):
            by(actor).answer(raised.concern_id, "No.")
    assert len(by("hanna").frame()) == 1


@pytest.mark.parametrize("actor", ["olga", "rita", "ada", "aude", "carl"])
def test_who_does_not_hear_concerns_sees_none(heard, by, actor):
    raised = by("devi").raise_concern("It ranks by name.")

    assert by(actor).frame().empty
    for concern_id in (raised.concern_id, "cnc-0"):
        with pytest.raises(NotPermitted, match="concern_handler"):
            by(actor).read(concern_id)


def test_who_raised_it_does_not_answer_it_and_software_never(heard, by):
    heard.staffing.add("bot", "Bot", kind="service")
    granted_past_the_rules(heard, "bot", "concern_handler")
    own = by("hanna").raise_concern("I worry.")

    with pytest.raises(SegregationOfDuties, match="you raised it"):
        by("hanna").answer(own.concern_id, "Do not.")
    with pytest.raises(NotPermitted, match="no person"):
        by("bot").answer(own.concern_id, "Do not.")
    by("hugo").answer(own.concern_id, "We see to it.")
    with pytest.raises(RequestRefused, match="hugo answered"):
        by("hugo").answer(own.concern_id, "Something else.")


def test_where_nobody_is_left_to_hear_it_that_is_said_and_top_management_hears_it(heard, by):
    with pytest.raises(RequestRefused, match="nobody is left to hear it"):
        by("devi").raise_concern("Both of them.", about=["hanna", "hugo"])
    heard.staffing.add("tilda", "Tilda")
    heard.staffing.grant("tilda", "top_management")

    raised = by("devi").raise_concern("Both of them.", about=["hanna", "hugo"])

    assert by("tilda").read(raised.concern_id) == raised


def test_slips_are_named(by):
    for text in ("", " ", "x" * 20_001, "nul\x00"):
        with pytest.raises(InvalidRecord, match="text"):
            by("devi").raise_concern(text)
    with pytest.raises(RecordNotFound, match="actor"):
        by("devi").raise_concern("x", about=["nobody"])
    with pytest.raises(RecordNotFound, match="nothing"):
        by("devi").raise_concern("x", system_id="nothing")
    raised = by("devi").raise_concern("It ranks by name.")
    with pytest.raises(InvalidRecord, match="answer"):
        by("hanna").answer(raised.concern_id, " ")


def test_one_that_reached_whom_it_concerns_past_the_guards_is_a_breach(heard, by):
    raised = by("devi").raise_concern("It ranks by name.", system_id=SYSTEM)
    before = heard.now()
    later(heard, hours=1)
    with tampering(heard) as connection:
        connection.execute(
            sa.insert(tables.concern_access).values(
                access_id="cna-x",
                concern_id=raised.concern_id,
                actor="olga",
                act="read",
                at=heard.now(),
            )
        )

    [breach] = found(heard)

    assert (breach.persons, breach.records) == (("olga",), (raised.concern_id,))
    assert breach.system_id == ""
    assert found(heard, as_of=before) == []
    assert found(heard, "R15") == []


def test_an_answer_by_whom_it_concerns_under_another_account_is_a_breach_of_r10_and_r15(heard, by):
    heard.staffing.add("hugo2", "Hugo again", person="hugo")
    raised = by("devi").raise_concern("Hugo tells tales.", about=["hugo"])
    with tampering(heard) as connection:
        connection.execute(
            sa.update(tables.concern).values(
                answer="No.", answered_by="hugo2", answered_at=heard.now()
            )
        )

    assert [(b.persons, b.records) for b in found(heard)] == [(("hugo",), (raised.concern_id,))]
    assert "another account" in found(heard, "R15")[0].what


def test_who_read_it_cannot_be_struck_out(heard, by):
    raised = by("devi").raise_concern("It ranks by name.")
    by("hanna").read(raised.concern_id)

    with pytest.raises(sa.exc.DatabaseError, match="append-only"), tampering(heard) as connection:
        connection.execute(sa.delete(tables.concern_access))


def test_the_frame_has_its_columns_also_when_empty(by):
    empty = by("hanna").frame()
    by("devi").raise_concern("It ranks by name.")
    full = by("hanna").frame()

    assert empty.dtypes.astype(str).to_dict() == full.dtypes.astype(str).to_dict() == COLUMNS
    assert by("devi").frame().own.tolist() == ["yes"]
