"""Several at once: writers wait their turn, nothing is lost, and of two contradictions one wins."""

import errno
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from aims_core import (
    PluginHost,
    RequestRefused,
    RevisionConflict,
    SegregationOfDuties,
    TransitionRefused,
    WorkspaceError,
    open_workspace,
)
from aims_core.db.ticket import TurnNotCome, read_holder, write_ticket
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.intruder import tampering

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
WRITER = """
import sys
from aims_core import PluginHost, open_workspace
folder, name = sys.argv[1:]
workspace = open_workspace(folder, actor="ada", host=PluginHost(discover=False))
print("ready", flush=True)
sys.stdin.readline()
for number in range(25):
    workspace.staffing.add(f"{name}-{number}", f"Writer {name}")
workspace.close()
"""


@pytest.fixture
def at_once(workspace_folder, host):
    """Give the way to do several acts at the same moment, each on a connection of its own."""

    def run(*acts):
        barrier = Barrier(len(acts))

        def one(actor, act):
            workspace = open_workspace(workspace_folder, actor=actor, host=host)
            try:
                barrier.wait()
                return act(workspace)
            except RequestRefused as refusal:
                return refusal
            finally:
                workspace.close()

        with ThreadPoolExecutor(len(acts)) as pool:
            return list(pool.map(lambda pair: one(*pair), acts))

    return run


def refusals(outcomes):
    return [o for o in outcomes if isinstance(o, RequestRefused)]


def count(workspace, kind):
    return len(workspace.audit.events(event_type=f"core.{kind}", limit=1_000))


@ONE_DATABASE
def test_processes_that_write_at_the_same_time_lose_nothing(workspace_folder, workspace):
    before = workspace.audit.head()[0]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, workspace_folder, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in "abcd"
    ]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"

    said = [writer.communicate("go\n", timeout=60)[1] for writer in writers]

    assert [writer.returncode for writer in writers] == [0, 0, 0, 0], said
    added = {p.actor_id for p in workspace.staffing.people()}
    assert {f"{name}-{number}" for name in "abcd" for number in range(25)} <= added
    verification = workspace.audit.verify()
    assert verification.intact
    assert verification.events == before + 100


def test_of_two_who_revise_from_the_same_reading_one_wins(registered, at_once):
    def revise(name):
        return lambda ws: ws.inventory.revise("ticket-triage", expected_revision=1, name=name)

    outcomes = at_once(("olga", revise("First")), ("ines", revise("Second")))

    assert [type(r) for r in refusals(outcomes)] == [RevisionConflict]
    assert registered.inventory.get("ticket-triage").revision == 2


def test_revisions_without_an_expectation_follow_each_other(registered, at_once):
    def revise(field):
        return lambda ws: ws.inventory.revise("ticket-triage", **{field: "Changed"})

    outcomes = at_once(
        *(("olga", revise(f)) for f in ("name", "supplier", "incident_contact", "intended_use"))
    )

    system = registered.inventory.get("ticket-triage")
    assert refusals(outcomes) == []
    assert system.revision == 5
    assert (system.name, system.supplier, system.incident_contact) == ("Changed",) * 3


def test_one_system_registered_twice_at_once_stands_once(workspace, at_once):
    outcomes = at_once(*[("olga", lambda ws: ws.inventory.register("one", **TICKET_TRIAGE))] * 3)

    assert {type(r) for r in refusals(outcomes)} <= {RevisionConflict}
    assert len(refusals(outcomes)) < 3
    assert count(workspace, "SystemRegistered") == 1
    assert workspace.audit.verify().intact


def test_two_last_votes_at_once_carry_a_request_out_once(life, registered, at_once):
    request = life.ask("start_development")

    def approve(workspace):
        return workspace.approvals.decide(request.approval_id, "approve")

    outcomes = at_once(("carl", approve), ("cora", approve))

    assert len(refusals(outcomes)) == 1
    assert count(registered, "TransitionDecided") == 1
    assert len(registered.approvals.get(request.approval_id).votes) == 1


def test_a_vote_and_a_revision_at_once_never_approve_what_nobody_read(life, registered, at_once):
    for number in range(4):
        request = life.ask("start_development")

        outcomes = at_once(
            ("carl", lambda ws, r=request: ws.approvals.decide(r.approval_id, "approve")),
            ("olga", lambda ws, n=number: ws.inventory.revise("ticket-triage", name=f"Name {n}")),
        )

        assert not isinstance(outcomes[1], RequestRefused)
        approval = registered.approvals.get(request.approval_id)
        assert approval.status in {"carried_out", "lapsed"}
        assert str(registered.inventory.get("ticket-triage").approval_state) == "lapsed"
        if approval.status == "carried_out":
            break
    assert registered.audit.verify().intact


def test_a_vote_and_a_withdrawal_at_once_end_in_one_of_both(life, registered, at_once):
    request = life.ask("start_development")

    outcomes = at_once(
        ("carl", lambda ws: ws.approvals.decide(request.approval_id, "approve")),
        ("olga", lambda ws: ws.approvals.withdraw(request.approval_id, reason="too soon")),
    )

    assert len(refusals(outcomes)) == 1
    status = registered.approvals.get(request.approval_id).status
    assert (status == "carried_out") == (life.stage == "design_and_development")


def test_a_request_made_twice_at_once_is_one_request(life, registered, at_once):
    outcomes = at_once(
        *[("olga", lambda ws: ws.approvals.request("ticket-triage", "start_development"))] * 3
    )

    assert len({o.approval_id for o in outcomes}) == 1
    assert len(registered.approvals.open()) == 1


def test_a_step_and_its_opposite_at_once_leave_one_whole_story(life, registered, at_once):
    request = life.ask("start_development")

    outcomes = at_once(
        ("carl", lambda ws: ws.approvals.decide(request.approval_id, "approve")),
        ("cora", lambda ws: ws.approvals.request("ticket-triage", "reject", reason="no use")),
    )

    assert len(refusals(outcomes)) == 1
    assert isinstance(refusals(outcomes)[0], RequestRefused | TransitionRefused)
    steps = registered.approvals.transitions("ticket-triage")
    assert [s.to_stage for s in steps] == [life.stage]


def test_of_two_results_at_once_one_is_in_force(registered, at_once):
    offer = registered.host.contributions("aims_checks")[0]

    def store(level):
        def add(workspace):
            with workspace.writing() as tx:
                return tx.add_result(
                    kind="risk_assessment",
                    system_id="ticket-triage",
                    offer=offer,
                    input_digest="",
                    payload={"level": level},
                )

        return add

    outcomes = at_once(*(("rita", store(level)) for level in "abc"))

    assert refusals(outcomes) == []
    assert len(registered.results.of("ticket-triage")) == 1
    assert len(registered.results.of("ticket-triage", history=True)) == 3


def test_two_of_three_administrators_who_revoke_each_other_leave_one_of_them(workspace, at_once):
    workspace.staffing.add("bert", "Bert")
    workspace.staffing.add("cleo", "Cleo")
    theirs = workspace.staffing.grant("bert", "administrator").grant_id
    third = workspace.staffing.propose("cleo", "administrator")
    workspace.act_as("bert").staffing.confirm(third.change_id)
    mine = workspace.staffing.roles_of("ada")[0].grant_id

    at_once(
        ("ada", lambda ws: ws.staffing.revoke(theirs, reason="rival")),
        ("bert", lambda ws: ws.staffing.revoke(mine, reason="rival")),
    )

    left = [p for p in ("ada", "bert") if workspace.staffing.roles_of(p)]
    assert len(left) == 1


def test_a_role_granted_twice_at_once_is_gone_when_it_is_revoked_once(workspace, at_once):
    grants = at_once(*[("ada", lambda ws: ws.staffing.grant("devi", "inventory_steward"))] * 3)

    assert len({g.grant_id for g in grants}) == 1
    workspace.staffing.revoke(grants[0].grant_id, reason="enough")
    assert "inventory_steward" not in [g.role for g in workspace.staffing.roles_of("devi")]


def test_one_person_with_two_ids_voting_at_once_is_one_vote(life, registered, at_once):
    life.rate("high")
    registered.staffing.add("carl-2", "Carl again", person="carl")
    registered.staffing.grant("carl-2", "committee_member")
    request = life.ask("start_development")

    def approve(workspace):
        return workspace.approvals.decide(request.approval_id, "approve")

    outcomes = at_once(("carl", approve), ("carl-2", approve))

    assert [type(r) for r in refusals(outcomes)] == [SegregationOfDuties]
    assert len(registered.approvals.get(request.approval_id).votes) == 1


@ONE_DATABASE
def test_a_reader_does_not_wait_for_a_writer(registered, workspace_folder):
    with tampering(registered) as connection:
        connection.execute(sa.text("UPDATE aims_system SET stage = 'deployment'"))

        reader = open_workspace(workspace_folder, actor="aude", host=PluginHost(discover=False))
        assert reader.inventory.get("ticket-triage").stage == "inception"
        reader.close()


def test_the_queue_is_open_again_when_whoever_held_it_failed(tmp_path):
    database = tmp_path / "a.db"

    with pytest.raises(ZeroDivisionError), write_ticket(database):
        _ = 1 / 0
    with write_ticket(database):
        pass
    with write_ticket(None):
        pass


def test_a_queue_that_cannot_be_kept_is_said_in_plain_words(tmp_path):
    with pytest.raises(WorkspaceError, match="cannot be opened for writing"):  # noqa: SIM117 - the inner one is tried
        with write_ticket(tmp_path / "absent" / "a.db"):
            pass


@ONE_DATABASE
def test_who_waits_too_long_is_told_for_whom_and_what_would_help(workspace_folder, workspace):
    database = workspace_folder / "aims.db"

    with (
        write_ticket(database, holder="olga"),
        pytest.raises(
            TurnNotCome, match=rf"olga, process {os.getpid()}, since 20.*PostgreSQL"
        ) as e,
        write_ticket(database, patience=0.2),
    ):
        pass

    assert e.value.holder.person == "olga"
    with write_ticket(database, patience=0.2):
        assert read_holder(database.with_name("aims.db.ticket")).person == ""
    workspace.staffing.add("otto", "Otto")
    assert read_holder(database.with_name("aims.db.ticket")).person == "ada"


@pytest.mark.parametrize("signed", [b"", b"\x00" * 50, b"[1]", b'{"pid": "x"}', b"\xff\xfe"])
def test_a_holder_who_left_no_legible_name_is_still_waited_for_in_plain_words(tmp_path, signed):
    database, ticket = tmp_path / "a.db", tmp_path / "a.db.ticket"

    with write_ticket(database):
        ticket.write_bytes(signed)
        with (
            pytest.raises(TurnNotCome, match="by another process"),
            write_ticket(database, patience=0),
        ):
            pass


def test_those_who_gave_up_waiting_stand_in_nobodys_way(tmp_path):
    database = tmp_path / "a.db"

    with write_ticket(database):
        for _ in range(3):
            with pytest.raises(TurnNotCome), write_ticket(database, patience=0):
                pass

    with (
        write_ticket(database, patience=20),
        pytest.raises(TurnNotCome),
        write_ticket(database, patience=0.1),
    ):
        pass


def test_a_process_that_was_forked_meanwhile_does_not_keep_the_turn(tmp_path):
    database = tmp_path / "a.db"

    with write_ticket(database):
        child = os.fork()
        if child == 0:
            signal.pause()
    try:
        with write_ticket(database, patience=5):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_folder_without_locks_is_said_in_plain_words(tmp_path, monkeypatch):
    def refuse(_handle, _how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("aims_core.db.ticket.fcntl.flock", refuse)

    with pytest.raises(WorkspaceError, match=r"keeps no file locks.*PostgreSQL"):  # noqa: SIM117 - the inner one is tried
        with write_ticket(tmp_path / "a.db"):
            pass


@pytest.mark.parametrize("aims_database", ["postgresql"])
def test_a_record_that_stays_locked_is_given_up_with_a_reason(
    registered, workspace_folder, monkeypatch
):
    monkeypatch.setattr("aims_core.db.guards.LOCK_PATIENCE_MS", 300)
    other = open_workspace(workspace_folder, actor="olga", host=PluginHost(discover=False))

    with tampering(registered) as connection, ThreadPoolExecutor(1) as pool:
        connection.execute(sa.text("UPDATE aims_system SET stage = 'deployment'"))
        revising = pool.submit(other.inventory.revise, "ticket-triage", name="Other")
        with pytest.raises(WorkspaceError, match="somebody else has been changing"):
            revising.result()

    other.close()
