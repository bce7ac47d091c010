"""A scorer of somebody else is asked like ours, and nothing it answers is taken on trust."""

import sys
from types import ModuleType

import pytest

from aims_core import (
    Factor,
    PluginError,
    PluginHost,
    ProviderChoice,
    Ref,
    RiskCategory,
    Score,
    ScorerSpec,
    hookimpl,
    open_workspace,
)

MILD = {"likelihood": 2, "consequences": {"individuals": 2}, "rationale": "A person decides."}


def a_score(**changes):
    sound = {
        "level": "fair",
        "value": 3.0,
        "tier": RiskCategory.MINIMAL,
        "factors": (Factor(name="mood", value="good", contribution=3.0, reason="it felt so"),),
        "criteria_version": "acme-1",
    }
    return Score(**{**sound, **changes})


def test_a_foreign_scorer_asks_its_own_questions_and_its_name_is_kept(registered, with_scorer):
    asked = []

    def score(inputs, criteria):
        asked.extend((one.facts.owner.actor_id, dict(one.answers)) for one in inputs)
        return {"ticket-triage": a_score()}

    workspace = with_scorer("acme.scorer", score)

    made = workspace.act_as("rita").risk.assess("ticket-triage", **MILD, mood="good")

    assert asked == [
        ("olga", {"likelihood": 2, "consequences": {"individuals": 2}, "mood": "good"})
    ]
    assert (made.level, made.provider, made.criteria_version) == ("fair", "acme.scorer", "acme-1")
    assert workspace.results.of("ticket-triage", "risk_assessment")[0].distribution == "local"


def test_a_foreign_scorer_cannot_talk_down_what_the_owner_declared(registered, with_scorer):
    workspace = with_scorer("acme.scorer", lambda _i, _c: {"ticket-triage": a_score()})

    made = workspace.act_as("rita").risk.assess("ticket-triage", **MILD)

    assert made.tier is RiskCategory.LIMITED
    assert "declared as limited" in made.factors[-1].reason


def test_a_scorer_that_judges_anew_makes_a_new_assessment(registered, with_scorer):
    values = iter([3.0, 3.0, 4.0])
    workspace = with_scorer(
        "acme.scorer", lambda _i, _c: {"ticket-triage": a_score(value=next(values))}
    )
    rita = workspace.act_as("rita")

    first, second, third = (rita.risk.assess("ticket-triage", **MILD) for _ in range(3))

    assert first == second
    assert third.value == 4.0
    assert third.assessment_id != first.assessment_id


NONSENSE = {
    "none": None,
    "text": "high",
    "a number": float("nan"),
    "an empty mapping": {},
    "a number for a score": {"ticket-triage": 3},
    "another system": {"ticket-triage": a_score(), "else": a_score()},
    "no finite value": {"ticket-triage": a_score(value=float("nan"))},
    "too large a value": {"ticket-triage": a_score(value=10**400)},
    "true for a value": {"ticket-triage": a_score(value=True)},
    "no level": {"ticket-triage": a_score(level=" ")},
    "a level no column holds": {"ticket-triage": a_score(level="x" * 41)},
    "a level with a NUL": {"ticket-triage": a_score(level="a\x00")},
    "a word for a tier": {"ticket-triage": a_score(tier="minimal")},
    "an undetermined tier": {"ticket-triage": a_score(tier=RiskCategory.UNDETERMINED)},
    "no factors": {"ticket-triage": a_score(factors=None)},
    "factors without JSON": {
        "ticket-triage": a_score(
            factors=(Factor(name="x", value=object(), contribution=1.0, reason=""),)
        )
    },
    "an infinite factor": {
        "ticket-triage": a_score(
            factors=(Factor(name="x", value=1, contribution=float("inf"), reason=""),)
        )
    },
    "no version": {"ticket-triage": a_score(criteria_version=None)},
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_refused_before_anything_is_stored(registered, with_scorer, answer):
    workspace = with_scorer("acme.scorer", lambda _i, _c: answer)

    with pytest.raises(PluginError, match="acme"):
        workspace.act_as("rita").risk.assess("ticket-triage", **MILD)

    assert registered.risk.frame().empty
    assert registered.inventory.get("ticket-triage").tier is RiskCategory.UNDETERMINED


def test_a_scorer_that_fails_is_named(registered, with_scorer):
    def score(_inputs, _criteria):
        raise KeyError("mood")

    workspace = with_scorer("acme.scorer", score)

    with pytest.raises(PluginError, match=r"acme.*KeyError"):
        workspace.act_as("rita").risk.assess("ticket-triage", **MILD)


def test_two_scorers_and_no_choice_is_an_error_that_names_both(registered, with_scorer):
    workspace = with_scorer("", lambda _i, _c: {})

    with pytest.raises(ProviderChoice, match=r"acme\.scorer, risk\.likelihood_consequence"):
        workspace.act_as("rita").risk.assess("ticket-triage", **MILD)


@pytest.fixture
def with_scorer(registered, monkeypatch):
    opened = []

    def install(choose, score):
        module = ModuleType("acme_scorer")
        module.score = score
        monkeypatch.setitem(sys.modules, "acme_scorer", module)
        host = PluginHost(providers={"risk_scorer": choose} if choose else {})
        host.register(Acme(), "acme")
        opened.append(open_workspace(registered.settings.folder, actor="ada", host=host))
        return opened[-1]

    yield install
    for workspace in opened:
        workspace.close()


class Acme:
    @hookimpl
    def aims_risk_scorers(self):
        return [ScorerSpec(id="acme.scorer", title="Acme", score=Ref("acme_scorer:score"))]
