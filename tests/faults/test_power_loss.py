"""The power fails at any moment: what was acknowledged is there, and nothing is half there."""

import random
from collections import Counter

import pytest
import sqlalchemy as sa

from aims_core import audit
from aims_core.db.engine import make_engine
from aims_core.recovery.sqlite_copy import copy_out
from aims_core.testing.fixtures import TICKET_TRIAGE

power = pytest.importorskip("power", reason="apsw is not installed")
pytestmark = pytest.mark.parametrize("aims_database", ["sqlite"])


def live(workspace):
    """Do what people do, and yield after each act how many events there are."""
    olga, ines = workspace.act_as("olga"), workspace.act_as("ines")
    for number in range(12):
        name = f"system-{number}"
        olga.inventory.register(name, **TICKET_TRIAGE)
        yield
        olga.inventory.revise(name, intended_use=f"Use {number}. " * 40)
        yield
        request = olga.approvals.request(name, "start_development")
        yield
        if number % 3:
            workspace.act_as("carl").approvals.decide(
                request.approval_id, "refuse", reason="Not now."
            )
            yield
        workspace.staffing.add(f"person-{number}", "Person")
        yield
        ines.inventory.revise(name, name=f"Name {number}", attributes={"words": "word " * 300})
        yield


@pytest.fixture
def recorded(workspace, workspace_folder, tmp_path):
    """Give the way to record a life in a journal mode; returns the recording and the file it began with."""
    source = tmp_path / "before.db"

    def run(mode, synchronous=None):
        engine = workspace._desk.store.engine
        copy_out(workspace_folder / "aims.db", source)
        statements, events = power.Statements(engine), []
        for _ in live(workspace):
            with engine.connect() as reader:
                events.append(reader.execute(sa.text("SELECT count(*) FROM aims_event")).scalar())
            statements.done(events[-1])
        told = statements.told[:]
        return power.record(told, source, tmp_path / "recorded", mode, synchronous), source

    return run


def found(folder):
    """Return how many whole events a database holds after a power cut, or what is wrong with it."""
    engine = make_engine(f"sqlite:///{folder / 'x.db'}")
    try:
        with engine.connect() as connection:
            if connection.exec_driver_sql("PRAGMA integrity_check").scalar() != "ok":
                return "corrupt"
            if connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                return "torn"
            verified = audit.verify(connection)
            revised = "SELECT count(*) FROM aims_event WHERE type IN ({})".format(
                "'core.SystemRegistered', 'core.SystemRevised'"
            )
            whole = connection.exec_driver_sql(revised).scalar() == (
                connection.exec_driver_sql("SELECT count(*) FROM aims_system_revision").scalar()
            )
    except Exception:  # noqa: BLE001 - whatever a reader meets after a power cut counts against us
        return "corrupt"
    finally:
        engine.dispose()
    return verified.events if verified.intact and whole else "torn"


def outcomes(recording, source, wanted, seed, folder):
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    discs, counted = power.Discs(recording, source), Counter()
    for point in power.points(recording, wanted, chance):
        discs.image(point, chance, folder)
        events = found(folder)
        if isinstance(events, int):
            events = "kept" if events >= recording.acknowledged(point) else "lost"
        counted[events] += 1
    return counted


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["wal", "truncate"])
def test_a_power_cut_at_any_moment_loses_nothing_acknowledged(
    recorded, rounds, tmp_path, mode, figure
):
    wanted = rounds(50, 1_000)
    recording, source = recorded(mode)

    counted = outcomes(recording, source, wanted, 5, tmp_path / "cut")

    figure(f"sqlite, {mode}: power cuts", wanted)
    figure(f"sqlite, {mode}: discs with a loss, torn or corrupt", wanted - counted["kept"])
    assert counted == {"kept": wanted}


@pytest.mark.slow
def test_the_simulation_finds_losses_where_nothing_is_synced(recorded, tmp_path):
    recording, source = recorded("wal", synchronous="NORMAL")

    assert outcomes(recording, source, 40, 5, tmp_path / "cut")["lost"] > 0
