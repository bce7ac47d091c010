"""A value, unknown with a reason, not looked into: kept apart from the register to the review."""

import pytest

from aims_core import InvalidRecord
from aims_core.inventory.states import COLUMNS
from aims_core.testing.fixtures import TICKET_TRIAGE

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
OPEN = {**TICKET_TRIAGE, "human_oversight": "", "incident_contact": ""}


@pytest.fixture
def olga(workspace):
    inventory = workspace.act_as("olga").inventory
    reasons = {"human_oversight": "asked the supplier in March", "supplier": "built by hand"}
    inventory.register("told", **OPEN, unknown_fields=reasons)
    inventory.register("blank", **OPEN, attributes={"office": None, "size": {"unknown": "n/a"}})
    return inventory


def test_each_field_says_which_of_the_three_states_it_is_in(olga):
    frame = olga.states()

    assert list(frame.columns) == list(COLUMNS)
    found = {(r.system_id, r.field): (r.state, r.reason) for r in frame.itertuples()}
    assert found["told", "unit"] == ("stated", "")
    assert found["told", "human_oversight"] == ("unknown", "asked the supplier in March")
    assert found["told", "incident_contact"] == ("not_looked_into", "")
    assert found["blank", "human_oversight"] == ("not_looked_into", "")
    assert found["blank", "attributes.office"] == ("not_looked_into", "")
    assert found["blank", "attributes.size"] == ("unknown", "n/a")
    assert list(olga.states(stage="retirement").columns) == list(COLUMNS)


def test_systems_are_found_by_what_is_unknown_and_by_what_nobody_looked_into(olga):
    def ids(**filters):
        return [s.system_id for s in olga.find(**filters)[0]]

    assert ids(unknown="human_oversight") == ["told"]
    assert ids(not_looked_into="human_oversight") == ["blank"]
    assert ids(not_looked_into="incident_contact") == ["blank", "told"]
    assert ids(unknown="unit") == ids(not_looked_into="unit") == []
    assert olga.frame(unknown="supplier").system_id.tolist() == ["told"]
    with pytest.raises(ValueError, match="may be empty, not 'name'"):
        ids(unknown="name")


def test_the_review_asks_for_different_things(olga, workspace):
    def said(system_id, name):
        found = workspace.approvals.preview(system_id, "approve_deployment")
        return next(c for c in found if c.name == name)

    unknown, blank = (said(s, "human_oversight_named") for s in ("told", "blank"))
    assert not unknown.met
    assert not blank.met
    assert "is unknown: asked the supplier in March" in unknown.reason
    assert "nobody has looked into" in blank.reason
    assert unknown.remedy != blank.remedy


def test_a_value_counts_whatever_reason_stands_beside_it(olga):
    revised = olga.revise("told", human_oversight="The shift lead")

    assert revised.unknown_because("human_oversight") == ""
    assert revised.unknown_because("supplier") == "built by hand"
    assert olga.find(unknown="human_oversight")[1] == 0
    assert olga.revise("told", unknown_fields={}).unknown_because("supplier") == ""


@pytest.mark.parametrize(
    "given",
    [{"name": "x"}, {"supplier": ""}, {"supplier": 5}, ["supplier"], {"colour": "x"}, "supplier"],
)
@ONE_DATABASE
def test_only_fields_that_may_be_empty_are_unknown_and_only_for_a_reason(olga, given):
    with pytest.raises(InvalidRecord) as caught:
        olga.register("other", **OPEN, unknown_fields=given)

    assert {p.field for p in caught.value.problems} == {"unknown_fields"}


@ONE_DATABASE
def test_attributes_of_another_shape_do_not_get_in_the_way(olga):
    for number, strange in enumerate(("text", 5, None, [1], {"supplier": ["a"]}, {"supplier": 0})):
        olga.register(f"s{number}", **OPEN, attributes={"unknown_fields": strange})

    assert olga.find(unknown="supplier")[1] >= 1
    assert not olga.states().empty
    assert olga.get("s0").unknown_because("supplier") == ""


def test_names_that_mislead_are_listed(olga):
    olga.register("a", **{**TICKET_TRIAGE, "name": "Scope"})
    olga.register("b", **{**TICKET_TRIAGE, "name": "Sсоре"})  # noqa: RUF001 - Cyrillic is the point

    frame = olga.lookalikes()

    assert set(frame["system_id"]) == {"b"}
    assert any("looks like the name of a" in reason for reason in frame["reason"])
