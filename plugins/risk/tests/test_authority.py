"""R4: residual risk is accepted by the authority its level asks for, until a day; critical is not."""

from datetime import timedelta

import pytest
from aims_risk.authority import DEFAULT, authority_for, read_authorities
from hypothesis import given
from hypothesis import strategies as st

from aims_core import InvalidRecord, NotPermitted, RequestRefused, RiskCategory, open_workspace
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.intruder import granted_past_the_rules

LIKELIHOOD = {"low": (1, 3), "moderate": (2, 4), "high": (3, 5), "very_high": (4, 5)}


def assess(workspace, level):
    likelihood, consequence = LIKELIHOOD[level]
    made = workspace.act_as("olga").risk.assess(
        "ticket-triage",
        likelihood=likelihood,
        consequences={"individuals": consequence},
        rationale="As rated.",
    )
    assert made.level == level
    return made


@pytest.mark.parametrize("level", ["low", "moderate"])
def test_a_risk_reviewer_accepts_up_to_moderate_for_as_long_as_the_level_allows(registered, level):
    assess(registered, level)

    accepted = registered.act_as("rita").risk.accept("ticket-triage", reason="Watched.")

    assert accepted.valid_until - accepted.recorded_at == timedelta(days=DEFAULT[level].days)
    assert accepted.payload["authority"] == list(DEFAULT[level].by)


def test_a_high_risk_takes_the_committee_or_top_management(registered):
    assess(registered, "high")
    registered.staffing.add("tilda", "Tilda")
    registered.staffing.grant("tilda", "top_management")

    with pytest.raises(NotPermitted, match="is not committee_member or top_management"):
        registered.act_as("rita").risk.accept("ticket-triage", reason="x")

    assert registered.act_as("tilda").risk.accept("ticket-triage", reason="Worth it.").valid_until


def test_nobody_accepts_a_critical_risk(registered):
    assess(registered, "very_high")
    registered.staffing.add("tilda", "Tilda")
    registered.staffing.grant("tilda", "top_management")

    for actor in ("rita", "carl", "tilda"):
        with pytest.raises(RequestRefused, match="which nobody may accept"):
            registered.act_as(actor).risk.accept("ticket-triage", reason="x")

    assert registered.results.of("ticket-triage", "risk_acceptance") == []


def test_a_committee_member_of_another_system_has_no_authority_here(registered):
    assess(registered, "high")
    registered.staffing.add("nora", "Nora")
    registered.staffing.grant("nora", "committee_member", unit="Elsewhere")
    registered.staffing.grant("nora", "risk_reviewer")

    with pytest.raises(NotPermitted):
        registered.act_as("nora").risk.accept("ticket-triage", reason="x")


@pytest.mark.parametrize("kind", ["service", "plugin"])
def test_what_is_no_person_does_not_accept(registered, kind):
    assess(registered, "low")
    registered.staffing.add("robot", "Robot", kind=kind)
    granted_past_the_rules(registered, "robot", "committee_member")

    with pytest.raises(NotPermitted, match="only persons accept"):
        registered.act_as("robot").risk.accept("ticket-triage", reason="x")


def test_an_acceptance_does_not_run_longer_than_its_level_allows(registered):
    assess(registered, "high")
    carl = registered.act_as("carl")
    late = registered.now() + timedelta(days=184)

    with pytest.raises(InvalidRecord, match="too far for this level"):
        carl.risk.accept("ticket-triage", reason="x", valid_until=late)

    soon = registered.now() + timedelta(days=182)
    assert carl.risk.accept("ticket-triage", reason="x", valid_until=soon).valid_until == soon


def test_an_organisation_declares_its_own_authorities(workspace_folder):
    path = workspace_folder / "aims.toml"
    said = '\n[risk.acceptance]\nlow = { by = ["top_management"], days = 10 }\n'
    path.write_text(path.read_text() + said)
    workspace = open_workspace(workspace_folder, actor="ada")
    workspace.act_as("olga").inventory.register("ticket-triage", **TICKET_TRIAGE)
    assess(workspace, "low")

    with pytest.raises(NotPermitted, match="top_management"):
        workspace.act_as("rita").risk.accept("ticket-triage", reason="x")
    workspace.close()


@pytest.mark.parametrize(
    "said",
    [
        "carl",
        {"high": "carl"},
        {"high": {"by": "committee_member", "days": 3}},
        {"high": {"by": ["system_owner"], "days": 3}},
        {"high": {"by": ["committee_member"]}},
        {"high": {"by": ["committee_member"], "days": 0}},
        {"high": {"by": ["committee_member"], "days": True}},
        {"high": {"by": ["committee_member"], "days": 10_000}},
        {"high": {"by": ["committee_member"], "days": 3, "until": "x"}},
        {"high": {"by": [[]], "days": 3}},
    ],
)
def test_what_cannot_serve_as_an_authority_is_named(said):
    with pytest.raises(InvalidRecord, match=r"risk\.acceptance"):
        read_authorities(said)


@given(st.text(max_size=20), st.sampled_from(list(RiskCategory)))
def test_every_level_has_an_authority_and_an_unknown_one_never_a_milder_than_its_tier(level, tier):
    found = authority_for({}, level, tier)

    assert bool(found.by) == (found.days > 0)
    if level not in DEFAULT and tier.rank >= RiskCategory.HIGH.rank:
        assert "risk_reviewer" not in found.by
