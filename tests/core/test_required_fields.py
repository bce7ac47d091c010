"""Fields that a stage needs by tier: asked for at gates, kept by revisions and imports, reviewed."""

from dataclasses import replace

import pytest

from aims_core import ConditionsNotMet, InvalidRecord, WorkspaceError, default_machine
from aims_core.lifecycle import load_machine

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
MACHINE = default_machine()


def fields(workspace):
    found = {c.name: c for c in workspace.reviews.conditions("ticket-triage")}
    return found.get("required_fields")


def revise(workspace, **changes):
    return workspace.act_as("olga").inventory.revise("ticket-triage", **changes)


def test_no_step_leads_into_a_stage_without_the_fields_it_needs(life, registered):
    revise(registered, intended_use="")

    with pytest.raises(ConditionsNotMet, match="fill in intended_use"):
        life.ask("start_development")

    revise(registered, intended_use="Ranks tickets")
    assert life.ask("start_development").status == "open"


def test_a_revision_does_not_empty_a_field_that_the_stage_needs(life, registered):
    life.to("design_and_development")

    with pytest.raises(InvalidRecord) as refusal:
        revise(registered, intended_use="  ", human_oversight="")

    assert [p.field for p in refusal.value.problems] == ["intended_use"]
    assert registered.inventory.get("ticket-triage").revision == 1
    assert revise(registered, human_oversight="").revision == 2


@pytest.mark.parametrize("tier", ["high", "limited"])
def test_what_only_a_high_system_needs_may_be_emptied_in_a_milder_one(life, registered, tier):
    life.rate(tier)
    life.to("operation_and_monitoring")

    if tier == "limited":
        assert revise(registered, human_oversight="", incident_contact="").revision == 2
        return
    with pytest.raises(InvalidRecord) as refusal:
        revise(registered, human_oversight="", incident_contact="")
    assert [p.field for p in refusal.value.problems] == ["human_oversight", "incident_contact"]


def test_a_tier_that_rises_is_found_and_does_not_keep_anybody_from_revising(life, registered):
    life.rate("limited")
    life.to("operation_and_monitoring")
    revise(registered, human_oversight="")
    assert fields(registered).met

    life.rate("high")

    assert "human_oversight is empty" in fields(registered).reason
    assert revise(registered, supplier="ACME").revision == 3
    assert "human_oversight is empty" in fields(registered).reason
    revise(registered, human_oversight="The shift lead")
    assert fields(registered).met


@ONE_DATABASE
def test_stopping_never_waits_for_a_field(life, registered):
    life.rate("limited")
    life.to("operation_and_monitoring")
    revise(registered, human_oversight="")
    life.rate("high")

    assert life.ask("suspend", "imre", reason="it ranks wrong").status == "carried_out"
    with pytest.raises(ConditionsNotMet, match="fill in human_oversight"):
        life.ask("resume")


@ONE_DATABASE
def test_the_first_stage_needs_nothing_more(registered):
    assert fields(registered) is None
    assert revise(registered, intended_use="").revision == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('required = ["intended_use"]', 'required = ["purpose"]'),
        ('required = ["intended_use"]', 'required = "intended_use"'),
        ('high = ["human_oversight", "incident_contact"]', 'high = ["stage"]'),
        ('high = ["human_oversight", "incident_contact"]', 'highest = ["owner"]'),
    ],
)
def test_a_field_that_does_not_exist_is_refused_when_the_lifecycle_is_read(tmp_path, old, new):
    from importlib.resources import files

    text = (files("aims_core.lifecycle") / "default.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "own.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(WorkspaceError, match=r"unknown|own\.toml"):
        load_machine(path)


def test_any_field_of_the_description_may_be_required():
    stage = replace(MACHINE.stage("deployment"), required=("components", "attributes", "supplier"))

    assert set(stage.required_for("high")) > set(stage.required_for("minimal"))
