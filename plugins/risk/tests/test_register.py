"""Assess, treat and accept on a real workspace."""

import sys
from types import ModuleType

import pytest

from aims_core import (
    InvalidRecord,
    NotPermitted,
    PluginError,
    PluginHost,
    ProviderChoice,
    Ref,
    RequestRefused,
    RiskCategory,
    ScorerSpec,
    SegregationOfDuties,
    hookimpl,
    open_workspace,
)

MILD = {"likelihood": 2, "consequences": {"individuals": 2}, "rationale": "A person decides."}
GRAVE = {"likelihood": 4, "consequences": {"individuals": 4}, "rationale": "It decides alone."}


def types(workspace):
    return [e.type for e in workspace.audit.events(limit=1_000)]


def test_an_assessment_gives_the_system_its_tier_and_names_its_provider(registered):
    made = registered.act_as("rita").risk.assess("ticket-triage", **GRAVE)

    system = registered.inventory.get("ticket-triage")
    result = registered.results.of("ticket-triage", "risk_assessment")[0]
    assert made.tier is RiskCategory.HIGH
    assert system.tier is RiskCategory.HIGH
    assert (result.provider, result.distribution) == ("risk.likelihood_consequence", "aims-risk")
    assert result.schema["required"]
    assert registered.risk.get("ticket-triage") == made


def test_the_same_rating_again_is_found_not_doubled(registered):
    rita = registered.act_as("rita")
    first = rita.risk.assess("ticket-triage", **MILD)
    before = len(types(registered))

    again = rita.risk.assess("ticket-triage", **MILD)

    assert again == first
    assert len(types(registered)) == before


def test_a_new_rating_replaces_the_one_in_force_and_keeps_the_former(registered):
    rita = registered.act_as("rita")
    rita.risk.assess("ticket-triage", **MILD)

    rita.risk.assess("ticket-triage", **GRAVE)

    assert len(registered.risk.frame()) == 1
    assert len(registered.risk.frame(history=True)) == 2
    assert len(registered.results.of("ticket-triage", "risk_assessment", history=True)) == 2


def test_every_wrong_answer_is_named_and_nothing_is_stored(registered):
    with pytest.raises(InvalidRecord) as refusal:
        registered.act_as("rita").risk.assess(
            "ticket-triage", likelihood=9, consequences={}, rationale=" "
        )

    fields = {p.field for p in refusal.value.problems}
    assert fields == {"likelihood", "consequences", "rationale"}
    assert registered.risk.frame().empty


def test_who_may_not_assess_is_refused(registered):
    with pytest.raises(NotPermitted, match="risk_reviewer"):
        registered.act_as("aude").risk.assess("ticket-triage", **MILD)


def test_who_assessed_may_not_accept(registered):
    rita = registered.act_as("rita")
    rita.risk.assess("ticket-triage", **MILD)

    with pytest.raises(SegregationOfDuties, match="somebody else"):
        rita.risk.accept("ticket-triage", reason="fine")

    accepted = registered.act_as("carl").risk.accept("ticket-triage", reason="Mild, and watched.")
    assert registered.act_as("carl").risk.accept("ticket-triage", reason="again") == accepted


def test_accepting_needs_an_assessment_and_a_reason(registered):
    carl = registered.act_as("carl")
    with pytest.raises(RequestRefused, match="never assessed"):
        carl.risk.accept("ticket-triage", reason="fine")
    registered.act_as("rita").risk.assess("ticket-triage", **MILD)

    with pytest.raises(RequestRefused, match="say why"):
        carl.risk.accept("ticket-triage", reason="")


def conditions(workspace, transition):
    found = workspace.act_as("olga").approvals.preview("ticket-triage", transition)
    return {c.name: c for c in found}


def test_the_checks_follow_assessment_acceptance_and_revision(registered):
    assert not conditions(registered, "start_development")["initial_risk_assessment"].met
    registered.act_as("rita").risk.assess("ticket-triage", **MILD)
    assert conditions(registered, "start_development")["initial_risk_assessment"].met
    assert not conditions(registered, "approve_deployment")["residual_risk_accepted"].met
    registered.act_as("carl").risk.accept("ticket-triage", reason="Mild.")
    assert conditions(registered, "approve_deployment")["residual_risk_accepted"].met

    registered.act_as("olga").inventory.revise("ticket-triage", intended_use="Something else.")

    assert not conditions(registered, "start_development")["initial_risk_assessment"].met


def test_a_prohibited_practice_blocks_development(registered):
    registered.act_as("rita").risk.assess("ticket-triage", **MILD, prohibited_practice=True)

    assert not conditions(registered, "start_development")["not_prohibited"].met


def test_a_treatment_is_put_on_record_once(registered):
    rita = registered.act_as("rita")
    wanted = {"measure": "A person checks", "responsible": "olga", "status": "in_place"}

    assert rita.risk.treat("ticket-triage", **wanted) == rita.risk.treat("ticket-triage", **wanted)
    assert len(registered.risk.treatments("ticket-triage")) == 1
    with pytest.raises(InvalidRecord, match="status"):
        rita.risk.treat("ticket-triage", **{**wanted, "status": "done"})


def test_the_matrix_counts_systems(registered):
    registered.act_as("rita").risk.assess("ticket-triage", **GRAVE)

    assert registered.risk.heatmap() == {(4, 4): 1}


def test_frames_have_the_same_columns_when_empty(registered):
    empty = registered.risk.frame()
    registered.act_as("rita").risk.assess("ticket-triage", **MILD)

    assert list(empty.columns) == list(registered.risk.frame().columns)
    assert list(empty.dtypes) == list(registered.risk.frame().dtypes)


@pytest.mark.parametrize("answer", [None, "high", float("nan"), {"ticket-triage": 3}])
def test_a_scorer_that_answers_nonsense_is_refused_before_anything_is_stored(
    registered, with_scorer, answer
):
    foreign(lambda _inputs, _criteria: answer)
    workspace = with_scorer("acme.scorer")

    with pytest.raises(PluginError, match="acme"):
        workspace.act_as("rita").risk.assess("ticket-triage", **MILD)

    assert registered.risk.frame().empty


def test_two_scorers_and_no_choice_is_an_error_that_names_both(registered, with_scorer):
    foreign(lambda _inputs, _criteria: {})
    workspace = with_scorer("")

    with pytest.raises(ProviderChoice, match=r"acme\.scorer, risk\.likelihood_consequence"):
        workspace.act_as("rita").risk.assess("ticket-triage", **MILD)


def foreign(score):
    module = ModuleType("acme_scorer")
    module.score = score
    sys.modules["acme_scorer"] = module


@pytest.fixture
def with_scorer(registered):
    opened = []
    yield lambda choose: opened.append(reopened(registered, choose)) or opened[-1]
    for workspace in opened:
        workspace.close()


def reopened(workspace, choose):
    class Acme:
        @hookimpl
        def aims_risk_scorers(self):
            return [ScorerSpec(id="acme.scorer", title="Acme", score=Ref("acme_scorer:score"))]

    host = PluginHost(providers={"risk_scorer": choose} if choose else {})
    host.register(Acme(), "acme")
    return open_workspace(workspace.settings.folder, actor="ada", host=host)


def test_both_report_sections_say_what_is_on_record(registered):
    from aims_risk.section import portfolio_section, system_section

    assert "not assessed" in system_section(registered, "ticket-triage").blocks[0].text
    registered.act_as("rita").risk.assess("ticket-triage", **GRAVE)
    registered.act_as("rita").risk.treat("ticket-triage", measure="Check", responsible="olga")
    registered.act_as("carl").risk.accept("ticket-triage", reason="Watched.")

    rows = dict(system_section(registered, "ticket-triage").blocks[0].rows)
    assert rows["Level"] == "high"
    assert "Watched." in rows["Accepted"]
    assert "1 of 1" in portfolio_section(registered, "").blocks[0].text
