"""Rules of separation of duties: their breaches as of a day, and the exceptions to them."""

from datetime import date
from typing import Any

from aims_core.frames import TEXT, TIME, fixed_frame
from aims_core.rules import in_force_on, load_rules
from aims_core.workbench.presenters.cards import Act, Card, Self, chosen_day
from aims_core.workbench.presenters.decisions import exception_facts
from aims_core.workbench.presenters.words import counted
from aims_core.workbench.state import WorkbenchState

_BREACHES = {
    "rule": TEXT,
    "when": TIME,
    "system": TEXT,
    "who": TEXT,
    "what": TEXT,
    "exception": TEXT,
}
_RULES = {"rule": TEXT, "says": TEXT, "enforced_by": TEXT, "exceptions": TEXT}


class Rules:
    """What was done against the rules, and what is allowed all the same."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state

    def breaches(self, day: date | None, *, covered: bool) -> tuple[str, Any]:
        """Return a summary and the breaches of the rules as of the end of a day, newest first.

        Parameters
        ----------
        day : date, optional
            In UTC; now when omitted.
        covered : bool
            Also those that an exception covered.
        """
        found = self._state.workspace.separation.breaches(as_of=day)
        open_ones = [b for b in found if not b.exception]
        said = counted(len(open_ones), "breach", "breaches")
        words = f"{said} without an exception, {len(found) - len(open_ones)} covered by one."
        rows = [
            {
                "rule": b.rule,
                "when": b.at,
                "system": b.system_id,
                "who": ", ".join(b.persons),
                "what": b.what,
                "exception": b.exception,
            }
            for b in reversed(found if covered else open_ones)
        ]
        return words, fixed_frame(rows, _BREACHES)

    def exceptions(self) -> list[Card]:
        """Return the exceptions in force; who recorded one, or may approve them, can end it."""
        workspace = self._state.workspace
        one = Self(self._state)
        return [
            Card(
                title=f"{e.rule} may be broken",
                facts=(*exception_facts(e), ("Approved by", e.approved_by)),
                acts=(
                    (self._end(e.exception_id),)
                    if one.is_person(e.recorded_by) or one.may("approve_exceptions")
                    else ()
                ),
            )
            for e in workspace.separation.recorded()
            if in_force_on(e, workspace.now()) and e.ended_at is None
        ]

    def table(self) -> Any:
        """Return the rules as a DataFrame."""
        rows = [
            {
                "rule": rule.id,
                "says": rule.title,
                "enforced_by": rule.enforced_by,
                "exceptions": "can be recorded" if rule.exceptable else "none",
            }
            for rule in load_rules()
        ]
        return fixed_frame(rows, _RULES)

    def choices(self) -> list[tuple[str, str]]:
        """Return (words, id) of the rules that have exceptions."""
        return [(f"{r.id}: {r.title}", r.id) for r in load_rules() if r.exceptable]

    def record(
        self, rule: str, reason: str, control: str, until: date | None, *, only_system: bool
    ) -> None:
        """Put an exception on record, for the selected system or the whole organisation."""
        made = self._state.workspace.separation.record_exception(
            rule,
            reason=reason,
            compensating_control=control,
            expires_on=chosen_day(until, f"record an exception to {rule}"),
            system_id=self._state.system_id if only_system else "",
        )
        self._state.changed()
        self._state.say(
            f"The exception to {made.rule} is on record; it holds once somebody else approves it "
            "in Decisions",
            "ok",
        )

    def _end(self, exception_id: str) -> Act:
        def end(reason: str) -> str:
            separation = self._state.workspace.separation
            made = separation.end_exception(exception_id, reason=reason)
            return f"The exception to {made.rule} is ended"

        return Act("End", end, "danger")
