"""Tells: what happened reaches the plugins that listen, at least once and in order, or is parked in sight."""

import pytest
import sqlalchemy as sa

from aims_core import ListenerSpec, PluginHost, RequestRefused, hookimpl, open_workspace
from aims_core.plugin_host import delivery
from aims_core.testing import at_hand
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.trail import DELIVERY_COLUMNS

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
REGISTERED, REVISED = "core.SystemRegistered", "core.SystemRevised"


class Listener:
    """Listens to some events and handles them as the test says."""

    def __init__(self, handle, *events, name="tell"):
        self.spec = ListenerSpec(id=f"{name}.listener", title="", events=events, handle=handle)

    @hookimpl
    def aims_on_event(self):
        return [self.spec]


@pytest.fixture
def listening(workspace_folder):
    """Give the way to open the workspace with listeners, each acting as its plugin."""
    opened = []

    def open_with(*handlers, events=(REGISTERED, REVISED), broken=None):
        host = PluginHost(discover=False)
        for number, handle in enumerate(handlers):
            name = f"tell{number}"
            host.register(Listener(at_hand(handle), *events, name=name), name)
        if broken is not None:
            host.register(broken, "broken")
        _admit(workspace_folder, host, len(handlers))
        workspace = open_workspace(workspace_folder, actor="olga", host=host)
        opened.append(workspace)
        return workspace

    yield open_with
    for workspace in opened:
        workspace.close()


def _admit(folder, host, count):
    """Give the plugins the actors they act as, which an administrator does once."""
    workspace = open_workspace(folder, actor="ada", host=host)
    for number in range(count):
        workspace.staffing.add(f"plugin:tell{number}", f"tell{number}", kind="plugin")
        workspace.staffing.grant(f"plugin:tell{number}", "inventory_steward")
    workspace.close()


def register(workspace, system_id="ticket-triage"):
    return workspace.inventory.register(system_id, **TICKET_TRIAGE)


def outbox(workspace, *types):
    with workspace.reading() as tx:
        query = sa.text(
            "SELECT count(*) FROM aims_outbox o JOIN aims_event e ON e.sequence = o.sequence "
            "WHERE e.type IN :types"
        ).bindparams(sa.bindparam("types", value=list(types), expanding=True))
        return tx.connection.execute(query).scalar()


def test_a_listener_is_told_after_the_commit_and_acts_as_its_plugin(listening):
    told = []

    def handle(event, workspace):
        told.append((event.type, event.system_id, event.actor, workspace.actor.actor_id))
        assert workspace.inventory.get(event.system_id).name == event.payload["content"]["name"]

    workspace = listening(handle)
    register(workspace)

    assert told == [(REGISTERED, "ticket-triage", "olga", "plugin:tell0")]
    assert workspace.deliveries.frame().empty
    assert outbox(workspace, REGISTERED) == 0


def test_every_listener_is_told_in_the_order_of_events_and_of_nothing_else(listening):
    told = []
    workspace = listening(
        lambda event, _: told.append(("first", event.sequence)),
        lambda event, _: told.append(("second", event.sequence)),
    )

    for number in range(3):
        register(workspace, f"s{number}")
    workspace.inventory.revise("s0", name="Other")
    workspace.inventory.register_component("bert", kind="model", name="BERT")

    for name in ("first", "second"):
        sequences = [sequence for who, sequence in told if who == name]
        assert len(sequences) == 4
        assert sequences == sorted(sequences)


@ONE_DATABASE
def test_what_was_rolled_back_is_not_told(listening):
    told = []
    workspace = listening(lambda event, _: told.append(event))

    with pytest.raises(RequestRefused):
        register(workspace, "No id")

    assert told == []


def test_a_listener_that_fails_is_tried_again_then_parked_and_the_others_are_served(listening):
    tries, told = [], []

    def fail(event, _):
        tries.append(event.sequence)
        raise RuntimeError("mail server is down\x00")

    workspace = listening(fail, lambda event, _: told.append(event.sequence))
    system = register(workspace)
    register(workspace, "next")

    assert system.revision == 1
    assert len(tries) == 6
    assert len(told) == 2
    parked = workspace.deliveries.frame()
    assert parked.dtypes.astype(str).to_dict() == DELIVERY_COLUMNS
    assert parked.listener.tolist() == ["tell0.listener"] * 2
    assert parked.attempts.tolist() == [3, 3]
    assert parked.error[0] == "RuntimeError: mail server is down\\x00"
    assert parked.system_id.tolist() == ["ticket-triage", "next"]


@ONE_DATABASE
def test_a_hiccup_is_forgotten(listening):
    tries = []

    def hiccup(event, _):
        tries.append(event)
        if len(tries) == 1:
            raise TimeoutError

    workspace = listening(hiccup)
    register(workspace)

    assert len(tries) == 2
    assert workspace.deliveries.frame().empty


@ONE_DATABASE
def test_a_listener_that_exits_does_not_take_the_kernel_along(listening):
    def leave(_event, _workspace):
        raise SystemExit(1)

    workspace = listening(leave)
    register(workspace)

    assert workspace.deliveries.frame().error.tolist() == ["SystemExit: 1"]


def test_parked_tells_are_told_again_on_demand_to_those_alone_who_missed_them(listening):
    down, missed, got = [True], [], []

    def sometimes(event, _):
        if down[0]:
            raise ConnectionError
        missed.append(event.sequence)

    workspace = listening(sometimes, lambda event, _: got.append(event.sequence))
    register(workspace)
    assert workspace.deliveries.replay() == 1
    assert len(workspace.deliveries.frame()) == 1
    down[0] = False

    assert workspace.deliveries.replay() == 1

    assert missed == got
    assert workspace.deliveries.frame().empty
    assert workspace.deliveries.replay() == 0


@ONE_DATABASE
def test_parked_tells_of_an_absent_plugin_stay_parked(listening, workspace_folder):
    def fail(_event, _workspace):
        raise RuntimeError

    register(listening(fail))
    without = open_workspace(workspace_folder, actor="ada", host=PluginHost(discover=False))

    assert without.deliveries.replay() == 0

    assert len(without.deliveries.frame()) == 1
    without.close()


def test_a_listener_may_act_and_what_it_does_is_told_in_turn(listening):
    told = []

    def revise_once(event, workspace):
        told.append((event.type, event.actor))
        if event.type == REGISTERED:
            workspace.inventory.revise(event.system_id, supplier="ACME")

    workspace = listening(revise_once)
    register(workspace)

    assert told == [(REGISTERED, "olga"), (REVISED, "plugin:tell0")]
    assert workspace.inventory.get("ticket-triage").supplier == "ACME"
    assert workspace.audit.verify().intact


@ONE_DATABASE
def test_two_listeners_that_answer_each_other_hold_nobody_for_ever(listening, monkeypatch):
    monkeypatch.setattr(delivery, "_AT_ONCE", 15)
    calls = []

    def answer(event, workspace):
        calls.append(event.sequence)
        workspace.inventory.revise(event.system_id, supplier=f"supplier {len(calls)}")

    workspace = listening(answer, answer)
    register(workspace)

    assert 15 <= len(calls) <= 60
    assert outbox(workspace, REVISED) > 0


def test_what_was_not_told_because_of_a_crash_is_told_with_the_next_act(listening):
    told = []

    def crash_first(event, _):
        told.append(event.event_id)
        if len(told) == 1:
            raise KeyboardInterrupt

    workspace = listening(crash_first)
    with pytest.raises(KeyboardInterrupt):
        register(workspace)
    register(workspace, "next")

    assert told[0] == told[1]
    assert len(told) == 3
    assert workspace.inventory.get("ticket-triage").revision == 1


@ONE_DATABASE
def test_an_act_that_was_done_stays_done_when_another_process_told_first(listening):
    workspace = listening(lambda event, ws: _book_as_another_process(ws, event))

    system = register(workspace)

    assert system.revision == 1
    assert workspace.deliveries.frame().empty
    assert outbox(workspace, REGISTERED) == 0


def _book_as_another_process(workspace, event):
    with workspace._desk.store.keeping_books() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO aims_delivery (event_id, listener, version, status, attempts, error, at) "
                "VALUES (:event, 'tell0.listener', '', 'delivered', 1, '', '')"
            ),
            {"event": event.event_id},
        )


@ONE_DATABASE
def test_what_nobody_listens_to_is_forgotten_when_a_workspace_is_opened(listening, monkeypatch):
    monkeypatch.setattr(delivery, "_FORGOTTEN_AT_ONCE", 1)
    register(listening())

    workspace = listening(lambda *_: None, events=(REVISED,))

    assert outbox(workspace, REGISTERED, REVISED) == 0


class Broken:
    @hookimpl
    def aims_on_event(self):
        raise RuntimeError("half an upgrade")


@ONE_DATABASE
def test_what_happens_while_a_plugin_is_broken_is_told_when_it_works_again(listening, monkeypatch):
    monkeypatch.setattr(delivery, "_FORGOTTEN_AT_ONCE", 1)
    register(listening(broken=Broken()))
    listening(broken=Broken())
    told = []

    workspace = listening(lambda event, _: told.append(event.system_id))
    register(workspace, "next")

    assert told == ["ticket-triage", "next"]


@ONE_DATABASE
def test_delivery_is_no_act_and_leaves_nothing_in_the_trail(listening):
    workspace = listening(lambda *_: None)
    before = workspace.audit.head()[0]

    register(workspace)

    assert workspace.audit.head()[0] == before + 1
