"""R9: the second line and legal decide whether a serious incident is reportable, and not too late."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from aims_core import (
    NotPermitted,
    RecordNotFound,
    RequestRefused,
    SegregationOfDuties,
    tables,
)
from aims_core.testing import tampering
from aims_core.testing.intruder import granted_past_the_rules


def later(workspace, **span):
    store = workspace._desk.store
    clock = store.clock
    store.clock = lambda: clock() + timedelta(**span)


def found(workspace, **options):
    return [b for b in workspace.separation.breaches(**options) if b.rule == "R9"]


@pytest.fixture
def serious(running):
    """Give a workspace with a lawyer, and a serious incident of the running system."""
    running.staffing.add("lea", "Lea")
    running.staffing.grant("lea", "legal_counsel")
    running.act_as("imre").incidents.open("ticket-triage", title="A fire", severity="serious")
    return running


@pytest.fixture
def incident(serious):
    return serious.incidents.of("ticket-triage")[0].incident_id


@pytest.fixture
def by(serious):
    return lambda actor: serious.act_as(actor).incidents.reporting


def test_the_second_line_proposes_and_legal_confirms_and_that_is_no_breach(serious, incident, by):
    assert by("aude").of(incident).status == "undecided"
    asked = by("rita").propose(incident, reportable=True, reason="Art. 3(49)(a).")
    assert by("rita").propose(incident, reportable=True, reason="Art. 3(49)(a).") == asked

    done = by("lea").confirm(incident)

    assert by("lea").confirm(incident) == done
    assert (done.status, done.reportable, done.proposed_by, done.decided_by) == (
        "decided",
        True,
        "rita",
        "lea",
    )
    later(serious, days=9)
    assert found(serious) == []
    assert by("rita").escalate() == []
    [row] = by("rita").frame().to_dict("records")
    assert (row["status"], row["reportable"], row["reason"]) == ("decided", "yes", "Art. 3(49)(a).")
    types = [e.type.rpartition(".")[2] for e in serious.audit.events("ticket-triage")]
    assert [t for t in types if t.startswith("Rep")] == [
        "ReportabilityDecided",
        "ReportabilityProposed",
    ]


def test_that_it_need_not_be_reported_is_a_decision_too(incident, by):
    by("carl").propose(incident, reportable=False, reason="Nobody was harmed.")

    assert by("lea").confirm(incident).reportable is False
    with pytest.raises(RequestRefused, match="lea confirmed that it is not reportable"):
        by("rita").propose(incident, reportable=True, reason="Yes, it is.")


@pytest.mark.parametrize("actor", ["imre", "devi", "ines", "aude", "ada", "lea"])
def test_only_the_second_line_proposes(incident, by, actor):
    with pytest.raises(NotPermitted, match="risk_reviewer"):
        by(actor).propose(incident, reportable=False, reason="It is nothing.")


def test_the_owner_neither_proposes_nor_confirms_whatever_roles_they_hold(serious, incident, by):
    serious.staffing.grant("olga", "risk_reviewer")
    serious.staffing.grant("olga", "legal_counsel")
    with pytest.raises(SegregationOfDuties, match="olga owns"):
        by("olga").propose(incident, reportable=False, reason="It is nothing.")
    by("rita").propose(incident, reportable=False, reason="It is nothing.")

    with pytest.raises(SegregationOfDuties, match="olga owns"):
        by("olga").confirm(incident)


def test_nobody_decides_alone_under_any_account_and_no_software(serious, incident, by):
    serious.staffing.add("rita2", "Rita again", person="rita")
    serious.staffing.add("bot", "Bot", kind="service")
    for actor in ("rita", "rita2"):
        serious.staffing.grant(actor, "legal_counsel")
    granted_past_the_rules(serious, "bot", "legal_counsel")
    with pytest.raises(RequestRefused, match="nothing is proposed"):
        by("lea").confirm(incident)
    by("rita").propose(incident, reportable=False, reason="It is nothing.")

    for actor in ("rita", "rita2"):
        with pytest.raises(SegregationOfDuties, match="same person"):
            by(actor).confirm(incident)
    with pytest.raises(NotPermitted, match="no person"):
        by("bot").confirm(incident)
    with pytest.raises(NotPermitted, match="legal_counsel"):
        by("carl").confirm(incident)


def test_legal_sends_a_proposal_back_and_another_follows(serious, incident, by):
    by("rita").propose(incident, reportable=False, reason="It is nothing.")
    with pytest.raises(RequestRefused, match="say why"):
        by("lea").decline(incident, reason=" ")

    back = by("lea").decline(incident, reason="Ask the hospital first.")

    assert by("lea").decline(incident, reason="Ask the hospital first.") == back
    assert (back.status, back.reason) == ("declined", "Ask the hospital first.")
    with pytest.raises(RequestRefused, match="nothing is proposed"):
        by("lea").confirm(incident)
    by("rita").propose(incident, reportable=True, reason="Somebody was hurt.")
    assert by("lea").confirm(incident).status == "decided"
    with pytest.raises(RecordNotFound):
        by("lea").confirm("inc-0")


def test_by_an_exception_a_second_reviewer_stands_in_for_legal_and_that_shows(
    serious, incident, by
):
    made = serious.act_as("olga").separation.record_exception(
        "R9",
        reason="We have no lawyer.",
        compensating_control="An outside lawyer looks at each decision in June.",
        expires_on=(serious.now() + timedelta(days=30)).date(),
        system_id="ticket-triage",
    )
    serious.separation.approve_exception(made.exception_id)
    by("rita").propose(incident, reportable=True, reason="Art. 3(49)(a).")
    with pytest.raises(NotPermitted):
        by("imre").confirm(incident)

    by("carl").confirm(incident)

    [breach] = found(serious)
    assert (breach.persons, breach.exception) == (("rita", "carl"), made.exception_id)
    assert "without legal_counsel" in breach.what


def test_silence_past_the_deadline_is_a_breach_and_escalated_once(serious, incident, by):
    before = serious.now() + timedelta(days=1)
    assert found(serious) == []
    later(serious, days=3)

    [breach] = found(serious)

    assert (breach.records, breach.persons) == ((incident,), ())
    assert found(serious, as_of=before) == []
    assert by("rita").escalate() == [incident]
    assert by("rita").escalate() == [incident]
    overdue = serious.audit.events(event_type="incidents.ReportabilityOverdue")
    assert [e.payload["incident_id"] for e in overdue] == [incident]
    with pytest.raises(NotPermitted):
        by("devi").escalate()
    by("rita").propose(incident, reportable=True, reason="Late.")
    by("lea").confirm(incident)
    assert by("rita").escalate() == []
    assert found(serious) == [breach]  # it was late, and stays so


def test_an_incident_that_is_not_serious_needs_no_decision(running):
    running.act_as("imre").incidents.open("ticket-triage", title="Slow", severity="major")
    later(running, days=9)

    assert found(running) == []
    assert running.incidents.reporting.frame().empty


def test_a_decision_past_the_guards_by_the_owner_alone_is_a_breach(serious, incident, by):
    by("rita").propose(incident, reportable=False, reason="It is nothing.")
    by("lea").confirm(incident)
    seen_at = serious.now()
    result = tables.result
    with tampering(serious) as connection:
        kept = sa.update(result).where(result.c.kind == "reportability")
        connection.execute(kept.values(recorded_by="olga"))

    [breach] = found(serious)

    assert breach.persons == ("olga",)
    for fault in ("by one person alone", "by the owner", "without the second line", "legal"):
        assert fault in breach.what
    assert found(serious, as_of=seen_at - timedelta(days=1)) == []
