"""How differently groups of people fare, from the confusion counts by group.

Rates are given for each group of every declared attribute and, with two or more, for each
intersection. A row without a value of an attribute belongs to the group "(missing)". A group with
fewer rows than the minimum is named, and takes no part in a difference: with so few people no rate
means anything.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import add

from aims_core import Measurement
from aims_monitoring.metrics.performance import positive_fault
from aims_monitoring.metrics.significance import (
    katz,
    newcombe,
    of_pairs,
    same_shares,
    wilson,
)
from aims_monitoring.profile import Profile

MISSING = "(missing)"
_JOINT = " x "


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows of one group by outcome: true and false positives, false and true negatives."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0

    @property
    def n(self) -> int:
        """Rows with a label and a prediction."""
        return self.tp + self.fp + self.fn + self.tn


_OUTCOMES = {(True, True): 0, (False, True): 1, (True, False): 2, (False, False): 3}
"""Which count of a tally a row belongs to, by whether label and prediction are the positive class."""

Share = tuple[int, int]
"""Rows that hit, of how many."""
RATES: Mapping[str, tuple[str, str, Callable[[Tally], Share]]] = {
    "selection_rate": ("high", "(TP + FP) / n", lambda t: (t.tp + t.fp, t.n)),
    "true_positive_rate": ("high", "TP / (TP + FN)", lambda t: (t.tp, t.tp + t.fn)),
    "false_positive_rate": ("low", "FP / (FP + TN)", lambda t: (t.fp, t.fp + t.tn)),
    "false_negative_rate": ("low", "FN / (TP + FN)", lambda t: (t.fn, t.tp + t.fn)),
    "group_precision": ("high", "TP / (TP + FP)", lambda t: (t.tp, t.tp + t.fp)),
    "group_accuracy": ("high", "(TP + TN) / n", lambda t: (t.tp + t.tn, t.n)),
}
"""Rates by name: their direction, their formula, and how they are read from a tally."""
Groups = dict[str, dict[str, Tally]]


def rate(name: str) -> Callable[[Profile, Profile | None, int], list[Measurement]]:
    """Return the metric of a rate by group, with Wilson's interval; subjects are ``sex=F``."""
    direction, formula, read = RATES[name]

    def measure(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
        groups = tallies(window)
        if isinstance(groups, str):
            return [_none(name, direction, "", 0, groups)]
        return [
            _rate(name, direction, _subject(attribute, group), read(tally), tally.n, minimum)
            for attribute, by_group in groups.items()
            for group, tally in by_group.items()
        ]

    measure.__doc__ = (
        f"Return the {name.replace('_', ' ')} of each group.\n\nFormula: ``{formula}``. Source: ISO/IEC TR "
        f"24027, 7. Interval: Wilson. Range: 0 to 1. Direction: {direction} is better. Minimum sample: 30 "
        "rows in the group."
    )
    return measure


def demographic_parity_difference(
    window: Profile, _reference: Profile | None, minimum: int
) -> list[Measurement]:
    """Return by attribute the greatest difference of selection rates between its groups.

    Formula: ``max - min`` of the rate of positive predictions. Source: Dwork et al. (2012); as in
    fairlearn. Interval: Newcombe (1998) of the two groups concerned. Range: 0 to 1. Direction: low
    is better. Minimum sample: 30 rows in each of two groups. The interval holds for all pairs of groups at
    once, and the p-value is that of Pearson's test over all groups: the pair furthest apart was picked.
    """
    return _differences("demographic_parity_difference", ("selection_rate",), window, minimum)


def demographic_parity_ratio(
    window: Profile, _reference: Profile | None, minimum: int
) -> list[Measurement]:
    """Return by attribute the smallest selection rate divided by the greatest.

    Formula: ``min / max`` of the rate of positive predictions. Source: the four-fifths rule, 29 CFR
    1607.4(D), which asks for 0.8. Interval: Katz et al. (1978) for all pairs; p-value as for the difference.
    Range: 0 to 1. Direction: high is better. Minimum sample: 30 rows in each of two groups.
    """
    return _ratios("demographic_parity_ratio", ("selection_rate",), window, minimum)


def equal_opportunity_difference(
    window: Profile, _reference: Profile | None, minimum: int
) -> list[Measurement]:
    """Return by attribute the greatest difference of true positive rates between its groups.

    Formula: ``max - min`` of ``TP / (TP + FN)``. Source: Hardt, Price and Srebro (2016). Interval:
    Newcombe (1998). Range: 0 to 1. Direction: low is better. Minimum sample: 30 rows in each of two
    groups; groups without positive labels take no part.
    """
    return _differences("equal_opportunity_difference", ("true_positive_rate",), window, minimum)


def equalized_odds_difference(
    window: Profile, _reference: Profile | None, minimum: int
) -> list[Measurement]:
    """Return by attribute the greater of the differences of true and of false positive rates.

    Formula: ``max - min`` of ``TP / (TP + FN)`` and of ``FP / (FP + TN)``, the greater of both.
    Source: Hardt, Price and Srebro (2016); worst case, as in fairlearn. Interval: Newcombe (1998).
    Range: 0 to 1. Direction: low is better. Minimum sample: 30 rows in each of two groups.
    """
    rates = ("true_positive_rate", "false_positive_rate")
    return _differences("equalized_odds_difference", rates, window, minimum)


def equalized_odds_ratio(
    window: Profile, _reference: Profile | None, minimum: int
) -> list[Measurement]:
    """Return by attribute the smaller of the ratios of true and of false positive rates.

    Formula: ``min / max`` of the same rates. Source: as for `equalized_odds_difference`. Interval:
    Katz et al. (1978) for all pairs. Range: 0 to 1. Direction: high is better. Minimum sample: 30 rows in
    each of two groups.
    """
    rates = ("true_positive_rate", "false_positive_rate")
    return _ratios("equalized_odds_ratio", rates, window, minimum)


def tallies(window: Profile) -> Groups | str:
    """Return tallies by attribute and group, intersections last, or why there are none."""
    attributes, positive = window.layout.schema.group, window.layout.schema.positive
    if not attributes or len(window.cubes) < 2:  # noqa: PLR2004 - the second cube is the one by group
        return "the schema names no group, or no label and prediction"
    cube = window.cubes[1]
    if cube.too_wide:
        return "the groups have more combinations than are kept"
    if fault := positive_fault(window):
        return fault
    joint: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * 4)
    for cell, rows in cube.cells.items():
        *groups, label, prediction = cell
        if label is None or prediction is None:
            continue
        named = tuple(MISSING if group is None else group for group in groups)
        joint[named][_OUTCOMES[label == positive, prediction == positive]] += rows
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0] * 4))
    for named, outcomes in joint.items():
        for attribute, group in _views(attributes, named):
            counts = found[attribute][group]
            counts[:] = map(add, counts, outcomes)
    return {a: {g: Tally(*groups[g]) for g in sorted(groups)} for a, groups in found.items()}


def _views(attributes: tuple[str, ...], named: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    yield from zip(attributes, named, strict=True)
    if len(attributes) > 1:
        yield _JOINT.join(attributes), _JOINT.join(named)


def _subject(attribute: str, group: str) -> str:
    return f"{attribute}={group}"[:200]


def _rate(
    name: str, direction: str, subject: str, share: Share, rows: int, minimum: int
) -> Measurement:
    hits, n = share
    if not n:
        return _none(name, direction, subject, rows, "no row of this group could count for it")
    if n < max(minimum, 1):
        reason = f"too few: {n} row(s) of this group count for it, {max(minimum, 1)} are needed"
        return _none(name, direction, subject, n, reason)
    low, high = wilson(hits, n)
    return Measurement(
        metric=name,
        value=hits / n,
        n=n,
        direction=direction,
        subject=subject,
        low=low,
        high=high,
    )


def _differences(
    metric: str, rates: tuple[str, ...], window: Profile, minimum: int
) -> list[Measurement]:
    def widest(shares: list[list[Share]], z: float) -> tuple[float, float, float]:
        ends = [(max(part, key=_value), min(part, key=_value)) for part in shares]
        most, least = max(ends, key=lambda e: _value(e[0]) - _value(e[1]))
        low, high = newcombe(most, least, z)
        return _value(most) - _value(least), max(low, 0.0), high

    return _compared(metric, "low", rates, window, minimum, widest)


def _ratios(
    metric: str, rates: tuple[str, ...], window: Profile, minimum: int
) -> list[Measurement]:
    def narrowest(shares: list[list[Share]], z: float) -> tuple[float, float, float]:
        ends = [(min(part, key=_value), max(part, key=_value)) for part in shares]
        least, most = min(ends, key=lambda e: _ratio(*e))
        low, high = katz(least, most, z)
        return _ratio(least, most), low, min(high, 1.0)

    return _compared(metric, "high", rates, window, minimum, narrowest)


Compare = Callable[[list[list[Share]], float], tuple[float, float, float]]
"""From the shares by rate and the z of their intervals: a figure with its interval."""


def _compared(
    metric: str,
    direction: str,
    rates: tuple[str, ...],
    window: Profile,
    minimum: int,
    compare: Compare,
) -> list[Measurement]:
    groups = tallies(window)
    if isinstance(groups, str):
        return [_none(metric, direction, "", 0, groups)]
    return [
        _between(metric, direction, rates, attribute, by_group, minimum, compare)
        for attribute, by_group in groups.items()
    ]


def _between(
    metric: str,
    direction: str,
    rates: tuple[str, ...],
    attribute: str,
    by_group: Mapping[str, Tally],
    minimum: int,
    compare: Compare,
) -> Measurement:
    least = max(minimum, 1)
    counted = {g: [RATES[r][2](tally) for r in rates] for g, tally in by_group.items()}
    shares = [[s for s in part if s[1] >= least] for part in zip(*counted.values(), strict=True)]
    # A group without a row that could count for a rate takes no part in it; that is not too few.
    few = [g for g, found in counted.items() if any(0 < n < least for _, n in found)]
    large = [g for g, found in counted.items() if any(n >= least for _, n in found)]
    n = sum(by_group[g].n for g in large)
    left_out = f"too few in {', '.join(few[:5])}" if few else ""
    if min((len(part) for part in shares), default=0) < 2:  # noqa: PLR2004 - a difference takes two
        reason = "; ".join(filter(None, ("it takes two groups that are large enough", left_out)))
        return _none(metric, direction, attribute, n, reason)
    value, low, high = compare(shares, of_pairs(max(map(len, shares)), len(rates)))
    return Measurement(
        metric=metric,
        value=value,
        n=n,
        direction=direction,
        subject=attribute,
        reason=left_out,
        low=low,
        high=high,
        p=min(1.0, len(rates) * min(same_shares(part) for part in shares)),
    )


def _value(share: Share) -> float:
    return share[0] / share[1]


def _ratio(least: Share, most: Share) -> float:
    # Where no group has any, none is worse off.
    return _value(least) / _value(most) if most[0] else 1.0


def _none(metric: str, direction: str, subject: str, n: int, reason: str) -> Measurement:
    return Measurement(
        metric=metric, value=None, n=n, direction=direction, subject=subject, reason=reason
    )
