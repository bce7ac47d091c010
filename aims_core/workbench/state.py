"""What the whole workbench shares: who acts, the selected system, the tab shown, the message line."""

import logging
import secrets
from collections.abc import Callable
from threading import RLock
from typing import Any

import traitlets

from aims_core.errors import AimsError
from aims_core.workspace import Workspace

REGISTER, SYSTEM, DECISIONS, CONCERNS = "register", "system", "decisions", "concerns"
RULES, TRAIL = "rules", "trail"
"""Ids of the core's own tabs; the others go by the id of their panel."""

_log = logging.getLogger("aims.workbench")
_NOT_SAVED = "Unexpected problem; nothing was saved."
_NOT_SHOWN = "Something could not be shown; what was saved before stays saved."


class WorkbenchState(traitlets.HasTraits):
    """Observable state without any widget, so that it is tested in milliseconds.

    Attributes
    ----------
    system_id : str
        The selected system, or empty.
    tab : str
        The tab shown; setting it opens that tab.
    narrowed : dict
        What the register is narrowed to, such as ``{"tier": "high"}``.
    refresh : int
        Grows with every write and every change of actor; observe it to draw again.
    reviewed : int
        Grows with every periodic review that is completed here.
    message, level : str
        What the status line says, and whether it is ``ok``, ``info`` or ``error``.
    """

    system_id = traitlets.Unicode("")
    tab = traitlets.Unicode(REGISTER)
    narrowed: Any = traitlets.Dict()
    refresh = traitlets.Int(0)
    reviewed = traitlets.Int(0)
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

    def show_system(self, system_id: str, tab: str = SYSTEM) -> None:
        """Select a system and open a tab on it, also when it was selected before."""
        with self.lock:
            self.say("")
            self.select(system_id)
            self.tab = tab

    def act_as(self, actor_id: str) -> None:
        """Go on as somebody else; nobody checks who you are.

        Raises
        ------
        RecordNotFound
            Nobody is known by this id.
        """
        with self.lock:
            self.workspace = self.workspace.act_as(actor_id)
            # A refusal of the one before would read as a refusal of this one.
            self.say("")
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

    def guarded(
        self, handler: Callable[..., Any], unexpected: str = _NOT_SAVED
    ) -> Callable[..., None]:
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
                        f"{unexpected} Reference {reference}: "
                        "the details stand in the log of this notebook.",
                        "error",
                    )

        return run

    def observe_shown(
        self, handler: Callable[[Any], Any], names: str | list[str], tab: str = ""
    ) -> None:
        """Call `handler` when a trait changes; for a tab that is not shown, when it is opened.

        Tabs nobody looks at read nothing: an act costs what is on the screen, not what could be.
        """
        # By the time something is drawn the act is done: a failure must not say it was not saved.
        run = self.guarded(handler, _NOT_SHOWN)
        due: list[Any] = []

        def on_change(change: Any) -> None:
            with self.lock:
                if tab in {"", self.tab}:
                    run(change)
                else:
                    due[:] = [change]

        def on_tab(_change: Any) -> None:
            with self.lock:
                if self.tab == tab and due:
                    run(due.pop())

        self.observe(on_change, names=names)
        if tab:
            self.observe(on_tab, names="tab")
