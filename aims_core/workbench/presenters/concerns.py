"""Concerns that reach the one who acts: raised, heard and answered. Their words are read one at a time."""

from collections.abc import Collection
from dataclasses import dataclass

from aims_core.concerns import Concern
from aims_core.terms import ActorKind
from aims_core.workbench.presenters.words import cell, person
from aims_core.workbench.state import WorkbenchState


@dataclass(frozen=True, slots=True)
class Reached:
    """A concern of which is known that it is there: since when, about which system, whether answered."""

    concern_id: str
    title: str
    facts: tuple[tuple[str, str], ...]
    own: bool
    answered: bool


class ConcernsPage:
    """What people worry about, as far as it is for the one who acts to know."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state

    def reached(self) -> list[Reached]:
        """Return the concerns that reach the actor, newest first, without their words."""
        frame = self._state.workspace.concerns.frame()
        return [
            Reached(
                concern_id=row["concern_id"],
                title=f"Concern about {row['system_id']}" if row["system_id"] else "Concern",
                facts=(
                    (
                        "Raised",
                        cell(row["raised_at"]) + (", by you" if row["own"] == "yes" else ""),
                    ),
                    (
                        "Answered",
                        "not yet" if cell(row["answered_at"]) == "-" else cell(row["answered_at"]),
                    ),
                ),
                own=row["own"] == "yes",
                answered=cell(row["answered_at"]) != "-",
            )
            for row in frame.to_dict("records")
        ]

    def people(self) -> list[tuple[str, str]]:
        """Return (name, id) of everybody a concern may be about but oneself."""
        workspace = self._state.workspace
        return [
            (person(p), p.actor_id)
            for p in workspace.staffing.people()
            if p.kind is ActorKind.PERSON and p.person != workspace.actor.person
        ]

    def raise_one(self, text: str, about: Collection[str], *, about_system: bool) -> None:
        """Put a concern on record."""
        made = self._state.workspace.concerns.raise_concern(
            text, about=about, system_id=self._state.system_id if about_system else ""
        )
        self._state.changed()
        self._state.say(
            f"Your concern {made.concern_id} is on record. It reaches who hears concerns and never "
            "whom it concerns; the answer will stand here",
            "ok",
        )

    def read(self, concern_id: str) -> Concern:
        """Return the words of a concern; that somebody else read them is put on record."""
        return self._state.workspace.concerns.read(concern_id)

    def answer(self, concern_id: str, words: str) -> None:
        """Answer a concern; who raised it can read that."""
        self._state.workspace.concerns.answer(concern_id, words)
        self._state.changed()
        self._state.say(f"{concern_id} is answered; who raised it reads the answer here", "ok")
