"""What kinds of monitors and metrics answer, ours or foreign: taken where it can be stored and told apart."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

from aims_core import Measurement

_LONGEST_METRIC = 100
_LONGEST_SUBJECT = 200


def figures_of(answer: Any) -> list[Measurement] | str:
    """Return the figures of an answer, or in words what is wrong with it."""
    found = list(answer) if isinstance(answer, Sequence) else [answer]
    if fault := next(filter(None, map(_fault, found)), ""):
        return fault
    counted = Counter((item.metric, item.subject) for item in found)
    for (metric, subject), times in counted.items():
        if times > 1:
            return f"gave {metric} of {subject or 'the window'} twice"
    return [replace(item, reason=storable(item.reason)) for item in found]


def storable(text: str) -> str:
    """Return a text without what no database takes: reasons may quote the data."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _fault(item: Any) -> str:
    if not isinstance(item, Measurement):
        return f"answered {type(item).__name__}, expected Measurement"
    if item.value is not None and not isfinite(item.value):
        return f"gave {item.value} for {item.metric!a}; a figure is finite or None"
    if item.value is not None and not item.applicable:
        return f"gave a value for {item.metric!a} and says that it does not apply"
    if len(item.metric) > _LONGEST_METRIC or len(item.subject) > _LONGEST_SUBJECT:
        return f"gave a figure the name {item.metric[:40]!a}…, which is too long"
    if (item.metric, item.subject) != (storable(item.metric), storable(item.subject)):
        return f"gave a figure the name {item.metric!a}, which is no plain text"
    return ""
