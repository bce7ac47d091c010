"""Eight processes that decide on the same requests, each at the same moment; tells the outcomes as JSON.

Reads a list of request ids from stdin; answers with a list, for each request, of the eight outcomes.
"""

import json
import multiprocessing
import sys

from answering import answering_host

from aims_core import RequestRefused, open_workspace

folder, voters = sys.argv[1], sys.argv[2:]
requests = json.load(sys.stdin)
_fork = multiprocessing.get_context("fork")
barrier, said = _fork.Barrier(len(voters)), _fork.Queue()


def decide(workspace, approval_id):
    try:
        return str(workspace.approvals.decide(approval_id, "approve").status), ""
    except RequestRefused as refusal:
        return "told", str(refusal)
    except Exception as error:  # noqa: BLE001 - whatever else a loser meets is the finding
        return "failed", f"{type(error).__name__}: {error}"


def race(actor):
    workspace = open_workspace(folder, actor=actor, host=answering_host())
    outcomes = []
    for approval_id in requests:
        barrier.wait()
        outcomes.append(decide(workspace, approval_id))
    workspace.close()
    said.put(outcomes)


open_workspace(folder, actor=voters[0], host=answering_host()).close()
racers = [_fork.Process(target=race, args=(voter,)) for voter in voters]
for racer in racers:
    racer.start()
told = [said.get() for _ in racers]
for racer in racers:
    racer.join()
json.dump(list(zip(*told, strict=True)), sys.stdout)
