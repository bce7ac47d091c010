"""Somebody who presses Stop again and again while writing; tells what came of it as JSON."""

import json
import os
import random
import signal
import sys
import threading
import time

import sqlalchemy as sa

from aims_core import InterruptedAfterCommit, PluginHost, open_workspace
from aims_core.db.engine import sqlite_file

folder, wanted, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
workspace = open_workspace(folder, actor="ada", host=PluginHost(discover=False))
engine = workspace._desk.store.engine
file = sqlite_file(engine.url)
told = {
    "untold": 0,
    "wrong": 0,
    "signals": 0,
    "committed": 0,
    "stopped": 0,
    "undisturbed": 0,
    "locks_left": 0,
}
armed, rest = threading.Event(), threading.Event()
chance = random.Random(seed)  # noqa: S311 - moments, not secrets


def stop(_number, _frame):
    """Interrupt as Python does, but only while an act is under way, and once for each."""
    if armed.is_set():
        armed.clear()
        raise KeyboardInterrupt


def press():
    while told["signals"] < wanted:
        rest.wait()
        time.sleep(chance.random() * 0.004)
        if armed.is_set():
            told["signals"] += 1
            os.kill(os.getpid(), signal.SIGINT)
            rest.clear()


def locks_left():
    """Count what still holds on to the database when nobody works on it."""
    if file is None:
        with engine.connect() as connection:
            query = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
            )
            return connection.execute(sa.text(query)).scalar()
    import fcntl

    ticket = os.open(f"{file}.ticket", os.O_RDWR)
    try:
        fcntl.flock(ticket, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 1
    finally:
        os.close(ticket)
    other = engine.dialect.dbapi.connect(str(file), isolation_level=None, timeout=0)
    try:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    except Exception as error:
        if "locked" not in str(error):
            raise
        return 1
    finally:
        other.close()
    return 0


def added(number):
    with engine.connect() as connection:
        query = sa.text("SELECT count(*) FROM aims_actor WHERE actor_id = :name")
        return bool(connection.execute(query, {"name": f"somebody-{number}"}).scalar())


def act(name):
    """Add an actor; say how it ended for the one who asked."""
    try:
        try:
            armed.set()
            rest.set()
            workspace.staffing.add(name, "Somebody")
            armed.clear()
        except InterruptedAfterCommit as interrupt:
            armed.clear()
            told["wrong"] += [e.actor for e in interrupt.events] != [name]
            return "committed"
    except KeyboardInterrupt:
        armed.clear()
        return "stopped"
    return "undisturbed"


signal.signal(signal.SIGINT, stop)
thread = threading.Thread(target=press, daemon=True)
thread.start()
number = 0
while thread.is_alive():
    number += 1
    ended = act(f"somebody-{number}")
    told[ended] += 1
    told["wrong"] += signal.getsignal(signal.SIGINT) is not stop
    told["locks_left"] += locks_left()
    told["wrong"] += ended == "committed" and not added(number)
    told["untold"] += ended == "stopped" and added(number)
told["acts"] = number
told["intact"] = workspace.audit.verify().intact
with engine.connect() as connection:
    rows = connection.execute(sa.text("SELECT count(*) FROM aims_actor WHERE name = 'Somebody'"))
    told["rows"] = rows.scalar()
    events = "SELECT count(*) FROM aims_event WHERE type = 'core.ActorAdded' AND payload LIKE '%somebody-%'"
    told["events"] = connection.execute(sa.text(events)).scalar()
workspace.close()
sys.stdout.write(json.dumps(told))
