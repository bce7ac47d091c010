"""Asks the scorer in force, and takes no answer that could not be stored or that opens a gate."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from aims_core import (
    Factor,
    Offer,
    PluginError,
    PluginHost,
    RiskCategory,
    Score,
    ScoringInput,
    canonical_json,
)
from aims_risk.scorer import never_below

OWN = "risk.likelihood_consequence"
_LEVEL, _VERSION = 40, 64
_LARGEST = 1e300


def ask(
    host: PluginHost, offer: Offer, inputs: Sequence[ScoringInput], section: Mapping[str, Any]
) -> list[Score]:
    """Return a score for each input, in order; no tier is milder than the owner declared.

    Raises
    ------
    PluginError
        The scorer failed, or answered nonsense; what it answered is named.
    """
    answers = host.ask(offer, offer.spec.score, tuple(inputs), section)
    if not isinstance(answers, Mapping):
        raise _broken(offer, f"answered {answers!r:.200}, no mapping of systems to scores")
    systems = [one.facts.system for one in inputs]
    if unasked := set(answers) - {system.system_id for system in systems}:
        raise _broken(
            offer, f"answered for {sorted(map(str, unasked))[:10]}, which it was not asked"
        )
    return [
        never_below(_sound(offer, answers.get(s.system_id)), s.declared_risk_category)
        for s in systems
    ]


def _sound(offer: Offer, score: Any) -> Score:
    if not isinstance(score, Score):
        raise _broken(offer, f"answered {score!r:.200}, not a Score")
    for name, fault in (
        ("value", _number_fault(score.value)),
        ("level", _text_fault(score.level, _LEVEL)),
        ("criteria_version", _text_fault(score.criteria_version, _VERSION)),
        ("tier", _tier_fault(score.tier)),
        ("factors", _factors_fault(score.factors)),
    ):
        if fault:
            raise _broken(offer, f"gave the {name} {getattr(score, name)!r:.200}, {fault}")
    return score


def _number_fault(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "not a number"
    # A comparison, because a whole number may be too large for a float; NaN compares with nothing.
    return "" if -_LARGEST < value < _LARGEST else "not a finite number"


def _text_fault(value: Any, most: int) -> str:
    fits = isinstance(value, str) and bool(value.strip()) and len(value) <= most
    return "" if fits and value.isprintable() else f"not a text of 1 to {most} characters"


def _tier_fault(tier: Any) -> str:
    # Undetermined would pass as mild wherever only `high` asks for more.
    fits = isinstance(tier, RiskCategory) and tier is not RiskCategory.UNDETERMINED
    return "" if fits else "not a tier that an assessment can give"


def _factors_fault(factors: Any) -> str:
    if not isinstance(factors, tuple | list) or not all(isinstance(f, Factor) for f in factors):
        return "not a sequence of Factor"
    if any(_number_fault(f.contribution) for f in factors):
        return "with a contribution that is no finite number"
    try:
        canonical_json([asdict(f) for f in factors])
    except (TypeError, ValueError) as error:
        return f"which have no JSON form: {error}"
    return ""


def _broken(offer: Offer, reason: str) -> PluginError:
    plugin = offer.plugin
    named = f"{plugin.name} ({plugin.distribution} {plugin.version})"
    return PluginError(named, offer.spec.id, reason)
