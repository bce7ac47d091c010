"""What gates look at: frozen facts of many systems, and the answers of the named checks about them."""

from aims_core.gate.answers import Asked, answer, find
from aims_core.gate.facts import Wanted, gather
from aims_core.gate.waivers import NONE, Waiver, Waivers, asked_again, waivers_of

__all__ = [
    "NONE",
    "Asked",
    "Waiver",
    "Waivers",
    "Wanted",
    "answer",
    "asked_again",
    "find",
    "gather",
    "waivers_of",
]
