"""Checkpoints of the audit trail: the newest with its age, one more, and whether the trail holds."""

from typing import Any

from aims_core.frames import TEXT, TIME, WHOLE, fixed_frame
from aims_core.records import Checkpoint
from aims_core.workbench.presenters.words import ago, counted
from aims_core.workbench.state import WorkbenchState

_COLUMNS = {"number": WHOLE, "made": TIME, "by": TEXT, "events": WHOLE, "kept_at": TEXT}


class TrailPage:
    """What an auditor asks first: whether the trail is whole, and who outside could tell."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state

    def newest(self) -> list[tuple[str, str]]:
        """Return the facts of the newest checkpoint; none before there is one."""
        made = self._state.workspace.audit.newest_checkpoint()
        if made is None:
            return []
        return [
            ("Number", str(made.number)),
            ("Age", f"{ago(made.made_at, self._state.workspace.now())}, by {made.made_by}"),
            ("Covers", counted(made.size, "event")),
            ("Kept at", _kept(made)),
        ]

    def table(self) -> Any:
        """Return every checkpoint as a DataFrame, newest first."""
        rows = [
            {
                "number": c.number,
                "made": c.made_at,
                "by": c.made_by,
                "events": c.size,
                "kept_at": _kept(c),
            }
            for c in reversed(self._state.workspace.audit.checkpoints())
        ]
        return fixed_frame(rows, _COLUMNS)

    def make(self, passphrase: str) -> None:
        """Sign the trail as it stands."""
        made = self._state.workspace.audit.checkpoint(passphrase)
        failed = [a for a in made.anchored if not a.kept]
        words = f"Checkpoint {made.number} covers {counted(made.size, 'event')}. {_kept(made)}"
        self._state.changed()
        self._state.say(words, "error" if failed else "ok")

    def verify(self, kept: str) -> list[tuple[str, str]]:
        """Recompute the trail, against a checkpoint kept elsewhere if given, and return what was found."""
        texts = [kept.strip() + "\n"] if kept.strip() else []
        outcome = self._state.workspace.audit.verify(checkpoints=texts)
        if outcome.intact:
            words = f"The audit trail is intact: {counted(outcome.events, 'event')}."
            if not texts:
                words += (
                    " Only a checkpoint kept outside this machine shows that it was not rewritten "
                    "whole: paste one to be sure."
                )
        else:
            words = f"The audit trail does not hold: {counted(len(outcome.faults), 'fault')}."
        self._state.say(words, "ok" if outcome.intact else "error")
        return [
            ("Result", words),
            ("Head", outcome.head),
            *(("Fault", fault) for fault in outcome.faults),
            *(("Note", remark) for remark in outcome.remarks),
        ]


def _kept(checkpoint: Checkpoint) -> str:
    if not checkpoint.anchored:
        return "In this database only: no place outside is set up ([audit] anchors in aims.toml)."
    said = [
        f"{a.anchor}: {a.location or 'kept'}" if a.kept else f"{a.anchor} FAILED: {a.error}"
        for a in checkpoint.anchored
    ]
    return "; ".join(said)
