"""What a report is pinned to: a checkpoint that covers what it says, or plainly the trail's head only."""

from datetime import datetime

from aims_core import NotPermitted, RecordNotFound, ReportPin, Workspace, WorkspaceError, moment

_ACT = "make a checkpoint for a report"


def pin_now(workspace: Workspace) -> ReportPin:
    """Make a checkpoint where the key is here and the actor may, and return the pin to it.

    Otherwise nothing is written, and the pin says why there is no checkpoint.

    Notes
    -----
    Writes ``CheckpointMade`` and ``CheckpointAnchored``; where nothing happened since the newest
    checkpoint, the report is pinned to that one.
    """
    key = workspace.audit.keys.status()
    if key is None:
        return ReportPin(reason="this trail has no checkpoint key; `aims audit key` makes one")
    if not key.here:
        return ReportPin(reason="the checkpoint key is not on this machine")
    try:
        with workspace.reading() as tx:
            tx.require("checkpoint", _ACT)
        made = workspace.audit.checkpoint()
    except (NotPermitted, WorkspaceError) as error:
        return ReportPin(reason=str(error))
    return ReportPin(checkpoint=made.number, size=made.size, root=made.root, at=made.made_at)


def pin_of(workspace: Workspace, number: int) -> ReportPin:
    """Return the pin to a checkpoint that was made before.

    Raises
    ------
    RecordNotFound
        There is no checkpoint of this number.
    """
    for made in workspace.audit.checkpoints():
        if made.number == number:
            return ReportPin(checkpoint=number, size=made.size, root=made.root, at=made.made_at)
    raise RecordNotFound("checkpoint", str(number))


def time_of(workspace: Workspace, as_of: int | None) -> datetime:
    """Return the time of a checkpoint by its number; None is now."""
    with workspace.reading() as tx:
        return moment(tx.connection, as_of, tx.now) or tx.now
