"""Stages and transitions of a lifecycle, read from TOML and checked as a whole when built."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from aims_core.errors import TransitionRefused, WorkspaceError
from aims_core.records import CONTENT_FIELDS
from aims_core.terms import OperationalStatus, RiskCategory

_Asked = TypeVar("_Asked")
DUTIES = (
    "requester",
    "approver",
    "reviewer",
    "developer",
    "validator",
    "assessor",
    "editor",
    "owner",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A stage: its title, whether a life ends here, and what must hold while a system stands in it.

    `required` names fields of the description that must be filled in from here on, `required_by_tier`
    more of them for some tiers.
    """

    name: str
    title: str
    terminal: bool = False
    standing: tuple[str, ...] = ()
    standing_by_tier: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    approved_by: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    required_by_tier: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def required_for(self, tier: str) -> tuple[str, ...]:
        """Return the names of the fields that a system of this tier must have filled in."""
        return (*self.required, *self.required_by_tier.get(tier, ()))

    def standing_for(self, tier: str) -> tuple[str, ...]:
        """Return the names of the checks that hold for a system of this tier."""
        return (*self.standing, *self.standing_by_tier.get(tier, ()))


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """A role whose approval is needed, and by how many different persons."""

    role: str
    quorum: int = 1
    quorum_by_tier: Mapping[str, int] = field(default_factory=dict)

    def needed(self, tier: str) -> int:
        """Return the number of persons needed for a system of this tier."""
        return self.quorum_by_tier.get(tier, self.quorum)


@dataclass(frozen=True, kw_only=True, slots=True)
class Transition:
    """A step: where it leads, who may ask, who must approve, who must be apart, what must hold.

    `target` is empty when the stage stays; `status` is then the pair (from, to) of the operational
    status. `needs_approval_of` names an earlier transition whose approval must still stand;
    `lapses_approvals` says that the step puts every approval given before out of force. A request for
    it expires after `expires_after` (the machine's by default); an approval of it is valid for
    `valid_for`, without end where that is None.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    target: str = ""
    status: tuple[str, str] | None = None
    asked_by: tuple[str, ...] = ()
    approvals: tuple[Slot, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    checks: tuple[str, ...] = ()
    checks_by_tier: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needs_reason: bool = False
    needs_approval_of: str = ""
    lapses_approvals: bool = False
    expires_after: timedelta | None = None
    valid_for: timedelta | None = None

    def checks_for(self, tier: str) -> tuple[str, ...]:
        """Return the names of the checks for a system of this tier."""
        return (*self.checks, *self.checks_by_tier.get(tier, ()))


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """A whole lifecycle; building it checks every name in it.

    Raises
    ------
    WorkspaceError
        A stage or transition is named twice or not at all, cannot be reached, or cannot be left.
    """

    version: str
    initial: str
    stages: tuple[Stage, ...]
    transitions: tuple[Transition, ...]
    expires_after: timedelta | None = None
    longest_delegation: timedelta | None = None
    legacy_evidence_within: timedelta | None = None

    def __post_init__(self) -> None:
        problems = [*_duplicates(self), *_unknown(self), *_unreachable(self), *_dead_ends(self)]
        if problems:
            raise WorkspaceError("the lifecycle cannot be used:\n  - " + "\n  - ".join(problems))

    def stage(self, name: str) -> Stage:
        """Return the stage of this name.

        Raises
        ------
        TransitionRefused
            The machine has no such stage.
        """
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise TransitionRefused(f"the lifecycle has no stage {name!r}")

    def transition(self, name: str) -> Transition:
        """Return the transition of this name.

        Raises
        ------
        TransitionRefused
            The machine has no such transition; the ones it has are named.
        """
        for transition in self.transitions:
            if transition.name == name:
                return transition
        known = ", ".join(t.name for t in self.transitions)
        raise TransitionRefused(f"the lifecycle has no transition {name!r}; it has {known}")

    def expires_after_for(self, step: Transition) -> timedelta | None:
        """Return after how long a request for a transition expires; None where it does not."""
        return step.expires_after or self.expires_after

    def possible(self, stage: str, status: str) -> tuple[Transition, ...]:
        """Return the transitions that lead on from a stage and status."""
        return tuple(
            t
            for t in self.transitions
            if stage in t.sources and (t.status is None or t.status[0] == status)
        )

    def check_names(self) -> tuple[str, ...]:
        """Return every check name that a transition or stage uses, sorted."""
        names: set[str] = set()
        for t in self.transitions:
            names.update(t.checks, *t.checks_by_tier.values())
        for s in self.stages:
            names.update(s.standing, *s.standing_by_tier.values())
        return tuple(sorted(names))


@cache
def default_machine() -> Machine:
    """Return the machine that is shipped with the core."""
    text = (files("aims_core.lifecycle") / "default.toml").read_text(encoding="utf-8")
    return _build(tomllib.loads(text), "default.toml")


def load_machine(path: Path) -> Machine:
    """Return the machine declared in a TOML file.

    Raises
    ------
    WorkspaceError
        The file cannot be read, is no TOML, or declares a machine that does not hold together.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WorkspaceError(f"lifecycle file {path} cannot be read: {error}") from error
    return _build(data, path.name)


def _build(data: Mapping[str, Any], source: str) -> Machine:
    try:
        return Machine(
            version=str(data["version"]),
            initial=data["initial"],
            stages=tuple(_stage(s) for s in data["stage"]),
            transitions=tuple(_transition(t) for t in data["transition"]),
            expires_after=_span(data.get("expires_after")),
            longest_delegation=_span(data.get("longest_delegation")),
            legacy_evidence_within=_span(data.get("legacy_evidence_within")),
        )
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise WorkspaceError(f"lifecycle file {source}: {error!r} is missing or wrong") from error


def _stage(data: Mapping[str, Any]) -> Stage:
    return Stage(
        name=data["name"],
        title=data["title"],
        terminal=bool(data.get("terminal", False)),
        standing=_names(data.get("standing", [])),
        standing_by_tier=_by_tier(data.get("standing_by_tier", {})),
        approved_by=_names(data.get("approved_by", [])),
        required=_names(data.get("required", [])),
        required_by_tier=_by_tier(data.get("required_by_tier", {})),
    )


def _transition(data: Mapping[str, Any]) -> Transition:
    status = data.get("status")
    return Transition(
        name=data["name"],
        title=data["title"],
        sources=_names(data["from"]),
        target=data.get("to", ""),
        status=(status[0], status[1]) if status else None,
        asked_by=_names(data["asked_by"]),
        approvals=tuple(_slot(s) for s in data.get("approvals", ())),
        apart=tuple((a, b) for a, b in data.get("apart", ())),
        checks=_names(data.get("checks", [])),
        checks_by_tier=_by_tier(data.get("checks_by_tier", {})),
        needs_reason=bool(data.get("needs_reason", False)),
        needs_approval_of=data.get("needs_approval_of", ""),
        lapses_approvals=bool(data.get("lapses_approvals", False)),
        expires_after=_span(data.get("expires_after")),
        valid_for=_span(data.get("valid_for")),
    )


def _span(data: Mapping[str, Any] | None) -> timedelta | None:
    """Return a span of time written with its unit, such as ``{ days = 30 }``."""
    if data is None:
        return None
    span = timedelta(**data)
    if span <= timedelta():
        raise ValueError(f"{dict(data)!r} is no span of time")
    return span


def _slot(data: Mapping[str, Any]) -> Slot:
    by_tier = _tiers(data.get("quorum_by_tier", {}), int)
    return Slot(role=data["role"], quorum=int(data.get("quorum", 1)), quorum_by_tier=by_tier)


def _by_tier(data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return _tiers(data, _names)


def _tiers(data: Mapping[str, Any], read: Callable[[Any], _Asked]) -> dict[str, _Asked]:
    """Return what tiers ask for; who calls a high system prohibited escapes nothing that high asks for."""
    found = {str(RiskCategory(tier)): read(value) for tier, value in data.items()}
    if RiskCategory.HIGH in found:
        found.setdefault(str(RiskCategory.PROHIBITED), found[RiskCategory.HIGH])
    return found


def _names(value: Any) -> tuple[str, ...]:
    # A lone text would pass as a sequence of its letters.
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError(f"{value!r} is no list of names")
    return tuple(value)


def _duplicates(machine: Machine) -> list[str]:
    names = [s.name for s in machine.stages]
    steps = [t.name for t in machine.transitions]
    return [
        f"{n!r} is declared twice"
        for n in dict.fromkeys((*names, *steps))
        if (names + steps).count(n) > 1
    ]


def _unknown(machine: Machine) -> list[str]:
    stages = {s.name for s in machine.stages}
    steps = {t.name for t in machine.transitions}
    problems = (
        [] if machine.initial in stages else [f"initial stage {machine.initial!r} is unknown"]
    )
    for t in machine.transitions:
        problems += [
            f"{t.name}: stage {s!r} is unknown"
            for s in (*t.sources, t.target)
            if s and s not in stages
        ]
        problems += [
            f"{t.name}: duty {d!r} is unknown" for pair in t.apart for d in pair if d not in DUTIES
        ]
        if t.needs_approval_of and t.needs_approval_of not in steps:
            problems.append(
                f"{t.name}: needs the approval of {t.needs_approval_of!r}, which is unknown"
            )
        if not t.target and t.status is None:
            problems.append(f"{t.name}: leads nowhere; give `to` or `status`")
        if t.status and not set(t.status) <= set(OperationalStatus):
            problems.append(f"{t.name}: status {t.status} is unknown")
        problems += _restarts(t)
        if not t.sources:
            problems.append(f"{t.name}: starts from nowhere; give `from`")
        if not t.asked_by:
            problems.append(f"{t.name}: nobody may ask for it")
        problems += [
            f"{t.name}: quorum of {s.role} is below 1"
            for s in t.approvals
            if min((s.quorum, *s.quorum_by_tier.values())) < 1
        ]
    for stage in machine.stages:
        problems += [
            f"{stage.name}: approved_by {n!r} is unknown"
            for n in stage.approved_by
            if n not in steps
        ]
        named = {*stage.required, *(n for more in stage.required_by_tier.values() for n in more)}
        problems += [
            f"{stage.name}: required field {n!r} is unknown"
            for n in sorted(named - set(CONTENT_FIELDS))
        ]
    return problems


def _restarts(step: Transition) -> list[str]:
    """Anybody entitled stops a system alone and at once; nobody starts it again alone."""
    if step.status is None or step.status[0] == step.status[1]:
        return []
    if step.status[1] == OperationalStatus.SUSPENDED:
        found = step.approvals or step.checks or step.checks_by_tier
        return [f"{step.name}: stopping must not wait for approvals or checks"] if found else []
    if step.approvals and ("requester", "approver") in step.apart:
        return []
    return [f"{step.name}: a restart takes an approval by somebody who did not ask for it"]


def _unreachable(machine: Machine) -> list[str]:
    reached, todo = {machine.initial}, [machine.initial]
    while todo:
        here = todo.pop()
        for t in machine.transitions:
            if here in t.sources and t.target and t.target not in reached:
                reached.add(t.target)
                todo.append(t.target)
    return [f"stage {s.name!r} cannot be reached" for s in machine.stages if s.name not in reached]


def _dead_ends(machine: Machine) -> list[str]:
    left = {s for t in machine.transitions if t.target for s in t.sources}
    return [
        f"stage {s.name!r} " + ("is terminal but can be left" if s.terminal else "cannot be left")
        for s in machine.stages
        if (s.name in left) == s.terminal
    ]
