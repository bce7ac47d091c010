"""Records filled through their slots are those that are made by name."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime

import pytest

from aims_core import AISystem, ApprovalState, Entry, OperationalStatus, Origin, RiskCategory
from aims_core.records.filling import filler

NOW = datetime(2026, 3, 1, tzinfo=UTC)
VALUES = {
    "system_id": "reader",
    "name": "Reader",
    "use_case": "Reads.",
    "owner": "ada",
    "origin": Origin.IN_HOUSE,
    "declared_risk_category": RiskCategory.HIGH,
    "unit": "post",
    "intended_use": "",
    "supplier": "",
    "human_oversight": "",
    "incident_contact": "",
    "attributes": {"a": 1},
    "components": ("model",),
    "stage": "inception",
    "status": OperationalStatus.ACTIVE,
    "tier": RiskCategory.LIMITED,
    "approval_state": next(iter(ApprovalState)),
    "entry": Entry.NEW,
    "revision": 1,
    "digest": "d",
    "registered_at": NOW,
    "revised_at": NOW,
}


def test_a_filled_record_equals_the_one_made_by_name():
    filled = filler(AISystem)([VALUES[field.name] for field in fields(AISystem)])
    assert filled == AISystem(**VALUES)
    assert filled.governing_tier is RiskCategory.HIGH
    with pytest.raises(AttributeError):
        filled.name = "other"


@pytest.mark.parametrize("change", [lambda values: values[:-1], lambda values: [*values, 1]])
def test_values_must_be_as_many_as_fields(change):
    with pytest.raises(ValueError, match="zip"):
        filler(AISystem)(change(list(VALUES.values())))


def test_a_record_that_does_more_than_keep_values_is_refused():
    @dataclass(frozen=True)
    class Loose:
        a: int

    @dataclass(frozen=True, slots=True)
    class Checked:
        a: int

        def __post_init__(self):
            raise AssertionError

    for record in (Loose, Checked):
        with pytest.raises(TypeError, match=record.__name__):
            filler(record)
