"""What the whole workbench shares: the workspace and its actor, the selected system, the message line."""

import logging
import secrets
from collections.abc import Callable
from threading import RLock
from typing import Any

import traitlets

from aims_core.errors import AimsError
from aims_core.workspace import Workspace

_log = logging.getLogger("aims.workbench")


class WorkbenchState(traitlets.HasTraits):
    """Observable state without any widget, so that it is tested in milliseconds.

    Attributes
    ----------
    system_id : str
        The selected system, or empty.
    refresh : int
        Grows with every write and every change of actor; observe it to draw again.
    message, level : str
        What the status line says, and whether it is ``ok``, ``info`` or ``error``.
    """

    system_id = traitlets.Unicode("")
    refresh = traitlets.Int(0)
    message = traitlets.Unicode("")
    level = traitlets.Enum(["ok", "info", "error"], "info")

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        # ipykernel 7 runs observers on other threads than button clicks; one act at a time.
        self.lock = RLock()

    def select(self, system_id: str) -> None:
        """Make a system the selected one; every tab follows."""
        with self.lock:
            self.system_id = system_id

    def act_as(self, actor_id: str) -> None:
        """Go on as somebody else; nobody checks who you are.

        Raises
        ------
        RecordNotFound
            Nobody is known by this id.
        """
        with self.lock:
            self.workspace = self.workspace.act_as(actor_id)
            self.changed()

    def say(self, text: str, level: str = "info") -> None:
        """Put a message on the status line."""
        with self.lock:
            self.level = level
            self.message = ""
            self.message = text

    def changed(self) -> None:
        """Say that something was written, so that everything shown is read again."""
        with self.lock:
            self.refresh += 1

    def guarded(self, handler: Callable[..., Any]) -> Callable[..., None]:
        """Return a handler whose errors become messages instead of vanishing in the kernel."""

        def run(*arguments: Any) -> None:
            with self.lock:
                try:
                    handler(*arguments)
                except AimsError as error:
                    self.say(str(error), "error")
                except Exception:  # noqa: BLE001 - a handler may fail in any way; it becomes a message
                    reference = secrets.token_hex(3)
                    _log.exception("unexpected problem %s", reference)
                    self.say(
                        f"Unexpected problem; nothing was saved. Reference {reference}: "
                        "the details stand in the log of this notebook.",
                        "error",
                    )

        return run
