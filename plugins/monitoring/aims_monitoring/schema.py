"""What the columns of a prediction log mean: the roles a person declares for them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from typing import Any

from aims_core import InvalidRecord, Problem

_MANY = ("feature", "group", "categorical")
_MOST_GROUPS = 5
TASKS = ("classification", "regression")
_LONGEST_NAME = 200


POSITIVE = "1"
"""The positive class where nobody names one; true is written so too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Schema:
    """Roles of the columns of a prediction log.

    Parameters
    ----------
    feature : tuple of str
        Inputs of the AI system; drift and missing values are measured on each.
    prediction, score : str
        The class that was predicted, and the probability of the positive class (0 to 1).
    label : str
        What turned out to be true; it may be absent from the log and come later, apart.
    time, id : str
        When the prediction was made, and the identifier that later labels are joined on.
    group : tuple of str
        Attributes by which the confusion counts are kept apart as well; at most five.
    categorical : tuple of str
        Columns whose numbers are codes, not quantities.
    positive : str
        The positive class as text; ``"1"`` also stands for true.
    task : str
        ``classification``, or ``regression`` where label and prediction are quantities.
    zone : str
        Time zone in which days and longer windows begin, such as ``Europe/Berlin`` (IANA); UTC by default.
    """

    feature: tuple[str, ...] = ()
    prediction: str = ""
    score: str = ""
    label: str = ""
    time: str = ""
    id: str = ""
    group: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    positive: str = POSITIVE
    task: str = "classification"
    zone: str = ""

    @classmethod
    def of(cls, roles: "Mapping[str, Any] | Schema | object") -> "Schema":
        """Return the schema that a mapping of role to column name(s) declares.

        Raises
        ------
        InvalidRecord
            A role is unknown, a value is no column name, or no column is declared at all.
        """
        if isinstance(roles, Schema):
            return roles
        if not isinstance(roles, Mapping):
            reason = f"{type(roles).__name__} holds no confirmed roles"
            remedy = "confirm a proposal with confirm(), or give roles as a mapping"
            problem = Problem(field="schema", reason=reason, remedy=remedy)
            raise InvalidRecord("declare the columns of a prediction log", [problem])
        problems = [p for role, value in roles.items() if (p := _problem(role, value))]
        if not problems and not any(roles.get(r) for r in ("feature", "prediction", "score")):
            problems = [Problem(field="schema", reason="no feature, prediction or score is named")]
        if problems:
            raise InvalidRecord("declare the columns of a prediction log", problems)
        return cls(**{role: _plain(role, value) for role, value in roles.items()})

    @property
    def profiled(self) -> tuple[str, ...]:
        """Columns that get a profile of their own, each once, in the order of the roles."""
        singles = (self.prediction, self.score, self.label)
        return tuple(dict.fromkeys(c for c in (*self.feature, *singles, *self.group) if c))

    @property
    def watched(self) -> tuple[str, ...]:
        """Columns whose drift is measured: all profiled ones but the label."""
        return tuple(c for c in self.profiled if c != self.label or c in self.feature)

    def content(self) -> dict[str, Any]:
        """Return the roles in their JSON form."""
        content = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
        if self.task == TASKS[0]:
            # Left out, so that what was declared before there was a choice keeps its digest.
            del content["task"]
        if not self.zone:
            del content["zone"]
        return content


def _problem(role: str, value: Any) -> Problem | None:
    return _zone_problem(value) if role == "zone" else _role_problem(role, value)


def _role_problem(role: str, value: Any) -> Problem | None:
    known = [f.name for f in fields(Schema)]
    for wrong, what, allowed in (
        (role not in known, "role", known),
        (role == "task" and value not in TASKS, "task", TASKS),
    ):
        if wrong:
            return Problem(
                field=role, reason=f"no such {what}", remedy=f"use one of {', '.join(allowed)}"
            )
    names = value if role in _MANY and not isinstance(value, str) else [value]
    if not isinstance(names, list | tuple) or not all(isinstance(n, str) for n in names):
        return Problem(field=role, reason="a role takes column names as text")
    if any(len(n) > _LONGEST_NAME for n in names):
        return Problem(field=role, reason=f"a name is longer than {_LONGEST_NAME} characters")
    if any("\x00" in n or _halved(n) for n in names):
        return Problem(field=role, reason="a name holds a NUL or half a character")
    if role == "group" and len(names) > _MOST_GROUPS:
        return Problem(field=role, reason=f"{len(names)} groups; at most {_MOST_GROUPS} are kept")
    return None


def _zone_problem(value: Any) -> Problem | None:
    from zoneinfo import available_timezones

    known = available_timezones() | {"", "UTC"}
    if isinstance(value, str) and value in known:
        return None
    near = get_close_matches(str(value)[:40], known, n=2)
    remedy = f"perhaps {' or '.join(near)} is meant" if near else "name one such as Europe/Berlin"
    return Problem(field="zone", reason="no such time zone is known here", remedy=remedy)


def _halved(name: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in name)


def _plain(role: str, value: Any) -> Any:
    if role not in _MANY:
        return value
    return (value,) if isinstance(value, str) else tuple(dict.fromkeys(value))
