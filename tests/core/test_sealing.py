"""Nobody waits for the audit trail: writers neither for each other nor for the sealer or an idle notebook."""

from concurrent.futures import ThreadPoolExecutor
from json import loads
from time import sleep

import pytest
import sqlalchemy as sa

from aims_core import (
    ListenerSpec,
    PluginHost,
    WorkspaceError,
    audit,
    hookimpl,
    open_workspace,
    tables,
)
from aims_core.audit.sealing import SealerBusy
from aims_core.store import store as store_module
from aims_core.testing import at_hand
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.intruder import forcing, tampering

POSTGRESQL = pytest.mark.parametrize("aims_database", ["postgresql"])


@pytest.fixture
def other(workspace_folder, host):
    """Give the same workspace on connections of its own, acting as olga."""
    opened = open_workspace(workspace_folder, actor="olga", host=host)
    yield opened
    opened.close()


def elsewhere(act, *arguments, **options):
    """Do it in another thread, as another notebook would."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act, *arguments, **options).result(timeout=60)


def sealed(workspace):
    with workspace.reading() as tx:
        return audit.sealed(tx.connection).size


def places(workspace):
    with workspace.reading() as tx:
        query = sa.select(tables.leaf.c.leaf_index).order_by(tables.leaf.c.leaf_index)
        return list(tx.connection.execute(query).scalars())


def test_sealing_gives_every_event_its_place_once(registered):
    registered.audit.seal()
    before = sealed(registered)

    registered.act_as("olga").inventory.revise("ticket-triage", name="Other")
    registered.audit.seal()

    assert registered.audit.seal() == 0
    assert sealed(registered) == registered.audit.verify().events > before
    if registered._desk.store.dialect == "postgresql":
        assert places(registered) == list(range(sealed(registered)))


def test_sealing_in_portions_makes_the_same_tree(registered):
    while registered._desk.store.seal(at_most=3):
        pass

    verification = registered.audit.verify()
    assert verification.intact, verification.faults
    assert sealed(registered) == verification.events


def test_text_that_looks_like_syntax_goes_into_the_trail_as_it_stands(registered):
    names = ["NULL", "{}", '{"a",NULL}', "\\", "'); --", "%s %(x)s :name", "ä\U0001f600"]
    registered.act_as("olga")
    before = registered.audit.verify().events

    with registered.writing() as tx:
        tx.record(*(store_module.ActRefused(act=name, reason=name, system_id="") for name in names))

    with registered.reading() as tx:
        rows = tx.connection.execute(
            sa.select(tables.event.c.payload, tables.event.c.chain, tables.outbox.c.sequence)
            .select_from(tables.event.outerjoin(tables.outbox))
            .order_by(tables.event.c.sequence.desc())
            .limit(len(names))
        ).all()
    assert [loads(row.payload)["act"] for row in reversed(rows)] == names
    assert all(row.sequence for row in rows)
    on_postgresql = registered._desk.store.dialect == "postgresql"
    assert {row.chain == "" for row in rows} == {on_postgresql}
    verification = registered.audit.verify()
    assert verification.intact, verification.faults
    assert verification.events == before + len(names)


@POSTGRESQL
def test_an_idle_notebook_with_an_open_transaction_stops_neither_writers_nor_the_sealer(
    registered, other
):
    registered.audit.seal()
    with forcing(registered._desk.store.engine) as idle:
        idle.execute(sa.text("UPDATE aims_actor SET name = name WHERE actor_id = 'ada'"))
        audit.append(
            idle,
            [("evt-idle", store_module.ActRefused(act="think", reason="for long"))],
            audit.Attribution(
                actor="ada", at=registered.now(), assurance=registered._desk.store.assurance
            ),
        )
        elsewhere(other.inventory.revise, "ticket-triage", name="Meanwhile")
        assert elsewhere(other.audit.seal) is not None
        during = other.audit.verify()
        assert during.intact, during.faults
        assert during.remarks == ()

    registered.audit.seal()
    after = registered.audit.verify()
    assert after.intact, after.faults
    assert after.events == during.events + 1
    assert places(registered) == list(range(after.events))
    with registered.reading() as tx:
        row = tx.connection.execute(audit.in_order(sa.select(tables.event), "postgresql")).all()[-1]
    assert row.event_id == "evt-idle"  # its number is lower, its place is later


@POSTGRESQL
def test_a_sealer_turns_away_while_another_one_works_and_writers_go_on(registered, other):
    registered.audit.seal()
    with forcing(registered._desk.store.engine) as sealing:
        sealing.execute(sa.text("SELECT * FROM aims_tree FOR UPDATE"))

        assert other._desk.store.seal(wait=False) is None
        other.inventory.revise("ticket-triage", name="Meanwhile")
        with pytest.raises(SealerBusy), other._desk.store._own() as (connection, _):
            audit.seal(connection, wait=True)
        assert other.audit.verify().remarks[0].startswith("1 event(s) are not sealed")

    assert other.audit.seal() == 1


@POSTGRESQL
def test_what_was_rolled_back_leaves_a_number_free_and_no_gap_in_the_tree(registered):
    with pytest.raises(ZeroDivisionError), registered.writing() as tx:  # noqa: PT012 - it fails after a write
        audit.append(
            tx.connection,
            [("evt-lost", store_module.ActRefused(act="x", reason="y"))],
            audit.Attribution(actor="ada", at=tx.now, assurance=registered._desk.store.assurance),
        )
        _ = 1 / 0
    registered.act_as("olga").inventory.revise("ticket-triage", name="Other")

    verification = registered.audit.verify()
    assert verification.intact, verification.faults
    assert places(registered) == list(range(verification.events))
    newest, before = registered.audit.events(limit=2)
    assert newest.sequence == before.sequence + 2


@POSTGRESQL
def test_many_writers_and_sealers_at_once_lose_and_double_nothing(
    registered, workspace_folder, host, signing
):
    registered.audit.keys.make()
    before = registered.audit.verify().events

    def work(number):
        workspace = open_workspace(workspace_folder, actor="ada", host=host)
        try:
            for turn in range(10):
                workspace.staffing.add(f"w{number}-{turn}", "Writer")
                workspace.audit.seal()
        finally:
            workspace.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    registered.audit.checkpoint()
    verification = registered.audit.verify()
    assert verification.intact, verification.faults
    assert verification.events == before + 40 + 1
    assert places(registered) == list(range(verification.events))


@POSTGRESQL
def test_a_writer_seals_after_its_commit_now_and_then_and_never_waits(registered, monkeypatch):
    store, calls = registered._desk.store, []
    monkeypatch.setattr(store, "seal", lambda **options: calls.append(options))
    store._sealed = float("-inf")

    for name in ("a", "b", "c"):
        registered.staffing.add(name, name.title())

    assert calls == [{"wait": False}]


@POSTGRESQL
def test_a_sealer_that_cannot_work_does_not_make_a_committed_act_fail(registered, caplog):
    with tampering(registered) as connection:
        connection.execute(sa.text("DELETE FROM aims_tree"))
    registered._desk.store._sealed = float("-inf")

    assert registered.act_as("olga").inventory.revise("ticket-triage", name="Other").revision == 2

    assert "tree is missing" in caplog.text
    with registered.reading() as tx:
        assert "the tree of the trail is missing" in audit.verify(tx.connection).faults


class Listener:
    """Notes what it is told."""

    def __init__(self, handle):
        self.spec = ListenerSpec(
            id="tell.listener", title="", events=("core.SystemRegistered",), handle=handle
        )

    @hookimpl
    def aims_on_event(self):
        return [self.spec]


@POSTGRESQL
def test_listeners_hear_in_the_order_of_the_trail_though_commits_come_out_of_their_numbers_order(
    workspace_folder,
):
    told = []
    host = PluginHost(discover=False)
    host.register(Listener(at_hand(lambda event, _: told.append(event))), "tell")
    for_admission = open_workspace(workspace_folder, actor="ada", host=host)
    for_admission.staffing.add("plugin:tell", "tell", kind="plugin")
    for_admission.close()
    first = open_workspace(workspace_folder, actor="olga", host=host)
    second = open_workspace(workspace_folder, actor="olga", host=host)

    with forcing(first._desk.store.engine) as slow:
        audit.append(
            slow,
            [("evt-slow", _registered("slow"))],
            audit.Attribution(actor="olga", at=first.now(), assurance=first._desk.store.assurance),
        )
        elsewhere(second.inventory.register, "quick", **TICKET_TRIAGE)
    second.inventory.register("next", **TICKET_TRIAGE)

    assert [event.system_id for event in told] == ["quick", "slow", "next"]
    sequences = [event.sequence for event in told]
    assert sequences[1] < sequences[0] < sequences[2]
    with first.reading() as tx:
        order = [audit.place_of(tx.connection, sequence) for sequence in sequences]
        left = tx.connection.execute(
            sa.select(sa.func.count())
            .select_from(tables.outbox.join(tables.event))
            .where(tables.event.c.type == "core.SystemRegistered")
        ).scalar_one()
    assert order == sorted(order)
    assert left == 0
    first.close()
    second.close()


def _registered(system_id):
    from aims_core.events import SystemRegistered

    return SystemRegistered(
        system_id=system_id, revision=1, digest="", stage="", entry="", content={}
    )


@POSTGRESQL
def test_tells_wait_for_a_sealer_that_is_stuck_and_are_not_lost(workspace_folder):
    told = []
    host = PluginHost(discover=False)
    host.register(Listener(at_hand(lambda event, _: told.append(event.system_id))), "tell")
    workspace = open_workspace(workspace_folder, actor="ada", host=host)
    workspace.staffing.add("plugin:tell", "tell", kind="plugin")
    workspace.close()
    workspace = open_workspace(workspace_folder, actor="olga", host=host)

    with forcing(workspace._desk.store.engine) as stuck:
        stuck.execute(sa.text("SELECT * FROM aims_tree FOR UPDATE"))
        workspace.inventory.register("one", **TICKET_TRIAGE)
    assert told == []
    workspace.inventory.register("two", **TICKET_TRIAGE)

    assert told == ["one", "two"]
    workspace.close()


@POSTGRESQL
def test_a_checkpoint_waits_for_who_was_writing_before_it_and_not_for_who_came_after(
    signed, other, monkeypatch
):
    monkeypatch.setattr("aims_core.db.writers._PATIENCE", 0.2)
    with ThreadPoolExecutor(1) as pool:
        with other.writing() as tx:  # began before, commits after
            revised = pool.submit(signed.audit.checkpoint)
            with pytest.raises(WorkspaceError, match="been writing since before"):
                revised.result(timeout=60)
            tx.attempt("think for long")
            tx.record(store_module.ActRefused(act="think", reason="for long"))
            monkeypatch.setattr("aims_core.db.writers._PATIENCE", 60.0)
            waiting = pool.submit(signed.audit.checkpoint)
            sleep(0.3)
            assert not waiting.done()
        made = waiting.result(timeout=60)

    during = signed.audit.events(as_of=made.number)
    assert "think" in {event.payload.get("act") for event in during}
    assert made.size == len(during) - 1  # the event that it was made comes after what it signs


@POSTGRESQL
def test_two_checkpoints_at_once_do_not_wait_for_each_other(signed, other):
    other = other.act_as("ada")
    signed.act_as("olga").inventory.revise("ticket-triage", name="Signed twice")
    with ThreadPoolExecutor(2) as pool:
        made = [pool.submit(w.audit.checkpoint) for w in (signed, other)]
        assert {m.result(timeout=60).size for m in made}
