"""Backups of a workspace, verified before they count as done, and restores, which are never silent."""

from aims_core.recovery.backing_up import Backup, back_up
from aims_core.recovery.checking import check_backup
from aims_core.recovery.drilling import Drill, drill
from aims_core.recovery.manifest import Manifest
from aims_core.recovery.moving import Copied, copy_database
from aims_core.recovery.restoring import Restored, restore

__all__ = [
    "Backup",
    "Copied",
    "Drill",
    "Manifest",
    "Restored",
    "back_up",
    "check_backup",
    "copy_database",
    "drill",
    "restore",
]
