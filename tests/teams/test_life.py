"""A whole life on a secured database: each person at an own desk, decisions with a decision credential."""


def test_a_whole_life_passes_with_every_person_at_an_own_login(life):
    life.rate("high", "olga")
    request = life.ask("start_development")
    life.vote(request, "carl_decide")
    assert life.system.stage == "inception"
    life.vote(request, "cora_decide")
    assert (life.system.stage, life.system.approval_state) == ("design_and_development", "approved")

    life.ines.evidence.add("ticket-triage", "documentation", "Documentation", text="…")
    life.ask("submit_for_validation")
    for kind in ("validation", "impact_assessment"):
        life.ines.evidence.add("ticket-triage", kind, kind.title(), text="…")
    request = life.ask("approve_deployment")
    for login in ("rita_decide", "carl_decide", "cora_decide"):
        life.vote(request, login)
    assert life.system.stage == "deployment"
    life.ask("go_live")
    life.ask("suspend", "imre")
    assert life.system.status == "suspended"
    life.vote(life.ask("resume"), "rita_decide")
    assert life.system.status == "active"

    life.ask("re_evaluate")
    life.ask("modify")
    life.olga.inventory.revise("ticket-triage", human_oversight="Two shift leads may override.")
    assert (life.system.revision, life.system.approval_state) == (2, "lapsed")
    life.ines.evidence.add("ticket-triage", "retirement_plan", "Retirement plan", text="…")
    life.vote(life.ask("retire"), "carl_decide")
    assert life.system.stage == "retirement"

    before = life.olga.now()
    assert life.olga.inventory.counts(as_of=before) == {"retirement": 1}
    life.keeper.deliveries.work()
    assert life.ada.audit.verify().intact
    assert life.ada.logins.standing().matches
