"""Somebody who presses Stop again and again while reading; tells what came of it as JSON."""

import json
import os
import random
import signal
import sys
import threading
import time

from answering import answering_host

from aims_core import open_workspace

folder, wanted = sys.argv[1], int(sys.argv[2])
workspace = open_workspace(folder, actor="ada", host=answering_host())
pool = workspace._desk.store.engine.pool
told = {"signals": 0, "stopped": 0, "connections_left": 0, "failed": []}
armed, chance = threading.Event(), random.Random(3)  # noqa: S311 - moments, not secrets


def stop(_number, _frame):
    if armed.is_set():
        armed.clear()
        raise KeyboardInterrupt


def press():
    while told["signals"] < wanted:
        armed.wait()
        time.sleep(chance.random() * 0.006)
        if armed.is_set():
            told["signals"] += 1
            os.kill(os.getpid(), signal.SIGINT)


def read():
    try:
        try:
            armed.set()
            # As often as it takes for Stop to be pressed in between, not after.
            while armed.is_set():
                workspace.inventory.find()
                workspace.staffing.people()
        except Exception as error:  # noqa: BLE001 - whatever else it meets is the finding
            armed.clear()
            told["failed"].append(f"{type(error).__name__}: {error}")
    except KeyboardInterrupt:
        armed.clear()
        told["stopped"] += 1


signal.signal(signal.SIGINT, stop)
thread = threading.Thread(target=press, daemon=True)
thread.start()
while thread.is_alive():
    read()
    told["connections_left"] += pool.checkedout()
workspace.staffing.add("after", "Somebody")
workspace.close()
sys.stdout.write(json.dumps(told))
