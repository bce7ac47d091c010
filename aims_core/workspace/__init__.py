"""The one object a notebook holds, how it is made and opened, and what it stands on."""

from aims_core.workspace.opening import create_workspace, open_workspace
from aims_core.workspace.schema import migrator
from aims_core.workspace.workspace import Workspace

__all__ = ["Workspace", "create_workspace", "migrator", "open_workspace"]
