"""Identified risks and their treatments: found when they say the same, revised when they do not."""

import pytest

from aims_core import InvalidRecord, NotPermitted, RecordNotFound

WRONG_RANK = {
    "title": "Urgent tickets ranked low",
    "risk_source": "C.3.4",
    "consequence": "People wait for help they need at once.",
    "likelihood": 3,
    "consequences": {"individuals": 4, "organisation": 2},
    "risk_owner": "olga",
}
CHECK = {"measure": "A person checks each rank", "responsible": "olga"}


@pytest.fixture
def rita(registered):
    return registered.act_as("rita")


def types(workspace):
    return [e.type for e in workspace.audit.events(limit=1_000)]


def test_a_risk_is_found_when_it_is_identified_again(registered, rita):
    first = rita.risk.identify("ticket-triage", "wrong-rank", **WRONG_RANK)
    before = types(registered)

    again = rita.risk.identify("ticket-triage", "wrong-rank", **WRONG_RANK)

    assert again == first
    assert (first.level, first.status) == ("high", "open")
    assert types(registered) == before


def test_a_risk_said_anew_is_revised_and_the_trail_says_how(registered, rita):
    rita.risk.identify("ticket-triage", "wrong-rank", **WRONG_RANK)

    revised = rita.risk.identify("ticket-triage", "wrong-rank", **{**WRONG_RANK, "likelihood": 1})

    event = registered.audit.events(limit=1)[0]
    assert revised.level == "low"
    assert event.type == "risk.RiskRevised"
    assert event.payload["changed"] == {"level": "low", "likelihood": 1}
    assert len(registered.risk.risks("ticket-triage")) == 1


def test_every_wrong_field_of_a_risk_is_named(registered, rita):
    wrong = {**WRONG_RANK, "title": "", "likelihood": 6, "consequences": {}, "risk_owner": "\x00"}

    with pytest.raises(InvalidRecord) as refusal:
        rita.risk.identify("ticket-triage", "Wrong Rank", **wrong)

    fields = {p.field for p in refusal.value.problems}
    assert fields == {"risk_id", "title", "likelihood", "consequences", "risk_owner"}
    assert registered.risk.risks().empty


def test_who_may_not_assess_may_not_identify_treat_or_close(registered, rita):
    rita.risk.identify("ticket-triage", "wrong-rank", **WRONG_RANK)
    aude = registered.act_as("aude")

    with pytest.raises(NotPermitted):
        aude.risk.identify("ticket-triage", "other", **WRONG_RANK)
    with pytest.raises(NotPermitted):
        aude.risk.treat("ticket-triage", **CHECK)
    with pytest.raises(NotPermitted):
        aude.risk.close("ticket-triage", "wrong-rank", reason="gone")


def test_a_treatment_is_put_on_record_once_and_changed_in_place(registered, rita):
    first = rita.risk.treat("ticket-triage", **CHECK)
    assert rita.risk.treat("ticket-triage", **CHECK) == first

    changed = rita.risk.treat("ticket-triage", **CHECK, status="in_place", controls=["A.9.2"])

    assert changed.treatment_id == first.treatment_id
    frame = registered.risk.treatments("ticket-triage")
    assert frame[["status", "controls"]].to_numpy().tolist() == [["in_place", "A.9.2"]]


def test_a_treatment_tells_others_which_controls_it_rests_on(registered, rita):
    rita.risk.identify("ticket-triage", "wrong-rank", **WRONG_RANK)

    made = rita.risk.treat(
        "ticket-triage", risk_id="wrong-rank", **CHECK, controls=[" A.9.2", "A.6.2.6", "A.9.2"]
    )

    result = registered.results.of("ticket-triage", "risk_treatment")[0]
    assert made.controls == ("A.6.2.6", "A.9.2")
    assert result.subject == made.treatment_id
    assert result.payload["controls"] == ["A.6.2.6", "A.9.2"]
    assert (result.payload["risk_id"], result.payload["status"]) == ("wrong-rank", "planned")


def test_a_treatment_of_a_risk_nobody_identified_is_refused_with_near_names(rita):
    rita.risk.identify("ticket-triage", "wrong-rank", **WRONG_RANK)

    with pytest.raises(RecordNotFound, match="Did you mean wrong-rank"):
        rita.risk.treat("ticket-triage", risk_id="wrong-rnk", **CHECK)


@pytest.mark.parametrize(
    "wrong", [{"status": "done"}, {"option": "pray"}, {"measure": " "}, {"controls": [""]}]
)
def test_a_treatment_with_a_wrong_field_is_refused(registered, rita, wrong):
    with pytest.raises(InvalidRecord, match=next(iter(wrong))):
        rita.risk.treat("ticket-triage", **{**CHECK, **wrong})

    assert registered.risk.treatments().empty


def test_closing_a_risk_ends_its_treatments_and_identifying_it_again_opens_it(registered, rita):
    rita.risk.identify("ticket-triage", "wrong-rank", **WRONG_RANK)
    rita.risk.treat("ticket-triage", risk_id="wrong-rank", **CHECK)
    rita.risk.treat("ticket-triage", measure="Something for all", responsible="olga")

    closed = rita.risk.close("ticket-triage", "wrong-rank", reason="Tickets are sorted by hand.")

    assert closed.status == "closed"
    status = registered.risk.treatments("ticket-triage").set_index("measure")["status"]
    assert status.to_dict() == {CHECK["measure"]: "ended", "Something for all": "planned"}
    assert rita.risk.close("ticket-triage", "wrong-rank", reason="Again.") == closed
    assert rita.risk.identify("ticket-triage", "wrong-rank", **WRONG_RANK).status == "open"
    with pytest.raises(InvalidRecord, match="reason"):
        rita.risk.close("ticket-triage", "wrong-rank", reason="")


def test_frames_of_risks_and_treatments_keep_columns_and_types_when_empty(registered, rita):
    empty = registered.risk.risks(), registered.risk.treatments()
    rita.risk.identify("ticket-triage", "wrong-rank", **WRONG_RANK)
    rita.risk.treat("ticket-triage", **CHECK)

    for before, after in zip(
        empty, (registered.risk.risks(), registered.risk.treatments()), strict=True
    ):
        assert before.dtypes.to_dict() == after.dtypes.to_dict()


def test_everything_written_stands_in_an_intact_trail(registered, rita):
    rita.risk.identify("ticket-triage", "wrong-rank", **WRONG_RANK)
    rita.risk.treat("ticket-triage", risk_id="wrong-rank", **CHECK)
    rita.risk.close("ticket-triage", "wrong-rank", reason="Gone.")

    assert {"risk.RiskIdentified", "risk.RiskTreated", "risk.RiskRevised"} <= set(types(registered))
    assert registered.audit.verify().intact


def test_the_register_is_shown_as_it_stood(registered, rita):
    before = registered.now()
    rita.risk.identify("ticket-triage", "wrong-rank", **WRONG_RANK)
    rita.risk.treat("ticket-triage", **CHECK)
    between = registered.now()
    rita.risk.identify("ticket-triage", "wrong-rank", **{**WRONG_RANK, "likelihood": 1})
    rita.risk.treat("ticket-triage", **CHECK, status="in_place")

    assert rita.risk.risks(as_of=before).empty
    assert rita.risk.treatments("ticket-triage", as_of=before).empty
    assert rita.risk.risks("ticket-triage", as_of=between)["likelihood"].tolist() == [3]
    assert rita.risk.treatments(as_of=between)["status"].tolist() == ["planned"]
    assert rita.risk.risks()["likelihood"].tolist() == [1]
    assert rita.risk.risks(as_of=between).dtypes.equals(rita.risk.risks().dtypes)
    with pytest.raises(InvalidRecord, match="has no zone"):
        rita.risk.risks(as_of=before.replace(tzinfo=None))
