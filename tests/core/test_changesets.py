"""Bulk edits: proposed as a change set, shown, applied whole or not at all, by another person where due."""

import numpy as np
import pandas as pd
import pytest

from aims_core import (
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RevisionConflict,
    SegregationOfDuties,
    TransitionRefused,
)
from aims_core.inventory.changeset_ledger import CHANGE_COLUMNS, COLUMNS
from aims_core.testing.fixtures import TICKET_TRIAGE

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])


@pytest.fixture
def olga(workspace):
    """The inventory as its owner, with three systems; `c` is declared high."""
    inventory = workspace.act_as("olga").inventory
    for system_id in "abc":
        declared = "high" if system_id == "c" else "limited"
        inventory.register(system_id, **{**TICKET_TRIAGE, "declared_risk_category": declared})
    return inventory


def frame(**columns):
    return pd.DataFrame(columns)


def test_edits_are_shown_before_they_are_applied_and_then_become_revisions(olga, workspace):
    edited = olga.frame()
    edited.loc[edited.system_id == "a", "supplier"] = "ACME"
    edited.loc[edited.system_id == "b", "intended_use"] = ""

    proposed = olga.propose(edited, reason="suppliers checked")

    assert (proposed.status, olga.get("a").supplier) == ("open", "")
    lines = proposed.frame()
    assert list(lines.columns) == list(CHANGE_COLUMNS)
    assert lines[["system_id", "field", "after"]].to_numpy().tolist() == [
        ["a", "supplier", "ACME"],
        ["b", "intended_use", ""],
    ]
    done = olga.apply(proposed)
    assert (done.status, done.closed_by) == ("applied", "olga")
    assert (olga.get("a").supplier, olga.get("a").revision) == ("ACME", 2)
    assert (olga.get("b").intended_use, olga.get("c").revision) == ("", 1)
    revised = workspace.audit.events("a", event_type="core.SystemRevised")[0]
    assert revised.payload["changed"] == {"supplier": "ACME"}
    assert workspace.audit.verify().intact


def test_the_same_proposal_and_the_same_application_are_found_not_doubled(olga, workspace):
    edits = frame(system_id=["a"], supplier=["ACME"])
    first = olga.propose(edits, reason="x")
    head = workspace.audit.head()

    assert olga.propose(edits, reason="y") == first
    assert workspace.audit.head() == head
    olga.apply(first.change_set_id)
    head = workspace.audit.head()
    assert olga.apply(first).status == "applied"
    assert workspace.audit.head() == head
    assert olga.change_sets()["change_set_id"].tolist() == [first.change_set_id]


def test_missing_values_leave_a_field_and_empty_ones_empty_it(olga):
    edits = frame(
        system_id=["a", "b", "c"],
        supplier=["ACME", None, np.nan],
        unit=[pd.NA, "", "Other"],
    )

    shown = olga.propose(edits, reason="x").frame()

    assert shown[["system_id", "field", "before", "after"]].to_numpy().tolist() == [
        ["a", "supplier", "", "ACME"],
        ["b", "unit", "Support", ""],
        ["c", "unit", "Support", "Other"],
    ]


def test_single_attributes_reasons_and_components_can_be_set(olga):
    olga.register_component("bert", kind="model", name="BERT")
    olga.revise("a", attributes={"keep": 1, "office": "North"})
    edits = frame(
        system_id=["a"],
        components=["bert"],
        unknown_fields=['{"supplier": "nobody kept the contract"}'],
        **{"attributes.office": ["South"], "attributes.seats": [np.int64(5)]},
    )

    olga.apply(olga.propose(edits, reason="x"))

    system = olga.get("a")
    assert system.attributes == {
        "keep": 1,
        "office": "South",
        "seats": 5,
        "unknown_fields": {"supplier": "nobody kept the contract"},
    }
    assert system.unknown_because("supplier") == "nobody kept the contract"
    assert olga.components()["systems"].tolist() == [1]


@pytest.mark.parametrize(
    ("columns", "field", "said"),
    [
        ({"supplier": ["x"]}, "system_id", "missing"),
        ({"system_id": ["a"], "suplier": ["x"]}, "suplier", "no field"),
        ({"system_id": ["a"], "stage": ["deployment"]}, "stage", "cannot be edited"),
        ({"system_id": ["a"], "tier": ["minimal"]}, "tier", "cannot be edited"),
        ({"system_id": ["a"], "registered_at": ["2020"]}, "registered_at", "cannot be edited"),
        ({"system_id": ["zz"], "supplier": ["x"]}, "system_id", "no system"),
        ({"system_id": ["a", "a"], "supplier": ["x", "y"]}, "system_id", "twice"),
        ({"system_id": [None], "supplier": ["x"]}, "system_id", "names no system"),
        ({"system_id": ["a"], "name": [""]}, "name", "empty"),
        ({"system_id": ["a"], "name": [5]}, "name", "not text"),
        ({"system_id": ["a"], "origin": ["heaven"]}, "origin", "heaven"),
        ({"system_id": ["a"], "owner": ["nobody"]}, "owner", "nobody is known"),
        ({"system_id": ["a"], "components": ["none"]}, "components", "not registered"),
        ({"system_id": ["a"], "attributes": ["{"]}, "attributes", "no JSON"),
        ({"system_id": ["a"], "attributes": ["[1]"]}, "attributes", "no mapping"),
        ({"system_id": ["a"], "attributes.x": [float("inf")]}, "attributes", "inf"),
        ({"system_id": ["a"], "supplier": ["a\x00b"]}, "supplier", "control"),
        ({"system_id": ["a"], "revision": [7], "supplier": ["x"]}, "revision", "saw revision 7"),
        ({"system_id": ["a"], "revision": ["x"], "supplier": ["x"]}, "revision", "saw revision"),
        ({"system_id": ["a"], "supplier": [None]}, "frame", "nothing new"),
        ({"system_id": [], "supplier": []}, "frame", "nothing new"),
    ],
)
@ONE_DATABASE
def test_what_is_wrong_with_a_proposal_is_named_and_nothing_is_kept(olga, columns, field, said):
    with pytest.raises(InvalidRecord, match=said) as caught:
        olga.propose(frame(**columns), reason="x")

    assert field in {p.field for p in caught.value.problems}
    assert olga.change_sets().empty


@ONE_DATABASE
def test_a_column_that_stands_there_twice_and_no_reason_are_named(olga):
    edits = pd.DataFrame([["a", "x", "y"]], columns=["system_id", "unit", "unit"])

    with pytest.raises(InvalidRecord) as caught:
        olga.propose(edits, reason=" ")

    assert {p.field for p in caught.value.problems} == {"unit", "reason"}
    with pytest.raises(TypeError, match="takes a DataFrame"):
        olga.propose([{"system_id": "a"}], reason="x")


def test_a_change_of_a_grave_system_is_applied_by_somebody_else(olga, workspace):
    proposed = olga.propose(frame(system_id=["a", "c"], supplier=["x", "y"]), reason="x")

    assert proposed.needs_review == ("c",)
    with pytest.raises(SegregationOfDuties, match="it changes c; somebody else"):
        olga.apply(proposed)
    assert olga.get("a").revision == 1
    done = workspace.act_as("ines").inventory.apply(proposed.change_set_id)
    assert (done.status, done.proposed_by, done.closed_by) == ("applied", "olga", "ines")
    assert olga.get("c").supplier == "y"


def test_two_accounts_of_one_person_are_one_person(olga, workspace):
    workspace.staffing.add("olga2", "Olga again", person="olga")
    workspace.staffing.grant("olga2", "system_owner")
    proposed = olga.propose(frame(system_id=["c"], supplier=["y"]), reason="x")

    with pytest.raises(SegregationOfDuties):
        workspace.act_as("olga2").inventory.apply(proposed)


@ONE_DATABASE
def test_the_settings_may_ask_for_two_persons_always(olga, workspace):
    proposed = olga.propose(frame(system_id=["a"], supplier=["y"]), reason="x")
    sections = workspace.settings.sections
    sections["inventory"] = {"review_changes": "always"}

    with pytest.raises(SegregationOfDuties):
        olga.apply(proposed)
    sections["inventory"] = {"review_changes": "sometimes"}
    with pytest.raises(InvalidRecord, match="high, always"):
        olga.apply(proposed)
    assert olga.get("a").revision == 1


def test_systems_revised_meanwhile_are_named_and_nothing_is_applied(olga, workspace):
    proposed = olga.propose(frame(system_id=["a", "b"], supplier=["x", "y"]), reason="x")
    olga.revise("b", supplier="z")

    with pytest.raises(RevisionConflict, match="1 of 2 were revised since") as caught:
        olga.apply(proposed)

    assert [p.field for p in caught.value.problems] == ["b"]
    assert (olga.get("a").revision, olga.get("b").supplier) == (1, "z")
    assert olga.change_set(proposed.change_set_id).status == "open"
    assert workspace.audit.events(limit=1)[0].type == "core.ActRefused"


def test_who_may_not_revise_neither_proposes_nor_applies(olga, workspace):
    proposed = olga.propose(frame(system_id=["a"], supplier=["x"]), reason="x")
    aude = workspace.act_as("aude").inventory

    for act in (
        lambda: aude.apply(proposed),
        lambda: aude.withdraw_changes(proposed),
        lambda: aude.propose(frame(system_id=["a"], supplier=["y"]), reason="x"),
    ):
        with pytest.raises(NotPermitted, match="may not revise a"):
            act()
    assert olga.get("a").revision == 1


def test_a_system_is_not_carried_into_a_unit_from_outside(olga, workspace):
    workspace.staffing.add("uwe", "Uwe")
    workspace.staffing.grant("uwe", "system_owner", unit="Support")
    uwe = workspace.act_as("uwe").inventory

    assert uwe.propose(frame(system_id=["a"], supplier=["x"]), reason="x").status == "open"
    with pytest.raises(NotPermitted):
        uwe.propose(frame(system_id=["a"], unit=["Treasury"]), reason="x")


def test_a_withdrawn_change_set_is_not_applied_and_can_be_proposed_again(olga):
    edits = frame(system_id=["a"], supplier=["x"])
    proposed = olga.propose(edits, reason="x")

    assert olga.withdraw_changes(proposed, reason="wrong").status == "withdrawn"
    assert olga.withdraw_changes(proposed).status == "withdrawn"
    with pytest.raises(TransitionRefused, match="withdrawn"):
        olga.apply(proposed)
    assert olga.propose(edits, reason="right after all").status == "open"
    olga.apply(proposed)
    with pytest.raises(TransitionRefused, match="was applied"):
        olga.withdraw_changes(proposed)


def test_an_open_request_for_a_changed_system_lapses(olga, workspace):
    request = workspace.act_as("olga").approvals.request("a", "start_development")

    olga.apply(olga.propose(frame(system_id=["a"], supplier=["x"]), reason="x"))

    assert workspace.approvals.get(request.approval_id).status == "lapsed"


@ONE_DATABASE
def test_markup_in_a_change_is_shown_as_text(olga):
    evil = "<script>alert(1)</script>"

    shown = olga.propose(frame(system_id=["a"], supplier=[evil]), reason=evil)._repr_html_()

    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


@ONE_DATABASE
def test_a_change_set_that_is_not_there_is_named_and_empty_frames_have_columns(olga):
    with pytest.raises(RecordNotFound, match="change set"):
        olga.apply("chg-nothing")
    with pytest.raises(RecordNotFound):
        olga.change_set("chg-nothing")
    assert list(olga.change_sets("open").columns) == list(COLUMNS)


@ONE_DATABASE
def test_a_change_set_of_many_systems_takes_few_statements(olga, workspace):
    import sqlalchemy as sa

    ids = [f"s{n}" for n in range(300)]
    for system_id in ids:
        olga.register(system_id, **TICKET_TRIAGE)
    counted = []
    engine = workspace._desk.store.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *_: counted.append(1))

    olga.apply(olga.propose(frame(system_id=ids, supplier=["x"] * 300), reason="x"))

    assert len(counted) < 80
    assert olga.get("s299").supplier == "x"
