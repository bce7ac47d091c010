"""What the lifecycle asks about risk, over many systems at once, without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from aims_risk import checks

from aims_core import (
    AISystem,
    ApprovalState,
    Entry,
    OperationalStatus,
    Origin,
    Result,
    RiskCategory,
    SystemFacts,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def system(system_id="s", **changes):
    plain = {
        "name": system_id,
        "use_case": "u",
        "owner": "o",
        "origin": Origin.IN_HOUSE,
        "declared_risk_category": RiskCategory.MINIMAL,
        "stage": "inception",
        "status": OperationalStatus.ACTIVE,
        "tier": RiskCategory.UNDETERMINED,
        "approval_state": ApprovalState.NONE,
        "entry": Entry.NEW,
        "revision": 2,
        "digest": "0" * 64,
        "registered_at": NOW,
        "revised_at": NOW,
    }
    return AISystem(system_id=system_id, **{**plain, **changes})


def result(kind, payload=None, **changes):
    plain = {
        "result_id": "res-1",
        "system_id": "s",
        "subject": "",
        "provider": "p",
        "distribution": "d",
        "version": "1",
        "fingerprint": "",
        "input_digest": "0" * 64,
        "schema": {},
        "revision": 2,
        "tier": RiskCategory.HIGH,
        "recorded_by": "rita",
        "recorded_at": NOW - timedelta(days=2),
    }
    return Result(kind=kind, payload=payload or {}, **{**plain, **changes})


def facts(*results, **changes):
    by_kind = {r.kind: (r,) for r in results}
    return SystemFacts(system=system(**changes), owner=None, now=NOW, results=by_kind)


ASSESSED = result("risk_assessment", {"assessment_id": "ras-1", "level": "very_high"})
ACCEPTED = result("risk_acceptance", {"assessment_id": "ras-1"}, recorded_by="carl")


def answer(check, *results, **changes):
    return check([facts(*results, **changes)])["s"]


@pytest.mark.parametrize(
    ("results", "met", "words"),
    [
        ((), False, "never assessed"),
        ((ASSESSED,), True, "level very high, by rita"),
        ((result("risk_assessment", revision=1),), False, "revision 1 was assessed"),
        ((result("risk_assessment", valid_until=NOW),), False, "valid until 2026-01-01"),
        ((result("risk_assessment"),), True, "level high"),
    ],
)
def test_the_current_revision_must_have_been_assessed(results, met, words):
    found = answer(checks.initial_risk_assessment, *results)

    assert (found.met, words in found.reason) == (met, True), found
    assert bool(found.remedy) is not met


@pytest.mark.parametrize(
    ("results", "met", "words"),
    [
        ((), False, "no assessment"),
        ((ASSESSED,), False, "nobody accepted it"),
        ((ASSESSED, ACCEPTED), True, "accepted by carl"),
        (
            (result("risk_assessment", {"assessment_id": "ras-2"}), ACCEPTED),
            False,
            "assessed again",
        ),
        (
            (ASSESSED, result("risk_acceptance", {"assessment_id": "ras-1"}, valid_until=NOW)),
            False,
            "ended on 2026-01-01",
        ),
        # Somebody else's plugin may name no assessment: then the later one counts.
        ((result("risk_assessment"), result("risk_acceptance", recorded_at=NOW)), True, "accepted"),
        ((result("risk_assessment", recorded_at=NOW), ACCEPTED), False, "assessed again"),
    ],
)
def test_the_newest_assessment_must_have_been_accepted(results, met, words):
    found = answer(checks.residual_risk_accepted, *results)

    assert (found.met, words in found.reason) == (met, True), found
    assert bool(found.remedy) is not met


@pytest.mark.parametrize("field", ["tier", "declared_risk_category"])
def test_what_is_declared_or_assessed_as_prohibited_is_not_allowed(field):
    assert answer(checks.not_prohibited).met
    found = answer(checks.not_prohibited, **{field: RiskCategory.PROHIBITED})

    assert not found.met
    assert "reject or retire" in found.remedy


def test_each_system_gets_its_own_answer():
    many = [facts(system_id="a"), facts(ASSESSED, system_id="b")]

    found = checks.initial_risk_assessment(many)

    assert {k: c.met for k, c in found.items()} == {"a": False, "b": True}
    assert {c.source for c in found.values()} == {"risk"}
