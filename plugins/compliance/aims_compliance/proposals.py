"""What people propose to decide on a control, checked; every problem is named at once. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aims_compliance.terms import GROUNDS, IMPLEMENTATION, OWN_DECISION
from aims_core import Problem

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LONG, _NAME = 20_000, 500
_FIELDS = ("control_id", "applicable", "reason", "grounds", "implementation", "responsible")


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A decision before it is taken."""

    control_id: str
    applicable: bool
    reason: str
    grounds: tuple[str, ...]
    implementation: str
    responsible: str


def read_proposal(given: Mapping[str, Any]) -> tuple[Proposal | None, list[Problem]]:
    """Return a proposal, or None and every problem found in it.

    Without `grounds`, an included control rests on the organisation's own decision, for the reason
    given; an excluded one needs no ground but its reason.
    """
    applicable, implementation = given.get("applicable"), given.get("implementation", "")
    problems = [
        Problem(
            field=name, reason="is not a field of a decision", remedy=f"use {', '.join(_FIELDS)}"
        )
        for name in given
        if name not in _FIELDS
    ]
    if not isinstance(applicable, bool):
        remedy = "decide: true to include the control, false to exclude it"
        problems.append(
            Problem(field="applicable", reason="is neither true nor false", remedy=remedy)
        )
    grounds = _listed(given.get("grounds"), OWN_DECISION if applicable else "")
    problems += check_text("reason", given.get("reason", ""), _LONG)
    problems += check_text("responsible", given.get("responsible", ""), _NAME, needed=False)
    problems += (
        _included(grounds, implementation) if applicable else _excluded(grounds, implementation)
    )
    if problems:
        return None, problems
    return (
        Proposal(
            control_id=str(given["control_id"]),
            applicable=bool(applicable),
            reason=given["reason"].strip(),
            grounds=tuple(grounds),
            implementation=(implementation or IMPLEMENTATION[0]) if applicable else "",
            responsible=given.get("responsible", "").strip(),
        ),
        [],
    )


def check_text(field: str, value: object, most: int, *, needed: bool = True) -> list[Problem]:
    """Return what is wrong with a text of at most `most` characters; empty when nothing is."""
    if not isinstance(value, str):
        return [Problem(field=field, reason="is no text", remedy="write it as text")]
    if needed and not value.strip():
        return [Problem(field=field, reason="is empty", remedy=f"fill in {field}")]
    if len(value) > most:
        reason = f"has {len(value):,} characters"
        return [Problem(field=field, reason=reason, remedy=f"use at most {most:,}")]
    if _CONTROL.search(value):
        return [
            Problem(
                field=field, reason="holds characters that cannot be shown", remedy="remove them"
            )
        ]
    return []


def _listed(given: object, otherwise: str) -> list[str]:
    if given is None:
        return [otherwise] if otherwise else []
    if isinstance(given, str):
        values: Iterable[object] = given.split(";")
    else:
        values = given if isinstance(given, list | tuple | set | frozenset) else [given]
    return sorted({" ".join(str(value).split()) for value in values} - {""})


def _included(grounds: Sequence[str], implementation: object) -> list[Problem]:
    problems = [p for ground in grounds for p in _ground(ground)]
    if not grounds:
        remedy = f"name at least one of {', '.join(GROUNDS)}"
        problems.append(Problem(field="grounds", reason="is empty", remedy=remedy))
    if implementation and implementation not in IMPLEMENTATION:
        remedy = f"use one of {', '.join(IMPLEMENTATION)}"
        reason = f"is {str(implementation)[:60]!r}"
        problems.append(Problem(field="implementation", reason=reason, remedy=remedy))
    return problems


def _excluded(grounds: Collection[str], implementation: object) -> list[Problem]:
    problems = []
    if grounds:
        remedy = "include the control, or give the reason for leaving it out and no ground"
        reason = "says why the control is needed, but it is to be excluded"
        problems.append(Problem(field="grounds", reason=reason, remedy=remedy))
    if implementation not in ("", IMPLEMENTATION[0]):
        remedy = "include the control, or leave implementation out"
        reason = "is given for a control that is to be excluded"
        problems.append(Problem(field="implementation", reason=reason, remedy=remedy))
    return problems


def _ground(ground: str) -> list[Problem]:
    kind, _, rests_on = ground.partition(":")
    problems = check_text("grounds", ground, _NAME)
    if kind not in GROUNDS:
        reason, remedy = f"is {ground[:60]!r}", f"start it with one of {', '.join(GROUNDS)}"
        problems.append(Problem(field="grounds", reason=reason, remedy=remedy))
    elif kind != OWN_DECISION and not rests_on.strip():
        reason = f"{kind} does not say what it rests on"
        problems.append(
            Problem(
                field="grounds",
                reason=reason,
                remedy=f"write it as '{kind}: …' with its name or number",
            )
        )
    return problems
