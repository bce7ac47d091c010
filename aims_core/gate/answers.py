"""Asks the named checks about many systems; what is missing, fails or answers nonsense blocks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from aims_core.canonical import text_problem
from aims_core.contributions import Offer
from aims_core.errors import PluginError
from aims_core.gate.facts import Wanted
from aims_core.gate.waivers import Waivers
from aims_core.plugin_host import PluginHost
from aims_core.records import Condition, SystemFacts

Answers = dict[str, dict[str, Condition]]


@dataclass(frozen=True, slots=True)
class Asked:
    """The offers behind some check names; a name nobody answers for, or too many do, has a reason."""

    offers: Mapping[str, Offer]
    failures: Mapping[str, str]

    def wanted(self, *, approvals: bool = True, step: str = "") -> Wanted:
        """Return what the facts must carry for these checks."""
        return Wanted(
            results={kind for o in self.offers.values() for kind in o.spec.results},
            evidence={kind for o in self.offers.values() for kind in o.spec.evidence},
            approvals=approvals,
            step=step,
        )


def find(host: PluginHost, names: Collection[str]) -> Asked:
    """Return who answers for the named checks."""
    offers: dict[str, Offer] = {}
    failures: dict[str, str] = {}
    for name in names:
        try:
            offer = host.check(name)
        except PluginError as error:
            failures[name] = str(error)
            continue
        if offer is None:
            failures[name] = "nobody answers this check"
        else:
            offers[name] = offer
    return Asked(offers, failures)


def answer(
    host: PluginHost,
    asked: Asked,
    facts: Sequence[SystemFacts],
    names: Mapping[str, Collection[str]],
    waivers: Mapping[str, Waivers] = MappingProxyType({}),
) -> Answers:
    """Return conditions by system and check name.

    Parameters
    ----------
    names : mapping of str to collection of str
        Which checks each system needs, by system id.
    waivers : mapping of str to Waivers
        By system id; a check that is not met may count as met by one of them.
    """
    found: Answers = {f.system.system_id: {} for f in facts}
    for name, concerned in _concerned(facts, names).items():
        conditions = _answers_of(host, asked, name, concerned)
        for system_id, condition in conditions.items():
            waived = waivers.get(system_id)
            found[system_id][name] = condition if waived is None else waived.apply(condition)
    return found


def _concerned(
    facts: Sequence[SystemFacts], names: Mapping[str, Collection[str]]
) -> dict[str, list[SystemFacts]]:
    """Return by check the systems that need it, those together that need the same."""
    alike: dict[tuple[str, ...], list[SystemFacts]] = {}
    for one in facts:
        alike.setdefault(tuple(names[one.system.system_id]), []).append(one)
    found: dict[str, list[SystemFacts]] = {
        name: [] for name in sorted({n for needed in alike for n in needed})
    }
    for needed, those in alike.items():
        for name in set(needed):
            found[name] += those
    return found


def _answers_of(
    host: PluginHost, asked: Asked, name: str, facts: Sequence[SystemFacts]
) -> dict[str, Condition]:
    ids = [f.system.system_id for f in facts]
    if name in asked.failures:
        remedy = "install and enable one plugin that provides it, or choose one in aims.toml"
        return dict.fromkeys(
            ids, Condition(name=name, met=False, reason=asked.failures[name], remedy=remedy)
        )
    offer = asked.offers[name]
    try:
        answers: Any = host.ask(offer, offer.spec.run, tuple(facts))
    except PluginError as error:
        return dict.fromkeys(ids, _broken(name, offer, str(error)))
    if not isinstance(answers, Mapping):
        return dict.fromkeys(
            ids, _broken(name, offer, f"answered {type(answers).__name__}, not a mapping")
        )
    judged: dict[
        int, tuple[Any, Condition]
    ] = {}  # the answer is kept, or its id might be taken anew
    return {system_id: _judged(judged, name, offer, answers.get(system_id)) for system_id in ids}


def _judged(
    judged: dict[int, tuple[Any, Condition]], name: str, offer: Offer, given: Any
) -> Condition:
    """Return a sound condition; checks answer for many systems with one and the same, judged once."""
    known = judged.get(id(given))
    if known is None:
        known = judged[id(given)] = (given, _sound(name, offer, given))
    return known[1]


def _sound(name: str, offer: Offer, given: Any) -> Condition:
    if not isinstance(given, Condition) or not isinstance(given.met, bool):
        return _broken(name, offer, f"answered {given!r}, not a condition")
    if wrong := _unwritable(given):
        return _broken(name, offer, wrong)
    source = given.source if given.source != "core" else offer.plugin.name
    if (given.name, given.source) == (name, source):
        return given
    return Condition(
        name=name, met=given.met, reason=given.reason, source=source, remedy=given.remedy
    )


def _unwritable(given: Condition) -> str:
    """Say what keeps an answer out of the trail, which keeps every condition as it stood."""
    words: dict[str, Any] = {"reason": given.reason, "remedy": given.remedy, "source": given.source}
    for word, value in words.items():
        if not isinstance(value, str):
            return f"answered a {word} that is {type(value).__name__}, not text"
        if problem := text_problem(value):
            return f"answered a {word} that {problem}"
    return ""


def _broken(name: str, offer: Offer, what: str) -> Condition:
    return Condition(
        name=name,
        met=False,
        reason=f"the check failed: {what}",
        source=offer.plugin.name,
        remedy=f"update or replace {offer.plugin.distribution}",
    )
