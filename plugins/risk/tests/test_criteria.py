"""Criteria and scorer are pure; more likely or graver is never milder."""

import dataclasses
from datetime import UTC, datetime

import pytest
from aims_risk.criteria import DEFAULT, TIERS, graver
from aims_risk.scorer import never_below, score
from aims_risk.settings import read_criteria
from hypothesis import given
from hypothesis import strategies as st

from aims_core import (
    AISystem,
    ApprovalState,
    Entry,
    InvalidRecord,
    OperationalStatus,
    Origin,
    RiskCategory,
    ScoringInput,
    SystemFacts,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
rating = st.integers(1, 5)
declared = st.sampled_from(list(RiskCategory))


def facts(declared_category=RiskCategory.MINIMAL):
    system = AISystem(
        system_id="s",
        name="s",
        use_case="u",
        owner="o",
        origin=Origin.IN_HOUSE,
        declared_risk_category=declared_category,
        stage="inception",
        status=OperationalStatus.ACTIVE,
        tier=RiskCategory.UNDETERMINED,
        approval_state=ApprovalState.NONE,
        entry=Entry.NEW,
        revision=1,
        digest="0" * 64,
        registered_at=NOW,
        revised_at=NOW,
    )
    return SystemFacts(system=system, owner=None, now=NOW)


def scored(likelihood, consequence, category=RiskCategory.MINIMAL, **answers):
    answers = {"likelihood": likelihood, "consequences": {"individuals": consequence}, **answers}
    return score([ScoringInput(facts=facts(category), answers=answers)], {})["s"]


@given(rating, rating, rating, rating, declared)
def test_more_likely_and_graver_is_never_milder(l1, l2, c1, c2, category):
    mild = scored(min(l1, l2), min(c1, c2), category)
    grave = scored(max(l1, l2), max(c1, c2), category)

    assert grave.value >= mild.value
    assert rank(grave.tier) >= rank(mild.tier)


@given(rating, rating, st.sampled_from(sorted(DEFAULT.modifiers)))
def test_a_circumstance_that_applies_never_makes_it_milder(likelihood, consequence, name):
    without, with_it = (scored(likelihood, consequence, **{name: yes}) for yes in (False, True))

    assert with_it.value >= without.value
    assert rank(with_it.tier) >= rank(without.tier)


@given(rating, rating, st.sampled_from(TIERS))
def test_the_tier_is_never_below_what_the_owner_declared(likelihood, consequence, category):
    assert rank(scored(likelihood, consequence, category).tier) >= rank(category)


@given(rating, rating, st.sampled_from(TIERS), declared)
def test_no_scorer_talks_down_what_the_owner_declared(likelihood, consequence, tier, category):
    milder = dataclasses.replace(scored(likelihood, consequence), tier=tier)

    found = never_below(milder, category)

    assert found.tier is graver(tier, category)
    assert (found.factors[-1].name == "tier_floor") == (found.tier is not tier)


@given(rating, rating)
def test_the_factors_add_up_to_the_value(likelihood, consequence):
    found = scored(likelihood, consequence, vulnerable_people=True, personal_data=True)

    assert sum(f.contribution for f in found.factors) == found.value


def test_a_prohibited_practice_is_prohibited_however_mild():
    found = scored(1, 1, prohibited_practice=True)

    assert found.tier is RiskCategory.PROHIBITED
    assert "prohibited" in found.factors[-1].reason


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"likelihood": 0, "consequences": {"society": 1}}, "likelihood"),
        ({"likelihood": True, "consequences": {"society": 1}}, "likelihood"),
        ({"likelihood": 1, "consequences": {}}, "consequences"),
        ({"likelihood": 1, "consequences": {"planet": 1}}, "consequences.planet"),
        ({"likelihood": 1, "consequences": {"society": 6}}, "consequences.society"),
        ({"likelihood": 1, "consequences": {"society": 1}, "mood": True}, "mood"),
        ({"likelihood": 1, "consequences": {"society": 1}, "personal_data": "y"}, "personal_data"),
    ],
)
def test_a_wrong_answer_is_named(answers, field):
    with pytest.raises(InvalidRecord) as refusal:
        score([ScoringInput(facts=facts(), answers=answers)], {})

    assert field in {p.field for p in refusal.value.problems}


def test_criteria_of_an_organisation_change_levels_and_version():
    own = read_criteria({"levels": [{"name": "all", "up_to": 25, "tier": "high"}]})

    assert own.level(1).tier is RiskCategory.HIGH
    assert own.version != DEFAULT.version


def test_another_scale_needs_levels_that_fit_and_shows_numbers_where_it_has_no_words():
    levels = [
        {"name": "low", "up_to": 3, "tier": "minimal"},
        {"name": "high", "up_to": 9, "tier": "high"},
    ]

    own = read_criteria({"scale": 3, "levels": levels, "consequence": ["mild", "bad", "grave"]})

    assert (own.likelihood, own.consequence) == (("1", "2", "3"), ("mild", "bad", "grave"))
    assert own.level(9).tier is RiskCategory.HIGH


def test_criteria_without_a_section_are_the_default():
    assert read_criteria({}) == DEFAULT


@pytest.mark.parametrize(
    "section",
    [
        {"scales": 5},
        {"scale": 1},
        {"scale": "5"},
        {"levels": []},
        {"levels": [{"name": "x"}]},
        {
            "levels": [
                {"name": "a", "up_to": 4, "tier": "high"},
                {"name": "b", "up_to": 9, "tier": "minimal"},
            ]
        },
        {"modifiers": {"x": -1}},
        {"modifiers": 3},
        {"modifiers": {"x": float("inf")}},
        {"modifiers": {"likelihood": 1}},
        {"modifiers": {"society": 1}},
        {"levels": 3},
        {"levels": ["low"]},
        {"levels": [{"name": "a", "up_to": float("nan"), "tier": "high"}]},
        {"levels": [{"name": "a", "up_to": 9, "tier": "prohibited"}]},
        {"levels": [{"name": "a", "up_to": n, "tier": "high"} for n in (4, 9)]},
        {"levels": [{"name": "a", "up_to": 25, "tier": "limited"}]},
        {"scale": 3},
        {"likelihood": ["rare", "often"]},
        {"consequence": ["a", "b", "c", "d", ""]},
    ],
)
def test_criteria_that_cannot_serve_are_refused(section):
    with pytest.raises(InvalidRecord, match="criteria"):
        read_criteria(section)


def rank(tier):
    order = [RiskCategory.UNDETERMINED, *TIERS, RiskCategory.PROHIBITED]
    return order.index(tier)
