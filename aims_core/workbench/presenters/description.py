"""Describing a system: the fields people fill in, to register it or to correct what is on record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import traitlets

from aims_core.errors import InvalidRecord
from aims_core.records import AISystem, Problem
from aims_core.terms import Origin, RiskCategory
from aims_core.workbench.presenters.words import TIERS, person, plain, signed
from aims_core.workbench.state import WorkbenchState


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form: its name on record, its title, and what belongs there."""

    name: str
    title: str
    hint: str = ""
    required: bool = False
    long: bool = False
    options: tuple[tuple[str, str], ...] = ()


_CHOOSE = ("choose", "")
_ORIGINS = (_CHOOSE, *((plain(o), str(o)) for o in Origin))
_CATEGORIES = (_CHOOSE, *((signed(TIERS, c), str(c)) for c in RiskCategory))
IDENTIFIER = Field("system_id", "Identifier", "chosen by you, such as ticket-triage", required=True)
DESCRIBED = (
    Field("name", "Name", "what people call it", required=True),
    Field("use_case", "Use case", "what it is used for", required=True, long=True),
    Field("owner", "Owner", "id of the person who answers for it", required=True),
    Field("origin", "Origin", required=True, options=_ORIGINS),
    # No category is chosen beforehand, so that none is declared by not looking.
    Field("declared_risk_category", "Declared risk", required=True, options=_CATEGORIES),
    Field("unit", "Unit", "department or agency"),
    Field("supplier", "Supplier", "who provides it, when it is not yours"),
    Field("intended_use", "Intended use", "for what, and by whom, it may be used", long=True),
    Field("human_oversight", "Human oversight", "who watches over it, and how", long=True),
    Field("incident_contact", "Incident contact", "whom to tell when something goes wrong"),
)


class Description(traitlets.HasTraits):
    """A description being written; on a problem nothing is saved and every field says why.

    Attributes
    ----------
    problems : dict
        Field to what is wrong with it and what would help.
    """

    problems: Any = traitlets.Dict()
    fields: tuple[Field, ...] = DESCRIBED
    button = "Save"

    def __init__(self, state: WorkbenchState) -> None:
        super().__init__()
        self._state = state

    def initial(self) -> dict[str, str]:
        """Return what stands in the fields at first."""
        return dict.fromkeys((field.name for field in self.fields), "")

    def people(self) -> list[str]:
        """Return the ids of the people who can own a system."""
        return [p.actor_id for p in self._state.workspace.staffing.people()]

    def send(self, values: Mapping[str, str]) -> None:
        """Save what was entered.

        Raises
        ------
        AimsError
            It was not saved; `problems` says what to change where fields are to blame.
        """
        self.problems = {}
        try:
            self._save({name: value.strip() for name, value in values.items()})
        except InvalidRecord as error:
            self.problems = {p.field: _spoken(p) for p in error.problems}
            raise

    def _save(self, values: dict[str, str]) -> None:
        raise NotImplementedError


class Registration(Description):
    """Puts a system on the register."""

    fields = (IDENTIFIER, *DESCRIBED)
    button = "Register"

    def _save(self, values: dict[str, str]) -> None:
        given: dict[str, Any] = dict(values)
        made = self._state.workspace.inventory.register(given.pop("system_id"), **given)
        self._state.changed()
        self._state.show_system(made.system_id)
        self._state.say(f"{made.system_id} is registered; it starts in {plain(made.stage)}", "ok")


class Correction(Description):
    """Changes the selected system's description, if nobody else did so meanwhile."""

    button = "Save the correction"

    def __init__(self, state: WorkbenchState) -> None:
        super().__init__(state)
        self._seen: AISystem | None = None

    def initial(self) -> dict[str, str]:
        """Return the description on record."""
        self._seen = self._state.workspace.inventory.get(self._state.system_id)
        return {field.name: str(getattr(self._seen, field.name)) for field in self.fields}

    def _save(self, values: dict[str, str]) -> None:
        if self._seen is None:
            return
        changes = {n: v for n, v in values.items() if v != str(getattr(self._seen, n))}
        if not changes:
            self._state.say("Nothing was changed, so nothing was saved.")
            return
        made = self._state.workspace.inventory.revise(
            self._seen.system_id, expected_revision=self._seen.revision, **changes
        )
        self._state.changed()
        words = f"{made.system_id} is at revision {made.revision}; approval: {made.approval_state}"
        self._state.say(words, "ok")


def _spoken(problem: Problem) -> str:
    remedy = problem.remedy
    return f"{problem.reason}. {remedy[:1].upper()}{remedy[1:]}".strip()


def owner_words(state: WorkbenchState, owner: str) -> str:
    """Return the owner with the name, where the owner is a person on record."""
    known = {p.actor_id: p for p in state.workspace.staffing.people()}
    return person(known[owner]) if owner in known else owner
