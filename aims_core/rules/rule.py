"""A rule of separation, read from the shipped TOML and checked as a whole."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from aims_core.errors import RecordNotFound, WorkspaceError

CORE = "core"
_MONTH = timedelta(days=30.44)
TWO_PEOPLE = ("requester", "approver")
"""The pair that no exception lets meet: two people at least, however small the organisation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A rule of separation of duties.

    `apart` holds pairs of duties that one person may not combine, `excepts` those of them that an
    exception may let meet. `seen_by` is ``core`` where breaches are computed from records; otherwise
    it says who finds them and `unseen` why the core cannot. `months`, `days`, `tiers`, `severities`,
    `stages`, `role`, `roles`, `persons` and `events` are figures and names of single rules.
    """

    id: str
    title: str
    scope: str
    source: str
    enforced_by: str
    seen_by: str
    exceptable: bool
    apart: tuple[tuple[str, str], ...] = ()
    excepts: tuple[tuple[str, str], ...] = ()
    unseen: str = ""
    months: int = 0
    days: int = 0
    tiers: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    role: str = ""
    roles: tuple[str, ...] = ()
    persons: int = 0
    events: tuple[str, ...] = ()

    @property
    def look_back(self) -> timedelta:
        """Return the time of `months`, by average months: how far back a rule looks is a convention."""
        return self.months * _MONTH


@cache
def load_rules() -> tuple[Rule, ...]:
    """Return the rules that are shipped with the core, in their order."""
    text = (files("aims_core.rules") / "rules.toml").read_text(encoding="utf-8")
    return read_rules(tomllib.loads(text))


def rule_of(rule_id: str) -> Rule:
    """Return a rule by its id, such as ``R1``.

    Raises
    ------
    RecordNotFound
        There is no such rule.
    """
    found = _by_id().get(rule_id)
    if found is None:
        raise RecordNotFound("rule of separation", rule_id, list(_by_id()))
    return found


@cache
def _by_id() -> Mapping[str, Rule]:
    return {rule.id: rule for rule in load_rules()}


def read_rules(data: Mapping[str, Any]) -> tuple[Rule, ...]:
    """Return rules from decoded TOML.

    Raises
    ------
    WorkspaceError
        They do not hold together; every fault is named.
    """
    try:
        rules = tuple(_rule(one) for one in data["rule"])
    except (KeyError, TypeError, ValueError) as error:
        raise WorkspaceError(f"the rules of separation cannot be read: {error!r}") from error
    if problems := [*_doubles(rules), *(p for r in rules for p in _faults(r))]:
        raise WorkspaceError(
            "the rules of separation do not hold together:\n  - " + "\n  - ".join(problems)
        )
    return rules


def _rule(data: Mapping[str, Any]) -> Rule:
    known = {f.name for f in fields(Rule)}
    if unknown := set(data) - known:
        raise ValueError(f"{data.get('id')}: {', '.join(sorted(unknown))} is unknown")
    values: dict[str, Any] = {name: _frozen(value) for name, value in data.items()}
    return Rule(**values)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _doubles(rules: Sequence[Rule]) -> list[str]:
    ids = [r.id for r in rules]
    return [f"{i} is there twice" for i in dict.fromkeys(ids) if ids.count(i) > 1]


def _faults(rule: Rule) -> list[str]:
    found = [
        f"{rule.id}: {name} is empty"
        for name in ("id", "title", "scope", "source", "enforced_by", "seen_by")
        if not getattr(rule, name)
    ]
    found += [
        f"{rule.id}: {pair} is no pair of duties"
        for pair in rule.apart
        if len(set(pair)) != len(TWO_PEOPLE)
    ]
    if (rule.seen_by == CORE) == bool(rule.unseen):
        found.append(f"{rule.id}: say why the core cannot see it, exactly where it cannot")
    if TWO_PEOPLE in rule.excepts or not set(rule.excepts) <= set(rule.apart):
        found.append(f"{rule.id}: an exception may let meet only its own pairs, never {TWO_PEOPLE}")
    if rule.excepts and not rule.exceptable:
        found.append(f"{rule.id}: it has no exceptions, and names pairs for them")
    return found
