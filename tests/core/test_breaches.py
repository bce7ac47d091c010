"""Breaches of the rules of separation: computed from records, as of any date, covered ones included."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from aims_core import InvalidRecord, NotPermitted, RecordNotFound, tables
from aims_core.separation import COLUMNS
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.intruder import granted_past_the_rules, tampering

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])


def write(workspace, table, **values):
    """Write a row as somebody would who goes round the services."""
    with tampering(workspace) as connection:
        # The accident guard of the core stops the careless; this is the careful.
        connection.execute(sa.insert(table).values(**values))


def later(workspace, **span):
    """Let the workspace's clock run ahead."""
    store = workspace._desk.store
    clock = store.clock
    store.clock = lambda: clock() + timedelta(**span)


def uncovered(workspace, **options):
    """Return the breaches without an exception; each is gone as of the moment before it happened."""
    found = [b for b in workspace.separation.breaches(**options) if not b.exception]
    for moment in {b.at for b in found}:
        before = workspace.separation.breaches(as_of=moment - timedelta(microseconds=1))
        known = {(b.rule, b.records) for b in before if b.at < moment}
        assert {(b.rule, b.records) for b in before} == known
    return found


def vote(workspace, approval, actor, role="committee_member", person=None):
    write(
        workspace,
        tables.vote,
        vote_id=f"vot-{actor}",
        approval_id=approval.approval_id,
        on_behalf_of="",
        on_behalf_person="",
        ordinal=1,
        actor=actor,
        person=person or actor,
        role=role,
        decision="approve",
        reason="",
        digest=approval.digest,
        at=workspace.now(),
    )


def result(workspace, kind, actor, *, payload=None, subject="", **options):
    """Record a result as a plugin of `actor` would."""
    offer = workspace.host.contributions("aims_checks")[0]
    with workspace.act_as(actor).writing() as tx:
        return tx.add_result(
            kind=kind,
            system_id="ticket-triage",
            offer=offer,
            input_digest="",
            payload=payload or {},
            subject=subject,
            **options,
        )


def test_a_life_by_the_rules_shows_nothing_but_the_founding_which_is_covered(life):
    life.rate("high")
    workspace = life.to("operation_and_monitoring")

    breaches = workspace.separation.breaches()

    assert uncovered(workspace) == []
    assert {b.rule for b in breaches} == {"R7"}
    [founding] = workspace.separation.exceptions()
    assert {b.exception for b in breaches} == {founding.exception_id}


def test_a_vote_on_ones_own_request_is_a_breach_of_r1_that_nothing_covers(life):
    request = life.ask("start_development")
    vote(life.workspace, request, "olga")
    life.vote(request, "carl")

    [found] = [b for b in uncovered(life.workspace) if b.rule == "R1"]

    assert (found.persons, found.system_id) == (("olga",), "ticket-triage")
    assert found.records == (request.approval_id, "vot-olga")
    assert "asked for" in found.what


def test_a_vote_under_another_account_of_the_requester_is_one_too(life):
    life.workspace.staffing.add("olga-2", "Olga again", person="olga")
    request = life.ask("start_development")
    vote(life.workspace, request, "olga-2", person="olga")
    life.vote(request, "carl")

    assert [b.persons for b in uncovered(life.workspace) if b.rule == "R1"] == [("olga",)]


def test_a_vote_on_what_one_wrote_is_a_breach_of_r1(life):
    life.workspace.staffing.grant("cora", "inventory_steward")
    life.workspace.act_as("cora").inventory.revise("ticket-triage", use_case="Sorts.")
    request = life.ask("start_development")
    vote(life.workspace, request, "cora")
    life.vote(request, "carl")

    [found] = [b for b in uncovered(life.workspace) if b.rule == "R1"]

    assert (found.persons, "wrote" in found.what) == (("cora",), True)


def test_who_wrote_it_may_approve_its_end_without_a_breach(life):
    life.workspace.staffing.grant("carl", "inventory_steward")
    life.workspace.act_as("carl").inventory.revise("ticket-triage", use_case="Sorts.")
    life.show("retirement_plan")
    life.vote(life.ask("retire"), "carl")

    assert life.stage == "retirement"
    assert uncovered(life.workspace) == []


def test_what_is_not_decided_yet_is_no_breach(life):
    request = life.ask("start_development")
    vote(life.workspace, request, "olga")

    assert uncovered(life.workspace) == []


def test_a_developer_who_validated_a_grave_system_breaches_r2_and_of_a_mild_one_does_not(life):
    life.to("verification_and_validation")
    life.show("validation", actor="devi")
    assert uncovered(life.workspace) == []

    life.rate("high")
    assert uncovered(life.workspace) == []  # it was mild when she did
    life.workspace.act_as("devi").evidence.add(
        "ticket-triage", "validation", "Again", text="another look"
    )

    [found] = uncovered(life.workspace)
    assert (found.rule, found.persons) == ("R2", ("devi",))


def test_who_laid_the_role_down_for_the_moment_of_validating_is_found(life):
    life.to("verification_and_validation")
    life.rate("high")
    life.workspace.act_as("olga").inventory.revise("ticket-triage", use_case="Sorts.")
    grant = next(g for g in life.workspace.staffing.roles_of("devi") if g.role == "developer")
    life.workspace.staffing.grant("devi", "inventory_steward")
    life.workspace.staffing.revoke(grant.grant_id, reason="for a moment")
    life.show("validation", actor="devi")

    assert [(b.rule, b.persons) for b in uncovered(life.workspace)] == [
        ("R2", ("devi",)),
        ("R15", ("devi",)),
    ]


def test_a_grave_release_on_too_few_votes_apart_breaches_r3(life):
    life.rate("high")
    life.to("verification_and_validation")
    life.show("validation")
    life.show("impact_assessment")
    life.workspace.staffing.grant("cora", "developer", system_id="ticket-triage")
    request = life.ask("approve_deployment")
    vote(life.workspace, request, "cora")
    life.vote(request, "rita")
    assert life.vote(request, "carl").status == "open"
    with tampering(life.workspace) as connection:
        connection.execute(
            sa.update(tables.approval)
            .where(tables.approval.c.approval_id == request.approval_id)
            .values(status="carried_out", closed_at=life.workspace.now())
        )
    write(
        life.workspace,
        tables.transition,
        transition_id="trn-forged",
        system_id="ticket-triage",
        transition="approve_deployment",
        from_stage="verification_and_validation",
        to_stage="deployment",
        from_status="active",
        to_status="active",
        revision=1,
        digest=request.digest,
        approval_id=request.approval_id,
        actor="carl",
        at=life.workspace.now(),
        machine_version="1",
        reason="",
        conditions=[],
    )

    [found] = [b for b in uncovered(life.workspace) if b.rule == "R3"]

    assert found.persons == ("cora",)
    assert "1 of 2 committee members apart" in found.what


@pytest.mark.parametrize(
    ("actor", "payload", "ends", "says"),
    [
        ("carl", {}, False, "without an end"),
        ("rita", {}, True, "that they assessed"),
        ("devi", {}, True, "without the authority"),
        ("rita", {"authority": ["committee_member"]}, True, "without the authority"),
    ],
)
def test_risk_accepted_by_the_wrong_person_or_for_ever_breaches_r4(
    registered, actor, payload, ends, says
):
    result(registered, "risk_assessment", "rita")
    until = registered.now() + timedelta(days=9) if ends else None
    result(registered, "risk_acceptance", actor, payload=payload, valid_until=until)

    [found] = uncovered(registered)

    assert (found.rule, found.persons) == ("R4", (actor,))
    assert says in found.what


def test_risk_accepted_by_the_named_authority_until_a_day_is_no_breach(registered):
    result(registered, "risk_assessment", "rita")
    until = registered.now() + timedelta(days=9)
    payload = {"authority": ["committee_member"]}
    result(registered, "risk_acceptance", "carl", payload=payload, valid_until=until)

    assert uncovered(registered) == []


def test_an_auditor_who_works_breaches_r5_and_one_who_was_refused_does_not(registered):
    with pytest.raises(NotPermitted):
        registered.act_as("aude").inventory.revise("ticket-triage", use_case="x")
    assert uncovered(registered) == []

    result(registered, "rating", "aude")

    found = uncovered(registered)
    assert {(b.rule, b.persons) for b in found} == {("R5", ("aude",))}
    assert "core.ResultRecorded" in found[0].what


def test_an_auditor_with_another_role_breaches_r5_also_under_another_account(registered):
    registered.staffing.add("aude-2", "Aude again", person="aude")
    write(
        registered,
        tables.grant,
        grant_id="grt-x",
        actor="aude-2",
        role="developer",
        scope_kind="organisation",
        scope="",
        granted_by="ada",
        granted_at=registered.now(),
    )

    found = [b for b in uncovered(registered) if b.rule == "R5"]

    assert [b.persons for b in found] == [("aude",)]
    assert "developer" in found[0].what


def test_who_closes_what_they_treated_breaches_r6_and_who_only_assigns_does_not(registered):
    def incident(actor, status, treatment):
        payload = {"status": status, "treatment": treatment}
        result(registered, "incident", actor, payload=payload, subject="inc-1")

    incident("imre", "open", "")
    incident("imre", "treated", "Fixed.")
    incident("rita", "treated", "Fixed.")  # rita says who sees to it, and treats nothing
    incident("rita", "closed", "Fixed.")
    assert uncovered(registered) == []
    incident("imre", "treated", "Fixed again.")
    incident("imre", "closed", "Fixed again.")

    assert [(b.rule, b.persons, b.records[0]) for b in uncovered(registered)] == [
        ("R6", ("imre",), "inc-1")
    ]


def test_a_role_given_to_oneself_breaches_r7_and_no_exception_covers_it(registered):
    write(
        registered,
        tables.grant,
        grant_id="grt-x",
        actor="ada",
        role="committee_member",
        scope_kind="organisation",
        scope="",
        granted_by="ada",
        granted_at=registered.now(),
    )

    [found] = uncovered(registered)

    assert (found.rule, found.persons, found.records) == ("R7", ("ada",), ("grt-x",))


def test_who_removed_the_other_administrator_is_not_covered_as_the_only_one(registered):
    registered.staffing.add("bert", "Bert")
    registered.staffing.grant("bert", "administrator")
    his = next(g for g in registered.staffing.roles_of("bert") if g.role == "administrator")
    take(registered, his, "ada")
    registered.staffing.grant("devi", "inventory_steward")

    removed, granted = uncovered(registered)

    assert [(b.rule, b.persons) for b in (removed, granted)] == [("R7", ("ada",))] * 2
    assert "from bert, the only other administrator" in removed.what
    assert "inventory_steward to devi alone" in granted.what


def take(workspace, grant, by):
    """Take a role back as somebody would who goes round the services."""
    table = tables.grant
    with tampering(workspace) as connection:
        row = sa.update(table).where(table.c.grant_id == grant.grant_id)
        said = {"revoked_by": by, "revoked_at": workspace.now(), "revoke_reason": "rival"}
        connection.execute(row.values(**said))


@pytest.mark.parametrize(("by", "count"), [("carl", 1), ("tessa", 0), ("bert", 0)])
def test_who_leaves_one_administrator_breaches_r7_but_for_top_management(registered, by, count):
    for actor, role in (("tessa", "top_management"), ("bert", "administrator")):
        registered.staffing.add(actor, actor.title())
        registered.staffing.grant(actor, role)
    his = next(g for g in registered.staffing.roles_of("bert") if g.role == "administrator")
    take(registered, his, by)

    assert [(b.rule, b.persons) for b in uncovered(registered)] == [("R7", (by,))] * count


def test_who_lays_the_role_down_or_takes_it_from_one_of_three_breaches_nothing(registered):
    for actor in ("bert", "cleo"):
        registered.staffing.add(actor, actor.title())
    registered.staffing.grant("bert", "administrator")
    asked = registered.staffing.propose("cleo", "administrator")
    registered.act_as("bert").staffing.confirm(asked.change_id)
    of = {g.actor: g for a in ("bert", "cleo") for g in registered.staffing.roles_of(a)}
    registered.staffing.revoke(of["cleo"].grant_id, reason="moved")
    registered.act_as("bert").staffing.revoke(of["bert"].grant_id, reason="I move.")

    assert uncovered(registered) == []


def test_a_grant_by_two_is_no_breach(registered):
    registered.staffing.add("bert", "Bert")
    registered.staffing.grant("bert", "administrator")
    before = len(registered.separation.breaches())
    asked = registered.staffing.propose("devi", "inventory_steward")
    registered.act_as("bert").staffing.confirm(asked.change_id)

    assert len(registered.separation.breaches()) == before


def test_a_waiver_by_fewer_than_two_or_used_after_its_end_breaches_r8(life, checks):
    today = life.workspace.now().date()
    write(
        life.workspace,
        tables.waiver,
        waiver_id="wvr-forged",
        system_id="ticket-triage",
        condition="initial_risk_assessment",
        reason="r",
        compensating_measure="m",
        expires_on=(today + timedelta(days=2)).isoformat(),
        tier="high",
        revision=1,
        status="granted",
        proposed_by="olga",
        proposed_at=life.workspace.now(),
        granted_at=life.workspace.now(),
    )
    checks.unmet = {"initial_risk_assessment"}
    life.vote(life.ask("start_development"), "carl")

    [found] = uncovered(life.workspace)
    assert (found.rule, found.records) == ("R8", ("wvr-forged",))
    assert "0 of 2 persons apart" in found.what

    with tampering(life.workspace) as connection:
        past = (today - timedelta(days=2)).isoformat()
        connection.execute(sa.update(tables.waiver).values(expires_on=past))
    used = [b for b in uncovered(life.workspace) if "did not hold" in b.what]
    assert [b.records[1] for b in used] == ["wvr-forged"]


def test_a_restart_that_nobody_else_approved_breaches_r11(life):
    workspace = life.to("operation_and_monitoring")
    life.ask("suspend", actor="rita")
    assert uncovered(workspace) == []
    write(
        workspace,
        tables.transition,
        transition_id="trn-x",
        system_id="ticket-triage",
        transition="resume",
        from_stage="operation_and_monitoring",
        to_stage="operation_and_monitoring",
        from_status="suspended",
        to_status="active",
        revision=1,
        digest="",
        approval_id="",
        actor="olga",
        at=workspace.now(),
        machine_version="1",
        reason="",
        conditions=[],
    )

    assert [(b.rule, b.persons) for b in uncovered(workspace)] == [("R11", ("olga",))]


def test_software_that_decides_breaches_r14(life):
    life.workspace.staffing.add("robot", "Robot", kind="service")
    granted_past_the_rules(life.workspace, "robot", "committee_member")
    request = life.ask("start_development")
    vote(life.workspace, request, "robot")
    life.vote(request, "carl")
    until = life.workspace.now() + timedelta(days=9)
    result(life.workspace, "risk_acceptance", "robot", valid_until=until)

    found = [b for b in uncovered(life.workspace) if b.rule == "R14"]

    assert [b.what for b in found] == [
        "a service was granted committee_member, a role that decides",
        "a service approved start_development",
        "a service accepted residual risk",
    ]


def test_as_of_an_earlier_time_only_what_was_entered_by_then_shows(life):
    before = life.workspace.now()
    later(life.workspace, hours=1)
    request = life.ask("start_development")
    vote(life.workspace, request, "olga")
    later(life.workspace, hours=1)
    between = life.workspace.now() - timedelta(minutes=30)
    life.vote(request, "carl")

    assert [b.rule for b in uncovered(life.workspace)] == ["R1"]
    assert uncovered(life.workspace, as_of=between) == []
    assert uncovered(life.workspace, as_of=before) == []
    assert life.workspace.separation.breaches(as_of=datetime(2020, 1, 1, tzinfo=UTC)) == []


def test_what_is_undone_later_still_stood_at_the_time(life):
    request = life.ask("start_development")
    vote(life.workspace, request, "olga")
    life.vote(request, "carl")
    shown = uncovered(life.workspace)
    seen_at = life.workspace.now()
    later(life.workspace, hours=1)
    life.workspace.act_as("olga").inventory.revise("ticket-triage", use_case="Other.")
    grant = next(iter(life.workspace.staffing.roles_of("carl")))
    life.workspace.staffing.revoke(grant.grant_id, reason="left")

    assert uncovered(life.workspace, as_of=seen_at) == shown == uncovered(life.workspace)


def test_only_the_systems_named_are_looked_at(life):
    request = life.ask("start_development")
    vote(life.workspace, request, "olga")
    life.vote(request, "carl")
    life.workspace.act_as("olga").inventory.register("second", **TICKET_TRIAGE)

    assert life.workspace.separation.breaches(system_ids=["second"]) == []
    found = life.workspace.separation.breaches(system_ids=["ticket-triage"])
    assert [b.rule for b in found] == ["R1"]
    with pytest.raises(RecordNotFound):
        life.workspace.separation.breaches(system_ids=["absent"])


@pytest.mark.parametrize("asked", ["breaches", "frame", "exceptions", "recorded"])
@pytest.mark.parametrize(
    ("given", "says"),
    [
        (datetime(2026, 1, 1), "has no zone"),  # noqa: DTZ001 - the case
        (datetime(2999, 1, 1, tzinfo=UTC), "lies ahead"),
        (1, "1 is no checkpoint"),
    ],
)
def test_what_names_no_time_is_refused_in_words(workspace, asked, given, says):
    with pytest.raises(InvalidRecord, match=says):
        getattr(workspace.separation, asked)(as_of=given)


def test_a_day_means_its_end_so_its_breaches_are_seen(workspace, monkeypatch):
    day = workspace.now().date()
    founding = workspace.separation.breaches()
    later = workspace.now() + timedelta(days=1)
    monkeypatch.setattr(workspace._desk.store, "clock", lambda: later)

    assert founding
    assert workspace.separation.breaches(as_of=day) == founding
    assert workspace.separation.breaches(as_of=day - timedelta(days=1)) == []
    assert workspace.separation.recorded(as_of=day) == workspace.separation.recorded()
    assert workspace.separation.exceptions(as_of=day - timedelta(days=1)) == []


def test_the_frame_has_its_columns_also_when_empty(life):
    empty = life.workspace.separation.frame(as_of=datetime(2020, 1, 1, tzinfo=UTC))
    full = life.workspace.separation.frame()

    assert empty.dtypes.astype(str).to_dict() == full.dtypes.astype(str).to_dict() == COLUMNS
    assert empty.empty
    assert not full.empty


@pytest.mark.parametrize("number", [1, 30])
@ONE_DATABASE
def test_the_number_of_statements_does_not_grow_with_the_inventory(registered, number):
    for n in range(number):
        registered.act_as("olga").inventory.register(f"system-{n}", **TICKET_TRIAGE)
    statements = []
    engine = registered._desk.store.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))

    registered.separation.breaches()

    assert len(statements) <= 23


@pytest.mark.parametrize("aims_database", ["sqlite"])
def test_a_listing_for_one_system_reads_through_nothing_that_grows_with_the_inventory(life):
    life.develop()
    engine, asked = life.workspace._desk.store.engine, []

    @sa.event.listens_for(engine, "before_cursor_execute")
    def _note(_connection, _cursor, statement, values, *_rest):
        asked.append((statement, values))

    life.workspace.separation.breaches(system_ids=["ticket-triage"])
    selects = [one for one in asked if one[0].startswith("SELECT")]
    with engine.connect() as connection:
        steps = [
            row.detail
            for statement, values in selects
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]

    growing = (
        "system",
        "revision",
        "transition",
        "approval",
        "vote",
        "result",
        "evidence",
        "event",
    )
    assert [s for s in steps if s.startswith("SCAN") and any(name in s for name in growing)] == []


def test_an_account_of_nobody_known_breaches_r15_until_that_one_is_known(registered):
    write(
        registered,
        tables.actor,
        actor_id="olga2",
        name="Olga",
        kind="person",
        person="Olga",
        added_at=registered.now(),
        added_by="ada",
    )

    [found] = uncovered(registered)

    assert (found.rule, found.persons, found.records) == ("R15", ("Olga",), ("olga2",))
    assert found.what == "olga2 stands for Olga, as whom nobody is known"
