"""A governance function can be swapped: by choice, never by chance, and without losing what it said.

Small stand-ins take the places of the shipped plugins; the core cannot tell them apart.
"""

import pytest

from aims_core import (
    CheckSpec,
    Condition,
    ConditionsNotMet,
    Factor,
    PluginHost,
    ProviderChoice,
    Ref,
    RiskCategory,
    Score,
    ScorerSpec,
    ScoringInput,
    ServiceSpec,
    SystemFacts,
    digest,
    hookimpl,
    open_workspace,
)
from aims_core.settings import read_settings

RISK_CHECKS = ("initial_risk_assessment", "not_prohibited")


def mild(inputs, criteria):
    """Find everything minimal."""
    return {i.facts.system.system_id: _score(RiskCategory.MINIMAL, criteria) for i in inputs}


def stern(inputs, criteria):
    """Find everything high."""
    return {i.facts.system.system_id: _score(RiskCategory.HIGH, criteria) for i in inputs}


def _score(tier, criteria):
    factor = Factor(name="temper", value=str(tier), contribution=1.0, reason="it is made so")
    version = criteria.get("version", "1")
    return Score(level=str(tier), value=1.0, tier=tier, factors=(factor,), criteria_version=version)


class Scorer:
    """A plugin with one scorer and nothing else."""

    def __init__(self, name):
        self.spec = ScorerSpec(
            id=f"{name}.scorer", title=name.title(), score=Ref(f"{__name__}:{name}")
        )

    @hookimpl
    def aims_risk_scorers(self):
        return [self.spec]


class Assessor:
    """Stands in for the shipped risk plugin: a service, and the checks the lifecycle asks for."""

    @hookimpl
    def aims_services(self):
        factory = Ref(f"{__name__}:Assessments")
        return [ServiceSpec(id="assessor.service", title="Risk", name="risk", factory=factory)]

    @hookimpl
    def aims_checks(self):
        return [
            CheckSpec(
                id=f"assessor.{name}",
                title=name,
                name=name,
                run=Ref(f"{__name__}:is_assessed"),
                results=("risk_assessment",),
            )
            for name in RISK_CHECKS
        ]


def is_assessed(facts):
    """Answer both checks from the newest assessment; the name is the core's to fill in."""
    return {
        f.system.system_id: Condition(
            name="",
            met=(newest := f.newest("risk_assessment")) is not None,
            reason=f"found {newest.payload['level']}" if newest else "nobody looked yet",
        )
        for f in facts
    }


class Assessments:
    """Asks whichever scorer is in force and keeps its answer as a result."""

    def __init__(self, workspace):
        self.workspace = workspace

    def assess(self, system_id):
        host = self.workspace.host
        offer = host.offer("aims_risk_scorers")
        with self.workspace.writing() as tx:
            tx.require("assess", f"assess {system_id}", system_id=system_id)
            facts = SystemFacts(system=tx.get_system(system_id), owner=None, now=tx.now)
            given = (ScoringInput(facts=facts, answers={}),)
            score = host.ask(offer, offer.spec.score, given, {"version": "2"})[system_id]
            return tx.add_result(
                kind="risk_assessment",
                system_id=system_id,
                offer=offer,
                input_digest=digest(facts.system.content()),
                payload={"level": score.level, "criteria": score.criteria_version},
                tier=score.tier,
            )


@pytest.fixture
def opened(registered, workspace_folder):
    """Give the way to open the workspace with some plugins, as its settings stand."""
    workspaces = []

    def open_with(*plugins, providers=()):
        host = PluginHost(discover=False, providers=dict(providers))
        for plugin in plugins:
            name = plugin.spec.id.split(".")[0] if isinstance(plugin, Scorer) else "assessor"
            info = host.register(plugin, name, distribution=f"aims-{name}", version="3.1")
            assert info.status == "active", info.reason
        workspace = open_workspace(workspace_folder, actor="rita", host=host)
        workspaces.append(workspace)
        return workspace

    yield open_with
    for workspace in workspaces:
        workspace.close()


def test_two_scorers_and_no_choice_is_an_error_that_names_both(opened):
    for order in (("mild", "stern"), ("stern", "mild")):
        workspace = opened(Assessor(), *map(Scorer, order))

        with pytest.raises(
            ProviderChoice, match=r"several are installed \(mild\.\w+, stern\.\w+\)"
        ):
            workspace.risk.assess("ticket-triage")

    assert workspace.results.frame().empty


@pytest.mark.parametrize(("chosen", "tier"), [("mild", "minimal"), ("stern", "high")])
def test_the_chosen_scorer_is_the_one_that_is_asked(opened, chosen, tier):
    choice = {"risk_scorer": f"{chosen}.scorer"}
    workspace = opened(Assessor(), Scorer("mild"), Scorer("stern"), providers=choice)

    result = workspace.risk.assess("ticket-triage")

    assert (result.provider, result.distribution, result.version) == (
        f"{chosen}.scorer",
        f"aims-{chosen}",
        "3.1",
    )
    assert result.payload == {"level": tier, "criteria": "2"}
    assert workspace.inventory.get("ticket-triage").tier == tier


def test_a_lone_scorer_needs_no_choice_and_none_is_said_plainly(opened):
    assert opened(Assessor(), Scorer("mild")).risk.assess("ticket-triage").tier == "minimal"

    with pytest.raises(ProviderChoice, match="none is installed"):
        opened(Assessor()).risk.assess("ticket-triage")


def test_after_a_swap_the_new_answer_is_in_force_and_the_old_one_on_record(opened):
    opened(Assessor(), Scorer("mild")).risk.assess("ticket-triage")

    workspace = opened(Assessor(), Scorer("stern"))
    workspace.risk.assess("ticket-triage")

    in_force = workspace.results.of("ticket-triage", "risk_assessment")
    history = workspace.results.of("ticket-triage", "risk_assessment", history=True)
    assert [r.provider for r in in_force] == ["stern.scorer"]
    assert [r.provider for r in history] == ["stern.scorer", "mild.scorer"]
    assert workspace.inventory.get("ticket-triage").tier == "high"


def test_without_the_plugins_what_they_said_stays_readable_and_their_checks_block(opened):
    opened(Assessor(), Scorer("mild")).risk.assess("ticket-triage")

    without = opened()

    (result,) = without.results.of("ticket-triage")
    assert (result.payload["level"], result.distribution) == ("minimal", "aims-mild")
    assert without.inventory.get("ticket-triage").tier == "minimal"
    assert without.audit.verify().intact
    with pytest.raises(AttributeError, match="no 'risk'"):
        _ = without.risk
    with pytest.raises(ConditionsNotMet) as refusal:
        without.act_as("olga").approvals.request("ticket-triage", "start_development")
    assert {c.name for c in refusal.value.conditions} == set(RISK_CHECKS)
    assert all("nobody answers" in c.reason for c in refusal.value.conditions)


def test_another_risk_function_carries_a_system_through_the_same_gate(opened):
    workspace = opened(Assessor(), Scorer("stern"))
    olga = workspace.act_as("olga")

    with pytest.raises(ConditionsNotMet, match="nobody looked yet"):
        olga.approvals.request("ticket-triage", "start_development")
    workspace.risk.assess("ticket-triage")
    request = olga.approvals.request("ticket-triage", "start_development")
    for member in ("carl", "cora"):
        workspace.act_as(member).approvals.decide(request.approval_id, "approve")

    assert workspace.inventory.get("ticket-triage").stage == "design_and_development"
    judged = {c.name: c.source for c in workspace.reviews.conditions("ticket-triage")}
    assert judged["not_prohibited"] == "assessor"


def test_a_scorer_next_to_the_shipped_one_is_chosen_in_the_settings(tmp_path):
    text = '[providers]\nrisk_scorer = "stern.scorer"\n'
    (tmp_path / "aims.toml").write_text(text, encoding="utf-8")
    unchosen, chosen = PluginHost(), PluginHost(providers=read_settings(tmp_path).providers)
    for host in (unchosen, chosen):
        host.register(Scorer("stern"), "stern")

    with pytest.raises(ProviderChoice, match=r"risk\.likelihood_consequence, stern\.scorer"):
        unchosen.offer("aims_risk_scorers")
    assert chosen.offer("aims_risk_scorers").spec.id == "stern.scorer"
