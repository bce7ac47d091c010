"""A card: one thing to decide or to end, the facts to do it by, and what may be done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from aims_core.errors import InvalidRecord
from aims_core.records import Problem
from aims_core.roles import allows
from aims_core.terms import ActorKind
from aims_core.workbench.state import WorkbenchState


@dataclass(frozen=True, slots=True)
class Act:
    """A button of a card: `run` gets the reason that was typed and returns what to say when it is done."""

    label: str
    run: Callable[[str], str]
    style: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One thing in words. `hint` says beforehand why the one who acts may not decide, if so."""

    title: str
    facts: tuple[tuple[str, str], ...]
    acts: tuple[Act, ...] = ()
    hint: str = ""


class Self:
    """Who acts, as the person behind the account, and what they may do; read once for a drawing."""

    def __init__(self, state: WorkbenchState) -> None:
        workspace = state.workspace
        self.actor = workspace.actor
        self._grants = workspace.staffing.roles_of(self.actor.actor_id)
        self._persons = {p.actor_id: p.person for p in workspace.staffing.people()}

    def is_person(self, actor_id: str) -> bool:
        """Say whether an account is one of the person who acts."""
        return self._persons.get(actor_id, actor_id) == self.actor.person

    def may(self, permission: str, *, system_id: str = "", unit: str = "") -> bool:
        """Say whether a role of the actor allows an act."""
        return allows(self._grants, permission, system_id=system_id, unit=unit)

    def barred(self, proposed_by: str, *, allowed: bool, by: str) -> str:
        """Say why the actor cannot be the second person, or nothing where they can."""
        if self.actor.kind is not ActorKind.PERSON:
            return "Software does not decide; a person does."
        if self.is_person(proposed_by):
            return "You proposed this, so somebody else decides. You may take it back."
        return "" if allowed else f"It takes {by} to decide; you are none here."


def chosen_day(day: date | None, asked: str) -> date:
    """Return a day that was chosen.

    Raises
    ------
    InvalidRecord
        None was.
    """
    if day is None:
        problem = Problem(field="until", reason="is empty", remedy="choose the last day")
        raise InvalidRecord(asked, [problem])
    return day


def done(state: WorkbenchState, act: Callable[[str], str], reason: str) -> None:
    """Do what a button stands for, and say so."""
    words = act(reason)
    state.changed()
    state.say(words, "ok")
