"""The acts of the core in the order of a life; every check of the lifecycle is met."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import keeping_acts
from act import Act, later

from aims_core import ListenerSpec, RequestRefused, hookimpl
from aims_core.testing import at_hand
from aims_core.testing.fixtures import TICKET_TRIAGE


class Listening:
    """A plugin that listens, and so has to be admitted."""

    @hookimpl
    def aims_on_event(self):
        heard = at_hand(lambda _event, _workspace: None)
        return [
            ListenerSpec(id="listening.all", title="All", events=("core.ActorAdded",), handle=heard)
        ]


def acts(ws, folder):
    """Yield the acts one after the other; each may rest on what the ones before left."""
    yield from _people(ws)
    yield from _register(ws)
    yield from _changes(ws)
    yield from _approvals(ws)
    yield from _waivers(ws)
    yield from _exceptions(ws)
    yield from _concerns(ws)
    yield from keeping_acts.acts(ws, folder)


def _people(ws):
    bert = None

    def by_bert():
        nonlocal bert
        bert = bert or ws.act_as("bert")
        return bert.staffing

    yield Act("add a person", lambda: ws.staffing.add("nora", "Nora"), ("core.ActorAdded",))
    ws.host.register(Listening(), "listening")
    yield Act("admit plugins", ws.admit_plugins, ("core.ActorAdded",))
    for person in ("bert", "cyd", "hanna"):
        ws.staffing.add(person, person.title())
    ws.staffing.grant("cyd", "committee_member")
    for person, role in (
        ("carl", "inventory_steward"),
        ("hanna", "concern_handler"),
        ("bert", "administrator"),
    ):
        yield Act(
            f"grant {role}",
            lambda person=person, role=role: ws.staffing.grant(person, role),
            ("core.RoleGranted",),
        )
    for role in ("developer", "auditor"):
        yield Act(
            f"propose {role}",
            lambda role=role: ws.staffing.propose("nora", role, reason="joins"),
            ("core.RoleChangeProposed",),
        )
    changes = {c.role: c.change_id for c in ws.staffing.changes()}
    yield Act(
        "confirm a role",
        lambda: by_bert().confirm(changes["developer"]),
        ("core.RoleGranted", "core.RoleChangeClosed"),
    )
    yield Act(
        "decline a role",
        lambda: by_bert().decline(changes["auditor"], reason="one is enough"),
        ("core.RoleChangeClosed",),
    )
    grant = ws.staffing.roles_of("nora")[0].grant_id
    yield Act(
        "revoke a role",
        lambda: ws.staffing.revoke(grant, reason="moved on"),
        ("core.RoleRevoked",),
    )
    yield Act(
        "be refused",
        lambda: _refused(lambda: ws.act_as("devi").staffing.add("mallory", "Mallory")),
        ("core.ActRefused",),
    )


def _register(ws):
    olga, ines = ws.act_as("olga"), ws.act_as("ines")
    for name in ("one", "two"):
        yield Act(
            f"register {name}",
            lambda name=name: olga.inventory.register(name, **TICKET_TRIAGE),
            ("core.SystemRegistered",),
        )
    yield Act("register again", lambda: olga.inventory.register("one", **TICKET_TRIAGE))
    yield Act(
        "register a component",
        lambda: ines.inventory.register_component("model", kind="model", name="A model"),
        ("core.ComponentRegistered",),
    )
    yield Act(
        "revise",
        lambda: olga.inventory.revise("one", name="Another", components=["model"]),
        ("core.SystemRevised",),
    )
    for kind in ("documentation", "validation"):
        yield Act(
            f"add {kind}",
            lambda kind=kind: ines.evidence.add("one", kind, "Found", text=kind),
            ("core.EvidenceAdded",),
        )
    yield Act(
        "be refused a file",
        lambda: _refused(lambda: ines.evidence.add("one", "validation", "?", path="absent")),
        ("core.ActRefused",),
    )


def _changes(ws):
    ines, carl = ws.act_as("ines"), ws.act_as("carl")

    def propose(name):
        frame = ines.inventory.frame()
        frame["name"] = name
        return ines.inventory.propose(frame[["system_id", "name", "revision"]], reason="tidy")

    for name in ("Renamed", "Renamed again"):
        yield Act(f"propose: {name}", lambda name=name: propose(name), ("core.ChangesProposed",))
        newest = ines.inventory.change_sets().change_set_id[0]
        if name == "Renamed":
            yield Act(
                "apply changes",
                lambda newest=newest: carl.inventory.apply(newest),
                ("core.ChangesApplied",),
            )
        else:
            yield Act(
                "withdraw changes",
                lambda newest=newest: ines.inventory.withdraw_changes(newest, reason="no"),
                ("core.ChangesWithdrawn",),
            )


def _approvals(ws):
    olga, cora = ws.act_as("olga"), ws.act_as("cora")
    rita, devi = ws.act_as("rita"), ws.act_as("devi")
    soon = datetime.now(UTC) + timedelta(days=2)
    yield Act(
        "delegate",
        lambda: cora.approvals.delegate("devi", "committee_member", until=soon, reason="away"),
        ("core.SeatDelegated",),
    )
    lent = devi.approvals.delegations()[0].delegation_id
    yield Act(
        "end a delegation",
        lambda: cora.approvals.end_delegation(lent, reason="back"),
        ("core.DelegationEnded",),
    )

    def ask(transition, reason=""):
        return Act(
            f"request {transition}",
            lambda: olga.approvals.request("one", transition, reason=reason),
            ("core.ApprovalRequested",),
        )

    def decide(actor, decision, *events, reason="", role=""):
        asked = olga.approvals.open()[0].approval_id
        return Act(
            f"{decision} as {actor.actor.actor_id}",
            lambda: actor.approvals.decide(asked, decision, reason=reason, role=role),
            events,
        )

    def go(transition, *events, actor=olga, reason="as planned"):
        return Act(
            f"go on: {transition}",
            lambda: actor.approvals.request("one", transition, reason=reason),
            ("core.TransitionDecided", *events),
        )

    yield ask("start_development")
    asked = olga.approvals.open()[0].approval_id
    yield Act(
        "withdraw",
        lambda: olga.approvals.withdraw(asked, reason="too soon"),
        ("core.ApprovalClosed",),
    )
    yield ask("start_development", "again")
    yield decide(cora, "refuse", "core.VoteCast", "core.ApprovalClosed", reason="not yet")
    yield ask("start_development", "once more")
    yield decide(cora, "approve", "core.VoteCast", "core.TransitionDecided")
    yield go("submit_for_validation")
    yield ask("approve_deployment")
    yield decide(rita, "approve", "core.VoteCast", role="risk_reviewer")
    yield decide(
        cora, "approve", "core.VoteCast", "core.TransitionDecided", role="committee_member"
    )
    yield go("go_live")
    yield Act("record a result", lambda: _result(rita), ("core.ResultRecorded",), repeats=True)
    yield go("re_evaluate")
    yield go("modify", "core.ApprovalsLapsed")
    olga.approvals.request("two", "start_development")
    later(ws, days=200)
    yield Act("expire", ws.approvals.expire, ("core.ApprovalClosed",))


def _waivers(ws):
    olga, cora = ws.act_as("olga"), ws.act_as("cora")

    def propose(check):
        return Act(
            f"propose to waive {check}",
            lambda: olga.waivers.propose(
                "two",
                check,
                reason="later",
                compensating_measure="by hand",
                expires_on=ws.now().date() + timedelta(days=20),
            ),
            ("core.WaiverProposed",),
        )

    def newest():
        return olga.waivers.open()[0].waiver_id

    yield propose("monitoring_plan")
    asked = newest()
    for actor, more in ((cora, ()), (ws.act_as("cyd"), ("core.WaiverGranted",))):
        yield Act(
            f"vote on a waiver as {actor.actor.actor_id}",
            lambda actor=actor: actor.waivers.decide(asked, "approve", reason="yes"),
            ("core.WaiverVoteCast", *more),
        )
    yield propose("documentation_present")
    second = newest()
    yield Act(
        "refuse a waiver",
        lambda: cora.waivers.decide(second, "refuse", reason="no"),
        ("core.WaiverVoteCast", "core.WaiverClosed"),
    )
    yield propose("retirement_plan")
    third = newest()
    yield Act(
        "withdraw a waiver",
        lambda: olga.waivers.withdraw(third, reason="not needed"),
        ("core.WaiverClosed",),
    )


def _exceptions(ws):
    carl, bert = ws.act_as("carl"), ws.act_as("bert")
    day = ws.now().date() + timedelta(days=20)
    yield Act(
        "record an exception",
        lambda: ws.separation.record_exception(
            "R1",
            reason="few people",
            compensating_control="reviewed monthly",
            expires_on=day,
        ),
        ("core.ExceptionRecorded",),
    )
    made = ws.separation.exceptions_frame().exception_id[0]
    yield Act(
        "approve an exception",
        lambda: bert.separation.approve_exception(made),
        ("core.ExceptionApproved",),
    )
    yield Act(
        "ask what an editor may approve by it",
        lambda: ws.act_as("olga").approvals.request("two", "start_development"),
        ("core.ApprovalRequested",),
    )
    asked = ws.approvals.open()[0].approval_id
    yield Act(
        "approve by an exception",
        lambda: carl.approvals.decide(asked, "approve", role="committee_member"),
        ("core.VoteCast", "core.ExceptionUsed", "core.TransitionDecided"),
    )
    yield Act(
        "end an exception",
        lambda: ws.separation.end_exception(made, reason="more people"),
        ("core.ExceptionEnded",),
    )


def _concerns(ws):
    devi, hanna = ws.act_as("devi"), ws.act_as("hanna")
    yield Act(
        "raise a concern",
        lambda: devi.concerns.raise_concern("It ranks by name.", system_id="one"),
        ("core.ConcernRaised",),
    )
    raised = hanna.concerns.frame().concern_id[0]
    yield Act(
        "read a concern",
        lambda: hanna.concerns.read(raised),
        ("core.ConcernRead",),
        repeats=True,
    )
    yield Act(
        "answer a concern",
        lambda: hanna.concerns.answer(raised, "We take the name out."),
        ("core.ConcernAnswered",),
    )


def _refused(act):
    with suppress(RequestRefused):
        act()


def _result(workspace):
    offer = workspace.host.contributions("aims_checks")[0]
    with workspace.writing() as tx:
        tx.add_result(
            kind="risk_assessment",
            system_id="one",
            offer=offer,
            input_digest="",
            payload={"level": "low"},
        )
