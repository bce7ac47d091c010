"""Forks writers that write without end and say on stdout what was acknowledged; made to be killed.

Each line on stdin is a name: a writer of this name is forked, tells its process id, and works until it is
killed. What it said is closed by a line ``end``.
"""

import os
import sys
from itertools import count

from answering import answering_host

from aims_core import open_workspace
from aims_core.testing.fixtures import TICKET_TRIAGE

folder = sys.argv[1]


def say(*words):
    # One write for one line: a killed writer leaves whole lines, or none.
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def write(name):
    workspace = open_workspace(folder, actor="ada", host=answering_host())
    olga, carl = workspace.act_as("olga"), workspace.act_as("carl")
    say("writing", os.getpid())
    for number in count():
        system_id = f"{name}-{number}"
        olga.inventory.register(system_id, **TICKET_TRIAGE)
        say("registered", system_id)
        olga.inventory.revise(system_id, name=f"Name {number}")
        say("revised", system_id)
        olga.evidence.add(system_id, "validation", "Found", text=f"All is well with {system_id}.")
        say("evidenced", system_id)
        request = olga.approvals.request(system_id, "start_development")
        say("requested", system_id)
        carl.approvals.decide(request.approval_id, "approve")
        say("decided", system_id)


# What every writer needs is imported once, before the first is forked.
open_workspace(folder, actor="ada", host=answering_host()).close()
say("ready")
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        try:
            write(line.strip())
        except BaseException as error:  # noqa: BLE001 - it is told, and the writer ends
            say("failed", type(error).__name__, error)
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    say("end")
