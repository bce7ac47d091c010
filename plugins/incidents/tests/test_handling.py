"""The steps of handling, by hand; and what the lifecycle's checks read from them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from aims_incidents.handling import STEPS
from aims_incidents.terms import CauseKind, IncidentStatus

from aims_core import (
    ConditionsNotMet,
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RequestRefused,
    SegregationOfDuties,
    utc_text,
)
from aims_core.testing.intruder import tampering


@pytest.fixture
def made(imre):
    return imre.open("ticket-triage", title="It fell over", severity="major")


def test_the_steps_lead_from_open_to_closed_and_nothing_leads_on_from_there():
    path = [STEPS[name].target for name in ("analyse", "treat", "close")]

    for status, step in pairwise([IncidentStatus.OPEN, *path]):
        assert any(status in s.sources and s.target is step for s in STEPS.values())
    assert not any(IncidentStatus.CLOSED in s.sources for s in STEPS.values())


def test_closing_names_everything_that_is_missing(imre, made):
    with pytest.raises(ConditionsNotMet) as refusal:
        imre.close(made.incident_id)
    assert [c.name for c in refusal.value.conditions] == ["cause_recorded", "treatment_recorded"]

    imre.analyse(made.incident_id, "A field was renamed.")

    with pytest.raises(ConditionsNotMet) as refusal:
        imre.close(made.incident_id)
    assert [c.name for c in refusal.value.conditions] == ["treatment_recorded"]


def test_an_incident_is_assigned_to_somebody_who_is_known(imre, made):
    assert imre.assign(made.incident_id, "devi").assigned_to == "devi"
    assert imre.assign(made.incident_id, "devi").status is IncidentStatus.OPEN
    with pytest.raises(RecordNotFound, match="devi"):
        imre.assign(made.incident_id, "devis")


def test_a_cause_has_a_kind_and_another_cause_voids_the_treatment(imre, made):
    imre.analyse(made.incident_id, "A field was renamed.", kind="integration")
    imre.treat(made.incident_id, "Checked on arrival.")

    other = imre.analyse(made.incident_id, "The sensor froze.", kind=CauseKind.INFRASTRUCTURE)

    assert other.status is IncidentStatus.ANALYSED
    assert (other.cause_kind, other.treatment) == (CauseKind.INFRASTRUCTURE, "")
    with pytest.raises(InvalidRecord, match="infrastructure"):
        imre.analyse(made.incident_id, "x", kind="magic")


def test_nobody_of_several_who_treated_it_closes_an_incident_under_any_account(running, imre):
    running.staffing.grant("rita", "incident_manager")
    made = imre.open("ticket-triage", title="It fell over", severity="serious")
    imre.analyse(made.incident_id, "A field was renamed.")
    imre.treat(made.incident_id, "Checked on arrival.")
    running.act_as("rita").incidents.treat(made.incident_id, "Checked on arrival, and alarmed.")

    running.staffing.add("imre-2", "Imre again", person="imre")
    running.staffing.grant("imre-2", "incident_manager")
    for actor in ("imre", "rita", "imre-2"):
        with pytest.raises(SegregationOfDuties, match="somebody else"):
            running.act_as(actor).incidents.close(made.incident_id)
    running.staffing.add("irma", "Irma")
    running.staffing.grant("irma", "incident_manager")
    assert running.act_as("irma").incidents.close(made.incident_id).treaters == ("imre", "rita")


def test_by_an_exception_who_treated_it_closes_it_and_that_is_on_record(running, imre):
    made = imre.open("ticket-triage", title="It fell over", severity="minor")
    imre.analyse(made.incident_id, "A field was renamed.")
    imre.treat(made.incident_id, "Checked on arrival.")
    exception = running.act_as("olga").separation.record_exception(
        "R6",
        reason="Two people run this.",
        compensating_control="The committee looks at all incidents in March.",
        expires_on=running.now().date() + timedelta(days=30),
        system_id="ticket-triage",
    )
    with pytest.raises(SegregationOfDuties):
        imre.close(made.incident_id)
    running.separation.approve_exception(exception.exception_id)

    assert imre.close(made.incident_id).closed_by == "imre"

    used = running.audit.events(event_type="core.ExceptionUsed")
    assert [e.payload["exception_id"] for e in used] == [exception.exception_id]
    [breach] = [b for b in running.separation.breaches() if b.rule == "R6"]
    assert (breach.persons, breach.exception) == (("imre",), exception.exception_id)


@pytest.mark.parametrize("kind", ["service", "plugin"])
def test_what_is_no_person_does_not_close(running, imre, made, kind):
    running.staffing.add("robot", "Robot", kind=kind)
    running.staffing.grant("robot", "incident_manager")
    imre.analyse(made.incident_id, "A field was renamed.")
    imre.treat(made.incident_id, "Checked on arrival.")

    with pytest.raises(NotPermitted, match="only persons close"):
        running.act_as("robot").incidents.close(made.incident_id)


def test_the_whole_handling_may_be_run_twice_also_when_it_is_closed(running, imre):
    def cells():
        made = imre.open("ticket-triage", title="It fell over", severity="major")
        imre.analyse(made.incident_id, "A field was renamed.")
        imre.treat(made.incident_id, "Checked on arrival.")
        return running.act_as("rita").incidents.close(made.incident_id)

    first = cells()
    before = running.audit.head()

    assert cells() == first
    assert running.audit.head() == before


def test_the_same_words_at_another_time_are_another_incident(running, imre):
    entered = running.inventory.get("ticket-triage").registered_at
    times = [entered + timedelta(microseconds=n) for n in (0, 1)]
    ids = []
    for at in times:
        made = imre.open("ticket-triage", title="It fell over", severity="minor", occurred_at=at)
        imre.analyse(made.incident_id, "A field was renamed.")
        imre.treat(made.incident_id, "Checked on arrival.")
        ids.append(running.act_as("rita").incidents.close(made.incident_id).incident_id)

    assert len(set(ids)) == 2


def test_a_closed_incident_stays_as_it_is(running, imre, made):
    imre.analyse(made.incident_id, "A field was renamed.")
    imre.treat(made.incident_id, "Checked on arrival.")
    running.act_as("rita").incidents.close(made.incident_id)

    for change in (
        lambda: imre.assign(made.incident_id, "devi"),
        lambda: imre.analyse(made.incident_id, "Something else."),
        lambda: imre.treat(made.incident_id, "Something else."),
    ):
        with pytest.raises(RequestRefused, match="it is closed"):
            change()


def test_who_may_not_handle_incidents_is_refused_at_every_step(running, made):
    aude = running.act_as("aude").incidents

    for act in (
        lambda: aude.assign(made.incident_id, "devi"),
        lambda: aude.analyse(made.incident_id, "x"),
        lambda: aude.treat(made.incident_id, "x"),
        lambda: aude.close(made.incident_id),
    ):
        with pytest.raises(NotPermitted):
            act()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "incidents.breech"}, "kind"),
        ({"occurred_at": datetime(2026, 1, 1)}, "occurred_at"),  # noqa: DTZ001 - that is the mistake
        ({"occurred_at": datetime(2999, 1, 1, tzinfo=UTC)}, "occurred_at"),
        ({"occurred_at": datetime(2001, 1, 1, tzinfo=UTC)}, "occurred_at"),
        ({"title": "x" * 501}, "title"),
    ],
)
def test_wrong_input_names_its_field(imre, given, field):
    with pytest.raises(InvalidRecord) as refusal:
        imre.open("ticket-triage", **{"title": "It fell over", "severity": "minor", **given})

    assert [p.field for p in refusal.value.problems] == [field]


def test_when_it_happened_stands_beside_when_it_was_entered(running, imre):
    happened = running.inventory.get("ticket-triage").registered_at
    made = imre.open("ticket-triage", title="It fell over", severity="minor", occurred_at=happened)

    (event,) = running.audit.events(event_type="core.IncidentOpened")
    row = imre.frame().iloc[0]
    assert event.payload["occurred_at"] == utc_text(happened)
    assert made.opened_at > happened
    assert (row.occurred_at, row.opened_at) == (happened, made.opened_at)


def test_a_legacy_system_may_have_had_incidents_before_its_entry(running, imre):
    with tampering(running) as connection:
        connection.execute(sa.text("UPDATE aims_system SET entry = 'legacy'"))
    happened = datetime(2020, 1, 1, tzinfo=UTC)

    made = imre.open("ticket-triage", title="It fell over", severity="minor", occurred_at=happened)

    assert made.occurred_at == happened


def test_a_mild_incident_from_before_the_suspension_keeps_nobody_from_resuming(running, imre):
    mild = imre.open("ticket-triage", title="A typing error", severity="minor")
    running.act_as("imre").approvals.request("ticket-triage", "suspend", reason="To be safe.")
    assert condition(running, "cause_treated").met

    later = imre.open("ticket-triage", title="Another one", severity="minor")

    unmet = condition(running, "cause_treated")
    assert not unmet.met
    assert later.incident_id in unmet.reason
    assert mild.incident_id not in unmet.reason
    assert condition(running, "no_serious_incident_open").met


def condition(workspace, name):
    found = workspace.act_as("olga").approvals.preview("ticket-triage", "resume")
    return next(c for c in found if c.name == name)


def test_a_record_shows_itself_escaped(imre):
    made = imre.open("ticket-triage", title="<script>alert(1)</script>", severity="minor")

    assert "<script>" not in made._repr_html_()
    assert made.incident_id in made._repr_html_()
