"""A writer whose files may not grow beyond a size, as on a full disk; tells what came of it as JSON."""

import json
import resource
import sys

from answering import answering_host

from aims_core import WorkspaceError, open_workspace
from aims_core.testing.fixtures import TICKET_TRIAGE

folder, limit = sys.argv[1], int(sys.argv[2])
workspace = open_workspace(folder, actor="olga", host=answering_host())
told = {"done": 0, "refused": 0, "unplain": []}
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
for number in range(2_000):
    try:
        workspace.inventory.register(f"s{number}", **{**TICKET_TRIAGE, "intended_use": "x" * 2_000})
        told["done"] += 1
    except WorkspaceError:
        told["refused"] += 1
    except Exception as error:  # noqa: BLE001 - whatever else it meets is the finding
        told["unplain"].append(f"{type(error).__name__}: {error}")
        told["refused"] += 1
    if told["refused"] >= 5:
        break
told["readable"] = workspace.inventory.find()[1] == told["done"]
sys.stdout.write(json.dumps(told))
