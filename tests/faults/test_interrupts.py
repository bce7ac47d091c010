"""Stop, pressed while something is written: it is written or not, its sender knows, and no lock stays."""

import json
import os
import signal
import threading

import pytest

from aims_core import InterruptedAfterCommit, NotPermitted, open_workspace
from aims_core.db.ticket import write_ticket
from aims_core.store import interrupts
from aims_core.store.interrupts import shielded


def press_stop():
    signal.raise_signal(signal.SIGINT)


@pytest.fixture
def pressed_within(workspace):
    """Give the way to press Stop at a moment of the next transaction."""

    def at(moment, act):
        store = workspace._desk.store
        own, pressed = getattr(store, moment), []

        def pressing(*arguments, **named):
            if not pressed:
                pressed.append(True)
                press_stop()
            return own(*arguments, **named)

        setattr(store, moment, pressing)
        try:
            return act()
        finally:
            delattr(store, moment)

    return at


@pytest.mark.slow
def test_stop_pressed_many_times_leaves_no_lock_and_no_doubt(
    workspace_folder, victim, rounds, aims_database, figure
):
    signals = rounds(40, 1_000)

    said, failed = victim("stopped", workspace_folder, signals, 7).communicate(timeout=600)

    assert said, failed
    told = json.loads(said)
    figure(f"{aims_database}: signals while writing", told["signals"])
    figure(f"{aims_database}: locks left behind", told["locks_left"])
    figure(f"{aims_database}: interrupted acts told that they are committed", told["committed"])
    figure(f"{aims_database}: stopped just after the act, and told nothing", told["untold"])
    assert told["signals"] == signals
    assert told["locks_left"] == 0
    assert told["wrong"] == 0
    assert told["intact"]
    assert told["committed"] >= signals // 2
    # Who was stopped outside a transaction may have been told nothing; that is rare, and it is counted.
    assert told["rows"] == told["committed"] + told["undisturbed"] + told["untold"]
    assert told["untold"] <= signals // 10
    assert told["rows"] == told["events"]


def test_an_interrupt_waits_for_the_commit_and_says_what_was_done(workspace, pressed_within):
    with pytest.raises(InterruptedAfterCommit, match=r"add olga2.*stays done") as stopped:
        pressed_within("_flush", lambda: workspace.staffing.add("olga2", "Olga"))

    assert [event.actor for event in stopped.value.events] == ["olga2"]
    assert stopped.value._render_traceback_()[0].startswith("InterruptedAfterCommit: ")
    assert "olga2" in {p.actor_id for p in workspace.staffing.people()}
    assert workspace.staffing.add("olga3", "Olga").actor_id == "olga3"


def test_an_interrupt_carries_the_result_that_the_act_named(workspace):
    with pytest.raises(InterruptedAfterCommit) as stopped, workspace.writing() as tx:  # noqa: PT012 - the block is the act
        tx.attempt("think")
        tx.result = 42
        press_stop()

    assert (stopped.value.act, stopped.value.result, stopped.value.events) == ("think", 42, ())


def test_an_interrupt_during_a_refused_act_stops_the_work_and_keeps_the_refusal(
    workspace, pressed_within
):
    devi = workspace.act_as("devi")

    with pytest.raises(KeyboardInterrupt) as stopped:
        pressed_within("_note_refusal", lambda: devi.staffing.add("mallory", "Mallory"))

    assert not isinstance(stopped.value, InterruptedAfterCommit)
    assert isinstance(stopped.value.__cause__, NotPermitted)
    assert workspace.audit.events(event_type="core.ActRefused", limit=1)[0].actor == "devi"


def test_the_handler_that_was_there_is_asked_and_put_back(workspace, monkeypatch):
    heard, before = [], signal.getsignal(signal.SIGINT)

    def mine(*call):
        heard.append(call)

    signal.signal(signal.SIGINT, mine)
    try:
        with workspace.writing():
            press_stop()
            assert heard == []
        assert len(heard) == 1
        assert signal.getsignal(signal.SIGINT) is mine
        with pytest.raises(ZeroDivisionError), workspace.writing():
            _ = 1 / 0
        assert signal.getsignal(signal.SIGINT) is mine
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with workspace.writing():
            press_stop()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_shields_in_each_other_deliver_at_the_outermost_end():
    passed = []

    with pytest.raises(InterruptedAfterCommit, match="outer"), shielded() as outer:  # noqa: PT012 - the block is the act
        with shielded() as inner:
            press_stop()
            inner.committed("inner")
        passed.append(inner.interrupted)
        outer.committed("outer")

    assert passed == [True]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_failure_with_an_interrupt_waiting_ends_in_the_interrupt():
    with pytest.raises(KeyboardInterrupt) as stopped, shielded():  # noqa: PT012 - the block is the act
        press_stop()
        raise ValueError("and this")

    assert isinstance(stopped.value.__cause__, ValueError)


def test_a_transaction_that_goes_on_and_on_can_be_broken_off(workspace, monkeypatch):
    monkeypatch.setattr(interrupts, "PATIENCE", 0.0)

    with pytest.raises(KeyboardInterrupt, match="nothing was written"), workspace.writing() as tx:  # noqa: PT012 - the block is the act
        tx.connection.exec_driver_sql("UPDATE aims_actor SET name = 'Nobody'")
        press_stop()
        press_stop()

    assert "Nobody" not in {p.name for p in workspace.staffing.people()}
    assert workspace.staffing.add("olga3", "Olga").actor_id == "olga3"


def test_other_threads_have_nothing_to_shield(workspace_folder, host):
    seen = []

    def work():
        workspace = open_workspace(workspace_folder, actor="ada", host=host)
        with workspace.writing():
            seen.append(signal.getsignal(signal.SIGINT))
        workspace.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert seen == [signal.default_int_handler]


@pytest.mark.parametrize("aims_database", ["sqlite"])
def test_who_waits_for_the_turn_may_stop_waiting(workspace, workspace_folder):
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))

    with write_ticket(workspace_folder / "aims.db"):
        timer.start()
        with pytest.raises(KeyboardInterrupt, match="nothing was written"):
            workspace.staffing.add("olga3", "Olga")

    assert "olga3" not in {p.actor_id for p in workspace.staffing.people()}
    assert workspace.staffing.add("olga3", "Olga").actor_id == "olga3"


@pytest.mark.slow
def test_stop_pressed_while_reading_ends_it_and_leaves_no_connection_behind(
    registered, workspace_folder, victim, rounds, aims_database, figure
):
    signals = rounds(40, 1_000)

    said, failed = victim("reader", workspace_folder, signals).communicate(timeout=600)

    assert said, failed
    told = json.loads(said)
    figure(f"{aims_database}: connections left behind by stopped readers", told["connections_left"])
    assert told["failed"] == []
    assert told["connections_left"] == 0
    assert told["stopped"] > signals // 4


def test_reading_can_be_stopped_and_goes_on_afterwards(registered):
    pool = registered._desk.store.engine.pool

    with pytest.raises(KeyboardInterrupt), registered.reading() as tx:  # noqa: PT012 - the block is the act
        tx.get_system("ticket-triage")
        press_stop()

    assert pool.checkedout() == 0
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt), registered.reading():
        raise KeyboardInterrupt
    assert registered.inventory.get("ticket-triage").revision == 1
