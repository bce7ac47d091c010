"""The Statement of Applicability on a real workspace: no silent default, a reason for everything."""

import pandas as pd
import pytest
from aims_compliance import decisions, versions

from aims_core import (
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RequestRefused,
    RevisionConflict,
)

INCLUDE = {"applicable": True, "reason": "We run three systems of our own."}
EXCLUDE = {"applicable": False, "reason": "We train nothing ourselves."}


@pytest.fixture
def carl(workspace):
    return workspace.act_as("carl")


def decide_all(workspace, **changes):
    controls = workspace.compliance.controls()["control_id"]
    rows = [{"control_id": c, **INCLUDE, **changes.get(c, {})} for c in controls]
    return workspace.compliance.decide_many(rows)


def events(workspace):
    return [e.type for e in workspace.audit.events(limit=1_000)]


def test_a_fresh_statement_has_38_rows_and_decides_nothing_by_default(workspace):
    frame = workspace.compliance.statement()

    assert len(frame) == 38
    assert set(frame["state"]) == {"not decided"}
    assert frame["reason"].isna().all()
    assert workspace.compliance.progress() == {"included": 0, "excluded": 0, "not decided": 38}


def test_a_decision_stands_in_the_statement_and_in_the_trail(workspace, carl):
    made = carl.compliance.decide(
        "A.6.2.6",
        **INCLUDE,
        grounds=[
            "risk_treatment: wrong-rank",
            "legal_requirement: Regulation (EU) 2024/1689, Art. 72",
        ],
        implementation="planned",
        responsible="olga",
    )

    row = workspace.compliance.statement().set_index("control_id").loc["A.6.2.6"]
    event = workspace.audit.events(limit=1)[0]
    assert (row["state"], row["implementation"], row["responsible"]) == (
        "included",
        "planned",
        "olga",
    )
    assert "risk_treatment: wrong-rank" in row["grounds"]
    assert made.decided_by == "carl"
    assert (event.type, event.payload["control_id"]) == ("compliance.ControlDecided", "A.6.2.6")
    assert len(workspace.compliance.statement()) == 38
    assert workspace.audit.verify().intact


def test_the_same_decision_again_is_found_not_doubled(workspace, carl):
    first = carl.compliance.decide("A.2.2", **INCLUDE)
    before = events(workspace)

    assert carl.compliance.decide("A.2.2", **INCLUDE) == first
    assert events(workspace) == before


def test_another_decision_replaces_the_former_and_keeps_it(workspace, carl):
    carl.compliance.decide("A.7.2", **INCLUDE)

    second = carl.compliance.decide("A.7.2", **EXCLUDE)

    history = workspace.compliance.decisions("A.7.2")
    assert second.revision == 2
    assert history["revision"].tolist() == [2, 1]
    assert history["in_force"].tolist() == [True, False]
    assert workspace.compliance.progress()["excluded"] == 1


def test_an_included_control_rests_on_the_organisations_decision_unless_it_says_otherwise(carl):
    assert carl.compliance.decide("A.2.2", **INCLUDE).grounds == ("organisational_decision",)
    assert carl.compliance.decide("A.2.3", **EXCLUDE).grounds == ()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({**INCLUDE, "reason": " "}, "reason"),
        ({**EXCLUDE, "reason": ""}, "reason"),
        ({**INCLUDE, "reason": "a\x00"}, "reason"),
        ({**INCLUDE, "applicable": None}, "applicable"),
        ({**INCLUDE, "applicable": "yes"}, "applicable"),
        ({**INCLUDE, "grounds": []}, "grounds"),
        ({**INCLUDE, "grounds": ["mood: bad"]}, "grounds"),
        ({**INCLUDE, "grounds": ["legal_requirement"]}, "grounds"),
        ({**INCLUDE, "grounds": ["legal_requirement: "]}, "grounds"),
        ({**INCLUDE, "implementation": "done"}, "implementation"),
        ({**INCLUDE, "responsible": 3}, "responsible"),
        ({**EXCLUDE, "grounds": ["risk_treatment: wrong-rank"]}, "grounds"),
        ({**EXCLUDE, "implementation": "implemented"}, "implementation"),
    ],
)
def test_a_decision_that_cannot_serve_is_refused_by_field(workspace, carl, given, field):
    with pytest.raises(InvalidRecord) as refusal:
        carl.compliance.decide("A.2.2", **given)

    assert field in {p.field for p in refusal.value.problems}
    assert workspace.compliance.progress()["not decided"] == 38


def test_an_unknown_control_is_not_found_and_near_ones_are_named(carl):
    with pytest.raises(RecordNotFound, match=r"Did you mean A\.6\.2\.6"):
        carl.compliance.decide("A.6.2.66", **INCLUDE)


def test_who_may_not_comply_decides_and_issues_nothing(workspace):
    aude = workspace.act_as("aude")

    with pytest.raises(NotPermitted, match="committee_member"):
        aude.compliance.decide("A.2.2", **INCLUDE)
    with pytest.raises(NotPermitted):
        aude.compliance.issue()


def test_a_control_that_treats_a_risk_cannot_be_excluded_until_the_treatment_ends(registered):
    carl, rita = registered.act_as("carl"), registered.act_as("rita")
    treatment = {"measure": "Watch it", "responsible": "olga", "controls": ["A.6.2.6"]}
    rita.risk.treat("ticket-triage", **treatment)

    with pytest.raises(RequestRefused, match=r"A\.6\.2\.6 treats a risk of ticket-triage"):
        carl.compliance.decide("A.6.2.6", **EXCLUDE)
    carl.compliance.decide("A.7.2", **EXCLUDE)
    rita.risk.treat("ticket-triage", **treatment, status="ended")

    assert not carl.compliance.decide("A.6.2.6", **EXCLUDE).applicable


def test_a_statement_with_undecided_controls_is_not_issued(workspace, carl):
    carl.compliance.decide("A.2.2", **INCLUDE)

    with pytest.raises(RequestRefused, match="37 of 38 controls are not decided"):
        carl.compliance.issue()

    assert workspace.compliance.versions().empty


def test_a_treatment_that_began_after_the_exclusion_stops_the_next_version(registered):
    carl = registered.act_as("carl")
    decide_all(carl, **{"A.6.2.6": EXCLUDE})
    registered.act_as("rita").risk.treat(
        "ticket-triage", measure="Watch it", responsible="olga", controls=["A.6.2.6"]
    )

    with pytest.raises(RequestRefused, match=r"A\.6\.2\.6 treats a risk"):
        carl.compliance.issue()


def test_issued_versions_stay_as_they_were_and_differences_are_named(workspace, carl):
    decide_all(carl, **{"A.7.2": EXCLUDE})
    first = carl.compliance.issue(note="First certification")
    assert carl.compliance.issue(note="First certification") == first
    carl.compliance.decide("A.7.2", **INCLUDE, implementation="planned")

    second = carl.compliance.issue()

    assert (first.version, first.included, first.excluded) == (1, 37, 1)
    assert (second.version, second.included) == (2, 38)
    assert first.digest != second.digest
    then = workspace.compliance.statement(1).set_index("control_id")
    assert then.loc["A.7.2", "state"] == "excluded"
    changed = workspace.compliance.compare(1, 2)
    assert changed[changed["field"] == "state"].to_numpy().tolist() == [
        ["A.7.2", "state", "excluded", "included"]
    ]
    assert workspace.compliance.compare(2).empty
    assert workspace.compliance.versions()["version"].tolist() == [2, 1]


def test_a_version_that_was_never_issued_is_not_found(workspace):
    with pytest.raises(RecordNotFound, match="version of the statement"):
        workspace.compliance.statement(9)


def test_a_table_of_decisions_is_taken_whole_or_not_at_all(workspace, carl):
    table = pd.DataFrame(
        {
            "control_id": ["A.2.2", "A.2.3", "A.2.4"],
            "applicable": [True, True, False],
            "reason": ["It is asked for.", "So is this.", "Too early."],
            "grounds": ["legal_requirement: Art. 9; organisational_decision", None, None],
        }
    )

    made = carl.compliance.decide_many(table)

    assert made[0].grounds == ("legal_requirement: Art. 9", "organisational_decision")
    assert [d.applicable for d in made] == [True, True, False]
    wrong = table.assign(reason=["x", "", "y"], control_id=["A.2.2", "A.2.2", "A.2.4"])
    with pytest.raises(InvalidRecord) as refusal:
        carl.compliance.decide_many(wrong)
    assert {(p.row, p.field) for p in refusal.value.problems} == {(2, "reason"), (2, "control_id")}
    assert len(workspace.compliance.decisions()) == 3


def test_who_decides_or_issues_on_an_old_view_is_told_and_nothing_is_lost(
    workspace, carl, monkeypatch
):
    decide_all(carl)
    first = carl.compliance.issue()
    reasons = workspace.compliance.statement()["reason"]
    # What another session reads just before our commit: no decision and no version yet.
    monkeypatch.setattr(decisions, "in_force", lambda _tx: {})
    with pytest.raises(RevisionConflict, match="read it again"):
        carl.compliance.decide("A.2.2", **EXCLUDE)
    monkeypatch.undo()
    monkeypatch.setattr(versions, "listed", lambda _tx: [])
    with pytest.raises(RevisionConflict, match="read it again"):
        carl.compliance.issue(note="another")
    monkeypatch.undo()

    assert workspace.compliance.statement()["reason"].equals(reasons)
    assert workspace.compliance.versions()["digest"].tolist() == [first.digest]
    assert workspace.audit.verify().intact


def test_frames_keep_columns_and_types_when_empty(workspace, carl):
    frames = ("statement", "versions", "decisions", "controls")
    empty = {name: getattr(workspace.compliance, name)().dtypes.to_dict() for name in frames}
    decide_all(carl, **{"A.7.2": EXCLUDE})
    carl.compliance.issue()

    for name in frames:
        assert getattr(workspace.compliance, name)().dtypes.to_dict() == empty[name], name
    assert workspace.compliance.statement(1).dtypes.to_dict() == empty["statement"]
