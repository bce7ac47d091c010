"""The restore drill: a backup is restored where it harms nobody, looked through, and thrown away."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from aims_core.errors import WorkspaceError
from aims_core.plugin_host import PluginHost
from aims_core.recovery.checking import check_backup
from aims_core.recovery.restoring import restore
from aims_core.workspace import open_workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class Drill:
    """How a drill ended: seconds it took, events and evidence found, and every `fault`."""

    seconds: float
    events: int
    evidence: int
    faults: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the backup can be relied on."""
        return not self.faults


def drill(
    backup: Path | str, *, actor: str, database: str = "", host: PluginHost | None = None
) -> Drill:
    """Restore a backup into a passing folder, verify trail and evidence there, and return what was found.

    Parameters
    ----------
    actor : str
        An administrator in the backup.
    database : str
        URL of an empty PostgreSQL database, for a backup of one; it keeps what was restored.

    Raises
    ------
    WorkspaceError
        The backup cannot be restored at all.
    """
    started, host = monotonic(), host or PluginHost()
    manifest = check_backup(backup)
    with tempfile.TemporaryDirectory(prefix="aims-drill-") as place:
        folder = Path(place) / "workspace"
        restore(backup, folder, actor=actor, database=database, host=host)
        workspace = open_workspace(folder, actor=actor, host=host)
        try:
            verified = workspace.audit.verify()
            evidence = workspace.evidence.verify()
            newest = workspace.audit.events(limit=1)[0]
            held = len(workspace.evidence.frame())
        finally:
            workspace.close()
    faults = [*verified.faults]
    missing = set(manifest.missing)
    wrong = evidence[(evidence.finding != "unreferenced") & ~evidence.digest.isin(missing)]
    faults += [f"evidence {row.evidence_id} is {row.finding}" for row in wrong.itertuples()]
    if newest.type != "core.WorkspaceRestored":
        raise WorkspaceError("the drill did not leave its event; this is a fault in aims")
    if verified.events != manifest.events + 1:
        faults.append(f"{verified.events - 1} events were restored of {manifest.events}")
    return Drill(
        seconds=monotonic() - started,
        events=manifest.events,
        evidence=held,
        faults=tuple(faults),
    )
