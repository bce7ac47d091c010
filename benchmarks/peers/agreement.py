"""How far each figure lies from the peer's, where both mean the same, and why where they do not.

A difference has a goal where the definitions are equal, or where ours is certified to lie within a bound;
elsewhere its name says in what the definitions differ.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log, sqrt

from figures import Figure
from peers.job import NUMBERS, WORDS

Values = Mapping[str, float]
Difference = Callable[[Values, str, str, float], float]
"""Own values, metric, subject and the peer's value: how far apart they are."""

EXACT = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What of a peer is held against what of ours; without a goal the definitions differ, as `why` says."""

    metric: str
    subjects: tuple[str, ...]
    difference: Difference
    goal: float | None = None
    why: str = ""


def agreement(comparison: str, own: Values, peer: Values) -> list[Figure]:
    """Return the greatest difference by metric between our values and a peer's."""
    figures = []
    for rule in RULES.get(comparison, ()):
        pairs = [(s, peer.get(f"{rule.metric} {s}".strip())) for s in rule.subjects]
        found = [rule.difference(own, rule.metric, s, v) for s, v in pairs if v is not None]
        if found:
            name = f"{comparison}: {rule.metric}{', ' if rule.why else ''}{rule.why}"
            figures.append(Figure(name=name, value=max(found), unit="apart", goal=rule.goal))
    if comparison in _SAME_NAMES:
        shared = sorted(own.keys() & peer.keys())
        apart = max(abs(own[key] - peer[key]) for key in shared)
        name = f"{comparison}: {len(shared)} values of the same name"
        goal = _SAME_NAMES[comparison]
        figures.append(Figure(name=name, value=apart, unit="apart", goal=goal))
    return figures


def _plain(own: Values, metric: str, subject: str, peer: float) -> float:
    return abs(own[f"{metric} {subject}"] - peer)


def _relative(own: Values, metric: str, subject: str, peer: float) -> float:
    return abs(own[f"{metric} {subject}"] / peer - 1)


def _natural(own: Values, metric: str, subject: str, peer: float) -> float:
    return abs(own[f"{metric} {subject}"] * sqrt(log(2)) - peer)


def _in_deviations(own: Values, metric: str, subject: str, peer: float) -> float:
    return abs(own[f"{metric} {subject}"] - peer / own[f"deviation {subject}"])


def _beyond_bracket(own: Values, _metric: str, subject: str, peer: float) -> float:
    return max(0.0, own[f"ks {subject}"] - peer, peer - own[f"ks_high {subject}"])


def _numbers(
    metric: str, difference: Difference = _plain, goal: float | None = None, why: str = ""
) -> Rule:
    return Rule(metric=metric, subjects=tuple(NUMBERS), difference=difference, goal=goal, why=why)


def _words(metric: str, difference: Difference = _plain, why: str = "") -> Rule:
    return Rule(metric=metric, subjects=tuple(WORDS), difference=difference, goal=EXACT, why=why)


_WIDTH = 2e-3
_BINNED = "in standard deviations; ours from bins"
_CHI = "of words, relative"
RULES: Mapping[str, tuple[Rule, ...]] = {
    "scipy": (
        _numbers("ks", _beyond_bracket, EXACT, "beyond our certified bracket"),
        _numbers("ks", _plain, None, "numbers; ours at the edges of a hundred bins"),
        _numbers("wasserstein", _in_deviations, _WIDTH, _BINNED),
        _numbers("psi", why="numbers; ours on whole fine bins, not exact tenths"),
        _numbers("js", why="numbers; ours on whole fine bins, not exact tenths"),
        _words("psi", why="words"),
        _words("js", why="words"),
        _words("chi_square", _relative, _CHI),
    ),
    "evidently default": (
        _numbers("wasserstein", _plain, _WIDTH, _BINNED),
        _words("js", _natural, "words; theirs has base e, ours 2, converted"),
    ),
    "evidently psi": (
        _numbers("psi", why="numbers; theirs on bins of equal width over both sides"),
        _words("psi", why="words"),
    ),
    "nannyml": (
        _numbers("ks", _beyond_bracket, None, "beyond our bracket; theirs on 10,000 equal bins"),
        _numbers("wasserstein", _in_deviations, None, "in standard deviations; both from bins"),
        _numbers("js", why="numbers; theirs on Doane's bins"),
        _words("js", why="words"),
        Rule(
            metric="chi_square",
            subjects=tuple(WORDS[1:]),
            difference=_relative,
            goal=EXACT,
            why=_CHI,
        ),
        Rule(
            metric="chi_square",
            subjects=(WORDS[0],),
            difference=_relative,
            why="of two words, relative; theirs with Yates' correction",
        ),
    ),
    "whylogs": (_numbers("ks", why="numbers; theirs from a random sketch (KLL)"),),
}
"""Rules by comparison."""
_SAME_NAMES = {"fairlearn": EXACT, "aequitas": EXACT, "nannyml CBPE": 2e-4}
