"""The periodic review of the selected system: when it is due, those done, and one more."""

from aims_core.records import AISystem
from aims_core.terms import ReviewOutcome
from aims_core.workbench.presenters.words import plain
from aims_core.workbench.state import WorkbenchState


class SystemReviews:
    """Reviews that people do of a system that runs."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state

    def runs(self, system: AISystem) -> bool:
        """Say whether the system is in a stage that is reviewed."""
        return system.stage in self._state.workspace.reviews.schedule().stages

    def rows(self, system: AISystem) -> list[tuple[str, str]]:
        """Return when the system is to be reviewed, and the reviews on record, newest first."""
        reviews = self._state.workspace.reviews
        rows = []
        if (found := reviews.date(system.system_id)) is not None:
            late = ", overdue" if found.overdue else ""
            rows.append(("Next review", f"{found.due_on}{late}; every {found.months} months"))
        rows += [
            (
                f"{review.reviewed_at:%Y-%m-%d}",
                f"{plain(str(review.outcome))}, by {review.reviewed_by}: {review.note}",
            )
            for review in reviews.completed(system.system_id)
        ]
        return rows

    def outcomes(self) -> list[tuple[str, str]]:
        """Return (words, name) of what a review may come out as."""
        return [(plain(str(outcome)).capitalize(), str(outcome)) for outcome in ReviewOutcome]

    def complete(self, outcome: str, note: str) -> None:
        """Put a review of the selected system on record."""
        reviews = self._state.workspace.reviews
        made = reviews.complete(self._state.system_id, outcome=outcome, note=note)
        self._state.reviewed += 1
        self._state.changed()
        words = f"The review of {made.system_id} is on record: {plain(str(made.outcome))}"
        self._state.say(words, "ok")
