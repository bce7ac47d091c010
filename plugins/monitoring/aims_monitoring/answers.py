"""What kinds of monitors and metrics answer, ours or foreign: taken where it can be stored and told apart."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from math import isfinite
from numbers import Integral, Real
from typing import Any

from aims_core import Measurement

MOST_FIGURES = 1_000_000
"""How many figures of one window are taken from a kind of monitor."""
_LONGEST_METRIC = 100
_LONGEST_SUBJECT = 200
_LONGEST_UNIT = 40
_LONGEST_REASON = 1_000
_MOST_ROWS = 2**63 - 1
_DIRECTIONS = ("high", "low")
_TEXTS = ("metric", "subject", "reason", "unit", "direction")
_NUMBERS = ("value", "low", "high", "p")


def figures_of(answer: Any, most: int = MOST_FIGURES) -> list[Measurement] | str:
    """Return the figures of an answer in plain numbers and texts, or in words what is wrong with it.

    Parameters
    ----------
    answer : Any
        What foreign code gave back; whatever it is, this raises nothing.
    most : int
        How many figures are taken.
    """
    try:
        found = list(islice(answer, most + 1)) if isinstance(answer, Sequence) else [answer]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code may fail in any way; it becomes a reason
        return f"answered {type(answer).__name__}, which cannot be read: {type(error).__name__}"
    if len(found) > most:
        return f"gave more than {most} figures"
    if fault := next(filter(None, map(_fault, found)), ""):
        return fault
    counted = Counter((item.metric, item.subject) for item in found)
    for (metric, subject), times in counted.items():
        if times > 1:
            return f"gave {metric} of {subject or 'the window'} twice"
    return [_plain(item) for item in found]


def storable(text: str) -> str:
    """Return a text without what no database takes: reasons may quote the data."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def shortened(reason: str) -> str:
    """Return a reason that can be stored and read: what is behind its first thousand characters goes."""
    text = storable(reason[: _LONGEST_REASON + 1])
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}…"


def _fault(item: Any) -> str:
    if not isinstance(item, Measurement):
        return f"answered {type(item).__name__}, expected Measurement"
    return _fault_of_texts(item) or _fault_of_numbers(item) or _contradiction(item)


def _fault_of_texts(item: Any) -> str:
    if odd := next((name for name in _TEXTS if not isinstance(getattr(item, name), str)), ""):
        return f"gave a figure whose {odd} is {_said(getattr(item, odd))}, expected str"
    if len(item.metric) > _LONGEST_METRIC or len(item.subject) > _LONGEST_SUBJECT:
        return f"gave a figure the name {item.metric[:40]!a}…, which is too long"
    named = (item.metric, item.subject, item.unit)
    if named != tuple(map(storable, named)) or len(item.unit) > _LONGEST_UNIT:
        return f"gave a figure the name {item.metric!a}, which is no plain text"
    if item.direction not in _DIRECTIONS:
        return f"gave {item.metric!a} the direction {item.direction[:40]!a}, which is high or low"
    return ""


def _fault_of_numbers(item: Any) -> str:
    for name in _NUMBERS:
        given = getattr(item, name)
        if given is not None and not _is_finite(given):
            what = "for" if name == "value" else f"as {name} of"
            return f"gave {_said(given)} {what} {item.metric!a}; a figure is finite or None"
    if not _is_whole(item.n):
        return f"gave {item.metric!a} on {_said(item.n)} rows"
    if not isinstance(item.applicable, bool):
        return f"gave {item.metric!a} with applicable {_said(item.applicable)}"
    return ""


def _contradiction(item: Measurement) -> str:
    if item.p is not None and not 0 <= item.p <= 1:
        return f"gave {item.p} as p of {item.metric!a}, which is 0 to 1"
    if item.low is not None and item.high is not None and item.low > item.high:
        return f"gave {item.metric!a} an interval from {item.low} to {item.high}"
    if item.value is not None and not item.applicable:
        return f"gave a value for {item.metric!a} and says that it does not apply"
    return ""


def _is_finite(given: Any) -> bool:
    if isinstance(given, bool) or not isinstance(given, Real):
        return False
    try:
        return isfinite(float(given))
    except OverflowError:
        return False


def _is_whole(given: Any) -> bool:
    whole = isinstance(given, Integral) and not isinstance(given, bool)
    return whole and 0 <= int(given) <= _MOST_ROWS


def _said(given: Any) -> str:
    """Return a number of limited length as it is, and anything else by its type."""
    small = type(given) is int and abs(given) <= _MOST_ROWS
    return str(given) if small or isinstance(given, float) else f"a {type(given).__name__}"


def _plain(item: Measurement) -> Measurement:
    """Return the figure in Python's own numbers, since no database knows those of numpy."""
    changes: dict[str, Any] = {
        name: float(given)
        for name in _NUMBERS
        if type(given := getattr(item, name)) is not float and given is not None
    }
    if type(item.n) is not int:
        changes["n"] = int(item.n)
    if (reason := shortened(item.reason)) != item.reason:
        changes["reason"] = reason
    return replace(item, **changes) if changes else item
