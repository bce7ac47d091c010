"""What the demo leaves to do: a request that waits for a decision, and a review that is overdue."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aims_core.errors import WorkspaceError
from aims_core.settings import FILE, replace_settings

if TYPE_CHECKING:
    from pathlib import Path

    from aims_core.cli.demonstration.narrator import Narrator
    from aims_core.workspace import Workspace

FIRST = "carl"
"""Who opens the workbench of the demo: something waits for him."""
OLD, ASKED = "meeting-transcripts", "Ask Complaints"
_LONG_AGO = timedelta(days=400)


class Clock:
    """Tells the time, set back until :meth:`forward`: nothing is overdue in a workspace made today."""

    def __init__(self) -> None:
        self._back = _LONG_AGO

    def __call__(self) -> datetime:
        """Return the time that is told."""
        return datetime.now(UTC) - self._back

    def forward(self) -> None:
        """Tell the time as it is from here on."""
        self._back = timedelta(0)


def enter_old(workspace: "Workspace", narrator: "Narrator", forward: Callable[[], None]) -> None:
    """Enter a system that ran already, long enough ago that its review is overdue now.

    Parameters
    ----------
    forward : callable
        Sets the clock of the workspace to now; called at the end.
    """
    workspace.act_as("ines").inventory.register(
        OLD,
        name="Meeting transcripts",
        use_case="Writes down what is said in meetings.",
        owner="olga",
        origin="third_party",
        declared_risk_category="limited",
        entry="legacy",
        stage="operation_and_monitoring",
        unit="Federal AI Office",
        supplier="An invented supplier",
        intended_use="Proposes a transcript; the chair corrects and signs it.",
        human_oversight="The chair reads every transcript before it is filed.",
        incident_contact="records@example.org",
    )
    narrator.did(
        f"{OLD} is entered as it ran already; the clock was set back {_LONG_AGO.days} days up to here, "
        "so that its review is overdue"
    )
    forward()


def run(workspace: "Workspace", narrator: "Narrator") -> None:
    """Ask for the next step of a real system, and leave the decision to whoever opens the workbench.

    Raises
    ------
    WorkspaceError
        The inventory does not hold the system.
    """
    found, _ = workspace.inventory.find(ASKED, stage="inception", limit=1)
    if not found:
        raise WorkspaceError(f"the inventory holds no system called {ASKED!r} in inception")
    system_id = found[0].system_id
    olga = workspace.act_as("olga")
    olga.inventory.revise(
        system_id,
        owner="olga",
        intended_use="Answers staff who ask what complaints say, with the complaints it rests on.",
        human_oversight="Staff read the complaints before they act on an answer.",
        incident_contact="complaints@example.org",
    )
    workspace.act_as("vera").risk.assess(
        system_id,
        likelihood=2,
        consequences={"individuals": 2, "organisation": 2},
        rationale="An answer may be wrong; staff see what it rests on.",
    )
    asked = olga.approvals.request(
        system_id, "start_development", reason="Staff wait hours for such answers today."
    )
    narrator.did(f"{system_id}: olga asks to start development ({asked.approval_id}); it waits")
    for due in workspace.reviews.due():
        late = "overdue since" if due.overdue else "due on"
        narrator.did(f"{due.system_id}: its periodic review is {late} {due.due_on}; it waits")
    narrator.did(f"{FIRST} of the committee can do both: the workbench opens as {FIRST}")


def open_as_first(folder: "Path", administrator: str) -> None:
    """Have the workspace open as somebody for whom something waits."""
    path = folder / FILE
    text, former = path.read_text(encoding="utf-8"), f'actor = "{administrator}"'
    replace_settings(folder, text.replace(former, f'actor = "{FIRST}"', 1))
